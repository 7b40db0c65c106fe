/* Requests and answers from one byte order into the other. */
#include "harness/actor/order.h"

enum { DEEPEST = 8 };

uint32_t wire_count(uint32_t *word) {
  uint32_t seen = __atomic_load_n(word, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(word, &seen, wire32(wire32(seen) + 1), true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
    continue;
  return wire32(seen);
}

static void swap_fields(struct wire_value *v) {
  v->kind = __builtin_bswap32(v->kind);
  v->len = __builtin_bswap32(v->len);
  v->num = (int64_t)__builtin_bswap64((uint64_t)v->num);
  v->off = __builtin_bswap32(v->off);
}

/* `incoming`: the fields can be read after they are turned, else before. */
static bool swap_values(struct wire_value *v, uint32_t n, uint8_t *data, uint32_t room, bool incoming, int depth) {
  bool good = depth < DEEPEST;
  for (uint32_t i = 0; good && i < n; ++i) {
    if (incoming) swap_fields(&v[i]);
    const struct wire_value list = v[i];
    if (!incoming) swap_fields(&v[i]);
    if (list.kind != WIRE_LIST) continue;
    good = list.off % 8 == 0 && list.off <= room && list.len <= (room - list.off) / sizeof list &&
           swap_values((struct wire_value *)(void *)(data + list.off), list.len, data, room, incoming, depth + 1);
  }
  return good;
}

bool swap_request(struct wire_call *call, uint8_t *in) {
  call->call = __builtin_bswap32(call->call);
  call->raw = __builtin_bswap32(call->raw);
  call->child = __builtin_bswap32(call->child);
  call->nargs = __builtin_bswap32(call->nargs);
  return swap_values(call->args, WIRE_ARGS, in, WIRE_IN_BYTES, true, 0);
}

bool swap_answer(struct wire_answer *answer, uint8_t *out) {
  answer->result = (int64_t)__builtin_bswap64((uint64_t)answer->result);
  answer->error = (int32_t)__builtin_bswap32((uint32_t)answer->error);
  answer->flags = __builtin_bswap32(answer->flags);
  answer->fault_signo = (int32_t)__builtin_bswap32((uint32_t)answer->fault_signo);
  answer->fault_code = (int32_t)__builtin_bswap32((uint32_t)answer->fault_code);
  answer->fault_addr = __builtin_bswap64(answer->fault_addr);
  return swap_values(answer->out, WIRE_ARGS, out, WIRE_OUT_BYTES, false, 0);
}
