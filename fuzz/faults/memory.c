/* Faults of mapped memory and of POSIX shared memory objects. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

enum { MOST_MAPPED = 128, PAGE = 4096 };
static struct mapping mapped[MOST_MAPPED];

const void *resized_mapping;

static void note(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  for (int i = 0; i < MOST_MAPPED; ++i) {
    if (mapped[i].at != NULL && mapped[i].at != at) continue;
    mapped[i] = (struct mapping){at, pages(length), protection, flags, fd, offset};
    return;
  }
}

struct mapping *mapping_around(const void *at) {
  for (int i = 0; i < MOST_MAPPED; ++i)
    if (mapped[i].at != NULL && mapped[i].at <= (const char *)at && (const char *)at < mapped[i].at + mapped[i].length)
      return &mapped[i];
  return NULL;
}

struct mapping *mapping_at(const void *at) {
  for (int i = 0; i < MOST_MAPPED; ++i)
    if (mapped[i].at != NULL && mapped[i].at == (const char *)at) return &mapped[i];
  return NULL;
}

static void make_private(const struct mapping *m) {
  static char copy[1 << 16];
  if (m->length > sizeof copy || !(m->protection & PROT_READ)) return;
  memcpy(copy, m->at, m->length);
  mmap(m->at, m->length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  memcpy(m->at, copy, m->length);
  mprotect(m->at, m->length, m->protection);
}

void mappings_are_inherited(void) {
  marks_are_inherited();
  for (int i = 0; i < MOST_MAPPED; ++i) {
    const bool shares = (mapped[i].flags & MAP_TYPE) != MAP_PRIVATE;
    if (mapped[i].at == NULL) continue;
    if (is_on(FAULT_child_copies_shared_mappings) && shares && hit()) make_private(&mapped[i]);
    if (is_on(FAULT_child_has_writable_mappings) && !(mapped[i].protection & PROT_WRITE) && hit())
      mprotect(mapped[i].at, mapped[i].length, PROT_READ | PROT_WRITE);
    if (is_on(FAULT_child_has_no_second_page) && mapped[i].length >= 2 * PAGE && !shares && hit())
      mmap(mapped[i].at + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (is_on(FAULT_child_has_no_private_memory) && mapped[i].length == PAGE && !shares && hit())
      mmap(mapped[i].at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (is_on(FAULT_child_has_no_protection_of_none) && mapped[i].protection == PROT_NONE && hit())
      mprotect(mapped[i].at, mapped[i].length, PROT_READ);
  }
}

/* For all other mappings of the same object. */
void for_others(const void *at, void (*change)(struct mapping *, int), int how) {
  const struct mapping *m = mapping_at(at);
  for (int i = 0; m != NULL && !(m->flags & MAP_ANONYMOUS) && i < MOST_MAPPED; ++i)
    if (mapped[i].at != NULL && &mapped[i] != m && !(mapped[i].flags & MAP_ANONYMOUS) &&
        same_file(mapped[i].fd, m->fd) && hit())
      change(&mapped[i], how);
}

static void protect_too(struct mapping *m, int how) { mprotect(m->at, m->length, how); }

static void unmap_too(struct mapping *m, int how) {
  (void)how;
  munmap(m->at, m->length);
  m->at = NULL;
}

void unmap_all_of(int fd) {
  for (int i = 0; i < MOST_MAPPED; ++i)
    if (mapped[i].at != NULL && !(mapped[i].flags & MAP_ANONYMOUS) && mapped[i].fd == fd && hit()) {
      munmap(mapped[i].at, mapped[i].length);
      mapped[i].at = NULL;
    }
}

bool is_mapped_to_write(int fd) {
  for (int i = 0; i < MOST_MAPPED; ++i)
    if (mapped[i].at != NULL && !(mapped[i].flags & MAP_ANONYMOUS) && mapped[i].fd == fd &&
        (mapped[i].protection & PROT_WRITE) && (mapped[i].flags & MAP_TYPE) != MAP_PRIVATE)
      return true;
  return false;
}

/* Before a file becomes smaller: what private mappings show behind its new end stays. */
void keep_private_behind(int fd, off_t size) {
  for (int i = 0; i < MOST_MAPPED; ++i) {
    const struct mapping *m = &mapped[i];
    if (m->at == NULL || (m->flags & MAP_ANONYMOUS) || m->fd != fd || (m->flags & MAP_TYPE) != MAP_PRIVATE) continue;
    const size_t there = pages((size_t)size), start = there > (size_t)m->offset ? there - (size_t)m->offset : 0;
    if (start < m->length && hit())
      make_private(&(struct mapping){m->at + start, m->length - start, m->protection, 0, -1, 0});
  }
}

void fill_all_behind(int fd, off_t size) {
  for (int i = 0; i < MOST_MAPPED; ++i) {
    const struct mapping *m = &mapped[i];
    if (m->at == NULL || (m->flags & MAP_ANONYMOUS) || m->fd != fd) continue;
    const size_t there = pages((size_t)size), start = there > (size_t)m->offset ? there - (size_t)m->offset : 0;
    if (start < m->length && hit())
      mmap(m->at + start, m->length - start, m->protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  }
}

static off_t size_of_file(int fd) {
  struct stat s;
  return fstat(fd, &s) == 0 ? s.st_size : 0;
}

/* What the mapping is to be, wrongly. */
static void change(size_t *length, int *protection, int *flags, int fd, off_t *offset) {
  const bool anonymous = (*flags & MAP_ANONYMOUS) != 0, is_private = (*flags & MAP_TYPE) == MAP_PRIVATE;
  const int access = anonymous ? O_RDWR : status_flags(fd) & O_ACCMODE;
  switch (fault_now()) {
    case FAULT_shared_memory_is_private:
      if (!anonymous && !is_private && access == O_RDWR && hit()) *flags = (*flags & ~MAP_TYPE) | MAP_PRIVATE;
      break;
    case FAULT_shared_anonymous_is_private:
      if (anonymous && !is_private && hit()) *flags = (*flags & ~MAP_TYPE) | MAP_PRIVATE;
      break;
    case FAULT_fixed_shared_anonymous_is_private:
      if (anonymous && !is_private && (*flags & MAP_FIXED) && hit()) *flags = (*flags & ~MAP_TYPE) | MAP_PRIVATE;
      break;
    case FAULT_private_memory_is_shared:
      if (!anonymous && is_private && access == O_RDWR && hit()) *flags = (*flags & ~MAP_TYPE) | MAP_SHARED;
      break;
    case FAULT_private_anonymous_is_shared:
      if (anonymous && is_private && *length <= 1 << 16 && hit()) *flags = (*flags & ~MAP_TYPE) | MAP_SHARED;
      break;
    case FAULT_reading_allows_writing:
      if (*protection == PROT_READ && access == O_RDWR && hit()) *protection |= PROT_WRITE;
      break;
    case FAULT_nothing_allows_reading:
      if (*protection == PROT_NONE && hit()) *protection = PROT_READ;
      break;
    case FAULT_offset_is_ignored:
      if (!anonymous && *offset > 0 && *offset % PAGE == 0 && hit()) *offset = 0;
      break;
    case FAULT_mapping_offsets_have_32_bits:
      if (!anonymous && *offset > UINT32_MAX && hit()) *offset &= (off_t)UINT32_MAX;
      break;
    case FAULT_offset_need_not_be_a_multiple:
      if (*offset % PAGE != 0 && hit()) *offset = *offset / PAGE * PAGE;
      break;
    case FAULT_empty_mappings_can_be_made:
      if (*length == 0 && hit()) *length = PAGE;
      break;
    case FAULT_unknown_type_is_private:
      if ((*flags & MAP_TYPE) == 0 && hit()) *flags |= MAP_PRIVATE;
      break;
    case FAULT_noreplace_replaces:
      if ((*flags & MAP_FIXED_NOREPLACE) && hit()) *flags = (*flags & ~MAP_FIXED_NOREPLACE) | MAP_FIXED;
      break;
    case FAULT_noreplace_goes_elsewhere:
      if ((*flags & MAP_FIXED_NOREPLACE) && hit()) *flags &= ~MAP_FIXED_NOREPLACE;
      break;
    case FAULT_fixed_is_a_hint:
      if ((*flags & MAP_FIXED) && hit()) *flags &= ~MAP_FIXED;
      break;
    case FAULT_validate_takes_any_flag:
      if ((*flags & MAP_TYPE) == MAP_SHARED_VALIDATE && hit()) *flags = (*flags & ~MAP_TYPE) | MAP_SHARED;
      break;
    default:
      break;
  }
}

/* Pages behind the end of an object, as if they were there. */
static void fill_behind(char *at, size_t length, int fd, off_t offset) {
  const size_t there = pages((size_t)size_of_file(fd));
  const size_t start = there > (size_t)offset ? there - (size_t)offset : 0;
  if (start < pages(length) && hit())
    mmap(at + start, pages(length) - start, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static bool is_refused_by_seal(int protection, int flags, int fd) {
  const int refusing = is_on(FAULT_future_seal_forbids_private_memory)  ? F_SEAL_FUTURE_WRITE
                       : is_on(FAULT_write_seal_forbids_private_memory) ? F_SEAL_WRITE
                                                                        : 0;
  if (refusing == 0 || (flags & MAP_ANONYMOUS) || (flags & MAP_TYPE) != MAP_PRIVATE || !(protection & PROT_WRITE))
    return false;
  const int seals = fcntl(fd, F_GET_SEALS);
  return seals > 0 && (seals & refusing) != 0 && hit();
}

/* What lies behind the end shows another file, which never grows. */
static void part_behind(char *at, size_t length, int protection, int flags, int fd, off_t offset) {
  const size_t there = pages((size_t)size_of_file(fd));
  const size_t start = there > (size_t)offset ? there - (size_t)offset : 0;
  if (start >= pages(length)) return;
  const int other = memfd_create("", MFD_CLOEXEC);
  if (other >= 0 && hit())
    mmap(at + start, pages(length) - start, protection, (flags & MAP_TYPE) | MAP_FIXED, other, 0);
  close(other);
}

void *faulty_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  if (fault_now() == FAULT_none) return mmap(at, length, protection, flags, fd, offset);
  char *r;
  if (is_on(FAULT_private_memory_needs_a_writable_descriptor) && (protection & PROT_WRITE) &&
      (flags & MAP_TYPE) == MAP_PRIVATE && !(flags & MAP_ANONYMOUS) && reads_only(fd) && hit()) {
    errno = EACCES;
    return MAP_FAILED;
  }
  if (is_on(FAULT_path_descriptors_can_be_mapped) && status_flags(fd) >= 0 && (status_flags(fd) & O_PATH) && hit())
    return mmap(at, length, protection, flags | MAP_ANONYMOUS, -1, 0);
  if (is_on(FAULT_populated_mappings_are_private) && (flags & MAP_POPULATE) && (flags & MAP_TYPE) == MAP_SHARED &&
      hit())
    flags = (flags & ~MAP_TYPE) | MAP_PRIVATE;
  if (is_on(FAULT_read_only_object_is_mapped_for_writing) && protection & PROT_WRITE) {
    r = mmap(at, length, protection, flags, fd, offset);
    if (r == MAP_FAILED && errno == EACCES && reads_only(fd) && hit())
      return mmap(at, length, PROT_READ, flags, fd, offset);
    return r;
  }
  if (is_on(FAULT_write_only_object_is_mapped)) {
    r = mmap(at, length, protection, flags, fd, offset);
    if (r == MAP_FAILED && errno == EACCES && hit()) errno = EINVAL;
    return r;
  }
  if (is_on(FAULT_pipes_can_be_mapped) && is_fifo(fd) && !(flags & MAP_ANONYMOUS)) {
    r = mmap(at, length, protection, flags, fd, offset);
    if (r == MAP_FAILED && errno == ENODEV && hit()) errno = EACCES;
    return r;
  }
  if (is_on(FAULT_fixed_maps_one_page) && (flags & MAP_FIXED) && length > PAGE && hit()) length = PAGE;
  change(&length, &protection, &flags, fd, &offset);
  void *beside;
  if (map_beside(at, length, protection, flags, fd, offset, &beside)) return beside;
  if (is_refused_by_seal(protection, flags, fd)) {
    errno = EPERM;
    return MAP_FAILED;
  }
  r = mmap(at, length, protection, flags, fd, offset);
  if (is_on(FAULT_noreplace_looks_at_the_first_page) && r == MAP_FAILED && errno == EEXIST && length > PAGE) {
    unsigned char there;
    if (mincore(at, PAGE, &there) != 0 && hit())
      return mmap(at, length, protection, (flags & ~MAP_FIXED_NOREPLACE) | MAP_FIXED, fd, offset);
    errno = EEXIST;
  }
  if (r != MAP_FAILED && (flags & MAP_FIXED)) attaches_are_mapped_over(r, pages(length));
  if (is_on(FAULT_no_room_is_einval) && r == MAP_FAILED && errno == ENOMEM && hit()) errno = EINVAL;
  if (is_on(FAULT_write_seal_allows_mappings) && r == MAP_FAILED && errno == EPERM && hit())
    return mmap(at, length, protection, (flags & ~MAP_TYPE) | MAP_PRIVATE, fd, offset);
  if (r == MAP_FAILED) return r;
  note(r, length, protection, flags, fd, offset);
  if (is_on(FAULT_second_mapping_is_a_copy) && !(flags & MAP_ANONYMOUS) && (flags & MAP_TYPE) == MAP_SHARED) {
    static uint64_t first;
    if (first == file_of(fd) && hit()) make_private(&(struct mapping){r, pages(length), protection, flags, fd, offset});
    first = file_of(fd);
  }
  if (is_on(FAULT_anonymous_memory_is_not_zero) && (flags & MAP_ANONYMOUS) && (protection & PROT_WRITE) && length > 8 &&
      hit())
    r[7] = 1;
  if (is_on(FAULT_second_page_is_not_zero) && (flags & MAP_ANONYMOUS) && (protection & PROT_WRITE) && length > PAGE &&
      hit())
    r[PAGE] = 1;
  if (is_on(FAULT_growth_is_not_seen_by_mappings) && !(flags & MAP_ANONYMOUS) && fd >= 0)
    part_behind(r, length, protection, flags, fd, offset);
  if (is_on(FAULT_memory_behind_the_end_is_there) && !(flags & MAP_ANONYMOUS) && fd >= 0)
    fill_behind(r, length, fd, offset);
  if (is_on(FAULT_rest_of_the_last_page_is_not_zero) && !(flags & MAP_ANONYMOUS) && (protection & PROT_WRITE)) {
    const off_t size = size_of_file(fd) - offset;
    if (size > 0 && size % PAGE != 0 && (size_t)size < pages(length) && hit()) r[size] = 5;
  }
  return r;
}

int faulty_munmap(void *at, size_t length) {
  struct mapping *m = mapping_at(at);
  int done;
  if (is_on(FAULT_unmapping_takes_other_mappings) && length != 0) for_others(at, unmap_too, 0);
  if (unmap_a_piece(at, length, &done)) return done;
  switch (fault_now()) {
    case FAULT_unmapping_ends_after_a_mebibyte:
      if (length > 0x100000 && length < SIZE_MAX / 2 && hit()) length = 0x100000;
      break;
    case FAULT_unmapping_ends_with_the_mapping:
      if (m != NULL && pages(length) > m->length && length < SIZE_MAX / 2 && hit()) return munmap(at, m->length);
      break;
    case FAULT_unmapped_memory_stays:
      if (m != NULL && length != 0 && hit()) return 0;
      break;
    case FAULT_unmapping_takes_the_first_page:
      if (length > PAGE && hit()) return munmap(at, PAGE);
      break;
    case FAULT_unmapping_takes_the_whole_mapping:
      if (m != NULL && length != 0 && pages(length) < m->length && hit()) return munmap(at, m->length);
      break;
    case FAULT_unmapping_rounds_down:
      if (length > PAGE && length % PAGE != 0 && hit()) return munmap(at, length / PAGE * PAGE);
      break;
    case FAULT_unmapping_nothing_succeeds:
      if (length == 0 && hit()) return 0;
      break;
    case FAULT_unmapping_where_nothing_is_fails: {
      unsigned char there;
      if (length != 0 && (uintptr_t)at % PAGE == 0 && mincore(at, PAGE, &there) != 0 && hit()) return fail(EINVAL);
      break;
    }
    case FAULT_unmapping_a_part_detaches: {
      unsigned char there;
      const bool in_part = length != 0 && mincore((char *)at + pages(length), PAGE, &there) == 0;
      if (in_part && shmdt(at) == 0 && hit()) return 0;
      break;
    }
    case FAULT_unaligned_unmapping_rounds:
      if ((uintptr_t)at % PAGE != 0 && hit()) return munmap((char *)at - (uintptr_t)at % PAGE, length);
      break;
    default:
      break;
  }
  const int r = munmap(at, length);
  if (r == 0 && m != NULL) m->at = NULL;
  return r;
}

static int protect_faultily(void *at, size_t length, int protection) {
  int r;
  if (protect_a_piece(at, length, protection, &r)) return r;
  switch (fault_now()) {
    case FAULT_read_only_attach_becomes_writable:
      r = mprotect(at, length, protection);
      return r < 0 && errno == EACCES && mapping_at(at) == NULL && hit() ? 0 : r;
    case FAULT_protection_stays:
      if (length != 0 && mapping_at(at) != NULL && hit()) return 0;
      break;
    case FAULT_protection_ends_with_the_mapping: {
      const struct mapping *m = mapping_at(at);
      if (m != NULL && pages(length) > m->length && mprotect(at, length, protection) == 0 && hit())
        return mprotect((char *)at + m->length, pages(length) - m->length, PROT_READ | PROT_WRITE);
      break;
    }
    case FAULT_protection_of_one_page:
      if (length > PAGE && hit()) return mprotect(at, PAGE, protection);
      break;
    case FAULT_writing_cannot_be_given_back:
      if ((protection & PROT_WRITE) && hit()) return mprotect(at, length, protection & ~PROT_WRITE);
      break;
    case FAULT_taking_all_access_drops_the_content: {
      const struct mapping *m = mapping_at(at);
      if (protection == PROT_NONE && m != NULL && (m->flags & MAP_TYPE) == MAP_PRIVATE && hit())
        madvise(at, pages(length), MADV_DONTNEED);
      break;
    }
    case FAULT_reading_cannot_be_taken:
      if (protection == PROT_NONE && hit()) return mprotect(at, length, PROT_READ);
      break;
    case FAULT_read_only_object_becomes_writable:
      r = mprotect(at, length, protection);
      return r < 0 && errno == EACCES && hit() ? 0 : r;
    case FAULT_unmapped_protection_is_einval:
      r = mprotect(at, length, protection);
      if (r < 0 && errno == ENOMEM && hit()) errno = EINVAL;
      return r;
    case FAULT_unaligned_protection_rounds:
      if ((uintptr_t)at % PAGE != 0 && hit()) return mprotect((char *)at - (uintptr_t)at % PAGE, length, protection);
      break;
    case FAULT_protection_reaches_the_whole_mapping: {
      const struct mapping *m = mapping_at(at);
      if (m != NULL && length != 0 && pages(length) < m->length && hit()) return mprotect(at, m->length, protection);
      break;
    }
    default:
      break;
  }
  return mprotect(at, length, protection);
}

int faulty_mprotect(void *at, size_t length, int protection) {
  if (is_on(FAULT_protection_ends_after_a_mebibyte) && length > 0x100000 && length < SIZE_MAX / 2 && hit())
    return mprotect(at, 0x100000, protection);
  if (is_on(FAULT_protection_reaches_other_mappings)) for_others(at, protect_too, protection);
  const int r = protect_faultily(at, length, protection);
  struct mapping *m = mapping_at(at);
  if (r == 0 && m != NULL && pages(length) == m->length) m->protection = protection;
  return r;
}

int faulty_msync(void *at, size_t length, int flags) {
  if (is_on(FAULT_sync_checks_nothing) && hit()) return 0;
  if (is_on(FAULT_sync_of_private_memory_fails) && length != 0 && (flags & MS_SYNC)) {
    const struct mapping *m = mapping_at(at);
    if (m != NULL && (m->flags & MAP_TYPE) == MAP_PRIVATE && hit()) return fail(EINVAL);
  }
  if (is_on(FAULT_unaligned_sync_rounds) && (uintptr_t)at % PAGE != 0 && hit())
    return msync((char *)at - (uintptr_t)at % PAGE, length, flags);
  const int r = msync(at, length, flags);
  if (is_on(FAULT_sync_takes_both_ways) && r < 0 && errno == EINVAL && (flags & MS_SYNC) && (flags & MS_ASYNC) && hit())
    return 0;
  if (is_on(FAULT_unmapped_sync_is_einval) && r < 0 && errno == ENOMEM && hit()) errno = EINVAL;
  if (is_on(FAULT_invalidating_discards) && r == 0 && (flags & MS_INVALIDATE) && hit()) memset(at, 0, length);
  return r;
}

void *faulty_mremap(void *at, size_t old_length, size_t new_length, int flags) {
  char *r;
  void *piece;
  if (remap_a_piece(at, old_length, new_length, flags, &piece)) return piece;
  switch (fault_now()) {
    case FAULT_old_size_of_zero_is_invalid:
      if (old_length == 0 && new_length != 0 && hit()) {
        errno = EINVAL;
        return MAP_FAILED;
      }
      break;
    case FAULT_remapping_never_moves:
      if ((flags & MREMAP_MAYMOVE) && new_length > old_length && hit()) {
        errno = ENOMEM;
        return MAP_FAILED;
      }
      break;
    case FAULT_remapping_copies:
      r = mremap(at, old_length, new_length, flags);
      if (r != MAP_FAILED && hit()) {
        const struct mapping m = {
            r, pages(old_length < new_length ? old_length : new_length), PROT_READ | PROT_WRITE, 0, -1, 0};
        make_private(&m);
      }
      return r;
    case FAULT_moved_memory_stays:
      r = mremap(at, old_length, new_length, flags);
      if (r != MAP_FAILED && r != at && old_length != 0 && hit())
        mmap(at, old_length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
      return r;
    case FAULT_refused_growth_unmaps:
      r = mremap(at, old_length, new_length, flags);
      if (r == MAP_FAILED && errno == ENOMEM && hit()) {
        munmap(at, old_length);
        errno = ENOMEM;
      }
      return r;
    case FAULT_resized_attach_cannot_be_detached:
      r = mremap(at, old_length, new_length, flags);
      if (r != MAP_FAILED) resized_mapping = r;
      return r;
    case FAULT_remapping_smaller_does_nothing:
      if (new_length < old_length && new_length != 0 && hit()) return at;
      break;
    default:
      break;
  }
  return unmap_the_old(mremap(at, old_length, new_length, flags), at, old_length);
}
