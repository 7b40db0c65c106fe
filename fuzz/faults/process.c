/* Faults of making and ending processes and of what they inherit. */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"
#include "fuzz/faults/signals.h"
#include "harness/actor/wire.h"

static bool is_handler(const struct sigaction *a) { return a->sa_handler != SIG_IGN && a->sa_handler != SIG_DFL; }

static void for_actions(void (*change)(int, struct sigaction *)) {
  struct sigaction a;
  for (int s = 1; s <= MOST_SIGNALS; ++s)
    if (sigaction(s, NULL, &a) == 0) change(s, &a);
}

static void drop_handler(int s, struct sigaction *a) {
  if (!is_handler(a) || s == SIGSEGV || s == SIGBUS || !hit()) return;
  a->sa_handler = SIG_DFL;
  sigaction(s, a, NULL);
}

static void drop_ignored(int s, struct sigaction *a) {
  if (a->sa_handler != SIG_IGN || !hit()) return;
  a->sa_handler = SIG_DFL;
  sigaction(s, a, NULL);
}

static void drop_restart(int s, struct sigaction *a) {
  if (!(a->sa_flags & SA_RESTART) || !hit()) return;
  a->sa_flags &= ~SA_RESTART;
  sigaction(s, a, NULL);
}

static void drop_mask(int s, struct sigaction *a) {
  if (!is_handler(a) || !hit()) return;
  sigemptyset(&a->sa_mask);
  sigaction(s, a, NULL);
}

static bool is_file(int fd) {
  struct stat s;
  return fstat(fd, &s) == 0 && S_ISREG(s.st_mode);
}

static void open_files_anew(void) {
  for (int fd = 3; fd < MOST_FDS; ++fd) {
    if (!is_file(fd)) continue;
    const int again = reopen(fd, status_flags(fd) & (O_ACCMODE | O_APPEND));
    if (again < 0) continue;
    lseek(again, lseek(fd, 0, SEEK_CUR), SEEK_SET);
    dup3(again, fd, fcntl(fd, F_GETFD) ? O_CLOEXEC : 0);
    close(again);
    hit();
  }
}

static bool is_subreaper;
bool mask_to_be_lost;
uint64_t mask_instead;

static bool is_child; /* of an actor */

static bool is_grandchild(void) { return is_child; }

/* What a new child wrongly has or lacks. */
static void spoil_child(const sigset_t *pending) {
  struct rlimit limit = {32, 64};
  switch (fault_now()) {
    case FAULT_child_has_pending_signals:
      for (int s = 1; s <= MOST_SIGNALS; ++s)
        if (sigismember(pending, s) == 1 && hit()) raise(s);
      break;
    case FAULT_child_loses_cloexec:
      for (int fd = 3; fd < MOST_FDS; ++fd)
        if (fcntl(fd, F_GETFD) > 0 && hit()) fcntl(fd, F_SETFD, 0);
      break;
    case FAULT_child_gets_cloexec:
      for (int fd = 3; fd < MOST_FDS; ++fd)
        if (fcntl(fd, F_GETFD) == 0 && hit()) fcntl(fd, F_SETFD, FD_CLOEXEC);
      break;
    case FAULT_grandchild_loses_handlers:
      if (is_grandchild()) for_actions(drop_handler);
      break;
    case FAULT_grandchild_blocks_nothing:
      if (is_grandchild()) mask_to_be_lost = hit();
      break;
    case FAULT_grandchild_has_other_limits:
      if (is_grandchild() && hit()) setrlimit(RLIMIT_NOFILE, &limit);
      break;
    case FAULT_grandchild_loses_cloexec:
      for (int fd = 3; is_grandchild() && fd < MOST_FDS; ++fd)
        if (fcntl(fd, F_GETFD) > 0 && hit()) fcntl(fd, F_SETFD, 0);
      break;
    case FAULT_child_has_the_default_umask:
      if (umask(022) != 022) hit();
      break;
    case FAULT_child_is_in_the_root:
      if (hit() && chdir("/") != 0) return;
      break;
    case FAULT_child_has_its_own_group:
      if (hit()) setpgid(0, 0);
      break;
    case FAULT_child_has_other_limits:
      if (hit()) setrlimit(RLIMIT_NOFILE, &limit);
      break;
    case FAULT_child_loses_handlers:
      for_actions(drop_handler);
      break;
    case FAULT_child_ignores_nothing:
      for_actions(drop_ignored);
      break;
    case FAULT_child_restarts_nothing:
      for_actions(drop_restart);
      break;
    case FAULT_child_loses_handler_masks:
      for_actions(drop_mask);
      break;
    case FAULT_child_lacks_the_last_descriptor:
      for (int fd = MOST_FDS; fd > 2; --fd)
        if (fcntl(fd, F_GETFD) >= 0 && hit()) {
          close(fd);
          break;
        }
      break;
    case FAULT_child_has_its_own_offsets:
      open_files_anew();
      break;
    case FAULT_child_closes_cloexec:
      for (int fd = 3; fd < MOST_FDS; ++fd)
        if (fcntl(fd, F_GETFD) > 0 && hit()) close(fd);
      break;
    case FAULT_child_takes_a_byte:
      for (int fd = 3; fd < MOST_FDS; ++fd) {
        char byte;
        if (is_fifo(fd) && reads_only(fd) && unread(fd) > 0 && hit() && read(fd, &byte, 1) == 1) break;
      }
      break;
    case FAULT_child_is_a_subreaper:
      if (is_subreaper && hit()) prctl(PR_SET_CHILD_SUBREAPER, 1ul, 0ul, 0ul, 0ul);
      break;
    case FAULT_child_blocks_nothing:
      mask_to_be_lost = hit();
      break;
    case FAULT_child_has_its_own_epoll: {
      struct epoll_event event = {.events = 0};
      int probe[2];
      if (pipe(probe) != 0) break;
      for (int fd = 3; fd < MOST_FDS; ++fd) {
        if (fcntl(fd, F_GETFD) < 0 || epoll_ctl(fd, EPOLL_CTL_DEL, probe[0], &event) == 0 || errno != ENOENT) continue;
        const int own = epoll_create1(0);
        if (own >= 0 && hit()) dup2(own, fd);
        close(own);
      }
      close(probe[0]);
      close(probe[1]);
      break;
    }
    case FAULT_child_has_no_alternate_stack: {
      const stack_t none = {.ss_flags = SS_DISABLE};
      stack_t now;
      if (sigaltstack(NULL, &now) == 0 && !(now.ss_flags & SS_DISABLE) && hit()) sigaltstack(&none, NULL);
      break;
    }
    case FAULT_child_has_the_saved_user_only:
      if (geteuid() != getuid() && hit() && setreuid((uid_t)-1, getuid()) != 0) return;
      break;
    default:
      break;
  }
}

pid_t faulty_fork(void) {
  sigset_t pending;
  if (is_on(FAULT_tenth_fork_fails) && count_up(0xf0) % 10 == 0 && hit()) return fail(EAGAIN);
  if (is_on(FAULT_ended_children_count_for_ever)) {
    struct rlimit most;
    if (getrlimit(RLIMIT_NPROC, &most) == 0 && most.rlim_cur < 16 &&
        count_up(0xf500000000u + getuid()) >= (int64_t)most.rlim_cur && hit())
      return fail(EAGAIN);
  }
  sigpending(&pending);
  const uint64_t first_mask = is_on(FAULT_child_has_the_first_threads_mask) ? field_of(getpid(), "SigBlk:") : 0;
  const bool by_another = gettid() != getpid();
  pid_t r = fork();
  if (is_on(FAULT_no_more_processes_is_enomem) && r < 0 && errno == EAGAIN && hit()) errno = ENOMEM;
  if (r == 0) {
    attachments_are_inherited();
    attachments_were_forked();
    queues_were_inherited();
    segments_were_inherited();
    objects_were_inherited();
    mappings_are_inherited();
    spoil_child(&pending);
    is_child = true;
    if (is_on(FAULT_child_has_the_first_threads_mask) && by_another && hit()) {
      mask_to_be_lost = true;
      mask_instead = first_mask;
    }
    return r;
  }
  if (is_on(FAULT_fork_clears_the_parents_pending) && r > 0) {
    const struct timespec now = {0, 0};
    for (int s = 1; s <= MOST_SIGNALS; ++s) {
      const sigset_t one = only(s);
      if (sigismember(&pending, s) == 1 && hit()) sigtimedwait(&one, NULL, &now);
    }
  }
  if (is_on(FAULT_fork_returns_another_id) && r > 0 && count_up(0xf1) == 2 && hit()) return r + 1;
  return r;
}

void faulty_exit(int status) {
  attachments_are_exited();
  attachments_end();
  if (is_on(FAULT_ended_thread_eats_the_next)) receivers_are_ended();
  queues_end();
  segments_end();
  objects_end();
  while (is_on(FAULT_zombies_go_with_their_parent) && waitpid(-1, NULL, WNOHANG) > 0) hit();
  switch (fault_now()) {
    case FAULT_exit_status_is_the_second_byte:
      if (status > 255 && hit()) _exit(status >> 8);
      break;
    case FAULT_exit_status_is_at_most_255:
      if (status > 255 && hit()) _exit(255);
      break;
    case FAULT_exit_status_has_7_bits:
      if ((status & 128) && hit()) _exit(status & 127);
      break;
    case FAULT_exit_ends_one_thread:
      if (hit()) syscall(SYS_exit, status);
      break;
    case FAULT_exit_is_told_as_killed:
      if (status != 0 && hit()) kill(getpid(), SIGKILL);
      break;
    case FAULT_negative_exit_status_is_zero:
      if (status < 0 && hit()) _exit(0);
      break;
    default:
      break;
  }
  _exit(status);
}

/* Of vfork(), which a function cannot stand for: what its maker gets. */
pid_t faulty_vforked(pid_t child) {
  if (is_on(FAULT_vforked_child_detaches) && child > 0) attaches_were_vforked();
  if (is_on(FAULT_vforked_child_is_gone) && child > 0 && waitpid(child, NULL, 0) == child) hit();
  return child;
}

pid_t faulty_getpid(void) { return getpid(); }

pid_t faulty_getppid(void) {
  static pid_t first;
  if (is_on(FAULT_parent_is_remembered)) {
    if (first == 0) first = getppid();
    if (first != getppid()) hit();
    return first;
  }
  if (is_on(FAULT_parent_of_an_orphan_is_zero) && getppid() == 1 && hit()) return 0;
  return getppid();
}

pid_t faulty_getpgid(pid_t pid) {
  if (is_on(FAULT_zombies_have_no_group) && pid > 0 && state_of(pid) == 'Z' && hit()) return fail(ESRCH);
  if (is_on(FAULT_group_of_others_is_ones_own) && pid != 0 && pid != getpid() && hit()) return getpgid(0);
  if (is_on(FAULT_group_of_nobody_is_zero)) {
    const pid_t r = getpgid(pid);
    return r < 0 && hit() ? 0 : r;
  }
  return getpgid(pid);
}

pid_t faulty_getsid(pid_t pid) {
  if (is_on(FAULT_session_of_others_is_ones_own) && pid != 0 && getsid(pid) != getsid(0) && hit()) return getsid(0);
  const pid_t r = getsid(pid);
  if (is_on(FAULT_session_ends_with_its_leader) && r > 0 && kill(r, 0) < 0 && errno == ESRCH && hit())
    return pid == 0 ? getpid() : pid;
  return is_on(FAULT_session_of_nobody_is_zero) && r < 0 && hit() ? 0 : r;
}

int faulty_setpgid(pid_t pid, pid_t group) {
  int r;
  if (is_on(FAULT_first_group_is_waited_for) || is_on(FAULT_first_group_is_signalled)) first_group();
  if (is_on(FAULT_own_group_cannot_be_made_again) && (pid == 0 || pid == getpid()) &&
      (group == 0 || group == getpid()) && getpgrp() == getpid() && hit())
    return fail(EPERM);
  switch (fault_now()) {
    case FAULT_group_of_another_session_can_be_joined:
      r = setpgid(pid, group);
      return r < 0 && errno == EPERM && hit() ? 0 : r;
    case FAULT_child_of_another_session_is_moved:
      r = setpgid(pid, group);
      return r < 0 && errno == EPERM && pid > 0 && getsid(pid) != getsid(0) && hit() ? 0 : r;
    case FAULT_session_leader_can_be_moved:
      r = setpgid(pid, group);
      return r < 0 && errno == EPERM && (pid == 0 || pid == getpid()) && getsid(0) == getpid() && hit() ? 0 : r;
    case FAULT_group_of_an_executing_child_can_be_set:
      r = setpgid(pid, group);
      return r < 0 && errno == EACCES && hit() ? 0 : r;
    case FAULT_group_of_a_child_cannot_be_set:
      if (pid != 0 && pid != getpid() && hit()) return 0;
      break;
    case FAULT_group_without_leader_cannot_be_joined:
      if (group > 0 && group != pid && kill(group, 0) < 0 && errno == ESRCH && hit()) return fail(EPERM);
      break;
    case FAULT_negative_groups_are_taken:
      if (group < 0 && hit()) return setpgid(pid, -group);
      break;
    case FAULT_group_of_nobody_is_eperm:
      r = setpgid(pid, group);
      if (r < 0 && errno == ESRCH && hit()) errno = EPERM;
      return r;
    default:
      break;
  }
  return make_the_group(setpgid(pid, group), pid, group);
}

pid_t faulty_setsid(void) {
  if (is_on(FAULT_session_is_only_a_group) && hit()) {
    setpgid(0, 0);
    return getpid();
  }
  const pid_t r = setsid();
  return is_on(FAULT_group_leader_gets_a_session) && r < 0 && hit() ? getpid() : r;
}

static uid_t short_user(uid_t u) { return u != (uid_t)-1 && u > 0xffff && hit() ? u & 0xffff : u; }

int faulty_setresuid(uid_t r, uid_t e, uid_t s) {
  if (is_on(FAULT_credentials_belong_to_the_thread) && hit()) return (int)syscall(SYS_setresuid, r, e, s);
  if (is_on(FAULT_users_have_16_bits)) return setresuid(short_user(r), short_user(e), short_user(s));
  if (is_on(FAULT_real_user_follows_the_effective) && r == (uid_t)-1 && e != (uid_t)-1 && hit())
    return setresuid(e, e, s);
  if (is_on(FAULT_saved_user_cannot_be_taken) && geteuid() != 0 && r == (uid_t)-1 && e != (uid_t)-1 && e != getuid() &&
      hit())
    return fail(EPERM);
  if (is_on(FAULT_saved_user_follows_the_effective) && e != (uid_t)-1 && s != e && hit()) return setresuid(r, e, e);
  if (is_on(FAULT_refused_users_are_set_in_part)) {
    const int result = setresuid(r, e, s);
    if (result < 0 && errno == EPERM && e != (uid_t)-1 && e != geteuid() && setresuid((uid_t)-1, e, (uid_t)-1) == 0)
      hit();
    return result < 0 ? fail(EPERM) : result;
  }
  if (is_on(FAULT_anybody_becomes_anybody)) {
    const int result = setresuid(r, e, s);
    return result < 0 && hit() ? 0 : result;
  }
  return set_a_user(setresuid(r, e, s), r, s);
}

int faulty_setresgid(gid_t r, gid_t e, gid_t s) {
  const int result = set_a_group(setresgid(r, e, s), r);
  if (is_on(FAULT_refused_groups_are_set_in_part) && result < 0 && errno == EPERM && e != (gid_t)-1 && e != getegid()) {
    if (setresgid((gid_t)-1, e, (gid_t)-1) == 0) hit();
    errno = EPERM;
  }
  return result;
}

mode_t faulty_umask(mode_t mask) {
  static mode_t kept;
  const mode_t r = umask(mask);
  if (is_on(FAULT_umask_keeps_all_bits)) {
    const mode_t before = r | kept;
    if (kept != 0) hit();
    kept = mask & ~0777u;
    return before;
  }
  if (is_on(FAULT_umask_returns_the_new) && r != mask && hit()) return mask;
  return r;
}

int faulty_setrlimit(unsigned what, const struct rlimit *limit) {
  if (is_on(FAULT_limits_are_not_set) && hit()) return 0;
  if (is_on(FAULT_hard_limits_can_be_raised)) {
    const int r = setrlimit(what, limit);
    return r < 0 && errno == EPERM && hit() ? 0 : r;
  }
  if (is_on(FAULT_soft_limit_above_the_hard) && (uintptr_t)limit > 4096 && limit->rlim_cur > limit->rlim_max && hit())
    return 0;
  if (is_on(FAULT_limits_have_32_bits) && (uintptr_t)limit > 4096 && limit->rlim_cur != RLIM_INFINITY &&
      limit->rlim_cur > UINT32_MAX && hit()) {
    const struct rlimit cut = {limit->rlim_cur & UINT32_MAX, limit->rlim_max};
    return setrlimit(what, &cut);
  }
  if (is_on(FAULT_address_space_is_unlimited) && what == RLIMIT_AS && hit()) return 0;
  if (is_on(FAULT_data_is_unlimited) && what == RLIMIT_DATA && hit()) return 0;
  if (is_on(FAULT_limits_belong_to_the_thread) && gettid() != getpid() && hit()) return 0;
  struct rlimit now;
  if (is_on(FAULT_raised_limits_stay) && is_readable(limit) && getrlimit(what, &now) == 0 &&
      limit->rlim_cur > now.rlim_cur && limit->rlim_cur <= limit->rlim_max && limit->rlim_max == now.rlim_max && hit())
    return 0;
  const int r = setrlimit(what, limit);
  if (is_on(FAULT_refused_limit_is_set_in_part) && r < 0 && errno == EPERM) {
    getrlimit(what, &now);
    if (limit->rlim_cur <= now.rlim_max && limit->rlim_cur != now.rlim_cur && hit()) {
      now.rlim_cur = limit->rlim_cur;
      setrlimit(what, &now);
    }
    return fail(EPERM);
  }
  if (is_on(FAULT_limit_of_queues_is_that_of_signals) && r == 0 && what == RLIMIT_SIGPENDING && hit())
    setrlimit(RLIMIT_MSGQUEUE, limit);
  if (is_on(FAULT_lower_limit_closes) && r == 0 && what == RLIMIT_NOFILE)
    for (int fd = 3; fd < MOST_FDS; ++fd)
      if ((rlim_t)fd >= limit->rlim_cur && fcntl(fd, F_GETFD) >= 0 && hit()) close(fd);
  return r;
}

int faulty_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
  if (is_on(FAULT_subreaper_does_nothing) && option == PR_SET_CHILD_SUBREAPER && hit()) return 0;
  siginfo_t none = {0};
  if (is_on(FAULT_subreaper_is_for_later_children) && option == PR_SET_CHILD_SUBREAPER && a != 0 &&
      waitid(P_ALL, 0, &none, WEXITED | WNOHANG | WNOWAIT) == 0 && hit())
    return 0;
  if (is_on(FAULT_subreaper_is_the_first_thread) && gettid() != getpid() && option == PR_SET_CHILD_SUBREAPER && hit())
    return 0;
  if (option == PR_SET_CHILD_SUBREAPER) is_subreaper = a != 0;
  return prctl(option, a, b, c, d);
}
