/* Faults of waiting for children. */
#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>

#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

static int spoil_status(int status) {
  switch (fault_now()) {
    case FAULT_told_status_has_7_bits:
      if (WIFEXITED(status) && WEXITSTATUS(status) > 127 && hit()) return (WEXITSTATUS(status) & 127) << 8;
      break;
    case FAULT_killed_is_exited:
      if (WIFSIGNALED(status) && hit()) return WTERMSIG(status) << 8;
      break;
    case FAULT_killed_has_a_core:
      if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL && hit()) return SIGKILL;
      break;
    case FAULT_stop_signal_is_sigstop:
      if (WIFSTOPPED(status) && WSTOPSIG(status) != SIGSTOP && hit()) return (SIGSTOP << 8) | 0x7f;
      break;
    default:
      break;
  }
  return status;
}

static bool is_child(pid_t pid) {
  siginfo_t info;
  return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* A stop that is there to be told, of a child or of any; 0 if there is none. */
static pid_t stop_of(pid_t pid, int how) {
  siginfo_t info = {0};
  const int error = errno;
  const bool any = pid == -1, one = pid > 0;
  const int r = any || one ? waitid(any ? P_ALL : P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG | how) : -1;
  errno = error;
  return r == 0 ? info.si_pid : 0;
}

void note_untold_stop(pid_t pid) {
  if (is_on(FAULT_stop_is_told_after_continuing)) *counter((uint64_t)pid ^ 0x570000000u) = stop_of(pid, WNOWAIT) == pid;
}

static bool has_untold_stop(pid_t pid) {
  return (is_on(FAULT_stop_is_told_after_continuing) || is_on(FAULT_stop_of_the_stopped_is_told)) && pid > 0 &&
         __atomic_exchange_n(counter((uint64_t)pid ^ 0x570000000u), 0, __ATOMIC_SEQ_CST) != 0 && hit();
}

static bool wait_is_interrupted_by_stop(pid_t pid) {
  const int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  const bool interrupted = fd >= 0 && is_interrupted_by_stop(fd, POLLIN);
  if (fd >= 0) close(fd);
  return interrupted;
}

pid_t first_group(void) {
  int64_t *group = counter((uint64_t)getpid() ^ 0x5d0000000u);
  if (*group == 0) *group = getpgid(0);
  return (pid_t)*group;
}

static bool has_nocldstop(void) {
  struct sigaction a;
  return sigaction(SIGCHLD, NULL, &a) == 0 && (a.sa_flags & SA_NOCLDSTOP);
}

static bool ignores_sigchld(void) {
  struct sigaction a;
  return sigaction(SIGCHLD, NULL, &a) == 0 && (a.sa_handler == SIG_IGN || (a.sa_flags & SA_NOCLDWAIT));
}

pid_t faulty_waitpid(pid_t pid, int *status, int options) {
  if (is_on(FAULT_wait_without_untraced_eats_stops) && !(options & WUNTRACED) && stop_of(pid, 0) != 0) hit();
  if ((options & WUNTRACED) && (uintptr_t)status > 4096 && has_untold_stop(pid)) {
    *status = (SIGSTOP << 8) | 0x7f;
    return pid;
  }
  if (is_on(FAULT_stopped_wait_is_interrupted) && pid > 0 && !(options & (WNOHANG | WUNTRACED | WCONTINUED)) &&
      is_child(pid) && wait_is_interrupted_by_stop(pid))
    return fail(EINTR);
  switch (fault_now()) {
    case FAULT_wait_tells_stops:
      if (!(options & WUNTRACED) && hit()) options |= WUNTRACED;
      break;
    case FAULT_wait_tells_no_continuing:
      if ((options & WCONTINUED) && hit()) options &= ~WCONTINUED;
      break;
    case FAULT_wait_tells_continuing:
      if (!(options & WCONTINUED) && hit()) options |= WCONTINUED;
      break;
    case FAULT_nocldstop_hides_stops_from_waits:
      if ((options & WUNTRACED) && has_nocldstop() && hit()) options &= ~WUNTRACED;
      break;
    case FAULT_ignored_sigchld_hides_stops_from_waits:
      if ((options & WUNTRACED) && ignores_sigchld() && hit()) options &= ~WUNTRACED;
      break;
    case FAULT_ignored_children_are_not_waited_for:
      if (!(options & WNOHANG) && ignores_sigchld() && hit()) return fail(ECHILD);
      break;
    case FAULT_stop_of_the_killed_is_told:
      if (pid > 0 && (options & WUNTRACED) && (uintptr_t)status > 4096) {
        const pid_t r = waitpid(pid, status, options);
        if (r == pid && WIFSIGNALED(*status) && *counter((uint64_t)pid ^ 0x590000000u) != 0 && hit())
          *status = (SIGSTOP << 8) | 0x7f;
        if (r == pid) *counter((uint64_t)pid ^ 0x590000000u) = 0;
        return r;
      }
      break;
    case FAULT_first_group_is_waited_for:
      if (pid == 0 && first_group() != getpgid(0) && hit()) pid = -first_group();
      break;
    case FAULT_stops_or_continues_are_told:
      if ((options & WUNTRACED) && (options & WCONTINUED) && hit()) options &= ~WCONTINUED;
      break;
    case FAULT_wait_takes_any_child:
      if (pid > 0 && is_child(pid) && hit()) pid = -1;
      break;
    case FAULT_wait_for_a_group_takes_any_child:
      if (pid < -1 && hit()) pid = -1;
      break;
    case FAULT_wait_for_ones_group_takes_any_child:
      if (pid == 0 && hit()) pid = -1;
      break;
    case FAULT_wait_takes_any_option:
      if (((unsigned)options & ~0xe000000fu) && hit()) options &= 0xf;
      break;
    case FAULT_wait_ignores_nohang:
      if ((options & WNOHANG) && hit()) options &= ~WNOHANG;
      break;
    case FAULT_wait_tells_no_stops:
      if ((options & WUNTRACED) && hit()) options &= ~WUNTRACED;
      break;
    case FAULT_group_without_leader_has_no_children:
      if (pid < -1 && pid != INT_MIN && kill(-pid, 0) < 0 && errno == ESRCH && hit()) return fail(ECHILD);
      break;
    case FAULT_wait_for_a_group_is_for_its_leader:
      if (pid < -1 && pid != INT_MIN && hit()) pid = -pid;
      break;
    default:
      break;
  }
  if (is_on(FAULT_children_belong_to_their_thread) && hit()) options |= (int)__WNOTHREAD;
  siginfo_t there = {0};
  const bool sleeps = is_on(FAULT_second_waiter_sleeps_on) && (pid > 0 || pid == -1) && !(options & WNOHANG) &&
                      waitid(pid > 0 ? P_PID : P_ALL, (id_t)pid, &there, WEXITED | WNOHANG | WNOWAIT) == 0;
  pid_t r = waitpid(pid, status, options);
  if (is_on(FAULT_refused_waitpid_takes_the_child) && r < 0 && errno == EINVAL) {
    if (waitpid(-1, NULL, WNOHANG) > 0) hit();
    return fail(EINVAL);
  }
  if (sleeps && r < 0 && errno == ECHILD && hit())
    for (;;) pause();
  if (is_on(FAULT_interrupted_wait_goes_on))
    while (r < 0 && errno == EINTR && hit()) r = waitpid(pid, status, options);
  if (is_on(FAULT_later_stops_tell_the_first_signal) && r > 0 && (uintptr_t)status > 4096 && WIFSTOPPED(*status)) {
    int64_t *first = counter((uint64_t)r ^ 0x580000000u);
    if (*first == 0) *first = *status;
    if (*first != *status && hit()) *status = (int)*first;
  }
  if (r > 0 && (uintptr_t)status > 4096) *status = spoil_status(*status);
  if (r > 0 && is_on(FAULT_wait_leaves_the_signal_pending)) {
    sigset_t mask, pending;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    sigpending(&pending);
    if (sigismember(&mask, SIGCHLD) == 1 && sigismember(&pending, SIGCHLD) != 1 && hit()) kill(getpid(), SIGCHLD);
  }
  if (is_on(FAULT_smallest_number_is_echild) && pid == INT_MIN && r < 0 && hit()) errno = ECHILD;
  if (is_on(FAULT_bad_status_is_ignored) && r < 0 && errno == EFAULT && hit()) return 0;
  if (is_on(FAULT_nohang_tells_a_running_child) && r == 0 && pid > 0 && hit()) return pid;
  if (is_on(FAULT_no_change_is_echild) && r == 0 && hit()) return fail(ECHILD);
  if (is_on(FAULT_no_child_is_no_change) && r < 0 && errno == ECHILD && hit()) return 0;
  if (is_on(FAULT_no_child_of_that_id_is_esrch) && r < 0 && errno == ECHILD && hit()) errno = ESRCH;
  if (is_on(FAULT_no_child_blocks) && r < 0 && errno == ECHILD && !(options & WNOHANG) && hit())
    for (;;) pause();
  return r;
}

pid_t faulty_wait(int *status) {
  if (is_on(FAULT_ignored_children_are_not_waited_for) && ignores_sigchld() && hit()) return fail(ECHILD);
  pid_t r = wait(status);
  if (is_on(FAULT_interrupted_plain_wait_goes_on))
    while (r < 0 && errno == EINTR && hit()) r = wait(status);
  if (r > 0 && (uintptr_t)status > 4096) *status = spoil_status(*status);
  if (is_on(FAULT_wait_leaves_the_zombie) && r > 0 && hit()) return fail(ECHILD);
  return r;
}

int faulty_waitid(idtype_t type, id_t id, siginfo_t *info, int options) {
  switch (fault_now()) {
    case FAULT_own_group_is_of_all_for_waitid:
      if (type == P_PGID && id == 0 && hit()) type = P_ALL;
      break;
    case FAULT_own_group_is_invalid_for_waitid:
      if (type == P_PGID && id == 0 && hit()) return fail(EINVAL);
      break;
    case FAULT_waitid_is_never_restarted: {
      const int fd =
          type == P_PID && !(options & (WNOHANG | WSTOPPED | WCONTINUED)) ? (int)syscall(SYS_pidfd_open, id, 0) : -1;
      const bool interrupted = fd >= 0 && wait_for(fd, POLLIN) < 0;
      if (fd >= 0) close(fd);
      if (interrupted && hit()) return fail(EINTR);
      break;
    }
    case FAULT_stopped_waitid_is_interrupted:
      if (type == P_PID && !(options & (WNOHANG | WSTOPPED | WCONTINUED)) && is_child((pid_t)id) &&
          wait_is_interrupted_by_stop((pid_t)id))
        return fail(EINTR);
      break;
    case FAULT_process_zero_is_any:
      if (type == P_PID && id == 0 && hit()) type = P_ALL;
      break;
    case FAULT_nowait_takes_the_child:
      if ((options & WNOWAIT) && hit()) options &= ~WNOWAIT;
      break;
    case FAULT_nowait_takes_the_stop:
    case FAULT_nowait_takes_the_continuing: {
      const int code = is_on(FAULT_nowait_takes_the_stop) ? CLD_STOPPED : CLD_CONTINUED;
      siginfo_t there = {0};
      if (!(options & WNOWAIT) || waitid(type, id, &there, options) != 0) break;
      if (there.si_pid != 0 && there.si_code == code && hit()) options &= ~WNOWAIT;
      break;
    }
    case FAULT_second_nowait_takes_the_child:
      if ((options & WNOWAIT) && type == P_PID && count_up((uint64_t)id ^ 0x5a0000000u) == 2 && hit())
        options &= ~WNOWAIT;
      break;
    case FAULT_waitid_tells_stops:
      if (!(options & WSTOPPED) && hit()) options |= WSTOPPED;
      break;
    case FAULT_waitid_tells_continuing:
      if (!(options & WCONTINUED) && hit()) options |= WCONTINUED;
      break;
    case FAULT_waitid_tells_exits:
      if (!(options & WEXITED) && (options & (WSTOPPED | WCONTINUED)) && hit()) options |= WEXITED;
      break;
    case FAULT_waitid_of_a_group_is_of_all:
      if (type == P_PGID && hit()) type = P_ALL;
      break;
    case FAULT_waitid_of_one_is_of_all:
      if (type == P_PID && hit()) type = P_ALL;
      break;
    case FAULT_three_states_are_one:
      if ((options & WEXITED) && (options & WSTOPPED) && (options & WCONTINUED) && hit())
        options &= ~(WSTOPPED | WCONTINUED);
      break;
    case FAULT_waitid_needs_no_state:
      if (!(options & (WEXITED | WSTOPPED | WCONTINUED)) && hit()) options |= WEXITED;
      break;
    case FAULT_waitid_takes_any_option:
      if ((options & ~(WEXITED | WSTOPPED | WCONTINUED | WNOWAIT | WNOHANG)) && hit())
        options &= WEXITED | WSTOPPED | WCONTINUED | WNOWAIT | WNOHANG;
      break;
    case FAULT_waitid_tells_a_stop_twice:
      if ((options & WSTOPPED) && !(options & (WEXITED | WCONTINUED)) && hit()) options |= WNOWAIT;
      break;
    case FAULT_waitid_ignores_nohang:
      if ((options & WNOHANG) && hit()) options &= ~WNOHANG;
      break;
    default:
      break;
  }
  int r = waitid(type, id, info, options);
  if (is_on(FAULT_refused_waitid_takes_the_child) && r < 0 && errno == EINVAL) {
    siginfo_t taken = {0};
    if (waitid(P_ALL, 0, &taken, WEXITED | WNOHANG) == 0 && taken.si_pid != 0) hit();
    return fail(EINVAL);
  }
  if (is_on(FAULT_interrupted_waitid_goes_on))
    while (r < 0 && errno == EINTR && hit()) r = waitid(type, id, info, options);
  if (r < 0 && is_on(FAULT_waitid_without_child_returns) && errno == ECHILD && hit()) return 0;
  if (r != 0 || (uintptr_t)info < 4096) return r;
  switch (fault_now()) {
    case FAULT_waitid_tells_another_user:
      if (info->si_pid != 0 && hit()) info->si_uid = 77;
      break;
    case FAULT_waitid_tells_killed_as_exited:
      if (info->si_code == CLD_KILLED && hit()) info->si_code = CLD_EXITED;
      break;
    case FAULT_waitid_tells_no_signal_of_continuing:
      if (info->si_code == CLD_CONTINUED && hit()) info->si_status = 0;
      break;
    case FAULT_waitid_without_change_tells_a_signal:
      if (info->si_pid == 0 && hit()) info->si_signo = SIGCHLD;
      break;
    case FAULT_stop_of_the_killed_is_told: /* told by WNOWAIT, and not yet taken */
      if (info->si_code == CLD_STOPPED && (options & WNOWAIT)) *counter((uint64_t)info->si_pid ^ 0x590000000u) = 1;
      break;
    case FAULT_waitid_without_change_tells_a_process:
      if (info->si_pid == 0 && hit()) info->si_pid = getpid();
      break;
    case FAULT_waitid_tells_signal_zero:
      if (info->si_pid != 0 && hit()) info->si_signo = 0;
      break;
    case FAULT_waitid_tells_the_shifted_status:
      if (info->si_code == CLD_EXITED && info->si_status != 0 && hit()) info->si_status <<= 8;
      break;
    case FAULT_waitid_tells_the_stop_signal_of_others:
      if (info->si_code == CLD_STOPPED && hit()) info->si_status = SIGCHLD;
      break;
    default:
      break;
  }
  return r;
}
