/* Faults of blocking signals, of waiting for them and of taking them. */
#include <errno.h>

#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"
#include "fuzz/faults/signals.h"

static int unblock_highest_first(const sigset_t *set) {
  sigset_t pending;
  sigpending(&pending);
  for (int s = MOST_SIGNALS; s > 0; --s) {
    const sigset_t one = only(s);
    if (sigismember(&pending, s) == 1 && sigismember(set, s) == 1 && hit()) sigprocmask(SIG_UNBLOCK, &one, NULL);
  }
  return 0;
}

int faulty_sigprocmask(int how, const sigset_t *set, sigset_t *old) {
  if (is_on(FAULT_way_is_checked_without_a_set) && set == NULL && (how < 0 || how > 2) && hit()) return fail(EINVAL);
  if (fault_now() == FAULT_none || !is_readable(set)) return sigprocmask(how, set, old);
  sigset_t changed = *set;
  const struct timespec now = {0, 0};
  if (mask_to_be_lost) {
    mask_to_be_lost = false;
    sigemptyset(&changed);
    for (int s = 1; s <= MOST_SIGNALS; ++s)
      if ((mask_instead >> (s - 1)) & 1) sigaddset(&changed, s);
  }
  switch (fault_now()) {
    case FAULT_blocking_replaces:
      if (how == SIG_BLOCK && hit()) how = SIG_SETMASK;
      break;
    case FAULT_unblocking_does_nothing:
      if (how == SIG_UNBLOCK && hit()) return sigprocmask(how, NULL, old);
      break;
    case FAULT_unblocking_clears:
      if (how == SIG_UNBLOCK && hit()) {
        sigemptyset(&changed);
        how = SIG_SETMASK;
      }
      break;
    case FAULT_setting_adds:
      if (how == SIG_SETMASK && hit()) how = SIG_BLOCK;
      break;
    case FAULT_old_mask_is_the_new:
      if (old == NULL || !hit()) break;
      sigprocmask(how, set, NULL);
      return sigprocmask(0, NULL, old);
    case FAULT_unknown_ways_set_the_mask:
      if (how != SIG_BLOCK && how != SIG_UNBLOCK && how != SIG_SETMASK && hit()) how = SIG_SETMASK;
      break;
    case FAULT_realtime_signals_cannot_be_blocked:
      for (int s = 33; s <= MOST_SIGNALS; ++s)
        if (sigismember(&changed, s) == 1 && hit()) sigdelset(&changed, s);
      break;
    case FAULT_highest_signal_cannot_be_blocked:
      if (sigismember(&changed, 64) == 1 && how != SIG_UNBLOCK && hit()) sigdelset(&changed, 64);
      break;
    case FAULT_unblocked_signals_are_lost: {
      sigset_t pending;
      sigpending(&pending);
      for (int s = 1; s <= MOST_SIGNALS; ++s) {
        const sigset_t one = only(s);
        const bool opens =
            how == SIG_UNBLOCK ? sigismember(set, s) == 1 : how == SIG_SETMASK && sigismember(set, s) != 1;
        if (opens && sigismember(&pending, s) == 1 && hit()) sigtimedwait(&one, NULL, &now);
      }
      break;
    }
    case FAULT_last_realtime_signal_comes_first:
      for (int s = 34; how == SIG_UNBLOCK && s <= MOST_SIGNALS; ++s) {
        const sigset_t one = only(s);
        union sigval values[16];
        siginfo_t info;
        int n = 0;
        if (sigismember(set, s) != 1) continue;
        while (n < 16 && sigtimedwait(&one, &info, &now) > 0) values[n++] = info.si_value;
        if (n > 1) hit();
        while (n > 0) sigqueue(getpid(), s, values[--n]);
      }
      break;
    case FAULT_highest_realtime_signal_comes_first:
      if (how == SIG_UNBLOCK) unblock_highest_first(set);
      break;
    case FAULT_realtime_before_standard:
      if (how != SIG_UNBLOCK) break;
      for (int s = 34; s <= MOST_SIGNALS; ++s) {
        const sigset_t one = only(s);
        if (sigismember(set, s) == 1 && hit()) sigprocmask(SIG_UNBLOCK, &one, NULL);
      }
      break;
    case FAULT_set_with_sigkill_blocks_nothing:
      if (how == SIG_BLOCK && (sigismember(&changed, SIGKILL) == 1 || sigismember(&changed, SIGSTOP) == 1) && hit())
        return sigprocmask(how, NULL, old);
      break;
    case FAULT_kill_can_be_blocked:
      if (how != SIG_UNBLOCK && sigismember(&changed, SIGKILL) == 1 && sigismember(&changed, SIGUSR1) != 1 && hit())
        return fail(EINVAL);
      break;
    default:
      break;
  }
  return sigprocmask(how, &changed, old);
}

int faulty_sigpending(sigset_t *set) {
  const int r = sigpending(set);
  if (r != 0) return r;
  if (is_on(FAULT_pending_of_other_threads_is_told)) {
    const pid_t thread = (pid_t)*counter((uint64_t)getpid() ^ 0x520000000u);
    const uint64_t pending = thread != 0 && thread != gettid() ? field_of(thread, "SigPnd:") : 0;
    for (int s = 1; s <= MOST_SIGNALS; ++s)
      if (((pending >> (s - 1)) & 1) && sigismember(set, s) == 0 && hit()) sigaddset(set, s);
  }
  if (is_on(FAULT_nothing_is_pending) && sigisemptyset(set) == 0 && hit()) sigemptyset(set);
  for (int s = 33; s <= MOST_SIGNALS; ++s)
    if (is_on(FAULT_pending_realtime_signals_are_not_told) && sigismember(set, s) == 1 && hit()) sigdelset(set, s);
  if (is_on(FAULT_pending_for_the_process_is_not_told))
    for (int s = 1; s <= MOST_SIGNALS; ++s)
      if (sigismember(set, s) == 1 && is_pending_for(getpid(), s) && hit()) sigdelset(set, s);
  return r;
}

int faulty_sigsuspend(const sigset_t *mask) {
  sigset_t was, none;
  int r;
  sigprocmask(SIG_BLOCK, NULL, &was);
  switch (fault_now()) {
    case FAULT_jump_out_of_suspend_leaves_its_mask: /* what the handler goes back to is the mask of the moment */
      if (!is_readable(mask) || !hit()) break;
      sigprocmask(SIG_SETMASK, mask, NULL);
      pause();
      sigprocmask(SIG_SETMASK, &was, NULL);
      return fail(EINTR);
    case FAULT_suspend_is_restarted: {
      struct sigaction a;
      do r = sigsuspend(mask);
      while (sigaction(SIGUSR1, NULL, &a) == 0 && (a.sa_flags & SA_RESTART) && hit());
      return r;
    }
    case FAULT_suspend_leaves_its_mask:
      r = sigsuspend(mask);
      if (hit()) sigprocmask(SIG_SETMASK, mask, NULL);
      errno = EINTR;
      return r;
    case FAULT_suspend_is_not_atomic:
      if (!hit()) break;
      sigprocmask(SIG_SETMASK, mask, NULL);
      pause();
      sigprocmask(SIG_SETMASK, &was, NULL);
      return fail(EINTR);
    case FAULT_suspend_blocks_nothing:
      sigemptyset(&none);
      return hit() ? sigsuspend(&none) : -1;
    case FAULT_suspend_ignores_its_mask:
      return hit() ? sigsuspend(&was) : -1;
    case FAULT_suspend_runs_handlers_with_the_old_mask: {
      sigset_t others = was;
      siginfo_t info;
      if (!is_readable(mask)) break;
      for (int s = 1; s <= MOST_SIGNALS; ++s) {
        if (sigismember(mask, s) == 1)
          sigdelset(&others, s);
        else
          sigaddset(&others, s);
      }
      int taken = 0;
      do taken = sigtimedwait(&others, &info, NULL);
      while (taken < 0 && errno == EINTR);
      if (taken < 0 || !hit()) return -1;
      const sigset_t one = only(taken);
      sigqueue(getpid(), taken, info.si_value);
      sigprocmask(SIG_UNBLOCK, &one, NULL);
      sigprocmask(SIG_SETMASK, &was, NULL);
      return fail(EINTR);
    }
    case FAULT_suspend_at_a_bad_address_opens_the_mask:
      r = sigsuspend(mask);
      if (errno == EFAULT && hit()) {
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        errno = EFAULT;
      }
      return r;
    case FAULT_suspend_returns_at_once:
      return hit() ? fail(EINTR) : -1;
    default:
      break;
  }
  return sigsuspend(mask);
}

static bool is_ended_by_stop(void) {
  const int ep = epoll_create1(EPOLL_CLOEXEC); /* nothing in it: what ends the wait is a handler or the end of a stop */
  struct epoll_event event;
  const bool ended = epoll_wait(ep, &event, 1, -1) < 0 && errno == EINTR;
  close(ep);
  return ended && hit();
}

int faulty_pause(void) {
  if (is_on(FAULT_pause_ends_with_a_stop) && is_ended_by_stop()) return fail(EINTR);
  if (is_on(FAULT_pause_goes_on) && hit())
    for (;;) pause();
  if (is_on(FAULT_pause_returns_at_once) && hit()) return -1;
  if (is_on(FAULT_pause_returns_zero)) {
    pause();
    return hit() ? 0 : -1;
  }
  return pause();
}

static int lowest_or_highest(const sigset_t *set, bool highest) {
  sigset_t pending;
  sigpending(&pending);
  for (int i = 1; i <= MOST_SIGNALS; ++i) {
    const int s = highest ? MOST_SIGNALS + 1 - i : i;
    if (sigismember(&pending, s) == 1 && sigismember(set, s) == 1) return s;
  }
  return 0;
}

static int wait_faultily(const sigset_t *set, siginfo_t *info, const struct timespec *limit) {
  sigset_t changed = *set;
  const int highest = lowest_or_highest(set, true);
  int r;
  switch (fault_now()) {
    case FAULT_waiting_takes_any_signal:
      if (hit()) sigfillset(&changed);
      break;
    case FAULT_waiting_takes_the_highest:
      if (highest != 0 && highest != lowest_or_highest(set, false) && hit()) changed = only(highest);
      break;
    default:
      break;
  }
  if (is_on(FAULT_waiting_needs_a_record) && info == NULL && hit()) return fail(EFAULT);
  r = sigtimedwait(&changed, info, limit);
  if (is_on(FAULT_waiting_takes_all_instances) && r >= SIGRTMIN) {
    const sigset_t one = only(r);
    const struct timespec now = {0, 0};
    while (sigtimedwait(&one, NULL, &now) > 0) hit();
  }
  if (is_on(FAULT_taken_signal_stays_pending) && r > 0 && hit()) raise(r);
  if (is_on(FAULT_interrupted_signal_wait_goes_on))
    while (r < 0 && errno == EINTR && hit()) r = sigtimedwait(&changed, info, limit);
  if (is_on(FAULT_waiting_unblocks) && hit()) sigprocmask(SIG_UNBLOCK, set, NULL);
  if (is_on(FAULT_waiting_tells_no_value) && r > 0 && is_readable(info) && info->si_value.sival_int != 0 &&
      info->si_code == SI_QUEUE && hit())
    info->si_value.sival_int = 0;
  if (is_on(FAULT_waiting_tells_no_sender) && r > 0 && is_readable(info) && info->si_pid != 0 && hit())
    info->si_pid = 0;
  return r;
}

int faulty_sigwaitinfo(const sigset_t *set, siginfo_t *info) {
  return !is_readable(set) ? sigwaitinfo(set, info) : wait_faultily(set, info, NULL);
}

int faulty_sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *limit) {
  const struct timespec now = {0, 0};
  if (is_on(FAULT_timed_waiting_polls) && limit == NULL && hit()) limit = &now;
  if (is_on(FAULT_polling_takes_nothing) && is_readable(limit) && limit->tv_sec == 0 && limit->tv_nsec == 0 && hit())
    return fail(EAGAIN);
  if (is_on(FAULT_invalid_time_is_taken) && is_readable(limit) && limit->tv_nsec >= 1000000000 && hit())
    return fail(EAGAIN);
  const int r = !is_readable(set) ? sigtimedwait(set, info, limit) : wait_faultily(set, info, limit);
  if (is_on(FAULT_bad_time_takes_a_signal) && r < 0 && (errno == EINVAL || errno == EFAULT) && is_readable(set)) {
    const int error = errno;
    if (sigtimedwait(set, NULL, &now) > 0) hit();
    errno = error;
  }
  return r;
}
