/* Faults of what becomes of the pieces when a mapping is cut, moved, lengthened or joined. */
#include <errno.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

enum { PAGE = 4096 };

static bool is_of_a_file(const struct mapping *m) { return m != NULL && !(m->flags & MAP_ANONYMOUS) && m->fd >= 0; }

/* A piece of a mapping, from `at` to its end, shows what begins at `from` of it. */
static void show(const struct mapping *m, char *at, const char *from) {
  if (at >= m->at + m->length) return;
  mmap(at, (size_t)(m->at + m->length - at), m->protection, (m->flags & MAP_TYPE) | MAP_FIXED, m->fd,
       m->offset + (from - m->at));
}

static const void *last_unmapped;

bool unmap_a_piece(void *at, size_t length, int *r) {
  char *start = at;
  last_unmapped = at;
  if (is_on(FAULT_unmapping_a_segment_is_no_detach) && (uintptr_t)at % PAGE == 0 && length < SIZE_MAX / 2)
    unmap_attach(at, pages(length));
  if (!is_on(FAULT_upper_piece_shows_the_lower) || length == 0 || length > SIZE_MAX / 2) return false;
  const struct mapping *m = mapping_around(at);
  if (!is_of_a_file(m) || start + pages(length) >= m->at + m->length) return false;
  const struct mapping was = *m;
  *r = munmap(at, length);
  if (*r == 0 && hit()) show(&was, start + pages(length), start);
  return true;
}

bool protect_a_piece(void *at, size_t length, int protection, int *r) {
  char *start = at;
  if (is_on(FAULT_future_seal_allows_protection)) {
    const struct mapping *m = mapping_around(at);
    *r = mprotect(at, length, protection);
    if (*r < 0 && errno == EACCES && is_of_a_file(m) && fcntl(m->fd, F_GET_SEALS) > 0 &&
        (fcntl(m->fd, F_GET_SEALS) & F_SEAL_FUTURE_WRITE) && hit())
      *r = 0;
    if (*r < 0) errno = EACCES;
    return true;
  }
  if (!is_on(FAULT_protected_piece_moves_the_next) || length == 0 || length > SIZE_MAX / 2) return false;
  const struct mapping *m = mapping_around(at);
  if (!is_of_a_file(m) || start + pages(length) >= m->at + m->length) return false;
  *r = mprotect(at, length, protection);
  if (*r == 0 && hit()) show(m, start + pages(length), start);
  return true;
}

bool remap_a_piece(void *at, size_t old_length, size_t new_length, int flags, void **r) {
  const struct mapping *m = mapping_around(at);
  if (is_on(FAULT_moved_attach_counts_twice)) {
    *r = mremap(at, old_length, new_length, flags);
    if (*r != MAP_FAILED) attach_is_moved(at, old_length);
    return true;
  }
  if (!is_of_a_file(m) || (m->flags & MAP_TYPE) != MAP_SHARED) return false;
  const struct mapping was = *m;
  if (is_on(FAULT_moved_memory_forgets_its_offset)) {
    *r = mremap(at, old_length, new_length, flags);
    if (*r != MAP_FAILED && *r != at && was.offset != 0 && hit())
      mmap(*r, pages(new_length), was.protection, MAP_SHARED | MAP_FIXED, was.fd, 0);
    return true;
  }
  if (is_on(FAULT_grown_memory_is_new)) {
    *r = mremap(at, old_length, new_length, flags);
    if (*r != MAP_FAILED && old_length != 0 && pages(new_length) > pages(old_length) && hit())
      mmap((char *)*r + pages(old_length), pages(new_length) - pages(old_length), was.protection,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    return true;
  }
  return false;
}

bool map_beside(void *at, size_t length, int protection, int flags, int fd, off_t offset, void **r) {
  if (is_on(FAULT_fixed_mapping_takes_the_rest) && (flags & MAP_FIXED)) {
    const struct mapping *there = mapping_around(at);
    char *rest = (char *)at + pages(length), *end = there != NULL ? there->at + there->length : rest;
    *r = mmap(at, length, protection, flags, fd, offset);
    if (*r != MAP_FAILED && rest < end && hit()) munmap(rest, (size_t)(end - rest));
    return true;
  }
  if (is_on(FAULT_address_of_an_unmapping_is_taken) && (flags & MAP_FIXED_NOREPLACE) && at == last_unmapped && hit()) {
    errno = EEXIST;
    *r = MAP_FAILED;
    return true;
  }
  if (is_on(FAULT_hint_replaces) && at != NULL && (uintptr_t)at % PAGE == 0 && mapping_around(at) != NULL &&
      !(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) && hit()) {
    *r = mmap(at, length, protection, flags | MAP_FIXED, fd, offset);
    return true;
  }
  if (is_on(FAULT_refused_fixed_mapping_unmaps) && (flags & MAP_FIXED)) {
    *r = mmap(at, length, protection, flags, fd, offset);
    const int error = errno;
    if (*r == MAP_FAILED && (uintptr_t)at % PAGE == 0 && (error == EBADF || error == EINVAL || error == EACCES) &&
        length != 0 && mapping_around(at) != NULL && hit())
      munmap(at, length);
    errno = error;
    return true;
  }
  const struct mapping *m = at == NULL ? NULL : mapping_around((char *)at - 1);
  if (!is_on(FAULT_neighbours_are_joined) || !is_of_a_file(m) || m->fd != fd || (flags & MAP_ANONYMOUS) ||
      m->at + m->length != (char *)at || offset % PAGE != 0 || !hit())
    return false;
  *r = mmap(at, length, protection, flags, fd, m->offset + (off_t)m->length);
  return true;
}
