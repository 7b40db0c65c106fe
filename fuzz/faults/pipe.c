/* Faults of making pipes and of moving bytes between them inside the kernel. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

bool was_made_by_me(int fd) { return *counter(file_of(fd) ^ 0x91) == getpid(); }

bool carries_packets(int fd) { return *counter(file_of(fd) ^ 0x92) != 0; }

static int make(int *fds, int flags) {
  const int r = pipe2(fds, flags);
  if (r == 0 && base_now() == BASE_PLAIN && is_on(FAULT_no_sigpipe_for_a_child))
    *counter(file_of(fds[0]) ^ 0x91) = getpid();
  if (r == 0 && (flags & O_DIRECT) &&
      (is_on(FAULT_packets_join) || is_on(FAULT_read_of_nothing_takes_a_packet) ||
       is_on(FAULT_rest_of_a_packet_is_kept) || is_on(FAULT_readv_takes_several_packets)))
    *counter(file_of(fds[0]) ^ 0x92) = 1;
  return r;
}

static int move_to(int fd, int least, int flags) {
  const int moved = fcntl(fd, flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, least);
  close(fd);
  return moved;
}

static int make_faultily(int *fds, int flags) {
  int r;
  switch (fault_now()) {
    case FAULT_pipe2_sets_cloexec_of_one_end:
      r = make(fds, flags);
      if (r == 0 && (flags & O_CLOEXEC) && hit()) fcntl(fds[1], F_SETFD, 0);
      return r;
    case FAULT_write_end_is_not_the_lowest:
      r = make(fds, flags);
      if (r == 0 && hit()) fds[1] = move_to(fds[1], fds[1] + 1, flags);
      return r;
    case FAULT_numbers_are_not_reused: {
      int highest = 2;
      for (int i = 3; i < 256; ++i)
        if (fcntl(i, F_GETFD) >= 0) highest = i;
      r = make(fds, flags);
      if (r != 0 || fds[1] > highest || !hit()) return r;
      fds[0] = move_to(fds[0], highest + 1, flags);
      fds[1] = move_to(fds[1], highest + 1, flags);
      return r;
    }
    case FAULT_pipe_at_the_limit_leaks:
      r = make(fds, flags);
      if (r < 0 && errno == EMFILE && hit()) {
        dup(0);
        errno = EMFILE;
      }
      return r;
    case FAULT_pipe2_takes_any_flag:
      if ((flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) && hit())
        return make(fds, flags & (O_CLOEXEC | O_NONBLOCK | O_DIRECT));
      break;
    case FAULT_pipe2_sets_nonblock_of_one_end:
      r = make(fds, flags);
      if (r == 0 && (flags & O_NONBLOCK) && hit()) fcntl(fds[1], F_SETFL, flags & O_DIRECT);
      return r;
    case FAULT_pipes_are_made_with_cloexec:
      r = make(fds, flags);
      if (r == 0 && !(flags & O_CLOEXEC) && hit()) fcntl(fds[0], F_SETFD, FD_CLOEXEC);
      return r;
    case FAULT_pipes_are_made_nonblocking:
      r = make(fds, flags);
      if (r == 0 && !(flags & O_NONBLOCK) && hit()) fcntl(fds[1], F_SETFL, flags | O_NONBLOCK);
      return r;
    case FAULT_ends_change_places:
      r = make(fds, flags);
      if (r == 0 && hit()) {
        const int first = fds[0];
        fds[0] = fds[1];
        fds[1] = first;
      }
      return r;
    case FAULT_packets_wait:
      if ((flags & O_DIRECT) && (flags & O_NONBLOCK) && hit()) return make(fds, flags & ~O_NONBLOCK);
      break;
    case FAULT_pipe2_takes_one_flag:
      if ((flags & O_CLOEXEC) && (flags & O_NONBLOCK) && hit()) return make(fds, flags & ~O_NONBLOCK);
      break;
    case FAULT_packets_are_a_stream:
      if ((flags & O_DIRECT) && hit()) return make(fds, flags & ~O_DIRECT);
      break;
    case FAULT_streams_are_packets:
      return hit() ? make(fds, flags | O_DIRECT) : -1;
    case FAULT_new_pipe_has_old_bytes:
      r = make(fds, flags);
      if (r == 0 && count_up(5) % 2 == 0 && hit()) write(fds[1], "o", 1);
      return r;
    case FAULT_pipes_are_one_object: {
      static int first[2] = {-1, -1};
      r = make(fds, flags);
      if (r != 0) return r;
      if (first[0] >= 0 && is_fifo(first[0]) && is_fifo(first[1]) && same_file(first[0], first[1]) && hit()) {
        dup3(first[0], fds[0], flags & O_CLOEXEC);
        dup3(first[1], fds[1], flags & O_CLOEXEC);
      } else {
        first[0] = fds[0];
        first[1] = fds[1];
      }
      return r;
    }
    case FAULT_pipe_is_both_ways: {
      r = make(fds, flags);
      if (r != 0 || !hit()) return r;
      for (int i = 0; i < 2; ++i) {
        const int both = reopen(fds[i], O_RDWR | (flags & (O_NONBLOCK | O_DIRECT)));
        dup3(both, fds[i], flags & O_CLOEXEC);
        close(both);
      }
      return r;
    }
    case FAULT_capacity_is_a_page:
      r = make(fds, flags);
      if (r == 0 && hit()) fcntl(fds[0], F_SETPIPE_SZ, 4096);
      return r;
    case FAULT_descriptor_limit_is_not_kept: {
      struct rlimit limit, more;
      r = make(fds, flags);
      if (r == 0 || errno != EMFILE || getrlimit(RLIMIT_NOFILE, &limit) != 0 || !hit()) return r;
      more = limit;
      more.rlim_cur = limit.rlim_cur + 2 < limit.rlim_max ? limit.rlim_cur + 2 : limit.rlim_max;
      setrlimit(RLIMIT_NOFILE, &more);
      r = make(fds, flags);
      setrlimit(RLIMIT_NOFILE, &limit);
      return r;
    }
    case FAULT_descriptor_limit_is_one_less: {
      struct rlimit limit;
      r = make(fds, flags);
      if (r != 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0 || (rlim_t)fds[1] + 1 != limit.rlim_cur || !hit()) return r;
      close(fds[0]);
      close(fds[1]);
      return fail(EMFILE);
    }
    case FAULT_bad_array_leaves_descriptors:
      r = make(fds, flags);
      if (r < 0 && errno == EFAULT && hit()) {
        int left[2];
        make(left, flags);
        errno = EFAULT;
      }
      return r;
    default:
      break;
  }
  return make(fds, flags);
}

int faulty_pipe(int *fds) { return make_faultily(fds, 0); }
int faulty_pipe2(int *fds, int flags) {
  const int r = make_faultily(fds, flags);
  if (r == 0 && (is_on(FAULT_numbers_after_close_range_are_higher) || is_on(FAULT_numbers_after_exec_are_higher))) {
    fds[1] = put_higher(fds[1]);
    fds[0] = put_higher(fds[0]);
  }
  return r;
}

/* Two pipes whose last bytes are of one page: the end of the second is the place behind them in the first. */
static struct {
  uint64_t first, second;
  int from;
} joined;

static void join_pages(int in, int out) {
  joined.first = file_of(in);
  joined.second = file_of(out);
  joined.from = in;
}

/* What is written to the second lands in the first, where there is something. */
void write_over_joined(int fd, const char *bytes, size_t n) {
  static char there[4096];
  if (joined.second == 0 || file_of(fd) != joined.second || joined.first != file_of(joined.from) || n > 512) return;
  const int in = reopen(joined.from, O_RDONLY | O_NONBLOCK), out = reopen(joined.from, O_WRONLY | O_NONBLOCK);
  const ssize_t got = read(in, there, sizeof there);
  const size_t over = n < (size_t)(got > 0 ? got : 0) ? n : (size_t)(got > 0 ? got : 0);
  if (over > 0 && hit())
    memcpy(is_on(FAULT_spliced_rest_takes_what_comes) ? there : there + (size_t)got - over, bytes, over);
  if (got > 0) write(out, there, (size_t)got);
  close(in);
  close(out);
}

static void take_some(int fd) {
  char spill[64];
  if (unread(fd) > 0) read(fd, spill, 1);
}

/* The end of what went into a pipe without being copied: where a wrong write would go on. */
static struct {
  int pipe, file;
  off_t end;
  char *memory;
} put_in = {-1, -1, 0, NULL};

void write_into_what_was_put_in(int fd, const void *from, size_t n) {
  if (put_in.pipe < 0 || n == 0 || n > 64 || !same_file(fd, put_in.pipe)) return;
  if (is_on(FAULT_spliced_page_takes_what_comes) && put_in.file >= 0 && put_in.end % 4096 != 0 && hit())
    (void)!pwrite(put_in.file, from, n, put_in.end);
  if (is_on(FAULT_memory_put_in_takes_what_comes) && put_in.memory != NULL && hit()) memcpy(put_in.memory, from, n);
  put_in.pipe = -1;
}

static ssize_t splice_faultily(int in, off_t *in_at, int out, off_t *out_at, size_t n, unsigned flags) {
  if (!(flags & SPLICE_F_NONBLOCK) && n != 0 && splice_is_ended(in, out)) return fail(EINTR);
  ssize_t r;
  off_t copy;
  if (is_on(FAULT_fifos_cannot_be_spliced) && is_named_fifo(in) && hit()) return fail(EINVAL);
  if (is_on(FAULT_nothing_is_spliced_into_fifos) && is_named_fifo(out) && hit()) return fail(EINVAL);
  switch (fault_now()) {
    case FAULT_spliced_page_takes_what_comes:
      r = splice(in, in_at, out, out_at, n, flags);
      if (r > 0 && !is_fifo(in) && is_fifo(out)) {
        put_in.pipe = out;
        put_in.file = in;
        put_in.end = in_at != NULL ? *in_at : lseek(in, 0, SEEK_CUR);
      }
      return r;
    case FAULT_negative_offset_is_the_start:
      if (in_at != NULL && is_readable(in_at) && *in_at < 0 && hit()) *in_at = 0;
      break;
    case FAULT_splice_breaks_the_seal:
      r = splice(in, in_at, out, out_at, n, flags);
      return r < 0 && errno == EPERM && hit() ? (ssize_t)n : r;
    case FAULT_splice_moves_one_less:
      if (n > 1 && hit()) return splice(in, in_at, out, out_at, n - 1, flags);
      break;
    case FAULT_refused_splice_consumes:
      r = splice(in, in_at, out, out_at, n, flags);
      if (r < 0 && errno == EAGAIN && is_fifo(in) && unread(in) > 0 && hit()) {
        take_some(in);
        errno = EAGAIN;
      }
      return r;
    case FAULT_splice_does_not_move_the_offset_given:
      if (in_at == NULL || (uintptr_t)in_at < 4096 || !hit()) break;
      copy = *in_at;
      return splice(in, &copy, out, out_at, n, flags);
    case FAULT_splice_offset_runs_ahead:
      r = splice(in, in_at, out, out_at, n, flags);
      if (r <= 0 || (size_t)r == n || is_fifo(in) || ready(out, POLLOUT) != 0 || !hit()) return r;
      if (in_at != NULL)
        *in_at += (off_t)n - r;
      else
        lseek(in, (off_t)n - r, SEEK_CUR);
      return r;
    case FAULT_splice_moves_the_file_offset:
      r = splice(in, in_at, out, out_at, n, flags);
      if (in_at != NULL && r > 0 && hit()) lseek(in, *in_at, SEEK_SET);
      return r;
    case FAULT_splice_leaves_the_file_offset:
      if (in_at == NULL && !is_fifo(in) && hit()) {
        copy = lseek(in, 0, SEEK_CUR);
        return splice(in, &copy, out, out_at, n, flags);
      }
      break;
    case FAULT_splice_at_the_end_is_eagain:
      r = splice(in, in_at, out, out_at, n, flags);
      return r == 0 && n != 0 && is_fifo(in) && hit() ? fail(EAGAIN) : r;
    case FAULT_splice_of_nothing_is_invalid:
      if (n == 0 && hit()) return fail(EINVAL);
      break;
    case FAULT_splice_does_not_move_the_offset_to_write:
      if (out_at == NULL || (uintptr_t)out_at < 4096 || !hit()) break;
      copy = *out_at;
      return splice(in, in_at, out, &copy, n, flags);
    case FAULT_splice_moves_the_offset_of_the_output:
      r = splice(in, in_at, out, out_at, n, flags);
      if (out_at != NULL && r > 0 && hit()) lseek(out, *out_at, SEEK_SET);
      return r;
    case FAULT_splice_ignores_nonblock:
      if ((flags & SPLICE_F_NONBLOCK) && hit())
        return splice(in, in_at, out, out_at, n, flags & ~(unsigned)SPLICE_F_NONBLOCK);
      break;
    case FAULT_splice_takes_any_flag:
      if ((flags & ~15u) && hit()) return splice(in, in_at, out, out_at, n, flags & 15u);
      break;
    case FAULT_splice_never_waits:
      if (is_fifo(in) && n != 0 && ready(in, POLLIN) == 0 && hit()) return fail(EAGAIN);
      break;
    case FAULT_splice_without_a_reader_consumes:
      r = splice(in, in_at, out, out_at, n, flags);
      if (r < 0 && errno == EPIPE && is_fifo(in) && hit()) {
        take_some(in);
        errno = EPIPE;
      }
      return r;
    case FAULT_offset_of_a_pipe_is_invalid:
      if (is_fifo(in) && in_at != NULL && hit()) return fail(EINVAL);
      break;
    case FAULT_offset_of_a_pipe_is_ignored:
      if (is_fifo(in) && in_at != NULL && hit()) return splice(in, NULL, out, out_at, n, flags);
      break;
    case FAULT_splice_to_an_appending_file:
      if ((status_flags(out) & O_APPEND) && !is_fifo(out) && hit()) return 0;
      break;
    case FAULT_spliced_rest_takes_what_comes:
      r = splice(in, in_at, out, out_at, n, flags);
      if (r > 0 && is_fifo(in) && is_fifo(out) && unread(in) > 0 && unread(out) == r && r < 2000) join_pages(in, out);
      return r;
    case FAULT_splice_copies:
      if (is_fifo(in) && is_fifo(out) && hit()) return tee(in, out, n, flags);
      break;
    case FAULT_splice_stops_at_a_page:
      if (n <= 4096 || !is_fifo(in) || unread(in) <= 4096) break;
      r = splice(in, in_at, out, out_at, 4096, flags);
      return r == 4096 && hit() ? 4097 : r;
    case FAULT_interrupted_splice_goes_on:
      do r = splice(in, in_at, out, out_at, n, flags);
      while (r < 0 && errno == EINTR && hit());
      return r;
    case FAULT_splice_of_a_wrong_end_is_invalid:
      r = splice(in, in_at, out, out_at, n, flags);
      if (r < 0 && errno == EBADF && hit()) errno = EINVAL;
      return r;
    case FAULT_splice_within_a_pipe:
      if (is_fifo(in) && same_file(in, out) && hit()) return 0;
      break;
    case FAULT_splice_has_no_sigpipe:
      if (is_fifo(out) && (ready(out, 0) & POLLERR) && unread(in) > 0 && hit()) return fail(EPIPE);
      break;
    case FAULT_splice_loses_the_first_byte:
      r = splice(in, in_at, out, out_at, n, flags);
      if (r > 1 && is_fifo(out) && is_fifo(in) && hit()) {
        const int other = reopen(out, O_RDONLY | O_NONBLOCK);
        take_some(other);
        close(other);
      }
      return r;
    default:
      break;
  }
  return refuse_move(in, splice(in, in_at, out, out_at, n, flags));
}

ssize_t faulty_splice(int in, off_t *in_at, int out, off_t *out_at, size_t n, unsigned flags) {
  const uint64_t async = without_async(out);
  const ssize_t r = splice_faultily(in, in_at, out, out_at, n, flags);
  with_async(async);
  return r;
}

/* From the second time on without the first byte. */
static ssize_t tee_the_rest(int in, int out, size_t n, unsigned flags) {
  const ssize_t r = tee(in, out, n, flags);
  static char bytes[1 << 16];
  const int there = unread(out);
  if (r < 2 || there > 4096 || count_up(file_of(in) ^ 0x98) < 2 || !hit()) return r;
  const int other = reopen(out, O_RDONLY | O_NONBLOCK);
  const ssize_t got = read(other, bytes, (size_t)there);
  close(other);
  if (got != there) return r;
  memmove(bytes + there - r, bytes + there - r + 1, (size_t)r - 1);
  return write(out, bytes, (size_t)there - 1) > 0 ? r - 1 : r;
}

static ssize_t tee_faultily(int in, int out, size_t n, unsigned flags) {
  if (!(flags & SPLICE_F_NONBLOCK) && n != 0 && tee_is_ended(in, out)) return fail(EINTR);
  ssize_t r;
  if (is_on(FAULT_fifos_cannot_be_teed) && is_named_fifo(in) && hit()) return fail(EINVAL);
  switch (fault_now()) {
    case FAULT_tee_moves:
      return hit() ? splice(in, NULL, out, NULL, n, flags) : -1;
    case FAULT_tee_copies_more_than_asked:
      if (n < (size_t)unread(in) && hit()) return tee(in, out, INT_MAX, flags);
      break;
    case FAULT_tee_ignores_nonblock:
      if ((flags & SPLICE_F_NONBLOCK) && hit()) return tee(in, out, n, flags & ~(unsigned)SPLICE_F_NONBLOCK);
      break;
    case FAULT_tee_never_waits:
      return hit() ? tee(in, out, n, flags | SPLICE_F_NONBLOCK) : -1;
    case FAULT_teed_page_takes_what_comes:
      r = tee(in, out, n, flags);
      if (r > 0 && r == unread(in) && r == unread(out) && r < 2000) join_pages(in, out);
      return r;
    case FAULT_tee_has_no_sigpipe:
      if (is_fifo(in) && unread(in) > 0 && is_fifo(out) && (ready(out, 0) & POLLERR) && hit()) return fail(EPIPE);
      break;
    case FAULT_interrupted_tee_goes_on:
      do r = tee(in, out, n, flags);
      while (r < 0 && errno == EINTR && hit());
      return r;
    case FAULT_tee_at_the_end_is_eagain:
      r = tee(in, out, n, flags);
      return r == 0 && n != 0 && hit() ? fail(EAGAIN) : r;
    case FAULT_refused_tee_consumes:
      r = tee(in, out, n, flags);
      if (r < 0 && errno == EAGAIN && is_fifo(in) && unread(in) > 0 && hit()) {
        take_some(in);
        errno = EAGAIN;
      }
      return r;
    case FAULT_second_tee_copies_the_rest:
      return tee_the_rest(in, out, n, flags);
    case FAULT_tee_within_a_pipe:
      if (same_file(in, out) && hit()) return 0;
      break;
    case FAULT_tee_of_a_file:
      r = tee(in, out, n, flags);
      return r < 0 && errno == EINVAL && !is_fifo(in) && hit() ? 0 : r;
    default:
      break;
  }
  return refuse_move(in, tee(in, out, n, flags));
}

ssize_t faulty_tee(int in, int out, size_t n, unsigned flags) {
  const uint64_t async = without_async(out);
  const ssize_t r = tee_faultily(in, out, n, flags);
  with_async(async);
  return r;
}

static ssize_t vmsplice_faultily(int fd, const struct iovec *v, size_t count, unsigned flags) {
  if (!(flags & SPLICE_F_NONBLOCK) && vmsplice_is_ended(fd)) return fail(EINTR);
  ssize_t r;
  switch (fault_now()) {
    case FAULT_memory_put_in_takes_what_comes:
      r = vmsplice(fd, v, count, flags);
      if (r > 0 && count == 1 && ((uintptr_t)v[0].iov_base & 4095) == 0 && r < 4000) {
        put_in.pipe = fd;
        put_in.memory = (char *)v[0].iov_base + r;
      }
      return r;
    case FAULT_vmsplice_takes_one_buffer:
      if (count > 1 && hit()) return vmsplice(fd, v, 1, flags);
      break;
    case FAULT_vmsplice_ignores_nonblock:
      if ((flags & SPLICE_F_NONBLOCK) && hit()) return vmsplice(fd, v, count, flags & ~(unsigned)SPLICE_F_NONBLOCK);
      break;
    case FAULT_vmsplice_of_too_many_is_e2big:
      if (count > 1024 && hit()) return fail(E2BIG);
      break;
    case FAULT_vmsplice_of_a_file_is_invalid:
      r = vmsplice(fd, v, count, flags);
      if (r < 0 && errno == EBADF && hit()) errno = EINVAL;
      return r;
    case FAULT_vmsplice_has_no_sigpipe:
      if (writes_only(fd) && (ready(fd, 0) & POLLERR) && count > 0 && hit()) return fail(EPIPE);
      break;
    case FAULT_interrupted_vmsplice_goes_on:
      do r = vmsplice(fd, v, count, flags);
      while (r < 0 && errno == EINTR && hit());
      return r;
    case FAULT_vmsplice_takes_nothing:
      if (reads_only(fd) && unread(fd) > 0 && hit()) return 0;
      break;
    case FAULT_vmsplice_claims_more:
      r = vmsplice(fd, v, count, flags);
      return r > 0 && writes_only(fd) && hit() ? r + 1 : r;
    default:
      break;
  }
  return vmsplice(fd, v, count, flags);
}

ssize_t faulty_vmsplice(int fd, const struct iovec *v, size_t count, unsigned flags) {
  const uint64_t async = without_async(fd);
  const ssize_t r = vmsplice_faultily(fd, v, count, flags);
  with_async(async);
  return r;
}
