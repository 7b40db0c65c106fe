/* What every part of ipcvet-actor shares: the state of one actor (a thread that performs calls), how arguments are
 * read from the wire and results put back, and the macros that mark a call as being made.
 *
 * There is one struct actor a thread, in memory of its own. All buffers come from its arena, never from malloc, so
 * that a handler may leave a call by siglongjmp at any point and a fork in a threaded process is safe. */
#ifndef IPCVET_ACTOR_H
#define IPCVET_ACTOR_H

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/actor/order.h"
#include "harness/actor/wire.h"

enum call_id {
#define CALL(name, returns, brief, args) CALL_##name,
#include "harness/mechanism/calls.def"
  CALLS
};

enum {
  ARENA_BYTES = 12 << 20, /* reserved a thread; only what is touched costs memory */
  BUFFER_LIMIT = 3 << 20, /* a case may name any size; this much of it is really there */
  GUARD_BYTES = 64,
  GUARD = 0xa5,  /* also fills output records before a call */
  CANARY = 0x5a, /* fills output buffers before a call */
  MAX_SIGNAL = 64,
};
enum { WAIT_WHILE = 0, WAKE = 1 }; /* FUTEX_WAIT, FUTEX_WAKE: shared between processes */

/* Counters in a mapping are 8-aligned; i386 compilers must be told, or they call a library for the atomics. */
typedef int64_t counter_word __attribute__((aligned(8)));

/* A buffer the system writes to, fenced by guard bytes where `fenced`. */
struct buffer {
  uint8_t *at;
  size_t size;
  bool fenced;
};

struct actor {
  struct wire_slot *slot;
  uint32_t index;               /* of the slot */
  const struct wire_call *call; /* the slot's own, or the copies below where the wire is of the other byte order */
  struct wire_answer *reply;
  struct wire_call turned_call;
  struct wire_answer turned_reply;
  const uint8_t *in;
  uint8_t *out;
  uint32_t out_used;
  uint8_t *arena;
  size_t arena_used;
  bool raw;     /* this call is to be made as a bare system call */
  bool leaving; /* ends after the answer */
  bool newborn; /* became the actor of another slot during the call: nothing to answer */
  volatile sig_atomic_t jumpable, logging, guarded;
  uint32_t logged;
  sigjmp_buf leave_call, leave_access, leave_thread;
  bool is_thread;
  uint32_t runs[MAX_SIGNAL + 1]; /* of our handlers, by signal */
};

extern struct wire_area *area; /* shared with ipcvet and all actors */
extern void *bad_address;      /* nothing can be accessed there */
extern __thread struct actor *self;

/* actor.c */
bool map_area(int fd);
struct actor *new_actor(uint32_t slot);      /* NULL with errno if memory is short */
bool sandbox_has(uint32_t bits);             /* WIRE_SB_*, all of them */
void become(struct actor *a, uint32_t slot); /* of a forked child: go on in another slot */
void announce(struct actor *a);              /* READY */
void give_answer(struct actor *a, uint32_t request);
/* exec.c: the program images; they return, with errno, only if they cannot */
void resume_in_image(unsigned image, uint32_t slot, uint32_t request);
void run_image(unsigned image, char *const arguments[]); /* at most 3 of them */
void serve_slot(struct actor *a) __attribute__((noreturn));
void leave(struct actor *a, int status) __attribute__((noreturn));
void perform_call(struct actor *a, uint32_t call); /* by number; a->call holds the arguments */
void ring_bell(void);
long futex(uint32_t *word, int op, uint32_t value);

/* values.c: arguments in */
const struct wire_value *argument(const struct actor *a, unsigned i);
const struct wire_value *items(const struct actor *a, const struct wire_value *list); /* its first value */
bool given(const struct actor *a, unsigned i);
int64_t number(const struct actor *a, unsigned i);
static inline int integer(const struct actor *a, unsigned i) { return (int)number(a, i); }
static inline size_t size_of(const struct actor *a, unsigned i) { return (size_t)number(a, i); }
static inline void *address(const struct actor *a, unsigned i);
int64_t field(const struct actor *a, const struct wire_value *record, unsigned i); /* 0 if not written */
bool as_address(const struct wire_value *v, void **p); /* is it a number or `bad`: an address really to be passed */
void *take(struct actor *a, size_t bytes);             /* zeroed, from the arena; aligned to 16 */
char *string(struct actor *a, unsigned i);
void *bytes_in(struct actor *a, const struct wire_value *v, size_t size);
struct buffer buffer_for(struct actor *a, const struct wire_value *v, size_t size);
struct buffer fenced(struct actor *a, size_t size);
void *record_out(struct actor *a, unsigned i, void *record, size_t size);
const void *record_in(const struct actor *a, unsigned i, const void *record);
off_t *offset_in(struct actor *a, unsigned i, off_t *offset);
bool is_record(const struct actor *a, unsigned i);
sigset_t *signals_in(struct actor *a, const struct wire_value *v, sigset_t *set);
void malformed(struct actor *a);

/* values.c: results out */
void finish(struct actor *a, int64_t result);
void finish_address(struct actor *a, void *p);
void check_fence(struct actor *a, const struct buffer *b);
struct wire_value *put_list(struct actor *a, struct wire_value *v, uint32_t n);
void put_number(struct wire_value *v, int64_t n);
void put_bytes(struct actor *a, struct wire_value *v, const void *data, size_t n);
void put_numbers(struct actor *a, unsigned i, const int64_t *n, uint32_t count);
void put_signals(struct actor *a, struct wire_value *v, const sigset_t *set);
void put_offset(struct actor *a, unsigned i, const off_t *offset); /* its value after the call */
void put_siginfo(struct actor *a, unsigned i, const siginfo_t *info);
void put_out(struct actor *a, unsigned i, const struct buffer *b, int64_t result);
#define PUT_NUMBERS(a, i, ...) \
  put_numbers(a, i, (const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static inline void *address(const struct actor *a, unsigned i) {
  const struct wire_value *v = argument(a, i);
  return v->kind == WIRE_BAD ? bad_address : (void *)(uintptr_t)v->num;
}

/* Makes the call, between the marks a jumping handler looks at, and keeps its result. */
#define LIBC(a, expression)                        \
  do {                                             \
    errno = 0;                                     \
    (a)->jumpable = 1;                             \
    const int64_t result_ = (int64_t)(expression); \
    (a)->jumpable = 0;                             \
    finish(a, result_);                            \
  } while (0)
/* The same, as a bare system call if the case asks for it. */
#define BOTH(a, name, ...) LIBC(a, (a)->raw ? (int64_t)syscall(SYS_##name, __VA_ARGS__) : (int64_t)name(__VA_ARGS__))

/* handlers.c */
enum { HANDLE_DEFAULT = 0, HANDLE_IGNORE = 1, HANDLE_LOG = -2, HANDLE_COUNT = -3, HANDLE_JUMP = -4 };
void guarded_access(struct actor *a, void (*access)(void *), void *what); /* faults become WIRE_FAULTED */

/* process/perform_memory.c */
int64_t add_to_counter(counter_word *at, int64_t amount); /* atomically; the sum */

/* made.c: objects made where no namespace removes them */
struct wire_made *about_to_make(uint32_t kind, const char *name); /* NULL: nothing to note */
void was_made(struct wire_made *made, bool ok, int64_t id);

#define CALL(name, returns, brief, args) void perform_##name(struct actor *a);
#include "harness/mechanism/calls.def"

#endif
