/* Faults of what signals do: actions, and what setting one discards. */
#include <errno.h>
#include <string.h>

#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"
#include "fuzz/faults/signals.h"

enum { JUMP = -4 };

typedef void (*handler)(int, siginfo_t *, void *);
extern handler handler_of(int64_t code) __attribute__((weak)); /* the actor's */

static bool is_jump(const struct sigaction *a) { return &handler_of != NULL && a->sa_sigaction == handler_of(JUMP); }

/* What an action wrongly becomes. */
static void spoil_action(int signo, struct sigaction *a) {
  switch (fault_now()) {
    case FAULT_restart_is_ignored:
      if ((a->sa_flags & SA_RESTART) && hit()) a->sa_flags &= ~SA_RESTART;
      break;
    case FAULT_everything_is_restarted:
      if (!(a->sa_flags & SA_RESTART) && hit()) a->sa_flags |= SA_RESTART;
      break;
    case FAULT_onstack_is_ignored:
      if ((a->sa_flags & SA_ONSTACK) && hit()) a->sa_flags &= ~SA_ONSTACK;
      break;
    case FAULT_all_handlers_run_on_the_alternate_stack:
      if (!(a->sa_flags & SA_ONSTACK) && hit()) a->sa_flags |= SA_ONSTACK;
      break;
    case FAULT_resethand_is_ignored:
      if ((a->sa_flags & (int)SA_RESETHAND) && hit()) a->sa_flags &= ~(int)SA_RESETHAND;
      break;
    case FAULT_jump_keeps_the_handler:
      if ((a->sa_flags & (int)SA_RESETHAND) && is_jump(a) && hit()) a->sa_flags &= ~(int)SA_RESETHAND;
      break;
    case FAULT_handler_resets_always:
      if (hit()) a->sa_flags |= (int)SA_RESETHAND;
      break;
    case FAULT_handler_blocks_nothing_else:
      if (hit()) sigemptyset(&a->sa_mask);
      break;
    case FAULT_handler_does_not_block_itself:
      if (!(a->sa_flags & SA_NODEFER) && hit()) a->sa_flags |= SA_NODEFER;
      break;
    case FAULT_nodefer_leaves_the_mask_open:
      if ((a->sa_flags & SA_NODEFER) && sigismember(&a->sa_mask, signo) == 1 && hit()) sigdelset(&a->sa_mask, signo);
      break;
    case FAULT_reset_handlers_interrupt:
      if ((a->sa_flags & (int)SA_RESETHAND) && (a->sa_flags & SA_RESTART) && hit()) a->sa_flags &= ~SA_RESTART;
      break;
    case FAULT_reset_handlers_block_nothing:
      if ((a->sa_flags & (int)SA_RESETHAND) && sigisemptyset(&a->sa_mask) == 0 && hit()) sigemptyset(&a->sa_mask);
      break;
    case FAULT_nocldstop_ends_nocldwait:
      if ((a->sa_flags & SA_NOCLDSTOP) && (a->sa_flags & SA_NOCLDWAIT) && hit()) a->sa_flags &= ~SA_NOCLDWAIT;
      break;
    case FAULT_nodefer_is_ignored:
      if ((a->sa_flags & SA_NODEFER) && hit()) a->sa_flags &= ~SA_NODEFER;
      break;
    case FAULT_nocldstop_is_ignored:
      if ((a->sa_flags & SA_NOCLDSTOP) && hit()) a->sa_flags &= ~SA_NOCLDSTOP;
      break;
    case FAULT_stops_are_not_told:
      if (signo == SIGCHLD && hit()) a->sa_flags |= SA_NOCLDSTOP;
      break;
    case FAULT_nocldwait_is_ignored:
      if ((a->sa_flags & SA_NOCLDWAIT) && hit()) a->sa_flags &= ~SA_NOCLDWAIT;
      break;
    case FAULT_ignored_children_are_zombies:
      if (signo == SIGCHLD && a->sa_handler == SIG_IGN && hit()) a->sa_handler = SIG_DFL;
      break;
    case FAULT_caught_children_are_no_zombies:
      if (signo == SIGCHLD && a->sa_handler != SIG_IGN && a->sa_handler != SIG_DFL && hit())
        a->sa_flags |= SA_NOCLDWAIT;
      break;
    case FAULT_ignoring_is_the_default:
      if (a->sa_handler == SIG_IGN && signo != SIGCHLD && hit()) a->sa_handler = SIG_DFL;
      break;
    default:
      break;
  }
}

static int act_faultily(int signo, const struct sigaction *action, struct sigaction *old) {
  struct sigaction changed;
  int r;
  if (is_on(FAULT_highest_signal_has_no_action) && signo == MOST_SIGNALS && action != NULL && hit())
    return fail(EINVAL);
  if (is_on(FAULT_action_of_sigkill_cannot_be_asked) && action == NULL && (signo == SIGKILL || signo == SIGSTOP) &&
      hit())
    return fail(EINVAL);
  if ((uintptr_t)action < 4096) {
    r = sigaction(signo, action, old);
    if (is_on(FAULT_asking_resets_the_action) && r == 0 && old != NULL && hit() && signo != SIGSEGV) {
      memset(&changed, 0, sizeof changed);
      sigaction(signo, &changed, NULL);
    }
    return r;
  }
  if (fault_now() == FAULT_none || (access((const void *)action, F_OK) != 0 && errno == EFAULT))
    return sigaction(signo, action, old);
  switch (fault_now()) {
    case FAULT_sigkill_gets_an_action:
      if ((signo == SIGKILL || signo == SIGSTOP) && hit()) return 0;
      break;
    case FAULT_old_action_is_the_new:
      if (old == NULL || !hit()) break;
      sigaction(signo, action, NULL);
      return sigaction(signo, NULL, old);
    case FAULT_unknown_signals_get_an_action:
      if ((signo < 1 || signo > MOST_SIGNALS) && hit()) return 0;
      break;
    case FAULT_ignoring_keeps_pending: {
      sigset_t pending;
      sigpending(&pending);
      r = sigaction(signo, action, old);
      if (r == 0 && action->sa_handler == SIG_IGN && sigismember(&pending, signo) == 1 && hit()) raise(signo);
      return r;
    }
    case FAULT_ignoring_discards_one_of_several: {
      const struct timespec now = {0, 0};
      const sigset_t one = only(signo);
      sigset_t before;
      int there = 0;
      if (action->sa_handler != SIG_IGN || signo < SIGRTMIN) break;
      sigprocmask(SIG_BLOCK, &one, &before);
      while (sigtimedwait(&one, NULL, &now) > 0) there++;
      r = sigaction(signo, action, old);
      for (; there > 1 && hit(); --there) sigqueue(getpid(), signo, (union sigval){0});
      sigprocmask(SIG_SETMASK, &before, NULL);
      return r;
    }
    case FAULT_ignoring_keeps_what_a_thread_has_pending: {
      const bool pends = (field_of(gettid(), "SigPnd:") >> (signo - 1)) & 1;
      r = sigaction(signo, action, old);
      if (r == 0 && action->sa_handler == SIG_IGN && pends && hit()) raise(signo);
      return r;
    }
    case FAULT_default_keeps_ignored_pending: {
      sigset_t pending;
      sigpending(&pending);
      r = sigaction(signo, action, old);
      if (r == 0 && action->sa_handler == SIG_DFL && (signo == SIGCHLD || signo == SIGURG || signo == SIGWINCH) &&
          sigismember(&pending, signo) == 1 && hit())
        raise(signo);
      return r;
    }
    case FAULT_children_raise_no_signal:
      if (signo == SIGCHLD && action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN && hit()) return 0;
      break;
    case FAULT_new_action_discards_pending: {
      const struct timespec now = {0, 0};
      const sigset_t one = only(signo);
      if (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN && sigtimedwait(&one, NULL, &now) > 0) hit();
      break;
    }
    default:
      break;
  }
  changed = *action;
  spoil_action(signo, &changed);
  return sigaction(signo, &changed, old);
}

int faulty_sigaction(int signo, const struct sigaction *action, struct sigaction *old) {
  const int r = act_faultily(signo, action, old);
  if (is_on(FAULT_old_handler_mask_is_empty) && r == 0 && is_readable(old) && sigisemptyset(&old->sa_mask) == 0 &&
      hit())
    sigemptyset(&old->sa_mask);
  if (is_on(FAULT_old_flags_are_zero) && r == 0 && is_readable(old) && old->sa_flags != 0 && hit()) old->sa_flags = 0;
  return r;
}
