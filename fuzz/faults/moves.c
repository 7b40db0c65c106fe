/* Faults of sendfile, of waiting to move bytes between descriptors, and of refusing to. */
#include <errno.h>
#include <sys/sendfile.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

/* Ends a move that must wait when the stop of its process ends. */
static bool is_ended(int in, int out, enum fault_id stopped) {
  const bool waits_for_input = is_fifo(in) && ready(in, POLLIN) == 0;
  const bool waits_for_room = !waits_for_input && is_fifo(out) && ready(out, POLLOUT) == 0;
  if ((!waits_for_input && !waits_for_room) || !is_on(stopped)) return false;
  const int fd = waits_for_input ? in : out;
  return !is_nonblocking(fd) && is_interrupted_by_stop(fd, waits_for_input ? POLLIN : POLLOUT);
}

bool splice_is_ended(int in, int out) { return is_ended(in, out, FAULT_stopped_splice_is_interrupted); }

bool tee_is_ended(int in, int out) { return is_ended(in, out, FAULT_stopped_tee_is_interrupted); }

bool vmsplice_is_ended(int out) { return writes_only(out) && is_ended(-1, out, FAULT_stopped_vmsplice_is_interrupted); }

bool sendfile_is_ended(int out) { return is_ended(-1, out, FAULT_stopped_sendfile_is_interrupted); }

/* Takes O_ASYNC from all that the process has of a pipe, or gives it back: the bits of `which`. */
uint64_t without_async(int out) {
  uint64_t which = 0;
  if (!is_on(FAULT_moves_send_no_sigio) || !is_fifo(out)) return 0;
  for (int fd = 0; fd < 64; ++fd)
    if (same_file(fd, out) && (status_flags(fd) & O_ASYNC) && hit()) {
      which |= (uint64_t)1 << fd;
      fcntl(fd, F_SETFL, status_flags(fd) & ~O_ASYNC);
    }
  return which;
}

void with_async(uint64_t which) {
  const int error = errno;
  for (int fd = 0; fd < 64; ++fd)
    if ((which >> fd) & 1) fcntl(fd, F_SETFL, status_flags(fd) | O_ASYNC);
  errno = error;
}

ssize_t refuse_move(int in, ssize_t r) {
  const int error = errno;
  char byte;
  if (is_on(FAULT_invalid_splice_consumes) && r < 0 && (error == EINVAL || error == EBADF || error == ESPIPE) &&
      is_fifo(in) && !writes_only(in) && unread(in) > 0 && hit())
    read(in, &byte, 1);
  errno = error;
  return r;
}

static ssize_t sendfile_faultily(int out, int in, off_t *at, size_t n) {
  if (!is_fifo(in) && n != 0 && sendfile_is_ended(out)) return fail(EINTR);
  ssize_t r;
  off_t copy;
  if (is_on(FAULT_sendfile_writes_files_at_the_start) && !is_fifo(out) && hit()) lseek(out, 0, SEEK_SET);
  if (is_on(FAULT_sendfile_appends)) {
    r = sendfile(out, in, at, n);
    return r < 0 && errno == EINVAL && (status_flags(out) & O_APPEND) && hit() ? (ssize_t)n : r;
  }
  switch (fault_now()) {
    case FAULT_sendfile_does_not_move_the_offset_given:
      if (at == NULL || !hit()) break;
      copy = *at;
      return sendfile(out, in, &copy, n);
    case FAULT_sendfile_offset_runs_ahead:
      r = sendfile(out, in, at, n);
      if (r <= 0 || (size_t)r == n || ready(out, POLLOUT) != 0 || !hit()) return r;
      if (at != NULL)
        *at += (off_t)n - r;
      else
        lseek(in, (off_t)n - r, SEEK_CUR);
      return r;
    case FAULT_refused_sendfile_moves_the_offset:
      r = sendfile(out, in, at, n);
      if (r >= 0 || errno != EAGAIN || !hit()) return r;
      if (at != NULL)
        *at += 1;
      else
        lseek(in, 1, SEEK_CUR);
      return fail(EAGAIN);
    case FAULT_sendfile_behind_the_end_is_invalid:
      r = sendfile(out, in, at, n);
      return r == 0 && n > 0 && hit() ? fail(EINVAL) : r;
    case FAULT_sendfile_has_no_sigpipe:
      if (is_fifo(out) && !is_fifo(in) && n > 0 && (ready(out, 0) & POLLERR) && hit()) return fail(EPIPE);
      break;
    case FAULT_interrupted_sendfile_goes_on:
      do r = sendfile(out, in, at, n);
      while (r < 0 && errno == EINTR && hit());
      return r;
    case FAULT_sendfile_from_a_pipe_works:
      r = sendfile(out, in, at, n);
      return r < 0 && is_fifo(in) && hit() ? 0 : r;
    case FAULT_sendfile_moves_the_file_offset:
      r = sendfile(out, in, at, n);
      if (at != NULL && r > 0 && hit()) lseek(in, *at, SEEK_SET);
      return r;
    default:
      break;
  }
  return sendfile(out, in, at, n);
}

ssize_t faulty_sendfile(int out, int in, off_t *at, size_t n) {
  const uint64_t async = without_async(out);
  const ssize_t r = sendfile_faultily(out, in, at, n);
  with_async(async);
  return r;
}
