/* Faults of threads and futexes. */
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

enum { MOST_SIGNALS = 64 };

uint64_t field_of(pid_t pid, const char *name); /* signal.c */

struct begin {
  void *(*run)(void *);
  void *argument;
};

static void *begin_apart(void *what) {
  struct begin *b = what, mine = *b;
  __atomic_store_n(&b->run, NULL, __ATOMIC_SEQ_CST);
  unshare(is_on(FAULT_thread_has_its_own_descriptors) ? CLONE_FILES : CLONE_FS);
  return mine.run(mine.argument);
}

static void *end_detached(void *what) {
  struct begin *b = what, mine = *b;
  __atomic_store_n(&b->run, NULL, __ATOMIC_SEQ_CST);
  void *r = mine.run(mine.argument);
  detach_all_of(-1);
  return r;
}

static uint64_t makers_pending;

static void *begin_with_pending(void *what) {
  struct begin *b = what, mine = *b;
  for (int s = 1; s <= MOST_SIGNALS; ++s)
    if (((makers_pending >> (s - 1)) & 1) && hit()) raise(s);
  __atomic_store_n(&b->run, NULL, __ATOMIC_SEQ_CST);
  return mine.run(mine.argument);
}

int faulty_pthread_create(pthread_t *t, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
  makers_pending = is_on(FAULT_thread_inherits_pending) ? field_of(gettid(), "SigPnd:") : 0;
  if (makers_pending != 0) {
    struct begin b = {run, argument};
    const int r = pthread_create(t, attributes, begin_with_pending, &b);
    while (r == 0 && __atomic_load_n(&b.run, __ATOMIC_SEQ_CST) != NULL) sched_yield();
    return r;
  }
  if ((is_on(FAULT_thread_has_its_own_descriptors) || is_on(FAULT_thread_has_its_own_directory)) && hit()) {
    struct begin b = {run, argument};
    const int r = pthread_create(t, attributes, begin_apart, &b);
    while (r == 0 && __atomic_load_n(&b.run, __ATOMIC_SEQ_CST) != NULL) sched_yield();
    return r;
  }
  if (is_on(FAULT_thread_that_ends_detaches)) {
    struct begin b = {run, argument};
    const int r = pthread_create(t, attributes, end_detached, &b);
    while (r == 0 && __atomic_load_n(&b.run, __ATOMIC_SEQ_CST) != NULL) sched_yield();
    return r;
  }
  return pthread_create(t, attributes, run, argument);
}

int faulty_pthread_join(pthread_t t, void **result) {
  if (is_on(FAULT_join_does_not_wait) && hit()) return 0;
  return pthread_join(t, result);
}

long faulty_futex(uint32_t *word, int op, uint32_t value) {
  if (is_on(FAULT_futex_wakes_one) && op == 1 && value > 1 && hit()) value = 1;
  if (is_on(FAULT_futex_wakes_nobody) && op == 1 && value == 1 && count_up(0xf2) > 2 && hit()) return 0;
  if (is_on(FAULT_futex_wakes_one_more) && op == 1 && value == 2 && hit()) value = 3;
  if (is_on(FAULT_futexes_belong_to_a_process) && hit()) op |= 128; /* FUTEX_PRIVATE_FLAG */
  if (is_on(FAULT_futexes_go_by_address)) {
    int64_t *slept_at = counter(0xf8);
    if (op == 0)
      *slept_at = (int64_t)(intptr_t)word;
    else if (*slept_at != 0 && *slept_at != (int64_t)(intptr_t)word && hit())
      return 0;
  }
  if (is_on(FAULT_unaligned_futex_is_taken) && (uintptr_t)word % 4 != 0 && hit()) return op == 0 ? fail(EAGAIN) : 0;
  if (is_on(FAULT_killed_sleeper_is_woken)) {
    if (op == 0) *counter((uint64_t)getpid() ^ 0x530000000u) = 1;
    if (op == 1 && *counter(0xf9) > 0 && value > 0 && hit()) {
      *counter(0xf9) -= 1;
      return 1;
    }
  }
  const long r = syscall(SYS_futex, word, op, value, NULL, NULL, 0);
  if (is_on(FAULT_killed_sleeper_is_woken) && op == 0) *counter((uint64_t)getpid() ^ 0x530000000u) = 0;
  if (is_on(FAULT_futex_mismatch_is_no_error) && r < 0 && errno == EAGAIN && hit()) return 0;
  if (is_on(FAULT_interrupted_futex_returns_zero) && r < 0 && errno == EINTR && hit()) return 0;
  if (is_on(FAULT_futex_wake_returns_zero) && op == 1 && r > 0 && hit()) return 0;
  return r;
}
