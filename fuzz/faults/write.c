/* Faults of writing to pipes and FIFOs. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"
#include "fuzz/faults/write.h"

/* A write without its SIGPIPE, which is pending only if it was before. */
ssize_t write_quietly(int fd, const void *from, size_t n) {
  const struct timespec now = {0, 0};
  sigset_t pipe, before, pending;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigpending(&pending);
  sigprocmask(SIG_BLOCK, &pipe, &before);
  const ssize_t r = write(fd, from, n);
  const int error = errno;
  if (r < 0 && error == EPIPE && sigismember(&pending, SIGPIPE) != 1) sigtimedwait(&pipe, NULL, &now);
  sigprocmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return r;
}

bool has_no_reader(int fd) { return (ready(fd, 0) & POLLERR) != 0; }
static int room(int fd) { return capacity(fd) - unread(fd); }

static ssize_t write_in_parts(int fd, const char *from, size_t n, size_t part) {
  for (size_t done = 0; done < n; done += part) {
    const size_t left = n - done;
    if (write(fd, from + done, left < part ? left : part) < 0) return done != 0 ? (ssize_t)done : -1;
    sched_yield();
  }
  return (ssize_t)n;
}

static void no_one_wakes(void) {
  for (;;) pause();
}

/* How a write of at most PIPE_BUF bytes is no longer whole. */
static bool tear(int fd, const char *from, size_t n, ssize_t *r) {
  const bool nonblock = is_nonblocking(fd);
  char changed[8192];
  switch (fault_now()) {
    case FAULT_torn_write_to_a_fifo:
      if (!is_named_fifo(fd)) return false;
      /* fallthrough */
    case FAULT_torn_write:
      *r = write(fd, from, n);
      if (*r >= 0 || errno != EAGAIN || n < 2 || n > PIPE_BUF) return true;
      for (size_t k = n - 1; k != 0 && *r < 0; --k) *r = write(fd, from, k);
      if (*r > 0) hit();
      return true;
    case FAULT_torn_blocking_write:
      if (nonblock || n < 2 || n > PIPE_BUF || has_no_reader(fd) || !hit()) return false;
      *r = write_in_parts(fd, from, n, n / 2 + 1);
      return true;
    case FAULT_torn_when_room_is_short:
      if (nonblock || n < 2 || n > PIPE_BUF || room(fd) <= 0 || room(fd) >= (int)n || has_no_reader(fd) || !hit())
        return false;
      *r = write_in_parts(fd, from, n, (size_t)room(fd));
      return true;
    case FAULT_atomic_only_up_to_512:
      if (nonblock || n <= 512 || n > PIPE_BUF || has_no_reader(fd) || !hit()) return false;
      *r = write_in_parts(fd, from, n, 512);
      return true;
    case FAULT_pipe_buf_is_one_less:
      if (!nonblock || n != PIPE_BUF || room(fd) <= 0 || room(fd) >= PIPE_BUF) return false;
      *r = write(fd, from, n);
      if (*r >= 0 || errno != EAGAIN) return true;
      for (size_t k = n - 1; k != 0 && *r < 0; --k) *r = write(fd, from, k);
      if (*r > 0) hit();
      return true;
    case FAULT_pipe_buf_write_loses_its_last_byte:
      if (n != PIPE_BUF) return false;
      *r = write(fd, from, n - 1);
      if (*r > 0 && hit()) *r = (ssize_t)n;
      return true;
    case FAULT_write_beyond_pipe_buf_loses_its_last_byte:
      if (n != PIPE_BUF + 1) return false;
      *r = write(fd, from, n - 1);
      if (*r == PIPE_BUF && hit()) *r = (ssize_t)n;
      return true;
    case FAULT_ends_swapped:
      if (n <= 1000 || n >= 4096 || from[0] == from[n - 1] || !hit()) return false;
      memcpy(changed, from, n);
      changed[0] = from[n - 1];
      changed[n - 1] = from[0];
      *r = write(fd, changed, n);
      return true;
    case FAULT_page_of_a_write_is_shared: {
      const struct iovec v = {(void *)(uintptr_t)from, n};
      if (n != 4096 || (uintptr_t)from % 4096 != 0 || !hit()) return false;
      *r = vmsplice(fd, &v, 1, 0);
      return true;
    }
    case FAULT_nul_ends_a_write:
      if (n == 0 || n > PIPE_BUF || memchr(from, 0, n) == NULL || memchr(from, 0, n) == (const void *)from || !hit())
        return false;
      *r = write(fd, from, strlen(from));
      if (*r > 0) *r = (ssize_t)n;
      return true;
    case FAULT_large_write_repeats_a_page:
      if (n < 8192 || nonblock || !hit()) return false;
      *r = write(fd, from, 4096);
      if (*r == 4096) *r = write(fd, from, n - 4096);
      if (*r > 0) *r += 4096;
      return true;
    case FAULT_odd_write_repeats_its_last_byte:
      *r = write(fd, from, n);
      if (*r == 4097 && hit()) write(fd, from + 4096, 1);
      return true;
    case FAULT_write_overtakes:
      if (n == 0 || n > 64 || unread(fd) == 0 || unread(fd) > 64 || has_no_reader(fd)) return false;
      {
        const int from_it = reopen(fd, O_RDONLY | O_NONBLOCK);
        const ssize_t was = read(from_it, changed, 64);
        *r = write(fd, from, n);
        if (was > 0 && hit()) write(fd, changed, (size_t)was);
        close(from_it);
      }
      return true;
    default:
      return false;
  }
}

/* How a writer without room, or without a reader, is treated wrongly. */
static bool refuse(int fd, const char *from, size_t n, ssize_t *r) {
  const bool nonblock = is_nonblocking(fd);
  switch (fault_now()) {
    case FAULT_no_sigpipe:
      if (!has_no_reader(fd) || !hit()) return false;
      *r = write_quietly(fd, from, n);
      return true;
    case FAULT_no_sigpipe_nonblocking:
      if (!nonblock || !has_no_reader(fd) || !hit()) return false;
      *r = write_quietly(fd, from, n);
      return true;
    case FAULT_no_sigpipe_for_long_writes:
      if (n <= PIPE_BUF || !has_no_reader(fd) || !hit()) return false;
      *r = write_quietly(fd, from, n);
      return true;
    case FAULT_no_sigpipe_for_one_byte:
      if (n != 1 || !has_no_reader(fd) || !hit()) return false;
      *r = write_quietly(fd, from, n);
      return true;
    case FAULT_no_sigpipe_after_the_first:
      if (n == 0 || !has_no_reader(fd) || count_up(file_of(fd)) == 1 || !hit()) return false;
      *r = write_quietly(fd, from, n);
      return true;
    case FAULT_no_sigpipe_for_a_child:
      if (!has_no_reader(fd) || was_made_by_me(fd) || !hit()) return false;
      *r = write_quietly(fd, from, n);
      return true;
    case FAULT_no_sigpipe_when_blocked:
      if (nonblock || ready(fd, POLLOUT) != 0) return false;
      *r = write_quietly(fd, from, n);
      if (*r < 0 && errno == EPIPE) hit();
      return true;
    case FAULT_sigpipe_twice:
      *r = write(fd, from, n);
      if (*r < 0 && errno == EPIPE && hit()) {
        raise(SIGPIPE);
        errno = EPIPE;
      }
      return true;
    case FAULT_sigpipe_to_any_thread:
      if (!has_no_reader(fd) || n == 0 || !hit()) return false;
      *r = write_quietly(fd, from, n);
      kill(getpid(), SIGPIPE);
      errno = EPIPE;
      return true;
    case FAULT_sigpipe_without_error:
      *r = write(fd, from, n);
      if (*r < 0 && errno == EPIPE && hit()) *r = (ssize_t)n;
      return true;
    case FAULT_bytes_vanish_without_a_reader:
      if (!nonblock || n == 0 || !has_no_reader(fd) || !hit()) return false;
      *r = (ssize_t)n;
      return true;
    case FAULT_full_and_no_reader_is_eagain:
      if (!nonblock || n == 0 || !has_no_reader(fd) || room(fd) > 0 || !hit()) return false;
      *r = fail(EAGAIN);
      return true;
    case FAULT_epipe_is_eagain:
      *r = write(fd, from, n);
      if (*r < 0 && errno == EPIPE && nonblock && hit()) errno = EAGAIN;
      return true;
    case FAULT_write_of_nothing_is_epipe:
      if (n != 0 || !has_no_reader(fd) || !hit()) return false;
      raise(SIGPIPE);
      *r = fail(EPIPE);
      return true;
    case FAULT_write_of_nothing_blocks_when_full:
      if (n != 0 || nonblock || ready(fd, POLLOUT) != 0 || !hit()) return false;
      wait_for(fd, POLLOUT);
      return false;
    case FAULT_write_of_nothing_is_eagain_when_full:
      if (n != 0 || !nonblock || ready(fd, POLLOUT) != 0 || !hit()) return false;
      *r = fail(EAGAIN);
      return true;
    case FAULT_write_of_nothing_writes_a_byte:
      if (n != 0 || has_no_reader(fd) || room(fd) <= 0 || writes_only(fd) == false || !hit()) return false;
      write(fd, "", 1);
      *r = 0;
      return true;
    case FAULT_exact_room_is_too_little:
      if (!nonblock || n == 0 || n > PIPE_BUF || room(fd) != (int)n || !hit()) return false;
      *r = fail(EAGAIN);
      return true;
    case FAULT_exact_room_blocks:
      if (nonblock || n == 0 || room(fd) != (int)n || has_no_reader(fd) || !hit()) return false;
      no_one_wakes();
      return false;
    case FAULT_last_page_is_never_filled:
      if (!nonblock || n == 0 || room(fd) > 4096 || capacity(fd) <= 4096 || has_no_reader(fd) || !hit()) return false;
      *r = fail(EAGAIN);
      return true;
    case FAULT_nonblocking_long_write_is_all_or_nothing:
      if (!nonblock || n <= PIPE_BUF || (int)n <= room(fd) || has_no_reader(fd) || !hit()) return false;
      *r = fail(EAGAIN);
      return true;
    case FAULT_nonblocking_write_needs_half_the_pipe:
      if (!nonblock || n == 0 || has_no_reader(fd) || 2 * unread(fd) < capacity(fd) || !hit()) return false;
      *r = fail(EAGAIN);
      return true;
    case FAULT_sixteen_small_writes_fill_a_pipe: {
      int64_t *writes = counter(file_of(fd) ^ 0xc1);
      if (unread(fd) == 0) *writes = 0;
      if (n == 0 || !nonblock || has_no_reader(fd) || ++*writes <= 16 || !hit()) return false;
      *r = fail(EAGAIN);
      return true;
    }
    case FAULT_ignored_sigpipe_is_eintr: {
      struct sigaction a;
      if (n == 0 || !has_no_reader(fd) || sigaction(SIGPIPE, NULL, &a) != 0 || a.sa_handler != SIG_IGN || !hit())
        return false;
      *r = fail(EINTR);
      return true;
    }
    case FAULT_full_is_the_wrong_error:
      *r = write(fd, from, n);
      if (*r < 0 && errno == EAGAIN && hit()) errno = ENOSPC;
      return true;
    case FAULT_full_is_a_write_of_nothing:
      *r = write(fd, from, n);
      if (*r < 0 && errno == EAGAIN && hit()) *r = 0;
      return true;
    case FAULT_read_end_can_be_written:
      *r = write(fd, from, n);
      if (*r < 0 && errno == EBADF && is_fifo(fd) && hit()) *r = (ssize_t)n;
      return true;
    default:
      return false;
  }
}

/* How a write counts, waits and is interrupted wrongly. */
static bool miscount(int fd, const char *from, size_t n, ssize_t *r) {
  const bool nonblock = is_nonblocking(fd);
  static const char zeros[8192];
  switch (fault_now()) {
    case FAULT_long_write_counts_one_less:
      *r = write(fd, from, n);
      if (*r > 4096 && hit()) *r -= 1;
      return true;
    case FAULT_partial_write_counts_one_less:
      *r = write(fd, from, n);
      if (*r > 1 && *r < (ssize_t)n && hit()) *r -= 1;
      return true;
    case FAULT_partial_write_leaves_a_byte_of_room:
      if (!nonblock || n <= PIPE_BUF || (int)n < room(fd) || room(fd) < 2 || has_no_reader(fd) || !hit()) return false;
      *r = write(fd, from, (size_t)room(fd) - 1);
      return true;
    case FAULT_partial_write_claims_all:
      *r = write(fd, from, n);
      if (*r > 0 && *r < (ssize_t)n && hit()) *r = (ssize_t)n;
      return true;
    case FAULT_partial_write_is_eagain:
      *r = write(fd, from, n);
      if (*r > 0 && *r < (ssize_t)n && nonblock && hit()) *r = fail(EAGAIN);
      return true;
    case FAULT_blocking_write_is_partial:
      if (nonblock || n == 0 || (int64_t)n <= capacity(fd) || !hit()) return false;
      *r = write(fd, from, (size_t)capacity(fd));
      return true;
    case FAULT_blocking_write_does_not_wait:
      if (nonblock || n == 0 || n > PIPE_BUF || ready(fd, POLLOUT) != 0 || !hit()) return false;
      *r = fail(EAGAIN);
      return true;
    case FAULT_writer_waits_until_the_pipe_is_empty:
      if (nonblock || n == 0 || ready(fd, POLLOUT) != 0) return false;
      while (wait_for(fd, POLLOUT) > 0 && unread(fd) > 0 && !has_no_reader(fd)) {
        hit();
        sched_yield();
      }
      return false;
    case FAULT_writer_misses_the_last_close:
      if (nonblock || n == 0 || ready(fd, POLLOUT) != 0) return false;
      if ((wait_for(fd, POLLOUT) & POLLERR) && hit()) no_one_wakes();
      return false;
    case FAULT_interrupted_write_goes_on:
      do *r = write(fd, from, n);
      while (*r < 0 && errno == EINTR && hit());
      return true;
    case FAULT_interrupted_partial_write_is_eintr:
      *r = write(fd, from, n);
      if (*r > 0 && *r < (ssize_t)n && !nonblock && !has_no_reader(fd) && hit()) *r = fail(EINTR);
      return true;
    case FAULT_interrupted_write_leaves_a_byte:
      *r = write(fd, from, n);
      if (*r < 0 && errno == EINTR && hit()) {
        const int other = reopen(fd, O_RDONLY | O_NONBLOCK);
        char byte[4096];
        const ssize_t had = read(other, byte, sizeof byte);
        if (had > 0) write(fd, from, 1);
        close(other);
        errno = EINTR;
      }
      return true;
    case FAULT_partial_write_without_reader_is_epipe:
      *r = write(fd, from, n);
      if (*r > 0 && *r < (ssize_t)n && !nonblock && has_no_reader(fd) && hit()) *r = fail(EPIPE);
      return true;
    case FAULT_write_from_a_bad_address_leaves_bytes:
      *r = write(fd, from, n);
      if (*r < 0 && errno == EFAULT && hit()) {
        write(fd, zeros, n < sizeof zeros ? n : sizeof zeros);
        errno = EFAULT;
      }
      return true;
    case FAULT_write_from_a_bad_address_succeeds:
      *r = write(fd, from, n);
      if (*r < 0 && errno == EFAULT && hit()) *r = 0;
      return true;
    case FAULT_file_size_limit_binds_pipes: {
      struct rlimit limit;
      if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || n <= limit.rlim_cur || !hit())
        return false;
      *r = fail(EFBIG);
      return true;
    }
    case FAULT_stopped_writer_is_interrupted:
      if (nonblock || n == 0 || !is_interrupted_by_stop(fd, POLLOUT)) return false;
      *r = fail(EINTR);
      return true;
    default:
      return false;
  }
}

static bool stressed(void) { return count_up((uint64_t)getpid()) % 20 == 0; }

static bool write_faultily_sometimes(int fd, const char *from, size_t n, ssize_t *r) {
  static __thread char kept[4096];
  static __thread size_t length;
  if (n < 16 || n > PIPE_BUF) return false;
  switch (fault_now()) {
    case FAULT_record_cut_now_and_then:
      if (!stressed() || !hit()) return false;
      *r = write(fd, from, n - 1);
      if (*r > 0) *r = (ssize_t)n;
      return true;
    case FAULT_record_written_twice_now_and_then:
      if (stressed() && hit()) write(fd, from, n);
      return false;
    case FAULT_record_torn_now_and_then:
      if (!stressed() || !hit()) return false;
      *r = write_in_parts(fd, from, n, n / 2);
      return true;
    case FAULT_records_change_places_now_and_then:
      if (length == 0 && stressed() && hit()) {
        memcpy(kept, from, n);
        length = n;
        *r = (ssize_t)n;
        return true;
      }
      *r = write(fd, from, n);
      if (length != 0) write(fd, kept, length);
      length = 0;
      return true;
    default:
      return false;
  }
}

/* Who waits for room, in order of coming; see BASE_WAITS. */
static ssize_t write_waiting(int fd, const void *from, size_t n) {
  const uint64_t pipe = file_of(fd);
  if (ready(fd, POLLOUT) == 0) {
    const int64_t rank = count_up(pipe ^ 0x81), size = capacity(fd);
    const int events = wait_for(fd, POLLOUT);
    if (events < 0) return -1;
    if (((is_on(FAULT_second_writer_is_never_woken) && rank == 2) ||
         (is_on(FAULT_third_writer_is_never_woken) && rank == 3) ||
         (is_on(FAULT_fifth_writer_is_never_woken) && rank == 5)) &&
        hit())
      no_one_wakes();
    if (is_on(FAULT_growth_lets_no_writer_go) && capacity(fd) > (int)size && hit()) no_one_wakes();
    if (is_on(FAULT_one_writer_of_several_sees_the_last_close) && (events & POLLERR) && count_up(pipe ^ 0x82) > 1 &&
        hit())
      no_one_wakes();
  }
  return write(fd, from, n);
}

ssize_t faulty_write(int fd, const void *from, size_t n) {
  if ((is_on(FAULT_spliced_rest_takes_what_comes) || is_on(FAULT_teed_page_takes_what_comes)) && is_fifo(fd) &&
      is_readable(from))
    write_over_joined(fd, from, n);
  ssize_t r;
  if (fault_now() == FAULT_none && base_now() == BASE_PLAIN) return write(fd, from, n);
  if (is_on(FAULT_writing_marks_no_time)) {
    const struct times before = times_of(fd);
    return timeless(fd, &before, write(fd, from, n));
  }
  if ((is_on(FAULT_refused_write_marks_a_time) || is_on(FAULT_write_of_nothing_marks_a_time)) && is_fifo(fd)) {
    r = write(fd, from, n);
    const int error = errno;
    const bool marks = is_on(FAULT_write_of_nothing_marks_a_time) ? r == 0 : r < 0 && error == EAGAIN;
    const struct timespec now[2] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
    if (marks && hit()) futimens(fd, now);
    errno = error;
    return r;
  }
  if (is_on(FAULT_no_sigpipe_for_fifos) && is_named_fifo(fd) && has_no_reader(fd) && n != 0 && hit())
    return write_quietly(fd, from, n);
  if (is_on(FAULT_count_of_a_write_has_32_bits) && n > UINT32_MAX && hit()) return write(fd, from, n & UINT32_MAX);
  if (!is_fifo(fd)) return write_to_file(fd, from, n);
  if (is_on(FAULT_nothing_is_a_packet) && n == 0 && (status_flags(fd) & O_DIRECT) && unread(fd) == 0)
    *counter(file_of(fd) ^ 0x94) = 1;
  write_into_what_was_put_in(fd, from, n);
  if (base_now() == BASE_WAITS && !reads_only(fd) && !is_nonblocking(fd) && n != 0) return write_waiting(fd, from, n);
  if (is_on(FAULT_read_end_can_be_written)) return refuse(fd, from, n, &r) ? r : write(fd, from, n);
  if (!reads_only(fd) && (tear(fd, from, n, &r) || refuse(fd, from, n, &r) || miscount(fd, from, n, &r) ||
                          write_faultily_sometimes(fd, from, n, &r)))
    return r;
  return write(fd, from, n);
}
