/* The loop of an actor: wait for a request, perform it, answer. */
#include "harness/actor/actor.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct wire_area *area;
bool swapped;
void *bad_address;
/* Handlers read it: it must not be allocated lazily. */
__thread struct actor *self __attribute__((tls_model("initial-exec")));

static void (*const perform[CALLS])(struct actor *) = {
#define CALL(name, returns, brief, args) perform_##name,
#include "harness/mechanism/calls.def"
};

long futex(uint32_t *word, int op, uint32_t value) { return syscall(SYS_futex, word, op, value, NULL, NULL, 0); }

void ring_bell(void) {
  wire_count(&area->bell);
  futex(&area->bell, WAKE, INT32_MAX);
}

bool map_area(int fd) {
  struct stat s;
  if (fstat(fd, &s) != 0 || (uint64_t)s.st_size < WIRE_TOTAL) return false;
  void *p = mmap(NULL, (size_t)WIRE_TOTAL, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (p == MAP_FAILED) return false;
  area = p;
  bad_address = mmap(NULL, 1 << 16, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  swapped = area->magic == __builtin_bswap32(WIRE_MAGIC);
  return bad_address != MAP_FAILED && wire32(area->magic) == WIRE_MAGIC && wire32(area->version) == WIRE_VERSION;
}

static void point_at_slot(struct actor *a, uint32_t slot) {
  a->index = slot;
  a->slot = &area->slots[slot];
  a->call = swapped ? &a->turned_call : &a->slot->call;
  a->reply = swapped ? &a->turned_reply : &a->slot->reply;
  a->in = (const uint8_t *)area + WIRE_IN(slot);
  a->out = (uint8_t *)area + WIRE_OUT(slot);
}

/* One mapping: the state first, the arena behind it, and a page that cannot be touched at its end. */
struct actor *new_actor(uint32_t slot) {
  const size_t head = (sizeof(struct actor) + 4095u) & ~(size_t)4095u;
  uint8_t *p = mmap(NULL, head + ARENA_BYTES + 65536, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return NULL;
  mprotect(p + head + ARENA_BYTES, 65536, PROT_NONE);
  struct actor *a = (struct actor *)(void *)p;
  a->arena = p + head;
  point_at_slot(a, slot);
  a->logged = wire32(a->slot->signals);
  return a;
}

void become(struct actor *a, uint32_t slot) {
  point_at_slot(a, slot);
  memset(a->runs, 0, sizeof a->runs);
  a->logged = 0;
  a->newborn = true;
}

void announce(struct actor *a) {
  struct wire_slot *s = a->slot;
  s->pid = wire_int((int32_t)syscall(SYS_getpid));
  s->tid = wire_int((int32_t)syscall(SYS_gettid));
  s->word_bytes = wire32((uint32_t)sizeof(long));
  s->phase = wire32(WIRE_IDLE);
  __atomic_store_n(&s->state, wire32(WIRE_READY), __ATOMIC_SEQ_CST);
  ring_bell();
}

void leave(struct actor *a, int status) {
  __atomic_store_n(&a->slot->state, wire32(WIRE_FREE), __ATOMIC_SEQ_CST);
  ring_bell();
  _exit(status);
}

bool sandbox_has(uint32_t bits) { return (wire32(area->server.got) & bits) == bits; }

void perform_call(struct actor *a, uint32_t call) { perform[call](a); }

static uint32_t await_request(struct wire_slot *slot, uint32_t last) {
  for (;;) {
    const uint32_t now = __atomic_load_n(&slot->request, __ATOMIC_ACQUIRE);
    if (now != last) return now;
    futex(&slot->request, WAIT_WHILE, last);
  }
}

static bool take_request(struct actor *a) {
  if (!swapped) return true;
  a->turned_call = a->slot->call;
  return swap_request(&a->turned_call, (uint8_t *)area + WIRE_IN(a->index));
}

/* `request` as it lies in the slot. */
void give_answer(struct actor *a, uint32_t request) {
  if (swapped) {
    if (!swap_answer(a->reply, a->out)) a->reply->flags |= wire32(WIRE_MALFORMED);
    a->slot->reply = *a->reply;
  }
  __atomic_store_n(&a->slot->phase, wire32(WIRE_DONE), __ATOMIC_RELEASE);
  __atomic_store_n(&a->slot->answer, request, __ATOMIC_RELEASE);
  ring_bell();
}

static void perform_request(struct actor *a) {
  memset(a->reply, 0, sizeof *a->reply);
  a->out_used = 0;
  a->arena_used = 0;
  const bool understood = take_request(a);
  a->raw = a->call->raw != 0;
  if (!understood || a->call->call >= CALLS) {
    malformed(a);
    return;
  }
  __atomic_store_n(&a->slot->phase, wire32(WIRE_IN_CALL), __ATOMIC_SEQ_CST);
  if (sigsetjmp(a->leave_call, 0) == 0)
    perform[a->call->call](a);
  else
    a->reply->flags |= WIRE_JUMPED;
}

void serve_slot(struct actor *a) {
  for (;;) {
    const uint32_t request = await_request(a->slot, __atomic_load_n(&a->slot->answer, __ATOMIC_RELAXED));
    perform_request(a);
    if (a->newborn) {
      a->newborn = false;
      announce(a);
    } else {
      give_answer(a, request);
      if (a->leaving) leave(a, 0);
    }
  }
}
