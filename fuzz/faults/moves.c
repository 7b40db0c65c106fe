/* Faults of waiting to move bytes between descriptors, and of refusing to. */
#include <errno.h>

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

ssize_t refuse_move(int in, ssize_t r) {
  const int error = errno;
  char byte;
  if (is_on(FAULT_invalid_splice_consumes) && r < 0 && (error == EINVAL || error == EBADF || error == ESPIPE) &&
      is_fifo(in) && !writes_only(in) && unread(in) > 0 && hit())
    read(in, &byte, 1);
  errno = error;
  return r;
}
