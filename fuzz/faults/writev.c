/* Faults of writing several buffers, at an offset, and to files. */
#include <errno.h>
#include <limits.h>

#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"
#include "fuzz/faults/write.h"

static sigset_t before_sigxfsz;

static sigset_t only_sigxfsz(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGXFSZ);
  return set;
}

bool block_sigxfsz(void) {
  const sigset_t set = only_sigxfsz();
  return sigprocmask(SIG_BLOCK, &set, &before_sigxfsz) == 0;
}

/* What came since it was blocked. */
void swallow_sigxfsz(void) {
  const struct timespec now = {0, 0};
  const sigset_t set = only_sigxfsz();
  const int error = errno;
  if (sigtimedwait(&set, NULL, &now) > 0) hit();
  sigprocmask(SIG_SETMASK, &before_sigxfsz, NULL);
  errno = error;
}

ssize_t write_to_file(int fd, const void *from, size_t n) {
  ssize_t r;
  switch (fault_now()) {
    case FAULT_object_writes_append: {
      const off_t at = lseek(fd, 0, SEEK_CUR), end = lseek(fd, 0, SEEK_END);
      if (at == end || at < 0 || !hit()) lseek(fd, at, SEEK_SET);
      return write(fd, from, n);
    }
    case FAULT_read_only_object_can_be_written:
      r = write(fd, from, n);
      return r < 0 && errno == EBADF && reads_only(fd) && hit() ? (ssize_t)n : r;
    case FAULT_gap_behind_the_end_is_not_zero: {
      const off_t at = lseek(fd, 0, SEEK_CUR);
      struct stat s = {.st_size = 0};
      const bool leaves =
          at > 0 && fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size < at && !(status_flags(fd) & O_APPEND);
      r = write(fd, from, n);
      if (leaves && r > 0 && hit()) pwrite(fd, "g", 1, at - 1);
      return r;
    }
    case FAULT_write_seal_allows_writes:
      r = write(fd, from, n);
      return r < 0 && errno == EPERM && hit() ? (ssize_t)n : r;
    case FAULT_no_sigxfsz:
      block_sigxfsz();
      r = write(fd, from, n);
      swallow_sigxfsz();
      return r;
    case FAULT_refused_write_to_an_object_marks_a_time: {
      const struct timespec now[2] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
      r = write(fd, from, n);
      const int error = errno;
      if (r < 0 && (error == EPERM || error == EFBIG) && futimens(fd, now) == 0) hit();
      errno = error;
      return r;
    }
    case FAULT_objects_are_not_appended_to: {
      const int flags = status_flags(fd);
      if (!(flags & O_APPEND) || lseek(fd, 0, SEEK_CUR) < 0 || !hit()) break;
      fcntl(fd, F_SETFL, flags & ~O_APPEND);
      r = write(fd, from, n);
      fcntl(fd, F_SETFL, flags);
      return r;
    }
    case FAULT_write_to_the_limit_fails:
      r = write(fd, from, n);
      return r > 0 && r < (ssize_t)n && hit() ? fail(EFBIG) : r;
    default:
      break;
  }
  return write(fd, from, n);
}

static ssize_t gather(char *to, size_t most, const struct iovec *v, int count) {
  size_t n = 0;
  if (count < 1 || !is_readable(v) || !is_readable(v + count - 1)) return -1;
  for (int i = 0; i < count && count <= 64; n += v[i++].iov_len) {
    if (v[i].iov_len > most - n || !copy_readable(to + n, v[i].iov_base, v[i].iov_len)) return -1;
  }
  return (ssize_t)n;
}

static ssize_t writev_of_file(int fd, const struct iovec *v, int count) {
  const bool quiet = is_on(FAULT_no_sigxfsz_of_writev) && block_sigxfsz();
  const ssize_t r = writev(fd, v, count);
  if (quiet) swallow_sigxfsz();
  if (is_on(FAULT_writev_of_a_file_stays) && r > 0 && hit()) lseek(fd, -r, SEEK_CUR);
  if (forgives(FAULT_write_seal_allows_writev, r, EPERM)) return 1;
  return forgives(FAULT_writev_ignores_the_limit, r, EFBIG) ? 1 : r;
}

ssize_t faulty_writev(int fd, const struct iovec *v, int count) {
  struct iovec turned[64];
  for (int i = 0; is_on(FAULT_empty_buffers_need_an_address) && is_readable(v) && i < count && count <= 64; ++i)
    if (v[i].iov_len == 0 && !is_readable(v[i].iov_base) && hit()) return fail(EFAULT);
  if (!is_fifo(fd)) return writev_of_file(fd, v, count);
  switch (fault_now()) {
    case FAULT_buffers_are_packets:
      if (!(status_flags(fd) & O_DIRECT)) break;
      /* fallthrough */
    case FAULT_writev_is_several_writes: {
      ssize_t total = 0;
      if (count < 2 || count > 1024 || !hit()) break;
      for (int i = 0; i < count; ++i) {
        const ssize_t r = write(fd, v[i].iov_base, v[i].iov_len);
        if (r < 0) return total != 0 ? total : r;
        total += r;
      }
      return total;
    }
    case FAULT_writev_ends_at_an_empty_buffer:
      for (int i = 0; count <= 1024 && i < count; ++i)
        if (v[i].iov_len == 0 && hit()) return writev(fd, v, i);
      break;
    case FAULT_writev_drops_the_last_buffer:
      if (count > 1 && count <= 1024 && hit()) return writev(fd, v, count - 1);
      break;
    case FAULT_too_long_vector_is_cut: {
      const ssize_t r = writev(fd, v, count);
      if (r < 0 && errno == EINVAL && count > 1 && count <= 1024 && v[0].iov_len < 65536 && hit())
        return writev(fd, v, 1);
      return r;
    }
    case FAULT_writev_goes_backwards:
      if (count < 2 || count > 64 || !hit()) break;
      for (int i = 0; i < count; ++i) turned[i] = v[count - 1 - i];
      return writev(fd, turned, count);
    case FAULT_writev_of_1024_is_invalid:
      if (count == 1024 && hit()) return fail(EINVAL);
      break;
    case FAULT_writev_of_nothing_is_invalid:
      if (count == 0 && hit()) return fail(EINVAL);
      break;
    case FAULT_writev_has_no_sigpipe:
      if (count == 1 && has_no_reader(fd) && hit()) return write_quietly(fd, v[0].iov_base, v[0].iov_len);
      if (count > 1 && has_no_reader(fd) && hit()) return write_quietly(fd, "x", 1);
      break;
    case FAULT_writev_that_waited_begins_again: {
      static char all[1 << 18];
      const ssize_t n = gather(all, sizeof all, v, count), room = capacity(fd) - unread(fd);
      if (n <= PIPE_BUF || room <= 0 || n <= room || is_nonblocking(fd) || !hit()) break;
      const ssize_t first = write(fd, all, (size_t)room);
      return first < 0 ? first : first + write(fd, all, (size_t)(n - first));
    }
    case FAULT_partial_writev_counts_whole_buffers: {
      const ssize_t r = writev(fd, v, count);
      ssize_t whole = 0;
      for (int i = 0; r > 0 && i < count && whole + (ssize_t)v[i].iov_len <= r; ++i) whole += (ssize_t)v[i].iov_len;
      return r > 0 && whole != 0 && whole != r && hit() ? whole : r;
    }
    case FAULT_writev_is_torn: {
      const ssize_t r = writev(fd, v, count);
      if (r >= 0 || errno != EAGAIN || count < 2 || count > 64) return r;
      for (int i = count - 1; i > 0; --i) {
        const ssize_t part = writev(fd, v, i);
        if (part > 0 && hit()) return part;
      }
      return fail(EAGAIN);
    }
    case FAULT_stopped_writev_is_interrupted:
      if (!is_nonblocking(fd) && count > 1 && !reads_only(fd) && is_interrupted_by_stop(fd, POLLOUT))
        return fail(EINTR);
      break;
    case FAULT_writev_ends_at_a_bad_buffer:
      if (count != 2 || v[0].iov_len == 0) break;
      {
        const ssize_t r = writev(fd, v, count);
        if (r < 0 && errno == EFAULT && hit()) {
          writev(fd, v, 1);
          errno = EFAULT;
        }
        return r;
      }
    case FAULT_writev_marks_no_time: {
      const struct times before = times_of(fd);
      return timeless(fd, &before, writev(fd, v, count));
    }
    case FAULT_vectors_are_never_restarted:
      if (count > 1 && is_never_restarted(fd, POLLOUT)) return fail(EINTR);
      break;
    default:
      break;
  }
  return writev(fd, v, count);
}

ssize_t faulty_pwritev(int fd, const struct iovec *v, int count, off_t at) {
  const bool quiet = is_on(FAULT_no_sigxfsz_of_writev) && block_sigxfsz();
  struct stat s = {.st_size = 0};
  const bool leaves = is_on(FAULT_gap_before_pwritev_is_not_zero) && fstat(fd, &s) == 0 && s.st_size < at;
  const ssize_t r = pwritev(fd, v, count, at);
  if (leaves && r > 0 && hit()) pwrite(fd, "g", 1, at - 1);
  if (quiet) swallow_sigxfsz();
  if (is_on(FAULT_pwritev_moves_the_offset) && r > 0 && hit()) lseek(fd, at + r, SEEK_SET);
  if (forgives(FAULT_pwritev_ignores_the_limit, r, EFBIG)) return 1;
  return forgives(FAULT_pwritev_breaks_the_seal, r, EPERM) ? 1 : r;
}

ssize_t faulty_pwrite(int fd, const void *from, size_t n, off_t at) {
  if (is_on(FAULT_pwrite_writes_a_pipe) && is_fifo(fd) && !reads_only(fd) && hit()) return write(fd, from, n);
  struct stat s = {.st_size = 0};
  const bool leaves = is_on(FAULT_gap_behind_the_end_is_not_zero) && fstat(fd, &s) == 0 && s.st_size < at;
  const bool quiet = is_on(FAULT_no_sigxfsz_of_writev) && block_sigxfsz();
  if (is_on(FAULT_offsets_have_32_bits) && at > UINT32_MAX && hit()) at &= (off_t)UINT32_MAX;
  const ssize_t r = pwrite(fd, from, n, at);
  if (quiet) swallow_sigxfsz();
  if (leaves && r > 0 && hit()) pwrite(fd, "g", 1, at - 1);
  if (is_on(FAULT_pwrite_ignores_the_limit) && r < 0 && errno == EFBIG && hit()) return (ssize_t)n;
  if (is_on(FAULT_pwrite_moves_the_offset) && r > 0 && hit()) lseek(fd, at + r, SEEK_SET);
  return r;
}
