/* Performs the calls on counters and futexes in mapped memory, which are little-endian for every actor. */
#include <sched.h>

#include "harness/actor/actor.h"

struct addition {
  counter_word *at;
  int64_t amount, sum;
};

int64_t add_to_counter(counter_word *at, int64_t amount) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  int64_t seen = __atomic_load_n(at, __ATOMIC_RELAXED), sum;
  do {
    sum = LITTLE64(seen) + amount;
  } while (!__atomic_compare_exchange_n(at, &seen, LITTLE64(sum), true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
  return sum;
#else
  return __atomic_add_fetch(at, amount, __ATOMIC_SEQ_CST);
#endif
}

static void add_atomically(void *what) {
  struct addition *s = what;
  s->sum = add_to_counter(s->at, s->amount);
}

/* A window for others between the load and the store: the counter that loses updates, for falsifier rows. */
static void add_carelessly(void *what) {
  struct addition *s = what;
  s->sum = LITTLE64(__atomic_load_n(s->at, __ATOMIC_RELAXED)) + s->amount;
  sched_yield();
  __atomic_store_n(s->at, LITTLE64(s->sum), __ATOMIC_RELAXED);
}

static void add_to(struct actor *a, void (*how)(void *)) {
  struct addition s = {address(a, 0), number(a, 1), 0};
  guarded_access(a, how, &s);
  errno = 0;
  finish(a, s.sum);
}

void perform_add(struct actor *a) { add_to(a, add_atomically); }

void perform_bump(struct actor *a) { add_to(a, add_carelessly); }

void perform_futex_wait(struct actor *a) {
  LIBC(a, futex(address(a, 0), WAIT_WHILE, LITTLE32((uint32_t)number(a, 1))));
}

void perform_futex_wake(struct actor *a) { LIBC(a, futex(address(a, 0), WAKE, (uint32_t)number(a, 1))); }
