/* Faults of reading from pipes and FIFOs. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

/* A whole herd is woken before the first of it reads. */
static void await_all_who_wait(uint64_t pipe) {
  for (int i = 0; i < 20000 && *counter(pipe ^ 0x74) < *counter(pipe ^ 0x73); ++i) sched_yield();
}

/* Who waits for bytes of a pipe, in order of coming; see BASE_WAITS. */
static ssize_t read_waiting(int fd, void *to, size_t n) {
  const uint64_t pipe = file_of(fd);
  const int64_t rank = count_up(pipe ^ 0x71);
  const bool lost = (is_on(FAULT_third_reader_is_never_woken) && rank == 3) ||
                    (is_on(FAULT_second_reader_is_never_woken) && rank == 2) ||
                    (is_on(FAULT_fifth_reader_is_never_woken) && rank == 5);
  for (;;) {
    const bool waits = ready(fd, POLLIN) == 0;
    if (waits) count_up(pipe ^ 0x73);
    const int events = wait_for(fd, POLLIN);
    if (waits) count_up(pipe ^ 0x74);
    if (events < 0) return -1;
    if (is_on(FAULT_reader_that_finds_nothing_gets_end_of_file) || is_on(FAULT_reader_that_finds_nothing_gets_eagain))
      await_all_who_wait(pipe);
    if (lost && hit())
      for (;;) pause();
    if (is_on(FAULT_readers_never_see_the_last_close) && !(events & POLLIN) && hit())
      for (;;) pause();
    if (is_on(FAULT_one_reader_of_several_sees_the_last_close) && !(events & POLLIN) && count_up(pipe ^ 0x72) > 1 &&
        hit())
      for (;;) pause();
    lock_shared();
    const bool any = ready(fd, POLLIN) != 0;
    if (is_on(FAULT_last_waiting_reader_gets_the_bytes) && any && rank < *counter(pipe ^ 0x71) && hit()) {
      unlock_shared();
      for (int i = 0; i < 2000 && unread(fd) > 0; ++i) sched_yield();
      lock_shared();
    }
    const ssize_t r = ready(fd, POLLIN) != 0 ? read(fd, to, n) : -2;
    unlock_shared();
    if (r != -2) return r;
    if (is_on(FAULT_reader_that_finds_nothing_gets_end_of_file) && hit()) return 0;
    if (is_on(FAULT_reader_that_finds_nothing_gets_eagain) && hit()) return fail(EAGAIN);
  }
}

static ssize_t read_all(int fd, char *to, size_t n) {
  size_t done = 0;
  while (done < n) {
    const ssize_t r = read(fd, to + done, n - done);
    if (r <= 0) return done != 0 ? (ssize_t)done : r;
    done += (size_t)r;
  }
  return (ssize_t)done;
}

static bool has_own_write_end(int fd) {
  for (int i = 0; i < 256; ++i)
    if (i != fd && !reads_only(i) && status_flags(i) >= 0 && same_file(i, fd)) return true;
  return false;
}

/* What a fault does instead of a read of a pipe; false: it is an ordinary read. */
static bool read_faultily(int fd, char *to, size_t n, ssize_t *r) {
  const bool nonblock = is_nonblocking(fd);
  char spill[4096];
  switch (fault_now()) {
    case FAULT_read_gives_at_most_a_page:
      if (n <= 4096 || unread(fd) <= 4096 || !hit()) return false;
      *r = read(fd, to, 4096);
      return true;
    case FAULT_read_loses_a_byte_at_a_page_end:
      *r = read(fd, to, n);
      if (*r == 4096 && unread(fd) > 0 && hit()) read(fd, spill, 1);
      return true;
    case FAULT_short_read_is_padded:
      *r = read(fd, to, n);
      if (*r > 0 && *r < (ssize_t)n && n <= 65536 && hit()) {
        memset(to + *r, 0, n - (size_t)*r);
        *r = (ssize_t)n;
      }
      return true;
    case FAULT_end_of_file_only_once:
      *r = read(fd, to, n);
      if (*r == 0 && n != 0 && count_up(file_of(fd)) > 1 && hit()) *r = fail(EAGAIN);
      return true;
    case FAULT_empty_is_end_of_file:
      *r = read(fd, to, n);
      if (*r < 0 && errno == EAGAIN && hit()) *r = 0;
      return true;
    case FAULT_end_of_file_is_eagain:
      *r = read(fd, to, n);
      if (*r == 0 && n != 0 && nonblock && hit()) *r = fail(EAGAIN);
      return true;
    case FAULT_end_of_file_blocks:
      if (nonblock || n == 0 || ready(fd, POLLIN) != POLLHUP || !hit()) return false;
      for (;;) pause();
    case FAULT_reader_misses_the_last_close:
      if (nonblock || n == 0 || ready(fd, POLLIN) != 0) return false;
      if (wait_for(fd, POLLIN) == POLLHUP && hit())
        for (;;) pause();
      return false;
    case FAULT_read_waits_for_all:
      if (nonblock || !is_fifo(fd) || !hit()) return false;
      *r = read_all(fd, to, n);
      return true;
    case FAULT_interrupted_read_returns_zero:
      *r = read(fd, to, n);
      if (*r < 0 && errno == EINTR && hit()) *r = 0;
      return true;
    case FAULT_interrupted_read_goes_on:
      do *r = read(fd, to, n);
      while (*r < 0 && errno == EINTR && hit());
      return true;
    case FAULT_read_to_a_bad_address_consumes:
      *r = read(fd, to, n);
      if (*r < 0 && errno == EFAULT && hit()) {
        read(fd, spill, n < sizeof spill ? n : sizeof spill);
        errno = EFAULT;
      }
      return true;
    case FAULT_long_read_flips_a_bit:
      *r = read(fd, to, n);
      if (*r > 4096 && hit()) to[4095] ^= 1;
      return true;
    case FAULT_nonblocking_read_is_all_or_nothing:
      if (!nonblock || unread(fd) == 0 || unread(fd) >= (int)n || !hit()) return false;
      *r = fail(EAGAIN);
      return true;
    case FAULT_end_of_file_is_an_error:
      *r = read(fd, to, n);
      if (*r == 0 && n > 0 && n % 2 == 0 && hit()) *r = fail(EIO);
      return true;
    case FAULT_read_of_nothing_blocks:
      if (n != 0 || nonblock || unread(fd) != 0 || !hit()) return false;
      wait_for(fd, POLLIN);
      return false;
    case FAULT_read_of_nothing_consumes:
      if (n != 0 || unread(fd) == 0 || !hit()) return false;
      read(fd, spill, 1);
      return false;
    case FAULT_read_of_nothing_at_the_end_is_eagain:
      if (n != 0 || !(ready(fd, 0) & POLLHUP) || !hit()) return false;
      *r = fail(EAGAIN);
      return true;
    case FAULT_woken_reader_discards_the_rest:
      if (nonblock || n == 0 || n >= 4096 || ready(fd, POLLIN) != 0) return false;
      *r = read(fd, spill, sizeof spill);
      if (*r > (ssize_t)n && hit()) *r = (ssize_t)n;
      if (*r > 0) memcpy(to, spill, (size_t)*r);
      return true;
    case FAULT_end_of_file_while_others_hold_a_write_end:
      if (n == 0 || ready(fd, POLLIN) != 0 || has_own_write_end(fd) || !hit()) return false;
      *r = 0;
      return true;
    case FAULT_end_of_file_before_the_bytes:
      if (n == 0 || ready(fd, POLLIN) != (POLLIN | POLLHUP) || !hit()) return false;
      while (unread(fd) > 0) read(fd, spill, sizeof spill);
      *r = 0;
      return true;
    case FAULT_last_bytes_before_the_end_are_lost:
      if (n == 0 || !(ready(fd, POLLIN) & POLLHUP) || unread(fd) == 0 || (int)n < unread(fd) || unread(fd) < 2)
        return false;
      *r = read(fd, to, n);
      if (*r > 1 && hit()) *r -= 1;
      return true;
    case FAULT_read_of_the_whole_capacity_loses_a_byte:
      if (unread(fd) < capacity(fd)) return false;
      *r = read(fd, to, n);
      if (*r > 1 && *r == capacity(fd) && hit()) *r -= 1;
      return true;
    case FAULT_write_end_can_be_read:
      *r = read(fd, to, n);
      if (*r < 0 && errno == EBADF && is_fifo(fd) && hit()) *r = 0;
      return true;
    case FAULT_wrong_error_for_reading_the_write_end:
      *r = read(fd, to, n);
      if (*r < 0 && errno == EBADF && is_fifo(fd) && hit()) errno = EINVAL;
      return true;
    case FAULT_empty_is_the_wrong_error:
      *r = read(fd, to, n);
      if (*r < 0 && errno == EAGAIN && hit()) errno = ENODATA;
      return true;
    case FAULT_eagain_lost_after_use:
      if (!nonblock || n == 0) return false;
      if (ready(fd, POLLIN) == 0 && *counter(file_of(fd)) > 0 && hit()) wait_for(fd, POLLIN);
      *r = read(fd, to, n);
      if (*r > 0) count_up(file_of(fd));
      return true;
    case FAULT_stopped_reader_is_interrupted:
      if (nonblock || n == 0 || !is_interrupted_by_stop(fd, POLLIN)) return false;
      *r = fail(EINTR);
      return true;
    case FAULT_read_takes_the_bytes_twice:
      *r = read(fd, to, n);
      if (*r >= 3 && *r <= 7 && unread(fd) == 0 && !(ready(fd, 0) & POLLHUP) && hit()) {
        const int again = reopen(fd, O_WRONLY | O_NONBLOCK);
        write(again, to + *r - 1, 1);
        close(again);
      }
      return true;
    case FAULT_no_writer_yet_is_eagain: {
      const bool hung_up = (ready(fd, 0) & POLLHUP) != 0;
      *r = read(fd, to, n);
      if (*r == 0 && n != 0 && !hung_up && nonblock && hit()) *r = fail(EAGAIN);
      return true;
    }
    case FAULT_permission_is_checked_when_reading: {
      struct stat s;
      if (geteuid() == 0 || fstat(fd, &s) != 0) return false;
      if ((s.st_uid == geteuid() ? s.st_mode & 0400 : s.st_mode & 0044) != 0 || !hit()) return false;
      *r = fail(EACCES);
      return true;
    }
    case FAULT_read_of_nothing_takes_a_packet:
      if (n != 0 || !carries_packets(fd) || unread(fd) == 0 || !hit()) return false;
      *r = read(fd, spill, 1) < 0 ? -1 : 0;
      return true;
    case FAULT_packets_join:
      *r = read(fd, to, n);
      while (*r > 0 && carries_packets(fd) && (size_t)*r < n && unread(fd) > 0 && hit()) {
        const ssize_t more = read(fd, to + *r, n - (size_t)*r);
        if (more <= 0) break;
        *r += more;
      }
      return true;
    case FAULT_rest_of_a_packet_is_kept: {
      static char rest[4096];
      static ssize_t left;
      if (n == 0 || n > sizeof rest) return false;
      if (left > 0 && hit()) {
        *r = left < (ssize_t)n ? left : (ssize_t)n;
        memcpy(to, rest, (size_t)*r);
        left = 0;
        return true;
      }
      if (!carries_packets(fd) || ready(fd, POLLIN) != POLLIN) return false;
      *r = read(fd, rest, sizeof rest);
      if (*r <= 0) return true;
      memcpy(to, rest, (size_t)*r < n ? (size_t)*r : n);
      if (*r > (ssize_t)n) {
        left = *r - (ssize_t)n;
        memmove(rest, rest + n, (size_t)left);
        *r = (ssize_t)n;
      }
      return true;
    }
    case FAULT_large_read_is_invalid:
      if ((int64_t)n <= capacity(fd) || !hit()) return false;
      *r = fail(EINVAL);
      return true;
    case FAULT_child_reads_its_own_copy:
      *r = read(fd, to, n);
      if (*r > 0 && *r < 4096 && count_up(file_of(fd)) == 1 && !(ready(fd, 0) & POLLHUP) && getppid() > 1 && hit()) {
        const int again = reopen(fd, O_WRONLY | O_NONBLOCK);
        write(again, to, (size_t)*r);
        close(again);
      }
      return true;
    default:
      return false;
  }
}

static bool stressed(void) { return count_up((uint64_t)getpid()) % 20 == 0; }

/* Faults that show only now and then, when many records go through. */
static bool read_faultily_sometimes(int fd, char *to, size_t n, ssize_t *r) {
  static __thread char last[4096];
  static __thread ssize_t length;
  switch (fault_now()) {
    case FAULT_record_read_twice_now_and_then:
      if (n < 512) return false;
      if (stressed() && length > 0 && length <= (ssize_t)n && hit()) {
        memcpy(to, last, (size_t)length);
        *r = length;
        return true;
      }
      *r = read(fd, to, n);
      length = *r > 0 && *r <= (ssize_t)sizeof last ? *r : 0;
      memcpy(last, to, (size_t)length);
      return true;
    case FAULT_end_of_file_now_and_then:
      if (n < 512 || unread(fd) != 0 || !stressed() || !hit()) return false;
      *r = 0;
      return true;
    case FAULT_bytes_lost_now_and_then:
      if (n < 512) return false;
      *r = read(fd, to, n);
      if (*r > 1 && stressed() && hit()) *r -= 1;
      return true;
    default:
      return false;
  }
}

ssize_t faulty_read(int fd, void *to, size_t n) {
  ssize_t r;
  if (is_on(FAULT_nothing_is_a_packet) && n != 0 && is_fifo(fd)) {
    int64_t *packet = counter(file_of(fd) ^ 0x94);
    if (*packet != 0 && hit()) {
      *packet = 0;
      return 0;
    }
  }
  if (is_on(FAULT_both_ways_reads_the_end) && n != 0 && is_fifo(fd) && (status_flags(fd) & O_ACCMODE) == O_RDWR) {
    r = read(fd, to, n);
    return r < 0 && errno == EAGAIN && hit() ? 0 : r;
  }
  if (is_on(FAULT_new_capacity_turns_what_wraps) && is_fifo(fd)) {
    r = read(fd, to, n);
    if (r > 0) *counter(file_of(fd) ^ 0x93) += r;
    return r;
  }
  if (fault_now() == FAULT_none && base_now() == BASE_PLAIN) return read(fd, to, n);
  if (is_on(FAULT_reading_marks_no_time)) {
    const struct times before = times_of(fd);
    return timeless(fd, &before, read(fd, to, n));
  }
  if ((is_on(FAULT_refused_read_marks_a_time) || is_on(FAULT_read_of_nothing_marks_a_time)) && is_fifo(fd)) {
    r = read(fd, to, n);
    const int error = errno;
    const bool marks = is_on(FAULT_read_of_nothing_marks_a_time) ? n == 0 : r < 0 && error == EAGAIN;
    const struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
    if (marks && hit()) futimens(fd, now);
    errno = error;
    return r;
  }
  if (is_on(FAULT_read_of_an_object_to_a_bad_address_moves) && !is_fifo(fd)) {
    r = read(fd, to, n);
    if (r < 0 && errno == EFAULT && lseek(fd, 1, SEEK_CUR) > 0) hit();
    return r < 0 && errno == EFAULT ? fail(EFAULT) : r;
  }
  if (is_on(FAULT_read_fills_read_only_attaches) && is_readable(to) && !is_writable(to)) {
    void *writable = attach_again(to);
    if (writable != NULL && hit()) {
      r = read(fd, writable, n);
      shmdt(writable);
      return r;
    }
  }
  if (is_on(FAULT_count_of_a_read_has_32_bits) && n > UINT32_MAX && hit()) return read(fd, to, n & UINT32_MAX);
  if (is_fifo(fd) && (status_flags(fd) & O_PATH) == 0) {
    if (base_now() == BASE_WAITS && !writes_only(fd) && !is_nonblocking(fd) && n != 0) return read_waiting(fd, to, n);
    if (read_faultily(fd, to, n, &r) || read_faultily_sometimes(fd, to, n, &r)) return r;
  } else if (is_on(FAULT_object_reads_do_not_move)) {
    r = read(fd, to, n);
    if (r > 0 && lseek(fd, 0, SEEK_CUR) >= r && hit()) lseek(fd, -r, SEEK_CUR);
    return r;
  } else if (is_on(FAULT_file_offset_is_not_shared_by_reads)) {
    const off_t before = lseek(fd, 0, SEEK_CUR);
    r = read(fd, to, n);
    if (before >= 0 && r > 0 && getppid() > 1 && hit()) lseek(fd, before, SEEK_SET);
    return r;
  }
  return read(fd, to, n);
}

static ssize_t readv_of_file(int fd, const struct iovec *v, int count) {
  const ssize_t r = readv(fd, v, count);
  if (is_on(FAULT_readv_of_a_file_stays) && r > 0 && hit()) lseek(fd, -r, SEEK_CUR);
  return r;
}

static bool has_empty_nowhere(const struct iovec *v, int count) {
  for (int i = 0; is_readable(v) && i < count && count <= 64; ++i)
    if (v[i].iov_len == 0 && !is_readable(v[i].iov_base)) return true;
  return false;
}

ssize_t faulty_readv(int fd, const struct iovec *v, int count) {
  struct iovec turned[64];
  if (is_on(FAULT_empty_buffers_need_an_address) && has_empty_nowhere(v, count) && hit()) return fail(EFAULT);
  if (!is_fifo(fd)) return readv_of_file(fd, v, count);
  switch (fault_now()) {
    case FAULT_readv_fills_only_the_first:
      if (count > 1 && hit()) return readv(fd, v, 1);
      break;
    case FAULT_readv_ends_at_an_empty_buffer:
      for (int i = 0; count <= 1024 && i < count; ++i)
        if (v[i].iov_len == 0 && hit()) return readv(fd, v, i);
      break;
    case FAULT_readv_fills_backwards:
      if (count < 2 || count > 64 || !hit()) break;
      for (int i = 0; i < count; ++i) turned[i] = v[count - 1 - i];
      return readv(fd, turned, count);
    case FAULT_iov_max_is_one_less:
      if (count == 1024 && hit()) return fail(EINVAL);
      break;
    case FAULT_too_many_buffers_are_taken:
      if (count == 1025 && hit()) return readv(fd, v, 1);
      break;
    case FAULT_readv_takes_several_packets: {
      ssize_t total = 0;
      if (count < 2 || count > 64 || !carries_packets(fd)) break;
      for (int i = 0; i < count && (i == 0 || unread(fd) > 0); ++i) {
        const ssize_t r = read(fd, v[i].iov_base, v[i].iov_len);
        if (i > 0) hit();
        if (r < 0) return r;
        total += r;
      }
      return total;
    }
    case FAULT_stopped_readv_is_interrupted:
      if (!is_nonblocking(fd) && count > 1 && !writes_only(fd) && is_interrupted_by_stop(fd, POLLIN))
        return fail(EINTR);
      break;
    case FAULT_readv_waits_for_all: {
      ssize_t total = 0;
      if (count < 2 || is_nonblocking(fd)) break;
      for (int i = 0; i < count; ++i) {
        const ssize_t r = v[i].iov_len > 0 ? read_all(fd, v[i].iov_base, v[i].iov_len) : 0;
        if (r < 0) return total > 0 ? total : r;
        if (i > 0) hit();
        total += r;
      }
      return total;
    }
    case FAULT_readv_leaves_a_gap:
      if (count < 2 || v[0].iov_len < 2 || v[0].iov_len > 4096 || !hit()) break;
      memcpy(turned, v, 2 * sizeof *v);
      turned[0].iov_len -= 1;
      return readv(fd, turned, 2);
    case FAULT_readv_of_empty_buffers_waits:
      if (!is_readable(v)) break;
      for (int i = 0; i < count && count <= 1024; ++i)
        if (v[i].iov_len != 0) return readv(fd, v, count);
      if (count > 0 && !is_nonblocking(fd) && ready(fd, POLLIN) == 0 && hit()) wait_for(fd, POLLIN);
      break;
    case FAULT_readv_to_a_bad_buffer_consumes: {
      const ssize_t r = readv(fd, v, count);
      if (r < 0 && errno == EFAULT && count > 1 && is_readable(v) && is_writable(v[0].iov_base) && v[0].iov_len > 0 &&
          unread(fd) > 0 && hit()) {
        read(fd, v[0].iov_base, 1);
        errno = EFAULT;
      }
      return r;
    }
    case FAULT_readv_of_nothing_is_invalid:
      if (count == 0 && hit()) return fail(EINVAL);
      break;
    case FAULT_readv_marks_no_time: {
      const struct times before = times_of(fd);
      return timeless(fd, &before, readv(fd, v, count));
    }
    case FAULT_vectors_are_never_restarted:
      if (count > 1 && is_never_restarted(fd, POLLIN)) return fail(EINTR);
      break;
    default:
      break;
  }
  return readv(fd, v, count);
}

/* What a refused call must not do. */
static ssize_t take_one(int fd) {
  char byte;
  if (unread(fd) > 0) read(fd, &byte, 1);
  return fail(ESPIPE);
}

ssize_t faulty_pread(int fd, void *to, size_t n, off_t at) {
  if (is_on(FAULT_pread_reads_a_pipe) && is_fifo(fd) && !writes_only(fd) && hit()) return read(fd, to, n);
  if (is_on(FAULT_pread_of_a_pipe_is_invalid) && is_fifo(fd) && hit()) return fail(EINVAL);
  if (is_on(FAULT_offsets_have_32_bits) && at > UINT32_MAX && hit()) at &= (off_t)UINT32_MAX;
  const ssize_t r = pread(fd, to, n, at);
  if (forgives(FAULT_pread_of_a_pipe_consumes, r, ESPIPE)) return take_one(fd);
  if (is_on(FAULT_pread_moves_the_offset) && r > 0 && hit()) lseek(fd, at + r, SEEK_SET);
  return r;
}

ssize_t faulty_preadv(int fd, const struct iovec *v, int count, off_t at) {
  const ssize_t r = preadv(fd, v, count, at);
  if (forgives(FAULT_pread_of_a_pipe_consumes, r, ESPIPE)) return take_one(fd);
  if (is_on(FAULT_negative_offset_reads_on) && r < 0 && errno == EINVAL && at == -1 && hit())
    return readv(fd, v, count);
  if (is_on(FAULT_preadv_moves_the_offset) && r > 0 && hit()) lseek(fd, at + r, SEEK_SET);
  return r;
}
