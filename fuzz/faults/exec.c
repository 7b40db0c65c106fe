/* Faults of exec, made just before the new image begins, and of calls that are made bare. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"
#include "fuzz/faults/signals.h"

static void take_pending(void) {
  const struct timespec now = {0, 0};
  sigset_t pending;
  sigpending(&pending);
  for (int s = 1; s <= MOST_SIGNALS; ++s) {
    if (sigismember(&pending, s) != 1) continue;
    const sigset_t one = only(s);
    while (sigtimedwait(&one, NULL, &now) > 0) hit();
  }
}

static void set_actions(bool ignored, void (*to)(int)) {
  struct sigaction a;
  for (int s = 1; s <= MOST_SIGNALS; ++s) {
    if (sigaction(s, NULL, &a) != 0 || a.sa_handler == SIG_DFL || (a.sa_handler == SIG_IGN) != ignored) continue;
    a.sa_handler = to;
    a.sa_flags = 0;
    if (hit()) sigaction(s, &a, NULL);
  }
}

static void spoil_image(void) {
  sigset_t set;
  switch (fault_now()) {
    case FAULT_exec_keeps_all_descriptors:
      for (int fd = 3; fd < MOST_FDS; ++fd)
        if (fcntl(fd, F_GETFD) > 0 && hit()) fcntl(fd, F_SETFD, 0);
      break;
    case FAULT_exec_closes_all_descriptors:
      for (int fd = 3; fd < MOST_FDS; ++fd)
        if (fcntl(fd, F_GETFD) >= 0 && hit()) close(fd);
      break;
    case FAULT_exec_closes_pipes:
      for (int fd = 3; fd < MOST_FDS; ++fd)
        if (is_fifo(fd) && hit()) close(fd);
      break;
    case FAULT_exec_keeps_pipes:
      for (int fd = 3; fd < MOST_FDS; ++fd)
        if (is_fifo(fd) && fcntl(fd, F_GETFD) > 0 && hit()) fcntl(fd, F_SETFD, 0);
      break;
    case FAULT_exec_makes_pipes_blocking:
      for (int fd = 3; fd < MOST_FDS; ++fd)
        if (is_fifo(fd) && is_nonblocking(fd) && hit()) fcntl(fd, F_SETFL, 0);
      break;
    case FAULT_exec_closes_duplicates_too:
      for (int fd = 3; fd < MOST_FDS; ++fd)
        for (int k = 3; fcntl(fd, F_GETFD) > 0 && k < MOST_FDS; ++k)
          if (fcntl(k, F_GETFD) == 0 && same_file(k, fd) && status_flags(k) == status_flags(fd) && hit()) close(k);
      break;
    case FAULT_exec_by_a_thread_has_the_first_threads_mask: {
      const uint64_t mask = field_of(getpid(), "SigBlk:");
      sigemptyset(&set);
      for (int s = 1; s <= MOST_SIGNALS; ++s)
        if ((mask >> (s - 1)) & 1) sigaddset(&set, s);
      if (gettid() != getpid() && hit()) sigprocmask(SIG_SETMASK, &set, NULL);
      break;
    }
    case FAULT_exec_by_a_thread_takes_the_others_pending: {
      const uint64_t first = gettid() != getpid() ? field_of(getpid(), "SigPnd:") : 0;
      sigset_t pending;
      sigpending(&pending);
      for (int s = 1; s <= MOST_SIGNALS; ++s)
        if (((first >> (s - 1)) & 1) && sigismember(&pending, s) != 1 && hit()) raise(s);
      break;
    }
    case FAULT_second_exec_keeps_descriptors:
      if (count_up((uint64_t)getpid() ^ 0x5e0000000u) < 2) break;
      for (int fd = 3; fd < MOST_FDS; ++fd)
        if (fcntl(fd, F_GETFD) > 0 && hit()) fcntl(fd, F_SETFD, 0);
      break;
    case FAULT_numbers_after_exec_are_higher:
      *counter((uint64_t)getpid() ^ 0x5c0000000u) = 1;
      break;
    case FAULT_exec_clears_the_mask:
      take_pending();
      sigemptyset(&set);
      if (hit()) sigprocmask(SIG_SETMASK, &set, NULL);
      break;
    case FAULT_exec_blocks_a_signal:
      set = only(SIGUSR1);
      if (hit()) sigprocmask(SIG_BLOCK, &set, NULL);
      break;
    case FAULT_exec_loses_pending_signals:
      take_pending();
      break;
    case FAULT_exec_ignores_nothing:
      set_actions(true, SIG_DFL);
      break;
    case FAULT_exec_ignores_what_was_caught:
      set_actions(false, SIG_IGN);
      break;
    case FAULT_exec_resets_the_umask:
      if (umask(022) != 022) hit();
      break;
    case FAULT_exec_goes_to_the_root:
      if (hit() && chdir("/") != 0) return;
      break;
    case FAULT_exec_makes_a_group:
      if (getpgrp() != getpid() && hit()) setpgid(0, 0);
      break;
    case FAULT_exec_resets_limits: {
      struct rlimit now;
      if (getrlimit(RLIMIT_FSIZE, &now) != 0 || now.rlim_cur == now.rlim_max) break;
      now.rlim_cur = now.rlim_max;
      if (hit()) setrlimit(RLIMIT_FSIZE, &now);
      break;
    }
    case FAULT_exec_rewinds_files:
      for (int fd = 3; fd < MOST_FDS; ++fd)
        if (lseek(fd, 0, SEEK_CUR) > 0 && hit()) lseek(fd, 0, SEEK_SET);
      break;
    case FAULT_exec_ends_a_subreaper:
      if (hit()) prctl(PR_SET_CHILD_SUBREAPER, 0ul, 0ul, 0ul, 0ul);
      break;
    case FAULT_exec_sets_the_effective_user:
      if (geteuid() != getuid() && hit() && seteuid(getuid()) != 0) return;
      break;
    case FAULT_exec_needs_a_new_process: {
      const pid_t child = hit() ? fork() : 0;
      if (child > 0) _exit(0);
      break;
    }
    default:
      break;
  }
}

static int make_memory_file(const char *name, unsigned flags) {
  int r;
  switch (fault_now()) {
    case FAULT_memory_file_number_is_not_the_lowest: {
      r = memfd_create(name, flags);
      if (r < 0 || !hit()) return r;
      const int higher = fcntl(r, flags & MFD_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, r + 1);
      close(r);
      return higher;
    }
    case FAULT_memory_file_loses_cloexec:
      if ((flags & MFD_CLOEXEC) && hit()) return memfd_create(name, flags & ~MFD_CLOEXEC);
      break;
    case FAULT_memory_file_takes_any_flag:
      r = memfd_create(name, flags);
      return r < 0 && errno == EINVAL && (flags & ~0x1fu) && hit() ? memfd_create(name, flags & 3) : r;
    case FAULT_memory_file_is_always_sealable:
      if (!(flags & MFD_ALLOW_SEALING) && hit()) return memfd_create(name, flags | MFD_ALLOW_SEALING);
      break;
    case FAULT_memory_file_is_never_sealable:
      if ((flags & MFD_ALLOW_SEALING) && hit()) return memfd_create(name, flags & ~MFD_ALLOW_SEALING);
      break;
    case FAULT_memory_file_names_are_shorter:
      if ((uintptr_t)name > 4096 && strnlen(name, 300) == 249 && hit()) return fail(EINVAL);
      break;
    case FAULT_memory_files_of_one_name_are_one: {
      static int first = -1;
      r = memfd_create(name, flags);
      if (r >= 0 && first >= 0 && fcntl(first, F_GETFD) >= 0 && hit()) {
        close(r);
        return fcntl(first, F_DUPFD, r);
      }
      first = r;
      return r;
    }
    case FAULT_bad_memory_file_name_is_invalid:
      r = memfd_create(name, flags);
      if (r < 0 && errno == EFAULT && hit()) errno = EINVAL;
      return r;
    case FAULT_memory_file_is_not_empty:
      r = memfd_create(name, flags);
      if (r >= 0 && hit() && ftruncate(r, 4096) != 0) return r;
      return r;
    default:
      break;
  }
  return memfd_create(name, flags);
}

void resume_in_image(unsigned image, uint32_t slot, uint32_t request); /* the actor's */

void faulty_resume_in_image(unsigned image, uint32_t slot, uint32_t request) {
  if (fault_now() != FAULT_none) {
    attachments_are_executed();
    attachments_end();
    if (is_on(FAULT_replaced_thread_eats_the_next)) receivers_are_ended();
    spoil_image();
  }
  resume_in_image(image, slot, request);
}

long faulty_syscall(long number, ...) {
  va_list list;
  long a[6];
  va_start(list, number);
  for (int i = 0; i < 6; ++i) a[i] = va_arg(list, long);
  va_end(list);
  if (fault_now() == FAULT_none) return syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  if (number == SYS_memfd_create) return make_memory_file((const char *)a[0], (unsigned)a[1]);
  if (number == SYS_exit && is_on(FAULT_first_thread_ends_the_process) && hit()) number = SYS_exit_group;
  if (number == SYS_gettid && is_on(FAULT_thread_id_is_the_process_id) && gettid() != getpid() && hit())
    return getpid();
  if (number == SYS_tgkill) {
    note_thread_signal((pid_t)a[0], (pid_t)a[1]);
    siginfo_t ended = {0};
    if (is_on(FAULT_tgkill_misses_zombies) && waitid(P_PID, (id_t)a[0], &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        ended.si_pid == (pid_t)a[0] && hit())
      return fail(ESRCH);
    if (is_on(FAULT_ended_threads_can_be_signalled) && a[0] == getpid() && a[1] > 0) {
      const long r = syscall(SYS_tgkill, a[0], a[1], a[2]);
      return r < 0 && errno == ESRCH && hit() ? 0 : r;
    }
    if (is_on(FAULT_tgkill_needs_no_permission)) {
      const long r = syscall(SYS_tgkill, a[0], a[1], a[2]);
      return r < 0 && errno == EPERM && hit() ? 0 : r;
    }
    if (is_on(FAULT_continue_of_a_thread_needs_permission) && a[2] == SIGCONT && may_not_signal((pid_t)a[0]) && hit())
      return fail(EPERM);
    if (is_on(FAULT_tgkill_takes_any_number) && a[2] > MOST_SIGNALS && hit()) return 0;
    if (is_on(FAULT_thread_is_not_continued) && a[2] == SIGCONT && hit()) return 0;
    if (is_on(FAULT_signal_to_a_thread_goes_to_the_process) && hit()) return kill((pid_t)a[0], (int)a[2]);
    if (is_on(FAULT_thread_of_another_process_is_found)) {
      const long r = syscall(SYS_tgkill, a[0], a[1], a[2]);
      return r < 0 && errno == ESRCH && hit() ? syscall(SYS_tkill, a[1], a[2]) : r;
    }
  }
#ifdef SYS_close_range
  if (number == SYS_close_range) {
    if (is_on(FAULT_close_range_leaves_the_last) && a[1] > a[0] && a[1] < MOST_FDS && hit()) a[1] -= 1;
    if (is_on(FAULT_close_range_closes_always) && (a[2] & 4) && hit()) a[2] = 0;
    if (is_on(FAULT_close_range_with_both_flags_marks_nothing) && a[2] == 6 && hit()) return unshare(CLONE_FILES);
    if (is_on(FAULT_close_range_unshares_nothing) && (a[2] & 2) && hit()) a[2] &= ~2;
    if (is_on(FAULT_close_range_ends_at_int_max) && (unsigned)a[1] > INT_MAX && hit()) return fail(EINVAL);
    if (is_on(FAULT_numbers_after_close_range_are_higher) && a[2] == 0) numbers_are_freed((int)a[0]);
    if (is_on(FAULT_close_range_takes_any_flag) && (a[2] & ~6) && hit()) a[2] &= 6;
  }
#endif
  return syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
