// Blocks of a few sizes in one reserved range; each page of it holds blocks of one size, so that a block need not say
// how large it is. What is freed is the next to be given out.
#include "fuzz/drive/memory.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IPCVET_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define IPCVET_SANITIZED
#endif
#endif

#ifdef IPCVET_SANITIZED  // which looks after memory itself

void ipcvet::fuzz::keep_memory() {}

#else

namespace {

constexpr size_t unit = 16, largest = 1024, page = size_t{1} << 16, range = size_t{1} << 28;
constexpr size_t huge = size_t{1} << 21;  // a page of the larger kind: fewer of them have to be known by address

struct Block {
  Block *next;
};
struct Row {
  Block *free = nullptr;
  unsigned char *fresh = nullptr, *end = nullptr;  // not given out yet, of the last page
};

// Zero until keep_memory(): then no object is small, and no address in the range.
size_t small = 0, reserved = 0;
uintptr_t base = 0;
size_t pages = 0;
uint8_t row_of_page[range / page];
Row rows[largest / unit];

// nullptr where the range is used up.
void *fresh_block(size_t n) {
  Row &row = rows[n];
  const size_t size = (n + 1) * unit;
  if (static_cast<size_t>(row.end - row.fresh) < size) {
    if (pages == range / page) return nullptr;
    row_of_page[pages] = static_cast<uint8_t>(n);
    row.fresh = reinterpret_cast<unsigned char *>(base + pages++ * page);
    row.end = row.fresh + page;
  }
  void *block = row.fresh;
  row.fresh += size;
  return block;
}

void *plain_block(size_t size) {
  if (void *block = std::malloc(size == 0 ? 1 : size)) return block;
  throw std::bad_alloc();
}

}  // namespace

void *operator new(size_t size) {
  if (size - 1 >= small) return plain_block(size);
  const size_t n = (size - 1) / unit;
  if (Block *block = rows[n].free) {
    rows[n].free = block->next;
    return block;
  }
  void *block = fresh_block(n);
  return block ? block : plain_block(size);
}

void operator delete(void *block) noexcept {
  const size_t at = reinterpret_cast<uintptr_t>(block) - base;
  if (at >= reserved) return std::free(block);
  Row &row = rows[row_of_page[at / page]];
  row.free = new (block) Block{row.free};
}

void operator delete(void *block, size_t) noexcept { operator delete(block); }

namespace ipcvet::fuzz {

void keep_memory() {
#ifdef __GLIBC__
  for (const int what : {M_TRIM_THRESHOLD, M_MMAP_THRESHOLD}) mallopt(what, 1 << 25);
#endif
  if (reserved != 0) return;
  void *at = mmap(nullptr, range + huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return;
  base = (reinterpret_cast<uintptr_t>(at) + huge - 1) & ~(huge - 1);
  madvise(reinterpret_cast<void *>(base), range, MADV_HUGEPAGE);
  small = largest, reserved = range;
}

}  // namespace ipcvet::fuzz

#endif
