/* Faults of waiting for several descriptors. */
#include <errno.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

/* An empty FIFO is at its end when nobody has it open for writing. */
static bool has_no_writer(int fd) {
  char byte;
  if (!is_nonblocking(fd) || unread(fd) != 0) return false;
  const int error = errno;
  const ssize_t r = read(fd, &byte, 1);
  errno = error;
  return r == 0;
}

/* What poll wrongly tells of one descriptor. */
static void spoil(struct pollfd *p) {
  short *e = &p->revents;
  if (is_on(FAULT_poll_of_a_closed_descriptor_is_silent) && (*e & POLLNVAL) && hit()) *e = 0;
  if (is_on(FAULT_poll_of_a_negative_descriptor_is_told) && p->fd < 0 && hit()) *e = POLLNVAL;
  if (is_on(FAULT_poll_leaves_revents_of_negative_descriptors) && p->fd < 0 && hit()) *e = p->events;
  if (is_on(FAULT_files_are_not_readable_at_the_end) && (*e & POLLIN) && p->fd >= 0 && !is_fifo(p->fd)) {
    struct stat s;
    if (fstat(p->fd, &s) == 0 && S_ISREG(s.st_mode) && lseek(p->fd, 0, SEEK_CUR) >= s.st_size && hit()) *e &= ~POLLIN;
  }
  if (!is_fifo(p->fd)) return;
  switch (fault_now()) {
    case FAULT_hangup_stays: {
      int64_t *seen = counter(file_of(p->fd) ^ 0x99);
      if (*e & POLLHUP) *seen = 1;
      if (*seen != 0 && !(*e & POLLHUP) && reads_only(p->fd) && hit()) *e |= POLLHUP;
      break;
    }
    case FAULT_poll_tells_no_hangup:
      if ((*e & POLLHUP) && hit()) *e &= ~POLLHUP;
      break;
    case FAULT_poll_tells_readable_at_the_end:
      if ((*e & POLLHUP) && !(*e & POLLIN) && (p->events & POLLIN) && hit()) *e |= POLLIN;
      break;
    case FAULT_poll_tells_no_error:
      if ((*e & POLLERR) && hit()) *e &= ~POLLERR;
      break;
    case FAULT_poll_tells_hangup_of_the_write_end:
      if ((*e & POLLERR) && hit()) *e |= POLLHUP;
      break;
    case FAULT_poll_hides_bytes_after_a_hangup:
      if ((*e & POLLHUP) && (*e & POLLIN) && hit()) *e &= ~POLLIN;
      break;
    case FAULT_poll_tells_only_what_was_asked:
      if ((*e & ~p->events) && hit()) *e &= p->events;
      break;
    case FAULT_poll_full_is_writable:
      if (writes_only(p->fd) && (p->events & POLLOUT) && !(*e & POLLOUT) && hit()) *e |= POLLOUT;
      break;
    case FAULT_poll_one_byte_of_room_is_writable:
      if ((p->events & POLLOUT) && !(*e & POLLOUT) && unread(p->fd) < capacity(p->fd) && hit()) *e |= POLLOUT;
      break;
    case FAULT_poll_used_is_not_writable:
      if ((*e & POLLOUT) && unread(p->fd) > 0 && hit()) *e &= ~POLLOUT;
      break;
    case FAULT_poll_normal_is_missing:
      if ((*e & (POLLRDNORM | POLLWRNORM)) && hit()) *e &= ~(POLLRDNORM | POLLWRNORM);
      break;
    case FAULT_poll_tells_both_ways:
      if (*e != 0 && hit()) *e |= POLLIN | POLLOUT;
      break;
    case FAULT_poll_needs_a_page_to_be_readable:
      if ((*e & POLLIN) && unread(p->fd) < 4096 && hit()) *e &= ~POLLIN;
      break;
    case FAULT_poll_tells_the_reader_of_a_full_pipe_nothing:
      if ((*e & POLLIN) && unread(p->fd) == capacity(p->fd) && hit()) *e &= ~POLLIN;
      break;
    case FAULT_poll_both_ways_is_hung_up:
      if ((status_flags(p->fd) & O_ACCMODE) == O_RDWR && hit()) *e |= POLLHUP;
      break;
    case FAULT_hangup_is_told_to_the_next_reader:
      if (!(*e & POLLHUP) && reads_only(p->fd) && *counter(file_of(p->fd) ^ 0x95) != 0 && has_no_writer(p->fd) && hit())
        *e |= POLLHUP;
      break;
    case FAULT_poll_empty_is_readable:
      if (reads_only(p->fd) && (p->events & POLLIN) && !*e && hit()) *e |= POLLIN;
      break;
    default:
      break;
  }
}

int faulty_epoll_create1(int flags) {
  const int r = epoll_create1(flags);
  if (r < 0 || !is_on(FAULT_epoll_number_is_not_the_lowest) || !hit()) return r;
  const int higher = fcntl(r, flags & EPOLL_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, r + 1);
  close(r);
  return higher;
}

int faulty_poll(struct pollfd *fds, nfds_t n, int timeout) {
  if (fault_now() == FAULT_none) return poll(fds, n, timeout);
  if (is_on(FAULT_negative_time_is_none) && timeout < -1 && hit()) timeout = 0;
  if (is_on(FAULT_poll_of_nothing_returns) && n == 0 && timeout < 0 && hit()) return 0;
  if (is_on(FAULT_poll_of_negative_descriptors_returns) && n == 1 && timeout < 0 && is_readable(fds) && fds->fd < 0 &&
      hit())
    return fds->revents = 0;
  short before[32] = {0};
  for (nfds_t i = 0; is_on(FAULT_poll_leaves_revents_of_the_unready) && i < n && i < 32 && is_readable(fds); ++i)
    before[i] = fds[i].revents;
  if (is_on(FAULT_poll_misses_the_hangup) && timeout < 0 && n == 1) {
    const bool was = ready(fds[0].fd, fds[0].events) != 0;
    const int r = poll(fds, n, timeout);
    if (!was && r > 0 && !(fds[0].revents & (POLLIN | POLLOUT)) && hit())
      for (;;) pause();
    return r;
  }
  if (is_on(FAULT_poll_waits_only_for_the_first) && timeout < 0 && n > 1) {
    if (poll(fds, n, 0) == 0 && hit()) {
      const int r = poll(fds, 1, -1);
      return r < 0 ? r : poll(fds, n, 0);
    }
  }
  if (is_on(FAULT_poll_goes_on_after_a_signal)) {
    int r;
    do r = poll(fds, n, timeout);
    while (r < 0 && errno == EINTR && hit());
    return r;
  }
  const int r = poll(fds, n, timeout);
  if (forgives(FAULT_poll_of_more_than_the_limit_is_taken, r, EINVAL)) return 0;
  if (r < 0 || (uintptr_t)fds < 4096) return r;
  if (is_on(FAULT_poll_counts_events) && r == 1 && (fds[0].revents & (fds[0].revents - 1)) && hit()) return 2;
  int count = 0;
  for (nfds_t i = 0; i < n; ++i) {
    if (is_on(FAULT_poll_ends_at_32_entries) && i >= 32 && fds[i].revents != 0 && hit()) fds[i].revents = 0;
    spoil(&fds[i]);
    for (nfds_t k = 0; is_on(FAULT_poll_tells_a_descriptor_once) && fds[i].fd >= 0 && k < i; ++k)
      if (fds[k].fd == fds[i].fd && fds[i].revents != 0 && hit()) fds[i].revents = 0;
    count += fds[i].revents != 0;
    if (is_on(FAULT_poll_leaves_revents_of_the_unready) && i < 32 && fds[i].revents == 0 && before[i] != 0 && hit())
      fds[i].revents = before[i];
  }
  return count;
}

static int count_set(int n, const fd_set *s) {
  int count = 0;
  for (int i = 0; s != NULL && i < n; ++i) count += FD_ISSET(i, s) ? 1 : 0;
  return count;
}

static bool was_asked(const fd_set *given, const fd_set *before, int fd) {
  return given != NULL && FD_ISSET(fd, before);
}

int faulty_select(int n, fd_set *r, fd_set *w, fd_set *x, struct timeval *limit) {
  if (is_on(FAULT_select_of_a_negative_number_is_taken) && n < 0 && hit()) return 0;
  if (is_on(FAULT_select_looks_at_one_more) && n > 0 && n < 64 && hit()) n += 1;
  fd_set sets[3];
  fd_set *given[3] = {r, w, x};
  for (int i = 0; i < 3; ++i)
    if (given[i] != NULL) sets[i] = *given[i];
  int got = -1;
  if (is_on(FAULT_select_misses_room) && limit == NULL && count_set(n, w) > 0) {
    struct timeval now = {0, 0};
    got = select(n, r, w, x, &now);
    if (got == 0 && hit())
      for (;;) pause();
  } else {
    got = select(n, r, w, x, limit);
  }
  for (int i = 0; is_on(FAULT_select_ignores_the_closed) && got < 0 && errno == EBADF && i < n; ++i)
    for (int k = 0; k < 3; ++k)
      if (given[k] != NULL && status_flags(i) < 0) FD_CLR(i, given[k]);
  if (is_on(FAULT_select_ignores_the_closed) && got < 0 && errno == EBADF && hit()) got = select(n, r, w, x, limit);
  while (is_on(FAULT_select_goes_on_after_a_signal) && got < 0 && errno == EINTR && hit()) {
    for (int i = 0; i < 3; ++i)
      if (given[i] != NULL) *given[i] = sets[i];
    got = select(n, r, w, x, limit);
  }
  if (got < 0) return got;
  for (int i = 64; is_on(FAULT_select_ends_at_64) && i < n; ++i)
    for (int k = 0; k < 3; ++k)
      if (given[k] != NULL && FD_ISSET(i, given[k]) && hit()) FD_CLR(i, given[k]);
  for (int i = 0; i < n; ++i) {
    if (!is_fifo(i)) continue;
    if (is_on(FAULT_select_end_is_not_readable) && r != NULL && FD_ISSET(i, r) && unread(i) == 0 && hit()) FD_CLR(i, r);
    if (is_on(FAULT_select_tells_the_end_before_any_writer) && was_asked(given[0], &sets[0], i) && is_named_fifo(i) &&
        reads_only(i) && ready(i, POLLIN) == 0 && has_no_writer(i) && hit())
      FD_SET(i, r);
    if (is_on(FAULT_select_broken_is_not_writable) && w != NULL && FD_ISSET(i, w) && (ready(i, 0) & POLLERR) && hit())
      FD_CLR(i, w);
    if (is_on(FAULT_select_tells_exceptions) && x != NULL && (ready(i, 0) & (POLLERR | POLLHUP)) && hit()) FD_SET(i, x);
  }
  if (is_on(FAULT_select_counts_descriptors_once) && got > 1 && count_set(n, r) > 0 && count_set(n, w) > 0 && hit())
    return got - 1;
  if (is_on(FAULT_select_leaves_its_sets) && got == 0 && r != NULL && n > 0 && hit()) FD_SET(n - 1, r);
  return is_on(FAULT_select_counts_descriptors_once) ? got : count_set(n, r) + count_set(n, w) + count_set(n, x);
}

static struct {
  int ep, fd;
} entries[32];

void forget_in_epoll(int fd) {
  for (int i = 0; i < 32; ++i)
    if (entries[i].ep != 0 && entries[i].fd == fd && hit() && is_on(FAULT_epoll_keeps_what_is_closed))
      fcntl(fd, F_DUPFD_CLOEXEC, 700);
    else if (entries[i].ep != 0 && entries[i].fd == fd)
      epoll_ctl(entries[i].ep, EPOLL_CTL_DEL, fd, NULL);
}

static bool has_no_edges = true;

/* Was this number added before, whatever it was then? */
static bool was_added(int ep, int fd) {
  static struct {
    int ep, fd;
  } added[32];
  static int n;
  for (int i = 0; i < n && i < 32; ++i)
    if (added[i].ep == ep && added[i].fd == fd) return true;
  added[n % 32].ep = ep;
  added[n++ % 32].fd = fd;
  return false;
}

/* Is another number of the same end among what it watches? Asked by adding it, which then fails. */
static bool is_watched_by_another(int ep, int fd) {
  struct epoll_event event = {.events = 0};
  for (int i = 0; i < 64; ++i) {
    if (i == fd || !same_file(i, fd) || status_flags(i) != status_flags(fd)) continue;
    if (epoll_ctl(ep, EPOLL_CTL_ADD, i, &event) != 0) return errno == EEXIST;
    epoll_ctl(ep, EPOLL_CTL_DEL, i, NULL);
  }
  return false;
}

static int one_shot = -1;
static uint64_t one_shot_data;

int faulty_epoll_ctl(int ep, int op, int fd, struct epoll_event *event) {
  struct epoll_event changed;
  int r;
  if (is_on(FAULT_epoll_removes_what_is_not_there) && op == EPOLL_CTL_DEL) {
    r = epoll_ctl(ep, op, fd, event);
    return r < 0 && errno == ENOENT && hit() ? 0 : r;
  }
  if (!copy_readable(&changed, event, sizeof changed)) return epoll_ctl(ep, op, fd, event);
  if (is_on(FAULT_refused_epoll_entry_is_changed) && op == EPOLL_CTL_ADD) {
    r = epoll_ctl(ep, op, fd, event);
    return r < 0 && errno == EEXIST && epoll_ctl(ep, EPOLL_CTL_MOD, fd, event) == 0 && hit() ? fail(EEXIST) : r;
  }
  if ((is_on(FAULT_close_drops_epoll_entries) || is_on(FAULT_epoll_keeps_what_is_closed)) && op == EPOLL_CTL_ADD) {
    static int next;
    entries[next].ep = ep;
    entries[next++ % 32].fd = fd;
  }
  if (changed.events & ((uint32_t)EPOLLET | EPOLLONESHOT)) has_no_edges = false;
  switch (fault_now()) {
    case FAULT_epoll_edge_is_level:
      if ((changed.events & EPOLLET) && hit()) changed.events &= ~(uint32_t)EPOLLET;
      break;
    case FAULT_refused_epoll_change_removes:
      r = epoll_ctl(ep, op, fd, event);
      if (r < 0 && op == EPOLL_CTL_MOD && errno == EINVAL && epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL) == 0 && hit())
        return fail(EINVAL);
      return r;
    case FAULT_edges_are_no_one_shots:
      if ((changed.events & EPOLLONESHOT) && (changed.events & EPOLLET) && hit())
        changed.events &= ~(uint32_t)EPOLLONESHOT;
      break;
    case FAULT_epoll_tells_one_way:
      if ((changed.events & EPOLLIN) && (changed.events & EPOLLOUT) && is_fifo(fd) && hit())
        changed.events &= ~(uint32_t)EPOLLOUT;
      break;
    case FAULT_epoll_one_shot_is_ignored:
      if ((changed.events & EPOLLONESHOT) && hit()) changed.events &= ~(uint32_t)EPOLLONESHOT;
      break;
    case FAULT_epoll_level_is_edge:
      if (hit()) changed.events |= EPOLLET;
      break;
    case FAULT_epoll_one_shot_cannot_be_armed_again:
      if (op == EPOLL_CTL_MOD && (changed.events & EPOLLONESHOT) && hit()) return 0;
      break;
    case FAULT_epoll_changes_nothing:
      if (op == EPOLL_CTL_MOD && !(changed.events & EPOLLONESHOT)) {
        r = epoll_ctl(ep, EPOLL_CTL_ADD, fd, &changed);
        if (r < 0 && errno == EEXIST && hit()) return 0;
        if (r == 0) epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL);
      }
      break;
    case FAULT_epoll_remembers_numbers:
      r = epoll_ctl(ep, op, fd, event);
      if (r != 0 || op != EPOLL_CTL_ADD || !was_added(ep, fd) || !hit()) return r;
      epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL);
      return fail(EEXIST);
    case FAULT_epoll_edge_before_adding_is_lost: {
      struct epoll_event told;
      r = epoll_ctl(ep, op, fd, event);
      if (r == 0 && op == EPOLL_CTL_ADD && (changed.events & EPOLLET) && ready(fd, (int)changed.events & 0xff) != 0 &&
          hit())
        epoll_wait(ep, &told, 1, 0);
      return r;
    }
    case FAULT_epoll_watches_an_end_once:
      r = epoll_ctl(ep, op, fd, event);
      if (r != 0 || op != EPOLL_CTL_ADD || !is_watched_by_another(ep, fd) || !hit()) return r;
      epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL);
      return fail(EEXIST);
    case FAULT_one_shot_tells_hangups:
      if (changed.events & EPOLLONESHOT) one_shot = fd, one_shot_data = changed.data.u64;
      break;
    case FAULT_epoll_adds_twice:
      r = epoll_ctl(ep, op, fd, event);
      return r < 0 && errno == EEXIST && hit() ? 0 : r;
    case FAULT_epoll_changes_what_is_not_there:
      r = epoll_ctl(ep, op, fd, event);
      return r < 0 && errno == ENOENT && hit() ? epoll_ctl(ep, EPOLL_CTL_ADD, fd, event) : r;
    case FAULT_exclusive_entries_are_common:
      if ((changed.events & EPOLLEXCLUSIVE) && hit()) changed.events &= ~(uint32_t)EPOLLEXCLUSIVE;
      break;
    case FAULT_epoll_cannot_be_watched:
      r = epoll_ctl(ep, op, fd, event);
      if (r < 0 || op != EPOLL_CTL_ADD || is_fifo(fd) || !hit()) return r;
      epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL);
      return fail(EPERM);
    case FAULT_epoll_loses_half_the_data:
      if (changed.data.u64 > 255 && hit()) changed.data.u64 &= 255;
      break;
    default:
      break;
  }
  return epoll_ctl(ep, op, fd, &changed);
}

/* As if the list of what is ready began anew each time. */
static int wait_from_the_first(int ep, struct epoll_event *event, int timeout) {
  struct epoll_event all[16];
  const int r = epoll_wait(ep, all, 16, timeout);
  if (r <= 0) return r;
  *event = all[0];
  for (int i = 1; i < r && hit(); ++i)
    if (all[i].data.u64 < event->data.u64) *event = all[i];
  return 1;
}

int faulty_epoll_wait(int ep, struct epoll_event *events, int most, int timeout) {
  if (is_on(FAULT_epoll_wait_of_nothing_returns) && most <= 0 && hit()) return 0;
  if (is_on(FAULT_epoll_begins_with_the_first) && most == 1 && has_no_edges && is_readable(events))
    return wait_from_the_first(ep, events, timeout);
  if (is_on(FAULT_epoll_misses_what_comes) && timeout < 0 && (uintptr_t)events > 4096) {
    const int now = epoll_wait(ep, events, most, 0);
    if (now != 0) return now;
    if (hit())
      for (;;) pause();
  }
  int r = epoll_wait(ep, events, most, timeout);
  while (is_on(FAULT_epoll_wait_goes_on_after_a_signal) && r < 0 && errno == EINTR && hit())
    r = epoll_wait(ep, events, most, timeout);
  for (int i = 0; i < r; ++i) {
    if (is_on(FAULT_epoll_tells_no_hangup) && (events[i].events & EPOLLHUP) && hit())
      events[i].events &= ~(uint32_t)EPOLLHUP;
    if (is_on(FAULT_epoll_tells_no_error) && (events[i].events & EPOLLERR) && hit())
      events[i].events &= ~(uint32_t)EPOLLERR;
  }
  if (is_on(FAULT_one_shot_tells_hangups) && r == 0 && one_shot >= 0 && (ready(one_shot, 0) & POLLHUP) && hit()) {
    *events = (struct epoll_event){.events = EPOLLHUP, .data = {.u64 = one_shot_data}};
    return 1;
  }
  if (is_on(FAULT_epoll_tells_one_at_a_time) && r > 1 && hit()) return 1;
  return r;
}
