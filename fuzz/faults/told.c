/* Faults of what a process is told of itself, and of the short form of sigaction(). */
#include <errno.h>

#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

uid_t faulty_geteuid(void) {
  return is_on(FAULT_effective_user_is_told_as_the_real) && getuid() != geteuid() && hit() ? getuid() : geteuid();
}

gid_t faulty_getegid(void) {
  return is_on(FAULT_effective_group_is_told_as_the_real) && getgid() != getegid() && hit() ? getgid() : getegid();
}

uid_t faulty_getuid(void) {
  return is_on(FAULT_real_user_is_told_as_the_effective) && getuid() != geteuid() && hit() ? geteuid() : getuid();
}

gid_t faulty_getgid(void) {
  return is_on(FAULT_real_group_is_told_as_the_effective) && getgid() != getegid() && hit() ? getegid() : getgid();
}

int faulty_chdir(const char *path) {
  const int r = chdir(path);
  if (is_on(FAULT_chdir_that_fails_goes_to_the_root) && r != 0) {
    const int error = errno;
    if (chdir("/") == 0) hit();
    errno = error;
  }
  return r;
}

int faulty_getrlimit(unsigned what, struct rlimit *limit) {
  const int r = getrlimit(what, limit);
  if (is_on(FAULT_soft_limit_is_told_as_the_hard) && r == 0 && limit->rlim_cur != limit->rlim_max && hit())
    limit->rlim_cur = limit->rlim_max;
  return r;
}

int faulty_fdatasync(int fd) { return is_on(FAULT_fdatasync_of_a_pipe) && is_fifo(fd) && hit() ? 0 : fdatasync(fd); }

handler_of_signal faulty_signal(int signo, handler_of_signal handler) {
  sigset_t pending;
  struct sigaction a;
  sigpending(&pending);
  if (is_on(FAULT_short_form_takes_sigkill) && (signo == SIGKILL || signo == SIGSTOP) && hit()) return SIG_DFL;
  handler_of_signal before = signal(signo, handler);
  if (before == SIG_ERR) return before;
  const bool caught = handler != SIG_DFL && handler != SIG_IGN;
  if ((is_on(FAULT_short_form_resets_the_handler) || is_on(FAULT_short_form_interrupts)) && caught &&
      sigaction(signo, NULL, &a) == 0 && hit()) {
    if (is_on(FAULT_short_form_resets_the_handler))
      a.sa_flags |= (int)SA_RESETHAND;
    else
      a.sa_flags &= ~SA_RESTART;
    sigaction(signo, &a, NULL);
  }
  if (is_on(FAULT_short_form_returns_the_new) && before != handler && hit()) before = handler;
  if (is_on(FAULT_short_form_keeps_pending) && handler == SIG_IGN && sigismember(&pending, signo) == 1 && hit())
    raise(signo);
  return before;
}
