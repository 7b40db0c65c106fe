/* Faults of the waits that come with a signal mask. */
#include <errno.h>

#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

/* What each of the calls may do wrong with its mask. */
struct flaws {
  enum fault_id ignores, leaves, not_atomic, null_is_empty, restarts;
};
#define FLAWS_OF(call)                                                                            \
  {FAULT_##call##_ignores_its_mask, FAULT_##call##_leaves_its_mask, FAULT_##call##_is_not_atomic, \
   FAULT_##call##_without_a_mask_blocks_nothing, FAULT_##call##_is_restarted}

typedef int waiter(const void *what, const sigset_t *mask);

static int wait_in_two_steps(waiter *wait, const void *what, const sigset_t *mask) {
  sigset_t was;
  sigprocmask(SIG_SETMASK, mask, &was);
  const int r = wait(what, NULL), error = errno;
  sigprocmask(SIG_SETMASK, &was, NULL);
  errno = error;
  return r;
}

static int wait_with(const struct flaws *of, waiter *wait, const void *what, const sigset_t *mask) {
  sigset_t none;
  sigemptyset(&none);
  if (mask == NULL && is_on(of->null_is_empty) && hit()) return wait(what, &none);
  const bool given = mask != NULL && is_readable(mask);
  if (given && is_on(of->ignores) && hit()) return wait(what, NULL);
  if (given && is_on(of->not_atomic) && hit()) return wait_in_two_steps(wait, what, mask);
  int r = wait(what, mask);
  while (is_on(of->restarts) && r < 0 && errno == EINTR && hit()) r = wait(what, mask);
  if (given && is_on(of->leaves) && hit()) {
    const int error = errno;
    sigprocmask(SIG_SETMASK, mask, NULL);
    errno = error;
  }
  return r;
}

/* As if the kernel's own call had been passed through, which tells the time left. */
static void tell_time_left(const struct timespec *limit) {
  struct timespec *left = (struct timespec *)(uintptr_t)limit;
  if (limit != NULL && limit->tv_nsec > 1 && hit()) left->tv_nsec -= 1;
}

struct poll_call {
  struct pollfd *fds;
  nfds_t n;
  const struct timespec *limit;
};

static int poll_once(const void *what, const sigset_t *mask) {
  const struct poll_call *c = what;
  return ppoll(c->fds, c->n, c->limit, mask);
}

int faulty_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *limit, const sigset_t *mask) {
  static const struct flaws flaws = FLAWS_OF(ppoll);
  const struct poll_call call = {fds, n, limit};
  if (is_on(FAULT_negative_time_of_ppoll_is_none) && limit != NULL && (limit->tv_sec < 0 || limit->tv_nsec < 0) &&
      hit())
    return ppoll(fds, n, NULL, mask);
  const int r = wait_with(&flaws, poll_once, &call, mask);
  if (is_on(FAULT_ppoll_tells_the_time_left)) tell_time_left(limit);
  for (nfds_t i = 0; is_on(FAULT_ppoll_tells_no_hangup) && r > 0 && i < n; ++i)
    if ((fds[i].revents & POLLHUP) && hit()) fds[i].revents &= (short)~POLLHUP;
  return r;
}

struct select_call {
  int n;
  fd_set *sets[3];
  const struct timespec *limit;
};

static int select_once(const void *what, const sigset_t *mask) {
  const struct select_call *c = what;
  return pselect(c->n, c->sets[0], c->sets[1], c->sets[2], c->limit, mask);
}

int faulty_pselect(int n, fd_set *r, fd_set *w, fd_set *x, const struct timespec *limit, const sigset_t *mask) {
  static const struct flaws flaws = FLAWS_OF(pselect);
  const struct select_call call = {n, {r, w, x}, limit};
  const int result = wait_with(&flaws, select_once, &call, mask);
  if (is_on(FAULT_pselect_takes_any_time) && result < 0 && errno == EINVAL && limit != NULL && n >= 0 && hit())
    return pselect(n, r, w, x, NULL, mask);
  if (is_on(FAULT_pselect_tells_the_time_left)) tell_time_left(limit);
  return result;
}

struct epoll_call {
  int ep, most, timeout;
  struct epoll_event *events;
};

static int epoll_once(const void *what, const sigset_t *mask) {
  const struct epoll_call *c = what;
  return epoll_pwait(c->ep, c->events, c->most, c->timeout, mask);
}

int faulty_epoll_pwait(int ep, struct epoll_event *events, int most, int timeout, const sigset_t *mask) {
  static const struct flaws flaws = FLAWS_OF(epoll_pwait);
  const struct epoll_call call = {ep, most, timeout, events};
  return wait_with(&flaws, epoll_once, &call, mask);
}
