/* Lists of buffers from the wire and back: records {base, len}. */
#include "harness/mechanism/descriptor/buffers.h"

enum { MOST_VECTORS = 2048 };

static uint32_t entries(const struct wire_value *list, int count) {
  const uint32_t asked = count > 0 ? (uint32_t)count : 0;
  const uint32_t wanted = asked < MOST_VECTORS ? asked : MOST_VECTORS;
  const uint32_t listed = list->kind == WIRE_LIST ? list->len : 0;
  return listed > wanted ? listed : wanted;
}

struct iovec *vectors_in(struct actor *a, unsigned i, int count, int *made) {
  const struct wire_value *list = argument(a, i);
  void *p = NULL;
  *made = 0;
  if (as_address(list, &p)) return p;
  struct iovec *iov = take(a, (entries(list, count) + 1) * sizeof *iov);
  const struct wire_value *record = items(a, list);
  for (uint32_t k = 0; list->kind == WIRE_LIST && k < list->len; ++k) {
    const struct wire_value *base = items(a, &record[k]);
    const bool sized = record[k].len > 1 && base[1].kind == WIRE_NUM;
    iov[k].iov_len = sized ? (size_t)base[1].num : base->kind == WIRE_BYTES ? base->len : 0;
    iov[k].iov_base = bytes_in(a, base, iov[k].iov_len);
    *made = (int)k + 1;
  }
  return iov;
}

bool is_of_bytes(const struct actor *a, unsigned i, uint32_t k) {
  const struct wire_value *list = argument(a, i);
  return list->kind == WIRE_LIST && k < list->len && items(a, &items(a, list)[k])->kind == WIRE_BYTES;
}

struct iovec *vectors_out(struct actor *a, unsigned i, int count, struct buffer **buffers) {
  const struct wire_value *list = argument(a, i);
  void *p = NULL;
  *buffers = NULL;
  if (as_address(list, &p)) return p;
  const uint32_t n = entries(list, count);
  struct iovec *iov = take(a, (n + 1) * sizeof *iov);
  *buffers = take(a, (n + 1) * sizeof **buffers);
  const struct wire_value *record = items(a, list);
  for (uint32_t k = 0; list->kind == WIRE_LIST && k < list->len; ++k) {
    iov[k].iov_len = (size_t)field(a, &record[k], 1);
    (*buffers)[k] = buffer_for(a, items(a, &record[k]), iov[k].iov_len);
    iov[k].iov_base = (*buffers)[k].at;
  }
  return iov;
}

void put_vectors(struct actor *a, unsigned i, const struct buffer *buffers, int64_t result) {
  const struct wire_value *list = argument(a, i), *record = items(a, list);
  if (buffers == NULL || list->kind != WIRE_LIST) return;
  uint64_t left = result > 0 ? (uint64_t)result : 0;
  struct wire_value *out = put_list(a, &a->reply->out[i], list->len);
  for (uint32_t k = 0; out != NULL && k < list->len; ++k) {
    struct wire_value *pair = put_list(a, &out[k], 2);
    if (pair == NULL) return;
    const uint64_t len = (uint64_t)field(a, &record[k], 1);
    const uint64_t arrived = left < len ? left : len;
    check_fence(a, &buffers[k]);
    if (buffers[k].fenced)
      put_bytes(a, &pair[0], buffers[k].at, arrived < buffers[k].size ? (size_t)arrived : buffers[k].size);
    put_number(&pair[1], (int64_t)len);
    left -= arrived;
  }
}
