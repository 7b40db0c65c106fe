/* Arguments from the wire, results to the wire. */
#include "harness/actor/actor.h"

static const struct wire_value absent_value = {.kind = WIRE_NONE};

void malformed(struct actor *a) { a->reply->flags |= WIRE_MALFORMED; }

const struct wire_value *argument(const struct actor *a, unsigned i) {
  return i < WIRE_ARGS ? &a->call->args[i] : &absent_value;
}

bool given(const struct actor *a, unsigned i) { return argument(a, i)->kind != WIRE_NONE; }

int64_t number(const struct actor *a, unsigned i) {
  const struct wire_value *v = argument(a, i);
  return v->kind == WIRE_NUM ? v->num : v->kind == WIRE_BAD ? (int64_t)(uintptr_t)bad_address : 0;
}

static bool inside(const struct wire_value *v, size_t unit) {
  return v->off <= WIRE_IN_BYTES && v->len <= (WIRE_IN_BYTES - v->off) / unit;
}

/* An empty list, too, has an address: absence is told by the length. */
const struct wire_value *items(const struct actor *a, const struct wire_value *list) {
  if (list->kind != WIRE_LIST || !inside(list, sizeof *list)) return &absent_value;
  return (const struct wire_value *)(const void *)(a->in + list->off);
}

int64_t field(const struct actor *a, const struct wire_value *record, unsigned i) {
  if (record->kind != WIRE_LIST || i >= record->len) return 0;
  const struct wire_value *v = items(a, record) + i;
  return v->kind == WIRE_NUM ? v->num : v->kind == WIRE_BAD ? (int64_t)(uintptr_t)bad_address : 0;
}

bool as_address(const struct wire_value *v, void **p) {
  if (v->kind == WIRE_BAD)
    *p = bad_address;
  else if (v->kind == WIRE_NUM)
    *p = (void *)(uintptr_t)v->num;
  else
    return false;
  return true;
}

void *take(struct actor *a, size_t bytes) {
  const size_t size = (bytes + 15u) & ~(size_t)15u;
  if (size > ARENA_BYTES - a->arena_used) { /* many big buffers in one call: none of them needs to be its own */
    malformed(a);
    a->arena_used = 0;
  }
  uint8_t *p = a->arena + a->arena_used;
  a->arena_used += size;
  memset(p, 0, bytes);
  return p;
}

char *string(struct actor *a, unsigned i) {
  const struct wire_value *v = argument(a, i);
  void *p = NULL;
  if (as_address(v, &p)) return p;
  return bytes_in(a, v, (size_t)v->len + 1);
}

/* A private copy of at least `size` bytes, so that a size larger than the data reads zeros and not our memory. */
void *bytes_in(struct actor *a, const struct wire_value *v, size_t size) {
  void *p = NULL;
  if (as_address(v, &p)) return p;
  const size_t have = v->kind == WIRE_BYTES && inside(v, 1) ? v->len : 0;
  const size_t limited = size < BUFFER_LIMIT ? size : BUFFER_LIMIT;
  p = take(a, have > limited ? have : limited);
  memcpy(p, a->in + v->off, have);
  return p;
}

struct buffer fenced(struct actor *a, size_t size) {
  const size_t real = size < BUFFER_LIMIT ? size : BUFFER_LIMIT;
  uint8_t *p = take(a, real + 2 * GUARD_BYTES);
  memset(p, GUARD, GUARD_BYTES);
  memset(p + GUARD_BYTES, CANARY, real);
  memset(p + GUARD_BYTES + real, GUARD, GUARD_BYTES);
  return (struct buffer){p + GUARD_BYTES, real, true};
}

struct buffer buffer_for(struct actor *a, const struct wire_value *v, size_t size) {
  void *p = NULL;
  if (as_address(v, &p)) return (struct buffer){p, 0, false};
  return fenced(a, size);
}

void check_fence(struct actor *a, const struct buffer *b) {
  if (!b->fenced) return;
  for (size_t i = 0; i < GUARD_BYTES; ++i)
    if (b->at[b->size + i] != GUARD || *(b->at - 1 - i) != GUARD) a->reply->flags |= WIRE_GUARD_BROKEN;
}

bool is_record(const struct actor *a, unsigned i) {
  void *p = NULL;
  return !as_address(argument(a, i), &p);
}

/* A file offset passed by pointer: on the wire a list of its value, or an address. */
off_t *offset_in(struct actor *a, unsigned i, off_t *offset) {
  const struct wire_value *v = argument(a, i);
  *offset = (off_t)field(a, v, 0);
  return v->kind == WIRE_LIST ? offset : address(a, i);
}

void put_offset(struct actor *a, unsigned i, const off_t *offset) {
  if (argument(a, i)->kind == WIRE_LIST) put_number(&a->reply->out[i], *offset);
}

void *record_out(struct actor *a, unsigned i, void *record, size_t size) {
  void *p = NULL;
  if (as_address(argument(a, i), &p)) return p;
  memset(record, GUARD, size);
  return record;
}

const void *record_in(const struct actor *a, unsigned i, const void *record) {
  void *p = NULL;
  return as_address(argument(a, i), &p) ? p : record;
}

sigset_t *signals_in(struct actor *a, const struct wire_value *v, sigset_t *set) {
  void *p = NULL;
  if (as_address(v, &p)) return p;
  sigemptyset(set);
  const struct wire_value *signal = items(a, v);
  for (uint32_t i = 0; v->kind == WIRE_LIST && i < v->len; ++i) sigaddset(set, (int)signal[i].num);
  return set;
}

void finish(struct actor *a, int64_t result) {
  const int error = errno;
  a->reply->result = result;
  a->reply->error = result == -1 ? error : 0;
}

void finish_address(struct actor *a, void *p) {
  const int error = errno;
  const bool failed = p == (void *)-1;
  a->reply->result = failed ? -1 : (int64_t)(uintptr_t)p;
  a->reply->error = failed ? error : 0;
}

/* Room in the out data; NULL when it is full. */
static void *room(struct actor *a, size_t bytes) {
  const size_t size = (bytes + 7u) & ~(size_t)7u;
  if (size > WIRE_OUT_BYTES - a->out_used) return NULL;
  void *p = a->out + a->out_used;
  a->out_used += (uint32_t)size;
  return p;
}

struct wire_value *put_list(struct actor *a, struct wire_value *v, uint32_t n) {
  const uint32_t off = a->out_used;
  struct wire_value *list = room(a, n * sizeof *list);
  if (list == NULL) {
    malformed(a);
    return NULL;
  }
  memset(list, 0, n * sizeof *list);
  *v = (struct wire_value){.kind = WIRE_LIST, .len = n, .off = off};
  return list;
}

void put_number(struct wire_value *v, int64_t n) { *v = (struct wire_value){.kind = WIRE_NUM, .num = n}; }

void put_bytes(struct actor *a, struct wire_value *v, const void *data, size_t n) {
  const uint32_t off = a->out_used;
  if (n > WIRE_OUT_BYTES - off) n = WIRE_OUT_BYTES - off;
  uint8_t *p = room(a, n);
  if (p == NULL) n = 0;
  if (n != 0) memcpy(p, data, n);
  *v = (struct wire_value){.kind = WIRE_BYTES, .len = (uint32_t)n, .off = off};
}

void put_numbers(struct actor *a, unsigned i, const int64_t *n, uint32_t count) {
  struct wire_value *list = put_list(a, &a->reply->out[i], count);
  for (uint32_t k = 0; list != NULL && k < count; ++k) put_number(&list[k], n[k]);
}

void put_signals(struct actor *a, struct wire_value *v, const sigset_t *set) {
  int64_t member[MAX_SIGNAL];
  uint32_t count = 0;
  for (int s = 1; s <= MAX_SIGNAL; ++s)
    if (sigismember(set, s) == 1) member[count++] = s;
  struct wire_value *list = put_list(a, v, count);
  for (uint32_t k = 0; list != NULL && k < count; ++k) put_number(&list[k], member[k]);
}

/* Which members mean something depends on si_code; a case compares those it names. */
void put_siginfo(struct actor *a, unsigned i, const siginfo_t *info) {
  PUT_NUMBERS(a, i, info->si_signo, info->si_code, info->si_errno, info->si_pid, info->si_uid, info->si_status,
              info->si_value.sival_int, (int64_t)(uintptr_t)info->si_addr, info->si_fd, info->si_band);
}

/* What a reading call put into its buffer: as much as it says it did. */
void put_out(struct actor *a, unsigned i, const struct buffer *b, int64_t result) {
  check_fence(a, b);
  if (!b->fenced) return;
  const size_t n = result <= 0 ? 0 : (uint64_t)result < b->size ? (size_t)result : b->size;
  put_bytes(a, &a->reply->out[i], b->at, n);
}
