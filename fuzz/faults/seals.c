/* Faults of the seals of memory files, and of what else fcntl does to a file. */
#include <errno.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

enum { KNOWN_SEALS = 0x3f };

int control_file(int fd, int command, long value) {
  int r;
  if (is_on(FAULT_capacity_of_a_file) && command == F_GETPIPE_SZ && hit()) return 65536;
  if (is_on(FAULT_seals_cannot_be_added) && command == F_ADD_SEALS && hit()) return 0;
  if (is_on(FAULT_seals_are_not_told) && command == F_GET_SEALS && fcntl(fd, command) > 0 && hit()) return 0;
  if (is_on(FAULT_sealing_of_seals_is_ignored) && command == F_ADD_SEALS) {
    if ((value & F_SEAL_SEAL) && hit()) return fcntl(fd, command, value & ~F_SEAL_SEAL);
  }
  if (is_on(FAULT_unknown_seals_are_taken) && command == F_ADD_SEALS) {
    r = fcntl(fd, command, value);
    return r < 0 && errno == EINVAL && (value & ~KNOWN_SEALS) && hit() ? 0 : r;
  }
  if (is_on(FAULT_seals_replace_each_other) && command == F_GET_SEALS) {
    r = fcntl(fd, command);
    return r > 0 && (r & (r - 1)) && hit() ? r & (r - 1) : r;
  }
  if (is_on(FAULT_write_seal_of_a_mapped_file) && command == F_ADD_SEALS) {
    r = fcntl(fd, command, value);
    return r < 0 && errno == EBUSY && hit() ? 0 : r;
  }
  if (is_on(FAULT_seal_that_is_there_is_refused) && command == F_ADD_SEALS && value != 0) {
    r = fcntl(fd, F_GET_SEALS);
    if (r > 0 && (value & ~r) == 0 && hit()) return fail(EPERM);
  }
  r = fcntl(fd, command, value);
  if (is_on(FAULT_readers_may_seal) && r < 0 && command == F_ADD_SEALS && errno == EPERM && reads_only(fd) && hit())
    return 0;
  if (is_on(FAULT_everything_has_seals) && r < 0 && command == F_GET_SEALS && errno == EINVAL && hit()) return 0;
  if (is_on(FAULT_future_seal_of_a_mapped_file_is_busy) && r == 0 && command == F_ADD_SEALS &&
      (value & F_SEAL_FUTURE_WRITE) && is_mapped_to_write(fd) && hit())
    return fail(EBUSY);
  if (is_on(FAULT_refused_seals_are_added_in_part) && r < 0 && command == F_ADD_SEALS && errno == EINVAL &&
      fcntl(fd, F_ADD_SEALS, value & KNOWN_SEALS) == 0 && hit())
    errno = EINVAL;
  if (is_on(FAULT_busy_seals_are_added_in_part) && r < 0 && command == F_ADD_SEALS && errno == EBUSY) {
    if ((value & ~F_SEAL_WRITE) != 0 && fcntl(fd, F_ADD_SEALS, value & ~F_SEAL_WRITE) == 0) hit();
    errno = EBUSY;
  }
  if (is_on(FAULT_seals_belong_to_the_description) && r > 0 && command == F_GET_SEALS && fd == unsealed_descriptor &&
      hit())
    return 0;
  return r;
}
