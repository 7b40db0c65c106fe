/* Performs the calls of mapped memory, and the memory steps of the language. */
#include <sys/mman.h>

#include "harness/actor/actor.h"

#define ADDRESS(a, expression)        \
  do {                                \
    errno = 0;                        \
    (a)->jumpable = 1;                \
    void *const mapped_ = expression; \
    (a)->jumpable = 0;                \
    finish_address(a, mapped_);       \
  } while (0)

void perform_mmap(struct actor *a) {
  ADDRESS(a, mmap(address(a, 0), size_of(a, 1), integer(a, 2), integer(a, 3), integer(a, 4), (off_t)number(a, 5)));
}

void perform_munmap(struct actor *a) { BOTH(a, munmap, address(a, 0), size_of(a, 1)); }

void perform_mprotect(struct actor *a) { BOTH(a, mprotect, address(a, 0), size_of(a, 1), integer(a, 2)); }

void perform_msync(struct actor *a) { BOTH(a, msync, address(a, 0), size_of(a, 1), integer(a, 2)); }

void perform_mremap(struct actor *a) { ADDRESS(a, mremap(address(a, 0), size_of(a, 1), size_of(a, 2), integer(a, 3))); }

void perform_madvise(struct actor *a) { BOTH(a, madvise, address(a, 0), size_of(a, 1), integer(a, 2)); }

void perform_mincore(struct actor *a) {
  const size_t pages = size_of(a, 1) / 4096 + 1;
  const struct buffer b = fenced(a, pages);
  LIBC(a, mincore(address(a, 0), size_of(a, 1), b.at));
  check_fence(a, &b);
}

struct copy {
  volatile uint8_t *to;
  const volatile uint8_t *from;
  size_t size;
};

static void copy_bytes(void *what) {
  const struct copy *c = what;
  for (size_t i = 0; i < c->size; ++i) c->to[i] = c->from[i];
}

void perform_mem_store(struct actor *a) {
  const struct wire_value *data = argument(a, 1);
  struct copy c = {address(a, 0), bytes_in(a, data, data->len), data->kind == WIRE_BYTES ? data->len : 0};
  guarded_access(a, copy_bytes, &c);
}

void perform_mem_load(struct actor *a) {
  const struct buffer b = fenced(a, size_of(a, 1));
  struct copy c = {b.at, address(a, 0), b.size};
  guarded_access(a, copy_bytes, &c);
  if ((a->reply->flags & WIRE_FAULTED) == 0) put_bytes(a, &a->reply->out[2], b.at, b.size);
}
