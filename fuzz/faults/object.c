/* Faults of POSIX shared memory objects and of the sizes of files. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"
#include "fuzz/faults/write.h"

enum { PAGE = 4096 };

static off_t size_of_file(int fd) {
  struct stat s;
  return fstat(fd, &s) == 0 ? s.st_size : 0;
}

static char made[16][260];
static int makes;

void objects_were_inherited(void) { makes = 0; }

void objects_end(void) {
  for (int i = 0; i < makes; ++i)
    if (is_on(FAULT_object_goes_with_its_maker) && hit()) shm_unlink(made[i]);
}

static int open_object(const char *name, int flags, mode_t mode) {
  int r;
  switch (fault_now()) {
    case FAULT_object_exclusive_is_ignored:
      if ((flags & O_EXCL) && hit()) return shm_open(name, flags & ~O_EXCL, mode);
      break;
    case FAULT_object_is_not_truncated:
      if ((flags & O_TRUNC) && hit()) return shm_open(name, flags & ~O_TRUNC, mode);
      break;
    case FAULT_object_mode_is_not_masked: {
      const mode_t mask = umask(0);
      r = shm_open(name, flags, mode);
      umask(mask);
      if ((flags & O_CREAT) && (mode & mask)) hit();
      return r;
    }
    case FAULT_object_is_kept_over_exec:
      r = shm_open(name, flags, mode);
      if (r >= 0 && hit()) fcntl(r, F_SETFD, 0);
      return r;
    case FAULT_object_number_is_not_the_lowest:
      r = shm_open(name, flags, mode);
      if (r >= 0 && hit()) {
        const int higher = fcntl(r, F_DUPFD_CLOEXEC, r + 1);
        close(r);
        return higher;
      }
      return r;
    case FAULT_objects_are_always_created:
      r = shm_open(name, flags, mode);
      return r < 0 && errno == ENOENT && hit() ? shm_open(name, flags | O_CREAT | O_RDWR, 0600) : r;
    case FAULT_objects_are_opened_for_both:
      if ((flags & O_ACCMODE) == O_RDONLY) {
        r = shm_open(name, (flags & ~O_ACCMODE) | O_RDWR, mode);
        return r >= 0 && hit() ? r : shm_open(name, flags, mode);
      }
      break;
    case FAULT_object_eacces_is_eperm:
      r = shm_open(name, flags, mode);
      if (r < 0 && errno == EACCES && hit()) errno = EPERM;
      return r;
    case FAULT_object_at_the_limit_is_enfile:
      r = shm_open(name, flags, mode);
      if (r < 0 && errno == EMFILE && hit()) errno = ENFILE;
      return r;
    case FAULT_refused_open_truncates:
      r = shm_open(name, flags, mode);
      if (r < 0 && errno == EEXIST && (flags & O_TRUNC)) {
        const int other = shm_open(name, O_RDWR | O_TRUNC, 0);
        if (other >= 0 && hit()) close(other);
        return fail(EEXIST);
      }
      return r;
    case FAULT_objects_are_private:
      if ((flags & O_CREAT) && (mode & 0777) != 0600 && hit()) return shm_open(name, flags, 0600);
      break;
    case FAULT_opening_sets_the_mode:
      r = shm_open(name, flags, mode);
      if (r >= 0 && (flags & O_CREAT) && size_of_file(r) > 0 && hit()) fchmod(r, mode);
      return r;
    case FAULT_new_object_has_a_page:
      r = shm_open(name, flags, mode);
      if (r >= 0 && (flags & O_CREAT) && size_of_file(r) == 0 && hit()) {
        if (ftruncate(r, PAGE) != 0) return r;
      }
      return r;
    case FAULT_longest_object_name_is_one_less:
      if ((uintptr_t)name > 4096 && strlen(name + (name[0] == '/')) >= 254 && hit()) return fail(ENAMETOOLONG);
      break;
    case FAULT_names_have_60_bytes:
      if ((uintptr_t)name > 4096 && strlen(name) > 61 && strlen(name) < 255 && hit()) {
        char cut[62];
        memcpy(cut, name, 61);
        cut[61] = 0;
        return shm_open(cut, flags, mode);
      }
      break;
    case FAULT_slash_matters:
      if ((uintptr_t)name > 4096 && name[0] != '/' && name[0] != 0 && strchr(name, '/') == NULL && strlen(name) < 200 &&
          hit()) {
        char other[256];
        snprintf(other, sizeof other, "/%s~", name);
        return shm_open(other, flags, mode);
      }
      break;
    case FAULT_objects_follow_links:
      r = shm_open(name, flags, mode);
      if (r < 0 && errno == ELOOP && hit()) errno = ENOENT;
      return r;
    default:
      break;
  }
  return shm_open(name, flags, mode);
}

int faulty_shm_open(const char *name, int flags, mode_t mode) {
  const int r = open_object(name, flags, mode);
  if (is_on(FAULT_object_goes_with_its_maker) && r >= 0 && (flags & O_CREAT) && makes < 16)
    snprintf(made[makes++], sizeof made[0], "%s", name);
  return r;
}

int faulty_shm_unlink(const char *name) {
  int r;
  switch (fault_now()) {
    case FAULT_unlinking_clears: {
      const int fd = shm_open(name, O_RDWR | O_TRUNC, 0);
      if (fd >= 0 && hit()) close(fd);
      break;
    }
    case FAULT_unlinking_in_use_is_busy:
      if (hit()) {
        r = shm_open(name, O_RDONLY, 0);
        if (r < 0) break;
        close(r);
        return 0;
      }
      break;
    case FAULT_unlinking_nothing_succeeds:
      r = shm_unlink(name);
      return r < 0 && errno == ENOENT && hit() ? 0 : r;
    case FAULT_anybody_unlinks:
      r = shm_unlink(name);
      return r < 0 && (errno == EACCES || errno == EPERM) && hit() ? 0 : r;
    default:
      break;
  }
  return shm_unlink(name);
}

static int shrink_faultily(int fd, off_t length) {
  char tail[PAGE];
  const off_t before = size_of_file(fd);
  switch (fault_now()) {
    case FAULT_shrinking_keeps_the_rest_of_the_page:
      if (length < before && length % PAGE != 0) {
        const ssize_t n = pread(fd, tail, (size_t)(PAGE - length % PAGE), length);
        const int r = ftruncate(fd, length);
        int64_t *kept = counter(file_of(fd) ^ 0xb1);
        if (r == 0 && n > 0) *kept = length + 1;
        return r;
      }
      if (length > before && *counter(file_of(fd) ^ 0xb1) == before + 1) {
        const int r = ftruncate(fd, length);
        if (r == 0 && hit()) pwrite(fd, "k", 1, before);
        return r;
      }
      break;
    case FAULT_shrinking_clears_the_last_page:
      if (length > 0 && length < before && length % PAGE != 0) {
        const int r = ftruncate(fd, length);
        static const char zeros[PAGE];
        if (r == 0 && hit()) pwrite(fd, zeros, (size_t)(length % PAGE), length - length % PAGE);
        return r;
      }
      break;
    case FAULT_shrinking_keeps_whole_pages:
      if (length < before) *counter(file_of(fd) ^ 0xb2) = length + 1;
      if (length > before && *counter(file_of(fd) ^ 0xb2) != 0) {
        const int r = ftruncate(fd, length);
        if (r == 0 && hit()) pwrite(fd, "k", 1, length - 1);
        return r;
      }
      break;
    case FAULT_shrinking_does_nothing:
      if (length >= 0 && length < before && hit()) return 0;
      break;
    case FAULT_growing_does_nothing:
      if (length > before && before > 0 && hit()) return 0;
      break;
    case FAULT_growing_rounds_up:
      if (length > 0 && length % PAGE != 0 && hit()) return ftruncate(fd, (length + PAGE - 1) / PAGE * PAGE);
      break;
    case FAULT_growing_is_not_zero: {
      const int r = ftruncate(fd, length);
      if (r == 0 && length > before && length < 1 << 20 && hit()) pwrite(fd, "g", 1, length - 1);
      return r;
    }
    default:
      break;
  }
  return ftruncate(fd, length);
}

int faulty_ftruncate(int fd, off_t length) {
  int r;
  if (is_fifo(fd)) {
    if (is_on(FAULT_pipes_can_be_truncated) && hit()) return 0;
    return ftruncate(fd, length);
  }
  if (is_on(FAULT_memory_behind_a_smaller_size_is_zero) && length >= 0 && length < size_of_file(fd))
    fill_all_behind(fd, length);
  if (is_on(FAULT_private_memory_survives_a_smaller_size) && length >= 0 && length < size_of_file(fd))
    keep_private_behind(fd, length);
  switch (fault_now()) {
    case FAULT_sizes_have_32_bits:
      if (length > UINT32_MAX && length < INT64_MAX / 2 && hit()) length &= (off_t)UINT32_MAX;
      break;
    case FAULT_negative_sizes_are_zero:
      if (length < 0 && hit()) return ftruncate(fd, 0);
      break;
    case FAULT_reading_suffices_to_truncate:
      r = ftruncate(fd, length);
      return r < 0 && reads_only(fd) && (errno == EINVAL || errno == EBADF) && hit() ? 0 : r;
    case FAULT_resizing_marks_no_time: {
      const struct times before = times_of(fd);
      r = ftruncate(fd, length);
      if (r == 0) put_back(fd, &before);
      return r;
    }
    case FAULT_shrinking_moves_the_offset: {
      const off_t at = lseek(fd, 0, SEEK_CUR);
      r = ftruncate(fd, length);
      if (r == 0 && at > length && hit()) lseek(fd, length, SEEK_SET);
      return r;
    }
    case FAULT_path_descriptors_can_be_truncated:
      r = ftruncate(fd, length);
      return r < 0 && errno == EBADF && status_flags(fd) >= 0 && (status_flags(fd) & O_PATH) && hit() ? 0 : r;
    case FAULT_refused_resizing_marks_a_time: {
      const struct timespec now[2] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
      r = ftruncate(fd, length);
      const int error = errno;
      if (r < 0 && futimens(fd, now) == 0) hit();
      errno = error;
      return r;
    }
    case FAULT_no_sigxfsz_of_ftruncate:
      block_sigxfsz();
      r = ftruncate(fd, length);
      swallow_sigxfsz();
      return r;
    case FAULT_size_limit_is_ignored:
      r = ftruncate(fd, length);
      return r < 0 && errno == EFBIG && hit() ? 0 : r;
    case FAULT_sealed_against_growing_grows:
      r = ftruncate(fd, length);
      return r < 0 && errno == EPERM && length > size_of_file(fd) && hit() ? 0 : r;
    case FAULT_sealed_against_shrinking_shrinks:
      r = ftruncate(fd, length);
      return r < 0 && errno == EPERM && length < size_of_file(fd) && hit() ? 0 : r;
    default:
      break;
  }
  return shrink_faultily(fd, length);
}

int faulty_truncate(const char *path, off_t length) {
  const int fd = is_on(FAULT_truncating_by_path_marks_no_time) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  const struct times before = times_of(fd);
  const bool quiet = is_on(FAULT_no_sigxfsz_of_ftruncate) && block_sigxfsz();
  const int r = truncate(path, length);
  if (quiet) swallow_sigxfsz();
  if (fd >= 0) {
    if (r == 0) put_back(fd, &before);
    close(fd);
  }
  if (is_on(FAULT_negative_sizes_by_path_are_zero) && r < 0 && length < 0 && hit()) return truncate(path, 0);
  return forgives(FAULT_truncating_by_path_ignores_the_limit, r, EFBIG) ? 0 : r;
}

int faulty_fallocate(int fd, int mode, off_t offset, off_t length) {
  const bool punches = (mode & FALLOC_FL_PUNCH_HOLE) != 0;
  int r;
  switch (fault_now()) {
    case FAULT_holes_keep_their_bytes:
      if (punches && hit()) return 0;
      break;
    case FAULT_holes_are_whole_pages:
      if (punches && hit()) {
        const off_t from = (offset + PAGE - 1) / PAGE * PAGE, to = (offset + length) / PAGE * PAGE;
        return to > from ? fallocate(fd, mode, from, to - from) : 0;
      }
      break;
    case FAULT_keeping_the_size_grows:
      if (mode == FALLOC_FL_KEEP_SIZE && hit()) return fallocate(fd, 0, offset, length);
      break;
    case FAULT_refused_allocation_grows: {
      struct rlimit most;
      r = fallocate(fd, mode, offset, length);
      if (r >= 0 || errno != EFBIG || getrlimit(RLIMIT_FSIZE, &most) != 0) return r;
      if (size_of_file(fd) < (off_t)most.rlim_cur && hit()) ftruncate(fd, (off_t)most.rlim_cur);
      return fail(EFBIG);
    }
    case FAULT_no_sigxfsz_of_fallocate:
      block_sigxfsz();
      r = fallocate(fd, mode, offset, length);
      swallow_sigxfsz();
      return r;
    case FAULT_allocating_ignores_the_limit:
      r = fallocate(fd, mode, offset, length);
      return r < 0 && errno == EFBIG && hit() ? 0 : r;
    case FAULT_punching_behind_the_end_grows:
      r = fallocate(fd, mode, offset, length);
      if (r == 0 && punches && offset + length > size_of_file(fd) && hit()) return ftruncate(fd, offset + length);
      return r;
    case FAULT_holes_need_not_keep_the_size:
      if (mode == FALLOC_FL_PUNCH_HOLE && hit()) mode |= FALLOC_FL_KEEP_SIZE;
      break;
    case FAULT_grow_seal_forbids_allocating:
      if (mode == 0 && length > 0 && offset + length <= size_of_file(fd) && fcntl(fd, F_GET_SEALS) > 0 &&
          (fcntl(fd, F_GET_SEALS) & F_SEAL_GROW) && hit())
        return fail(EPERM);
      break;
    case FAULT_allocating_clears: {
      const off_t size = size_of_file(fd), end = offset + length < size ? offset + length : size;
      r = fallocate(fd, mode, offset, length);
      if (r == 0 && mode == 0 && end > offset && hit())
        return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, end - offset);
      return r;
    }
    case FAULT_allocating_does_not_grow:
      if (mode == 0 && hit()) return fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, length);
      break;
    case FAULT_allocating_nothing_succeeds:
      if (length == 0 && hit()) return 0;
      break;
    case FAULT_allocating_for_a_pipe_succeeds:
      r = fallocate(fd, mode, offset, length);
      if (r < 0 && errno == ESPIPE && hit()) errno = ENODEV;
      return r;
    default:
      break;
  }
  return fallocate(fd, mode, offset, length);
}
