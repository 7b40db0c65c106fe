/* Performs the calls that wait for several descriptors. */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "harness/actor/actor.h"

enum { MOST_POLLED = 4096 };

/* The first two arguments of poll() and ppoll(). */
struct polled {
  struct pollfd *own, *at; /* the same, unless an address is given */
  uint32_t listed;
  nfds_t count;
};

static struct polled polled_in(struct actor *a) {
  const struct wire_value *list = argument(a, 0), *record = items(a, list);
  const uint64_t asked = (uint64_t)number(a, 1);
  const uint32_t listed = list->kind == WIRE_LIST ? list->len : 0;
  const size_t room = asked > listed && asked < MOST_POLLED ? (size_t)asked : listed;
  void *to = NULL;
  struct pollfd *fds = take(a, (room + 1) * sizeof *fds);
  for (size_t k = 0; k < room; ++k) {
    fds[k].fd = k < listed ? (int)field(a, &record[k], 0) : -1;
    fds[k].events = k < listed ? (short)field(a, &record[k], 1) : 0;
    fds[k].revents = (short)0xa5a5;
  }
  if (!as_address(list, &to)) to = fds;
  return (struct polled){fds, to, listed, (nfds_t)asked};
}

static void put_polled(struct actor *a, const struct polled *p) {
  if (p->at != p->own) return;
  struct wire_value *out = put_list(a, &a->reply->out[0], p->listed);
  for (uint32_t k = 0; out != NULL && k < p->listed; ++k) {
    struct wire_value *f = put_list(a, &out[k], 3);
    if (f == NULL) return;
    put_number(&f[0], p->own[k].fd);
    put_number(&f[1], p->own[k].events);
    put_number(&f[2], p->own[k].revents);
  }
}

void perform_poll(struct actor *a) {
  const struct polled p = polled_in(a);
#ifdef SYS_poll
  BOTH(a, poll, p.at, p.count, integer(a, 2));
#else
  LIBC(a, poll(p.at, p.count, integer(a, 2)));
#endif
  put_polled(a, &p);
}

/* The time in argument `i`, which the calls with a mask only read. */
struct limit {
  struct timespec given, passed;
  const struct timespec *at;
};

static void limit_in(struct actor *a, unsigned i, struct limit *limit) {
  const struct wire_value *v = argument(a, i);
  limit->given = (struct timespec){.tv_sec = (time_t)field(a, v, 0), .tv_nsec = (long)field(a, v, 1)};
  limit->passed = limit->given;
  limit->at = v->kind == WIRE_LIST ? &limit->passed : address(a, i);
}

static void check_limit(struct actor *a, const struct limit *l) {
  if (l->passed.tv_sec != l->given.tv_sec || l->passed.tv_nsec != l->given.tv_nsec)
    a->reply->flags |= WIRE_GUARD_BROKEN;
}

void perform_ppoll(struct actor *a) {
  sigset_t set;
  struct limit limit;
  const struct polled p = polled_in(a);
  const sigset_t *mask = signals_in(a, argument(a, 3), &set);
  limit_in(a, 2, &limit);
  LIBC(a, ppoll(p.at, p.count, limit.at, mask));
  check_limit(a, &limit);
  put_polled(a, &p);
}

static fd_set *set_at(struct actor *a, unsigned i, fd_set *set) {
  const struct wire_value *v = argument(a, i), *fd = items(a, v);
  void *p = NULL;
  FD_ZERO(set);
  if (v->kind == WIRE_NONE) return NULL;
  if (as_address(v, &p)) return p;
  for (uint32_t k = 0; v->kind == WIRE_LIST && k < v->len; ++k)
    if (fd[k].num >= 0 && fd[k].num < FD_SETSIZE) FD_SET((int)fd[k].num, set);
  return set;
}

static void put_set(struct actor *a, unsigned i, const fd_set *at, const fd_set *set) {
  if (at != set) return;
  uint32_t count = 0;
  for (int fd = 0; fd < FD_SETSIZE; ++fd) count += FD_ISSET(fd, set) ? 1 : 0;
  struct wire_value *out = put_list(a, &a->reply->out[i], count);
  for (int fd = 0; out != NULL && fd < FD_SETSIZE; ++fd)
    if (FD_ISSET(fd, set)) put_number(out++, fd);
}

void perform_select(struct actor *a) {
  fd_set set[3], *at[3];
  for (unsigned i = 0; i < 3; ++i) at[i] = set_at(a, i + 1, &set[i]);
  const int64_t ms = number(a, 4);
  struct timeval limit = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
  LIBC(a, select(integer(a, 0), at[0], at[1], at[2], ms < 0 ? NULL : &limit));
  for (unsigned i = 0; i < 3; ++i) put_set(a, i + 1, at[i], &set[i]);
}

void perform_pselect(struct actor *a) {
  fd_set set[3], *at[3];
  sigset_t signals;
  struct limit limit;
  for (unsigned i = 0; i < 3; ++i) at[i] = set_at(a, i + 1, &set[i]);
  const sigset_t *mask = signals_in(a, argument(a, 5), &signals);
  limit_in(a, 4, &limit);
  LIBC(a, pselect(integer(a, 0), at[0], at[1], at[2], limit.at, mask));
  check_limit(a, &limit);
  for (unsigned i = 0; i < 3; ++i) put_set(a, i + 1, at[i], &set[i]);
}

void perform_epoll_create1(struct actor *a) { BOTH(a, epoll_create1, integer(a, 0)); }

void perform_epoll_ctl(struct actor *a) {
  const struct wire_value *v = argument(a, 3);
  struct epoll_event event = {.events = (uint32_t)field(a, v, 0)};
  event.data.u64 = (uint64_t)field(a, v, 1);
  struct epoll_event *at = v->kind == WIRE_LIST ? &event : address(a, 3);
  BOTH(a, epoll_ctl, integer(a, 0), integer(a, 1), integer(a, 2), at);
}

static size_t room_for_events(const struct actor *a) {
  const int most = integer(a, 2);
  return most > 0 ? (size_t)(most < MOST_POLLED ? most : MOST_POLLED) : 0;
}

static void put_events(struct actor *a, const struct buffer *b) {
  check_fence(a, b);
  if (!b->fenced) return;
  const size_t room = room_for_events(a);
  const int64_t result = a->reply->result;
  const uint32_t count = result < 0 ? 0 : (uint32_t)((size_t)result < room ? (size_t)result : room);
  struct wire_value *out = put_list(a, &a->reply->out[1], count);
  for (uint32_t k = 0; out != NULL && k < count; ++k) {
    struct epoll_event event;
    memcpy(&event, b->at + k * sizeof event, sizeof event);
    struct wire_value *f = put_list(a, &out[k], 2);
    if (f == NULL) return;
    put_number(&f[0], event.events);
    put_number(&f[1], (int64_t)event.data.u64);
  }
}

void perform_epoll_wait(struct actor *a) {
  const struct buffer b = buffer_for(a, argument(a, 1), room_for_events(a) * sizeof(struct epoll_event));
  LIBC(a, epoll_wait(integer(a, 0), (struct epoll_event *)(void *)b.at, integer(a, 2), integer(a, 3)));
  put_events(a, &b);
}

void perform_epoll_pwait(struct actor *a) {
  sigset_t set;
  const sigset_t *mask = signals_in(a, argument(a, 4), &set);
  const struct buffer b = buffer_for(a, argument(a, 1), room_for_events(a) * sizeof(struct epoll_event));
  LIBC(a, epoll_pwait(integer(a, 0), (struct epoll_event *)(void *)b.at, integer(a, 2), integer(a, 3), mask));
  put_events(a, &b);
}
