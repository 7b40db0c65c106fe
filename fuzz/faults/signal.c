/* Faults of sending signals. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"
#include "fuzz/faults/queue.h"
#include "fuzz/faults/signals.h"

uint64_t field_of(pid_t pid, const char *name) {
  char path[40], text[4096];
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  const int error = errno, fd = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[n > 0 ? n : 0] = 0;
  const char *found = strstr(text, name);
  unsigned long long value = 0;
  if (found != NULL) sscanf(found + strlen(name), "%llx", &value);
  errno = error;
  return value;
}

/* /proc/PID/stat behind the name: the state, a space, the parent's id. */
static const char *look_at(pid_t pid, char *text, size_t size) {
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  const int error = errno, fd = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);
  if (fd >= 0) close(fd);
  text[n > 0 ? n : 0] = 0;
  const char *end = strrchr(text, ')');
  errno = error;
  return end == NULL ? "?" : end + 2;
}

char state_of(pid_t pid) {
  char text[512];
  return *look_at(pid, text, sizeof text);
}

static int parent_of(pid_t pid) {
  char text[512];
  int parent = 0;
  sscanf(look_at(pid, text, sizeof text), "%*c %d", &parent);
  return parent;
}

static bool has_default(pid_t pid, int signo) {
  return ((field_of(pid, "SigCgt:") | field_of(pid, "SigIgn:")) >> (signo - 1) & 1) == 0;
}

/* A user id of /proc/PID/status: 0 the real one, 1 the effective, 2 the saved; -1 if there is none. */
static long user_of(pid_t pid, int which) {
  char path[40], text[1024];
  long ids[3] = {-1, -1, -1};
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  const int error = errno, fd = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[n > 0 ? n : 0] = 0;
  const char *found = strstr(text, "Uid:");
  if (found != NULL) sscanf(found + 4, "%ld %ld %ld", &ids[0], &ids[1], &ids[2]);
  errno = error;
  return ids[which];
}

bool may_not_signal(pid_t pid) {
  const long real = user_of(pid, 0), saved = user_of(pid, 2);
  return geteuid() != 0 && real >= 0 && real != (long)getuid() && real != (long)geteuid() && saved != (long)getuid() &&
         saved != (long)geteuid();
}

/* Of who sleeps in a futex or a queue. */
static void note_death(pid_t pid) {
  if (is_on(FAULT_killed_sleeper_is_woken) && *counter((uint64_t)pid ^ 0x530000000u) != 0) count_up(0xf9);
  if (is_on(FAULT_killed_receiver_eats_the_next) && *counter((uint64_t)pid ^ 0x540000000u) != 0) *counter(93) = 1;
}

static bool is_in_orphaned_group(pid_t pid) {
  const pid_t parent = parent_of(pid);
  return parent == 0 || getsid(parent) != getsid(pid) || (getpgid(pid) == pid && parent <= 1);
}

/* What SIGCONT wrongly brings about. */
static int go_on(pid_t pid) {
  struct sigaction a;
  const bool stopped = pid > 0 && state_of(pid) == 'T';
  if (stopped) note_untold_stop(pid);
  const int r = kill(pid, SIGCONT);
  if (r != 0 || !stopped) return r;
  if (is_on(FAULT_nocldstop_tells_continuing) && sigaction(SIGCHLD, NULL, &a) == 0 && (a.sa_flags & SA_NOCLDSTOP) &&
      a.sa_handler != SIG_IGN && a.sa_handler != SIG_DFL && hit())
    kill(getpid(), SIGCHLD);
  if (is_on(FAULT_stopped_receiver_is_interrupted)) {
    *counter((uint64_t)pid ^ 0x510000000u) = 1;
    wake_all_queues();
  }
  return r;
}

int faulty_kill(pid_t pid, int signo) {
  int r;
  const union sigval none = {0};
  if (signo == SIGKILL && pid > 0) note_death(pid);
  if (signo == SIGCONT && (is_on(FAULT_stop_is_told_after_continuing) || is_on(FAULT_nocldstop_tells_continuing) ||
                           is_on(FAULT_stopped_receiver_is_interrupted)))
    return go_on(pid);
  switch (fault_now()) {
    case FAULT_signal_zero_finds_everybody:
      if (signo == 0 && hit()) return 0;
      break;
    case FAULT_signal_zero_needs_no_permission:
      r = kill(pid, signo);
      return r < 0 && errno == EPERM && signo == 0 && hit() ? 0 : r;
    case FAULT_continue_of_another_session_is_permitted:
      r = kill(pid, signo);
      return r < 0 && errno == EPERM && signo == SIGCONT && hit() ? 0 : r;
    case FAULT_continue_of_a_group_leaves_stops_pending:
    case FAULT_stop_of_a_group_leaves_continue_pending: {
      const bool stops = is_on(FAULT_stop_of_a_group_leaves_continue_pending);
      int pending = 0;
      for (int s = SIGTSTP; pid < -1 && !stops && signo == SIGCONT && s <= SIGTTOU; ++s)
        if (is_pending_for(-pid, s)) pending = s;
      if (pid < -1 && stops && signo >= SIGTSTP && signo <= SIGTTOU && is_pending_for(-pid, SIGCONT)) pending = SIGCONT;
      r = kill(pid, signo);
      if (pending != 0 && hit()) kill(-pid, pending);
      return r;
    }
    case FAULT_first_group_is_signalled:
      if (pid == 0 && first_group() != getpgid(0) && hit()) return kill(-first_group(), signo);
      break;
    case FAULT_signal_zero_finds_every_group:
      if (signo == 0 && pid < -1 && hit()) return 0;
      break;
    case FAULT_continue_leaves_terminal_stops:
      if (signo != SIGCONT || pid <= 0) break;
      for (int s = SIGTTIN; s <= SIGTTOU; ++s)
        if (is_pending_for(pid, s)) *counter((uint64_t)pid ^ 0x5b0000000u) = s;
      r = kill(pid, signo);
      if (*counter((uint64_t)pid ^ 0x5b0000000u) != 0 && hit()) kill(pid, (int)*counter((uint64_t)pid ^ 0x5b0000000u));
      return r;
    case FAULT_terminal_stops_leave_continue: {
      if ((signo != SIGTTIN && signo != SIGTTOU) || pid <= 0) break;
      const bool pends = is_pending_for(pid, SIGCONT);
      r = kill(pid, signo);
      if (pends && hit()) kill(pid, SIGCONT);
      return r;
    }
    case FAULT_group_of_a_zombie_is_gone:
      if (pid < -1 && state_of(-pid) == 'Z' && hit()) return fail(ESRCH);
      break;
    case FAULT_group_is_its_leader:
      if (pid < -1 && hit()) return kill(-pid, signo);
      break;
    case FAULT_forbidden_kill_succeeds:
      r = kill(pid, signo);
      return r < 0 && errno == EPERM && hit() ? 0 : r;
    case FAULT_forbidden_kill_is_esrch:
      r = kill(pid, signo);
      if (r < 0 && errno == EPERM && hit()) errno = ESRCH;
      return r;
    case FAULT_own_group_is_oneself:
      if (pid == 0 && hit()) return kill(getpid(), signo);
      break;
    case FAULT_all_is_ones_group:
      if (pid == -1 && hit()) return kill(0, signo);
      break;
    case FAULT_zombies_cannot_be_signalled:
      if (pid > 0 && state_of(pid) == 'Z' && hit()) return fail(ESRCH);
      break;
    case FAULT_group_includes_the_caller:
      r = kill(pid, signo);
      if (pid < -1 && signo != 0 && r == 0 && getpgrp() != -pid && hit()) kill(0, signo);
      return r;
    case FAULT_sigstop_can_be_caught:
      if (signo == SIGSTOP && hit()) return kill(pid, SIGTSTP);
      break;
    case FAULT_sigkill_can_be_caught:
      if (signo == SIGKILL && hit()) return kill(pid, SIGTERM);
      break;
    case FAULT_kill_tells_si_queue:
      if (pid > 0 && signo != 0 && hit()) return sigqueue(pid, signo, none);
      break;
    case FAULT_kill_takes_any_number:
      if (signo > MOST_SIGNALS && hit()) return 0;
      break;
    case FAULT_signals_come_twice:
      r = kill(pid, signo);
      if (r == 0 && pid > 0 && signo != 0 && signo != SIGKILL && signo != SIGSTOP && signo != SIGCONT && hit())
        kill(pid, signo);
      return r;
    case FAULT_signal_to_a_stopped_process_is_lost:
      if (pid > 0 && signo != SIGCONT && signo != SIGKILL && signo != 0 && state_of(pid) == 'T' && hit()) return 0;
      break;
    case FAULT_signal_goes_on_a_stopped_process:
      r = kill(pid, signo);
      if (r == 0 && pid > 0 && signo != 0 && signo != SIGCONT && state_of(pid) == 'T' && hit()) kill(pid, SIGCONT);
      return r;
    case FAULT_blocked_signal_is_lost:
      if (pid > 0 && signo > 0 && signo <= MOST_SIGNALS && pid != getpid() &&
          ((field_of(pid, "SigBlk:") >> (signo - 1)) & 1) && hit())
        return 0;
      break;
    case FAULT_continue_leaves_stops_pending:
      if (pid > 0 && signo == SIGCONT && is_pending_for(pid, SIGTSTP)) {
        r = kill(pid, signo);
        if (r == 0 && hit()) kill(pid, SIGTSTP);
        return r;
      }
      break;
    case FAULT_stop_leaves_continue_pending:
      if (pid > 0 && signo == SIGTSTP && is_pending_for(pid, SIGCONT) && hit()) return 0;
      break;
    case FAULT_second_signal_is_lost:
      if (pid > 0 && signo > 0 && signo != SIGKILL && signo != SIGCONT && field_of(pid, "ShdPnd:") != 0 &&
          !is_pending_for(pid, signo) && hit())
        return 0;
      break;
    case FAULT_sigtstp_terminates:
      if (pid > 0 && signo == SIGTSTP && has_default(pid, signo) && hit()) return kill(pid, SIGTERM);
      break;
    case FAULT_sigttin_is_ignored:
      if (pid > 0 && (signo == SIGTTIN || signo == SIGTTOU) && has_default(pid, signo) && hit()) return 0;
      break;
    case FAULT_sigurg_terminates:
      if (pid > 0 && (signo == SIGURG || signo == SIGWINCH) && has_default(pid, signo) && hit())
        return kill(pid, SIGTERM);
      break;
    case FAULT_sigvtalrm_is_ignored:
      if (pid > 0 && (signo == SIGVTALRM || signo == SIGPROF || signo == SIGIO) && has_default(pid, signo) && hit())
        return 0;
      break;
    case FAULT_sigusr2_is_ignored:
      if (pid > 0 && signo == SIGUSR2 && has_default(pid, signo) && hit()) return 0;
      break;
    case FAULT_signal_goes_to_the_first_thread:
      if (pid > 0 && signo > 0 && signo != SIGKILL && signo != SIGSTOP && signo != SIGCONT &&
          field_of(pid, "Threads:") > 1 && hit())
        return tgkill(pid, pid, signo);
      break;
    case FAULT_all_includes_the_caller:
      r = kill(pid, signo);
      if (pid == -1 && r == 0 && signo != 0 && hit()) kill(getpid(), signo);
      return r;
    case FAULT_kill_coalesces_realtime_signals:
      if (pid > 0 && signo >= SIGRTMIN && signo <= MOST_SIGNALS && is_pending_for(pid, signo) && hit()) return 0;
      break;
    case FAULT_ignored_continue_does_nothing:
      if (pid > 0 && signo == SIGCONT && ((field_of(pid, "SigIgn:") >> (SIGCONT - 1)) & 1) && hit()) return 0;
      break;
    case FAULT_blocked_continue_does_nothing:
      if (pid > 0 && signo == SIGCONT && ((field_of(pid, "SigBlk:") >> (SIGCONT - 1)) & 1) && hit()) return 0;
      break;
    case FAULT_stopped_process_cannot_be_killed:
      if (pid > 0 && signo == SIGKILL && state_of(pid) == 'T' && hit()) return kill(pid, SIGTERM);
      break;
    case FAULT_mask_stays_after_a_handler:
      r = kill(pid, signo);
      if (r == 0 && pid == getpid() && signo > 0 && signo <= MOST_SIGNALS && hit()) {
        const sigset_t one = only(signo);
        sigprocmask(SIG_BLOCK, &one, NULL);
      }
      return r;
    case FAULT_nobody_is_eperm:
      r = kill(pid, signo);
      if (r < 0 && errno == ESRCH && hit()) errno = EPERM;
      return r;
    case FAULT_kill_goes_by_the_effective_user_of_the_target:
      if (pid > 0 && pid != getpid() && geteuid() != 0 && geteuid() != getuid() && hit()) {
        r = kill(pid, signo);
        return r == 0 && state_of(pid) != 'Z' ? fail(EPERM) : r;
      }
      break;
    case FAULT_orphans_can_be_stopped:
      if (pid > 0 && (signo == SIGTSTP || signo == SIGTTIN || signo == SIGTTOU) && has_default(pid, signo) &&
          is_in_orphaned_group(pid) && hit())
        return kill(pid, SIGSTOP);
      break;
    case FAULT_ended_leader_cannot_be_signalled: {
      siginfo_t ended = {0};
      if (pid > 0 && state_of(pid) == 'Z' && waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
          ended.si_pid == 0 && hit())
        return fail(ESRCH);
      break;
    }
    case FAULT_group_ends_with_its_leader:
      if (pid < -1 && kill(-pid, 0) < 0 && errno == ESRCH && hit()) return fail(ESRCH);
      break;
    case FAULT_own_group_is_all_the_others:
      if (pid == 0 && signo > 0 && signo != SIGKILL && signo != SIGSTOP && hit()) {
        const struct timespec now = {0, 0};
        const sigset_t one = only(signo);
        sigset_t before;
        sigprocmask(SIG_BLOCK, &one, &before);
        r = kill(0, signo);
        sigtimedwait(&one, NULL, &now);
        sigprocmask(SIG_SETMASK, &before, NULL);
        return r;
      }
      break;
    case FAULT_stop_of_the_stopped_is_told:
      if (pid > 0 && signo == SIGSTOP && state_of(pid) == 'T') *counter((uint64_t)pid ^ 0x570000000u) = 1;
      break;
    case FAULT_effective_user_of_the_target_counts:
      r = kill(pid, signo);
      return r < 0 && errno == EPERM && pid > 0 && user_of(pid, 1) == (long)geteuid() && hit() ? 0 : r;
    case FAULT_continue_needs_permission:
      r = kill(pid, signo);
      if (r == 0 && signo == SIGCONT && geteuid() != 0 && pid > 0 && kill(pid, 0) < 0 && hit()) return fail(EPERM);
      return r;
    case FAULT_group_stops_at_the_forbidden:
      if (pid < -1 && geteuid() != 0 && hit()) return fail(EPERM);
      break;
    default:
      break;
  }
  return kill(pid, signo);
}

void note_thread_signal(pid_t pid, pid_t tid) {
  if (is_on(FAULT_pending_of_other_threads_is_told)) *counter((uint64_t)pid ^ 0x520000000u) = tid;
}

int faulty_raise(int signo) {
  note_thread_signal(getpid(), gettid());
  if (is_on(FAULT_raise_goes_to_the_process) && hit()) return kill(getpid(), signo);
  if (is_on(FAULT_raise_takes_any_number) && (signo < 0 || signo > MOST_SIGNALS) && hit()) return 0;
  return raise(signo);
}

int faulty_sigqueue(pid_t pid, int signo, union sigval value) {
  int r;
  union sigval changed = value;
  switch (fault_now()) {
    case FAULT_taken_signals_count_for_ever: {
      struct rlimit most;
      if (signo >= SIGRTMIN && getrlimit(RLIMIT_SIGPENDING, &most) == 0 && most.rlim_cur > 0 && most.rlim_cur < 16 &&
          count_up(0xf600000000u + getuid()) > (int64_t)most.rlim_cur && hit())
        return fail(EAGAIN);
      break;
    }
    case FAULT_queueing_tells_the_thread: {
      siginfo_t info = {.si_signo = signo, .si_code = SI_QUEUE};
      if (gettid() == getpid() || !hit()) break;
      info.si_pid = gettid();
      info.si_uid = getuid();
      info.si_value = value;
      return (int)syscall(SYS_rt_sigqueueinfo, pid, signo, &info);
    }
    case FAULT_queued_continue_needs_permission:
      if (signo == SIGCONT && may_not_signal(pid) && hit()) return fail(EPERM);
      break;
    case FAULT_queued_stop_leaves_continue_pending:
    case FAULT_queued_continue_leaves_stops_pending: {
      const bool stops = is_on(FAULT_queued_stop_leaves_continue_pending);
      int pending = 0;
      for (int s = SIGTSTP; !stops && signo == SIGCONT && s <= SIGTTOU; ++s)
        if (pid > 0 && is_pending_for(pid, s)) pending = s;
      if (stops && signo >= SIGTSTP && signo <= SIGTTOU && pid > 0 && is_pending_for(pid, SIGCONT)) pending = SIGCONT;
      r = sigqueue(pid, signo, value);
      if (pending != 0 && hit()) kill(pid, pending);
      return r;
    }
    case FAULT_queueing_takes_any_number:
      if (signo > MOST_SIGNALS && hit()) return 0;
      break;
    case FAULT_queued_continue_does_nothing:
      if (signo == SIGCONT && hit()) return 0;
      break;
    case FAULT_queued_stop_does_nothing:
      if (signo == SIGSTOP && hit()) return 0;
      break;
    case FAULT_queued_kill_does_nothing:
      if (signo == SIGKILL && hit()) return 0;
      break;
    case FAULT_queued_value_has_16_bits:
      changed.sival_int &= 0xffff;
      if (changed.sival_int != value.sival_int) hit();
      return sigqueue(pid, signo, changed);
    case FAULT_queued_signal_has_no_value:
      if (signo != 0 && hit()) return kill(pid, signo);
      break;
    case FAULT_full_queue_drops_the_value:
      r = sigqueue(pid, signo, value);
      return r < 0 && errno == EAGAIN && hit() ? kill(pid, signo) : r;
    case FAULT_realtime_signals_come_twice:
      if (signo >= SIGRTMIN && hit()) sigqueue(pid, signo, value);
      break;
    case FAULT_queued_signal_zero_finds_everybody:
      if (signo == 0 && hit()) return 0;
      break;
    case FAULT_realtime_signals_coalesce:
      if (signo >= SIGRTMIN && is_pending_for(pid, signo) && hit()) return 0;
      break;
    case FAULT_third_realtime_signal_is_lost:
      if (signo >= SIGRTMIN && count_up(0x51) % 3 == 0 && hit()) return 0;
      break;
    case FAULT_forbidden_queueing_succeeds:
      r = sigqueue(pid, signo, value);
      return r < 0 && errno == EPERM && hit() ? 0 : r;
    case FAULT_queueing_goes_by_the_effective_user_of_the_target:
      r = sigqueue(pid, signo, value);
      return r < 0 && errno == EPERM && pid > 0 && user_of(pid, 1) == (long)geteuid() && hit() ? 0 : r;
    case FAULT_negative_values_are_zero:
      if (value.sival_int < 0 && hit()) changed.sival_int = 0;
      return sigqueue(pid, signo, changed);
    case FAULT_standard_signals_are_queued:
      if (signo < SIGRTMIN && signo > 0 && pid == getpid() && is_pending_for(pid, signo) && hit()) {
        const struct timespec now = {0, 0};
        const sigset_t one = only(signo);
        sigtimedwait(&one, NULL, &now);
      }
      break;
    default:
      break;
  }
  return sigqueue(pid, signo, value);
}
