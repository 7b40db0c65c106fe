/* Performs the calls on counters and futexes in mapped memory. */
#include <sched.h>

#include "harness/actor/actor.h"

struct addition {
  counter_word *at;
  int64_t amount, sum;
};

static void add_atomically(void *what) {
  struct addition *s = what;
  s->sum = __atomic_add_fetch(s->at, s->amount, __ATOMIC_SEQ_CST);
}

/* A window for others between the load and the store: the counter that loses updates, for falsifier rows. */
static void add_carelessly(void *what) {
  struct addition *s = what;
  s->sum = __atomic_load_n(s->at, __ATOMIC_RELAXED) + s->amount;
  sched_yield();
  __atomic_store_n(s->at, s->sum, __ATOMIC_RELAXED);
}

static void add_to(struct actor *a, void (*how)(void *)) {
  struct addition s = {address(a, 0), number(a, 1), 0};
  guarded_access(a, how, &s);
  errno = 0;
  finish(a, s.sum);
}

void perform_add(struct actor *a) { add_to(a, add_atomically); }

void perform_bump(struct actor *a) { add_to(a, add_carelessly); }

void perform_futex_wait(struct actor *a) { LIBC(a, futex(address(a, 0), WAIT_WHILE, (uint32_t)number(a, 1))); }

void perform_futex_wake(struct actor *a) { LIBC(a, futex(address(a, 0), WAKE, (uint32_t)number(a, 1))); }
