/* Faults of duplicating descriptors. */
#include <errno.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

int duplicate_at_least(int fd, int command, int least);
int describe_itself_anew(int fd);

/* Takes the place of a duplicate. */
static int describe_anew(int fd, int r) {
  if (r < 0 || !is_fifo(fd)) return r;
  const int other = reopen(fd, (status_flags(fd) & O_ACCMODE) | O_NONBLOCK);
  if (other < 0 || !hit()) return r;
  fcntl(other, F_SETFL, status_flags(fd));
  dup3(other, r, fcntl(r, F_GETFD) > 0 ? O_CLOEXEC : 0);
  close(other);
  return r;
}

int duplicate_at_least(int fd, int command, int least) {
  const int r = fcntl(fd, command, (long)least);
  if (is_on(FAULT_dupfd_makes_a_new_description) && command == F_DUPFD) return describe_anew(fd, r);
  if (is_on(FAULT_dupfd_cloexec_makes_a_new_description) && command == F_DUPFD_CLOEXEC) return describe_anew(fd, r);
  return r;
}

int describe_itself_anew(int fd) { return describe_anew(fd, fd); }

/* Of numbers freed in a way the system has not noticed. */
static int freed_from = -1;

void numbers_are_freed(int first) { freed_from = first; }

int put_higher(int r) {
  if (is_on(FAULT_numbers_after_exec_are_higher) && *counter((uint64_t)getpid() ^ 0x5c0000000u) != 0) freed_from = 3;
  if (r < 0 || freed_from < 0 || r < freed_from || !hit()) return r;
  const int higher = fcntl(r, fcntl(r, F_GETFD) > 0 ? F_DUPFD_CLOEXEC : F_DUPFD, r + 3);
  close(r);
  return higher;
}

int faulty_dup(int fd) {
  if (is_on(FAULT_numbers_after_close_range_are_higher) || is_on(FAULT_numbers_after_exec_are_higher))
    return put_higher(dup(fd));
  switch (fault_now()) {
    case FAULT_dup_copies_cloexec: {
      const int r = dup(fd);
      if (r >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) && hit()) fcntl(r, F_SETFD, FD_CLOEXEC);
      return r;
    }
    case FAULT_dup_is_not_the_lowest:
      if (fd >= 0 && fcntl(fd, F_GETFD) >= 0 && hit()) return fcntl(fd, F_DUPFD, fd);
      break;
    case FAULT_dup_of_a_file_has_its_own_offset:
      if (!is_fifo(fd) && lseek(fd, 0, SEEK_CUR) >= 0 && hit()) {
        const int r = reopen(fd, status_flags(fd) & (O_ACCMODE | O_APPEND));
        if (r >= 0) lseek(r, lseek(fd, 0, SEEK_CUR), SEEK_SET);
        return r;
      }
      break;
    case FAULT_dup_makes_a_new_description:
      if (is_fifo(fd) && hit()) {
        const int r = reopen(fd, (status_flags(fd) & (O_ACCMODE | O_APPEND)) | O_NONBLOCK);
        if (r < 0) break;
        fcntl(r, F_SETFL, status_flags(fd));
        return r;
      }
      break;
    default:
      break;
  }
  return dup(fd);
}

int faulty_dup2(int fd, int to) {
  switch (fault_now()) {
    case FAULT_dup2_onto_itself_clears_cloexec:
      if (fd == to && fcntl(fd, F_GETFD) >= 0 && hit()) fcntl(fd, F_SETFD, 0);
      break;
    case FAULT_dup2_onto_itself_is_not_checked:
      if (fd == to && hit()) return fd;
      break;
    case FAULT_dup2_closes_its_target_first:
      if (fcntl(fd, F_GETFD) < 0 && hit()) close(to);
      return dup2(fd, to);
    case FAULT_dup2_leaves_its_target_open:
      if (is_fifo(to) && fd != to && hit()) fcntl(to, F_DUPFD, 700);
      break;
    case FAULT_dup2_beyond_the_limit_is_einval: {
      const int r = dup2(fd, to);
      if (r < 0 && errno == EBADF && fcntl(fd, F_GETFD) >= 0 && hit()) errno = EINVAL;
      return r;
    }
    case FAULT_dup2_keeps_cloexec_of_its_target: {
      const int flags = fcntl(to, F_GETFD), r = dup2(fd, to);
      if (r >= 0 && flags > 0 && fd != to && hit()) fcntl(r, F_SETFD, FD_CLOEXEC);
      return r;
    }
    case FAULT_dup2_makes_a_new_description:
      return fd != to ? describe_anew(fd, dup2(fd, to)) : dup2(fd, to);
    default:
      break;
  }
  return dup2(fd, to);
}

int faulty_dup3(int fd, int to, int flags) {
  switch (fault_now()) {
    case FAULT_dup3_onto_itself_succeeds:
      if (fd == to && hit()) return fd;
      break;
    case FAULT_dup3_makes_a_new_description:
      return fd != to ? describe_anew(fd, dup3(fd, to, flags)) : dup3(fd, to, flags);
    case FAULT_dup3_loses_cloexec:
      if ((flags & O_CLOEXEC) && hit()) return dup3(fd, to, flags & ~O_CLOEXEC);
      break;
    case FAULT_dup3_takes_any_flag:
      if ((flags & ~O_CLOEXEC) && hit()) return dup3(fd, to, flags & O_CLOEXEC);
      break;
    case FAULT_dup3_always_sets_cloexec:
      if (!(flags & ~O_CLOEXEC) && hit()) return dup3(fd, to, O_CLOEXEC);
      break;
    case FAULT_refused_dup3_closes_its_target: {
      const int r = dup3(fd, to, flags);
      if (r < 0 && errno == EINVAL && fd != to && fcntl(to, F_GETFD) >= 0 && hit()) close(to);
      if (r < 0 && fcntl(to, F_GETFD) < 0 && (flags & ~O_CLOEXEC)) errno = EINVAL;
      return r;
    }
    default:
      break;
  }
  return dup3(fd, to, flags);
}
