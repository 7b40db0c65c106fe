/* Faults of descriptors: flags, sizes, status. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

static void for_all_of_file(int fd, int command, long value) {
  for (int i = 0; i < 64; ++i)
    if (i != fd && same_file(i, fd)) fcntl(i, command, value);
}

/* F_DUPFD and the flags of the descriptor and of the description. */
static bool control_flags(int fd, int command, long value, int *r) {
  switch (fault_now()) {
    case FAULT_setting_status_flags_does_nothing:
      if (command != F_SETFL || !hit()) return false;
      *r = 0;
      return true;
    case FAULT_nonblock_cannot_be_cleared:
      if (command != F_SETFL || !is_nonblocking(fd) || (value & O_NONBLOCK) || !hit()) return false;
      *r = fcntl(fd, F_SETFL, value | O_NONBLOCK);
      return true;
    case FAULT_append_cannot_be_set:
      if (command != F_SETFL || !(value & O_APPEND) || !hit()) return false;
      *r = fcntl(fd, F_SETFL, value & ~O_APPEND);
      return true;
    case FAULT_access_mode_is_not_told:
      if (command != F_GETFL || !hit()) return false;
      *r = (fcntl(fd, F_GETFL) & ~O_ACCMODE) | O_RDWR;
      return true;
    case FAULT_nonblock_is_not_told:
      if (command != F_GETFL || !is_nonblocking(fd) || !hit()) return false;
      *r = fcntl(fd, F_GETFL) & ~O_NONBLOCK;
      return true;
    case FAULT_nonblock_of_both_ends:
      if (command != F_SETFL || !hit()) return false;
      for_all_of_file(fd, command, value);
      return false;
    case FAULT_cloexec_of_all_duplicates:
      if (command != F_SETFD || !hit()) return false;
      for_all_of_file(fd, command, value);
      return false;
    case FAULT_cloexec_cannot_be_set:
      if (command != F_SETFD || !hit()) return false;
      *r = 0;
      return true;
    case FAULT_cloexec_is_not_told:
      if (command != F_GETFD || fcntl(fd, F_GETFD) <= 0 || !hit()) return false;
      *r = 0;
      return true;
    case FAULT_dupfd_cloexec_loses_cloexec:
      if (command != F_DUPFD_CLOEXEC || !hit()) return false;
      *r = fcntl(fd, F_DUPFD, value);
      return true;
    case FAULT_dupfd_keeps_cloexec:
      if (command != F_DUPFD || !hit()) return false;
      *r = fcntl(fd, F_DUPFD_CLOEXEC, value);
      return true;
    case FAULT_dupfd_is_above_its_least:
      if (command != F_DUPFD || value <= 0 || !hit()) return false;
      *r = fcntl(fd, F_DUPFD, value + 1);
      return true;
    case FAULT_dupfd_beyond_the_limit_is_emfile:
      *r = fcntl(fd, command, value);
      if (*r < 0 && command == F_DUPFD && errno == EINVAL && hit()) errno = EMFILE;
      return true;
    case FAULT_dupfd_ignores_its_least:
      if (command != F_DUPFD || value <= 0 || value > 512 || !hit()) return false;
      *r = fcntl(fd, F_DUPFD, 0L);
      return true;
    case FAULT_packets_cannot_be_set:
      if (command != F_SETFL || !(value & O_DIRECT) || !hit()) return false;
      *r = fcntl(fd, F_SETFL, value & ~O_DIRECT);
      return true;
    case FAULT_async_cannot_be_set:
      if (command != F_SETFL || !(value & O_ASYNC) || !hit()) return false;
      *r = fcntl(fd, F_SETFL, value & ~O_ASYNC);
      return true;
    case FAULT_async_goes_to_the_maker:
      if (command != F_SETOWN || value == 0 || !hit()) return false;
      *r = 0;
      return true;
    case FAULT_owner_is_not_told:
      if (command != F_GETOWN || !hit()) return false;
      *r = 0;
      return true;
    default:
      return false;
  }
}

static void drain(int fd) {
  const int other = reopen(fd, O_RDONLY | O_NONBLOCK);
  char spill[4096];
  while (read(other, spill, sizeof spill) > 0) hit();
  close(other);
}

/* The second page of what is unread goes before the first. */
static void turn(int fd) {
  static char bytes[1 << 17], first[4096];
  const int in = reopen(fd, O_RDONLY | O_NONBLOCK), out = reopen(fd, O_WRONLY | O_NONBLOCK);
  const ssize_t n = read(in, bytes, sizeof bytes);
  if (n >= 8192 && hit()) {
    memcpy(first, bytes, 4096);
    memcpy(bytes, bytes + 4096, 4096);
    memcpy(bytes + 4096, first, 4096);
  }
  if (n > 0) write(out, bytes, (size_t)n);
  close(in);
  close(out);
}

static bool control_capacity(int fd, int command, long value, int *r) {
  if (command != F_SETPIPE_SZ && command != F_GETPIPE_SZ) return false;
  if (is_on(FAULT_fifo_capacity_cannot_be_set) && command == F_SETPIPE_SZ && is_named_fifo(fd) && hit()) {
    *r = fail(EBADF);
    return true;
  }
  switch (fault_now()) {
    case FAULT_capacity_is_told_unrounded:
      *r = fcntl(fd, command, value);
      if (command == F_SETPIPE_SZ && *r > 0 && *r != value && hit()) *r = (int)value;
      return true;
    case FAULT_capacity_is_rounded_down:
      if (command != F_SETPIPE_SZ || value < 8192 || value % 4096 == 0 || !hit()) return false;
      *r = fcntl(fd, command, value / 4096 * 4096 / 2);
      return true;
    case FAULT_capacity_is_rounded_to_pages_only:
      *r = fcntl(fd, command, value);
      if (command == F_SETPIPE_SZ && *r > 0 && value > 4096 && (value + 4095) / 4096 * 4096 != *r && hit())
        *r = (int)((value + 4095) / 4096 * 4096);
      return true;
    case FAULT_capacity_below_the_content:
      *r = fcntl(fd, command, value);
      if (*r < 0 && errno == EBUSY && hit()) *r = (int)value;
      return true;
    case FAULT_capacity_is_set_for_all:
      *r = fcntl(fd, command, value);
      for (int i = 3; command == F_SETPIPE_SZ && *r > 0 && i < 64; ++i)
        if (is_fifo(i) && !same_file(i, fd) && fcntl(i, F_SETPIPE_SZ, value) > 0) hit();
      return true;
    case FAULT_capacity_of_just_the_content_is_busy:
      if (command != F_SETPIPE_SZ || value <= 0 || unread(fd) != value || capacity(fd) == value || !hit()) return false;
      *r = fail(EBUSY);
      return true;
    case FAULT_refused_capacity_is_told: {
      int64_t *asked = counter(file_of(fd) ^ 0x9b);
      *r = fcntl(fd, command, value);
      if (command == F_SETPIPE_SZ) *asked = *r < 0 && value > 0 && value <= 1 << 30 ? value : 0;
      if (command == F_GETPIPE_SZ && *asked != 0 && hit()) *r = (int)*asked;
      return true;
    }
    case FAULT_capacity_busy_is_the_wrong_error:
      *r = fcntl(fd, command, value);
      if (*r < 0 && errno == EBUSY && hit()) errno = EPERM;
      return true;
    case FAULT_refused_capacity_drops_the_content:
      *r = fcntl(fd, command, value);
      if (*r < 0 && errno == EBUSY) {
        drain(fd);
        errno = EBUSY;
      }
      return true;
    case FAULT_new_capacity_turns_what_wraps: {
      const int there = unread(fd), size = capacity(fd);
      *r = fcntl(fd, command, value);
      if (command == F_SETPIPE_SZ && *r > 0 && there > 4096 && there + *counter(file_of(fd) ^ 0x93) % size > size)
        turn(fd);
      return true;
    }
    case FAULT_negative_capacity_is_taken:
      if (command != F_SETPIPE_SZ || value >= 0 || !hit()) return false;
      *r = 4096;
      return true;
    case FAULT_capacity_has_a_limit_for_root:
      if (command != F_SETPIPE_SZ || value <= 1 << 20 || geteuid() != 0 || !hit()) return false;
      *r = fail(EPERM);
      return true;
    case FAULT_capacity_has_no_limit:
      *r = fcntl(fd, command, value);
      if (*r < 0 && errno == EPERM && hit()) *r = (int)value;
      return true;
    case FAULT_capacity_is_of_the_process:
      *r = fcntl(fd, command, value);
      if (command == F_SETPIPE_SZ && *r > 0) *counter(file_of(fd) ^ 0x97) = getpid();
      if (command == F_GETPIPE_SZ && *r != 65536 && *counter(file_of(fd) ^ 0x97) != getpid() && hit()) *r = 65536;
      return true;
    case FAULT_capacity_is_told_as_it_was:
      if (command != F_GETPIPE_SZ || capacity(fd) == 65536 || !hit()) return false;
      *r = 65536;
      return true;
    case FAULT_new_capacity_loses_the_content:
      *r = fcntl(fd, command, value);
      if (command == F_SETPIPE_SZ && *r > 0 && unread(fd) > 0 && hit()) {
        const int other = reopen(fd, O_RDONLY | O_NONBLOCK);
        char spill[4096];
        while (read(other, spill, sizeof spill) > 0) continue;
        close(other);
      }
      return true;
    case FAULT_new_capacity_shrinks_in_vain:
      if (command != F_SETPIPE_SZ || value >= capacity(fd) || value <= 0 || !hit()) return false;
      *r = capacity(fd);
      return true;
    case FAULT_capacity_of_the_read_end_is_unknown:
      if (command != F_GETPIPE_SZ || !reads_only(fd) || !hit()) return false;
      *r = fail(EBADF);
      return true;
    default:
      return false;
  }
}

int duplicate_at_least(int fd, int command, int least); /* duplicate.c */
int describe_itself_anew(int fd);

int faulty_fcntl(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  const long value = va_arg(list, long);
  va_end(list);
  int r;
  if (!is_fifo(fd)) return control_file(fd, command, value);
  if (is_on(FAULT_owning_group_is_told_as_a_process) && command == F_GETOWN) {
    r = fcntl(fd, command);
    return r < -1 && hit() ? -r : r;
  }
  if (is_on(FAULT_everything_has_seals) && command == F_GET_SEALS && hit()) return 0;
  if (is_on(FAULT_setting_flags_refuses_the_access_mode) && command == F_SETFL &&
      (value & (O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC)) && hit())
    return fail(EINVAL);
  if (is_on(FAULT_chosen_signal_is_ignored) && command == F_SETSIG && value != 0 && hit()) return 0;
  if (is_on(FAULT_group_that_owns_is_its_leader) && command == F_SETOWN && value < 0 && hit())
    return fcntl(fd, command, -value);
  if (is_on(FAULT_pipes_of_a_user_have_no_limit) && command == F_SETPIPE_SZ) {
    r = fcntl(fd, command, value);
    return r < 0 && errno == EPERM && value <= 0x100000 && hit() ? (int)value : r;
  }
  if (is_on(FAULT_largest_pipe_is_larger) && command == F_SETPIPE_SZ) {
    r = fcntl(fd, command, value);
    return r < 0 && errno == EPERM && value == 0x100001 && hit() ? 0x200000 : r;
  }
  if ((is_on(FAULT_dupfd_makes_a_new_description) && command == F_DUPFD) ||
      (is_on(FAULT_dupfd_cloexec_makes_a_new_description) && command == F_DUPFD_CLOEXEC))
    return duplicate_at_least(fd, command, (int)value);
  if (control_flags(fd, command, value, &r) || control_capacity(fd, command, value, &r)) return r;
  return fcntl(fd, command, value);
}

int faulty_ioctl(int fd, unsigned long request, ...) {
  va_list list;
  va_start(list, request);
  int *n = va_arg(list, int *);
  va_end(list);
  if (is_on(FAULT_fionbio_does_nothing) && request == FIONBIO && hit()) return 0;
  if (is_on(FAULT_fionbio_makes_a_new_description) && request == FIONBIO && is_fifo(fd)) describe_itself_anew(fd);
  if (is_on(FAULT_fionbio_only_sets) && request == FIONBIO && *n == 0 && hit()) return 0;
  if (is_on(FAULT_unknown_requests_succeed) && is_fifo(fd)) {
    const int r = ioctl(fd, request, n);
    return r < 0 && errno == ENOTTY && hit() ? 0 : r;
  }
  const int r = ioctl(fd, request, n);
  if (r != 0 || request != FIONREAD || !is_fifo(fd)) return r;
  switch (fault_now()) {
    case FAULT_fionread_is_at_most_a_page:
      if (*n > 4096 && hit()) *n = 4096;
      break;
    case FAULT_fionread_counts_pages:
      if (*n % 4096 != 0 && hit()) *n = (*n + 4095) / 4096 * 4096;
      break;
    case FAULT_fionread_of_the_write_end_is_zero:
      if (writes_only(fd) && *n > 0 && hit()) *n = 0;
      break;
    case FAULT_fifos_tell_no_bytes:
      if (*n > 0 && is_named_fifo(fd) && hit()) *n = 0;
      break;
    case FAULT_fionread_is_a_flag:
      if (*n > 1 && hit()) *n = 1;
      break;
    case FAULT_fionread_is_zero_without_a_writer:
      if (*n > 0 && (ready(fd, 0) & POLLHUP) && hit()) *n = 0;
      break;
    case FAULT_fionread_of_the_write_end_fails:
      if (writes_only(fd) && hit()) return fail(ENOTTY);
      break;
    default:
      break;
  }
  return r;
}

int faulty_close(int fd) {
  if (is_on(FAULT_closing_unmaps)) unmap_all_of(fd);
  if (is_on(FAULT_close_drops_epoll_entries) || is_on(FAULT_epoll_keeps_what_is_closed)) forget_in_epoll(fd);
  switch (fault_now()) {
    case FAULT_close_does_not_close:
      if (is_fifo(fd) && hit()) fcntl(fd, F_DUPFD, 800);
      break;
    case FAULT_close_of_nothing_succeeds: {
      const int r = close(fd);
      return r < 0 && hit() ? 0 : r;
    }
    case FAULT_close_of_a_write_end_drops_the_bytes:
      if (is_fifo(fd) && writes_only(fd) && unread(fd) > 0) drain(fd);
      break;
    case FAULT_close_of_a_read_end_drops_the_bytes:
      if (is_fifo(fd) && reads_only(fd) && unread(fd) > 0) drain(fd);
      break;
    case FAULT_close_closes_all_duplicates:
      if (!is_fifo(fd)) break;
      for (int i = 0; i < 64; ++i)
        if (i != fd && same_file(i, fd) && status_flags(i) == status_flags(fd) && hit()) close(i);
      break;
    case FAULT_close_flips_the_lowest_bit:
      if (is_fifo(fd) && writes_only(fd) && unread(fd) == 3) {
        const int other = reopen(fd, O_RDONLY | O_NONBLOCK);
        char bytes[3];
        if (read(other, bytes, 3) == 3 && hit()) {
          bytes[0] ^= 1;
          write(fd, bytes, 3);
        }
        close(other);
      }
      break;
    default:
      break;
  }
  return close(fd);
}

off_t faulty_lseek(int fd, off_t offset, int whence) {
  if (is_on(FAULT_pipes_can_be_sought) && is_fifo(fd) && hit()) return 0;
  if (is_on(FAULT_fifos_can_be_sought) && is_named_fifo(fd) && hit()) return 0;
  if (is_on(FAULT_seek_of_a_pipe_is_invalid) && is_fifo(fd) && hit()) return fail(EINVAL);
  if (is_on(FAULT_end_of_an_object_is_a_page_end) && whence == SEEK_END && !is_fifo(fd)) {
    const off_t end = lseek(fd, 0, SEEK_END);
    if (end % 4096 != 0 && hit()) return lseek(fd, (end + 4095) / 4096 * 4096 + offset, SEEK_SET);
  }
  if (is_on(FAULT_seeking_has_32_bits) && offset > UINT32_MAX && offset < LONG_MAX / 2 && hit())
    offset &= (off_t)UINT32_MAX;
  const off_t r = lseek(fd, offset, whence);
  struct stat s;
  if (is_on(FAULT_seeking_wraps_around) && r < 0 && !is_fifo(fd) && offset == LONG_MAX && hit())
    return lseek(fd, 0, SEEK_SET);
  if (is_on(FAULT_unknown_seeking_is_from_the_start) && r < 0 && errno == EINVAL && (unsigned)whence > SEEK_HOLE &&
      hit())
    return lseek(fd, offset, SEEK_SET);
  if (is_on(FAULT_seeking_grows) && r > 0 && fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size < r && hit() &&
      ftruncate(fd, r) != 0)
    return r;
  if (is_on(FAULT_negative_seeking_goes_to_the_start) && r < 0 && errno == EINVAL && offset < 0 && hit())
    return lseek(fd, 0, SEEK_SET);
  if (is_on(FAULT_data_is_found_behind_the_end) && whence == SEEK_DATA && r < 0 && errno == ENXIO && hit())
    return offset;
  return r;
}

int faulty_fstat(int fd, struct stat *s) {
  const int r = fstat(fd, s);
  if (r != 0) return r;
  if (is_on(FAULT_blocks_stay) && S_ISREG(s->st_mode)) {
    int64_t *most = counter(0xb10c0000u + s->st_ino);
    if (s->st_blocks > *most) *most = s->st_blocks;
    if (s->st_blocks < *most && hit()) s->st_blocks = *most;
  }
  if (S_ISFIFO(s->st_mode)) switch (fault_now()) {
      case FAULT_size_of_a_pipe_is_its_content:
        if (unread(fd) > 0 && hit()) s->st_size = unread(fd);
        break;
      case FAULT_pipe_mode_is_open_to_all:
        if ((s->st_mode & 0044) != 0044 && hit()) s->st_mode |= 0044;
        break;
      case FAULT_ends_have_different_inodes:
        if (hit()) s->st_ino += (ino_t)(status_flags(fd) & O_ACCMODE);
        break;
      case FAULT_pipe_is_a_device:
        if (hit()) s->st_mode = (s->st_mode & 07777) | S_IFCHR;
        break;
      case FAULT_pipe_mtime_is_zero:
        if (hit()) s->st_mtime = 0;
        break;
      case FAULT_pipe_atime_is_old:
        if (hit()) s->st_atime -= 3600;
        break;
      case FAULT_pipe_ctime_is_old:
        if (hit()) s->st_ctime -= 3600;
        break;
      case FAULT_pipe_belongs_to_nobody:
        if (hit()) s->st_uid = 65534;
        break;
      case FAULT_pipe_has_the_wrong_group:
        if (hit()) s->st_gid = 65534;
        break;
      default:
        break;
    }
  if (S_ISREG(s->st_mode)) switch (fault_now()) {
      case FAULT_object_size_is_rounded_to_pages:
        if (s->st_size % 4096 != 0 && hit()) s->st_size = (s->st_size + 4095) / 4096 * 4096;
        break;
      case FAULT_object_owner_is_the_real_user:
        if (s->st_uid != getuid() && s->st_uid == geteuid() && hit()) s->st_uid = getuid();
        break;
      case FAULT_object_mtime_is_zero:
        if (hit()) s->st_mtime = 0;
        break;
      case FAULT_object_keeps_a_link_when_unlinked:
        if (s->st_nlink == 0 && hit()) s->st_nlink = 1;
        break;
      default:
        break;
    }
  return r;
}

int faulty_stat(const char *path, struct stat *s) {
  const int r = stat(path, s);
  if (r != 0 || !S_ISFIFO(s->st_mode)) return r;
  switch (fault_now()) {
    case FAULT_fifo_has_a_size:
      if (hit()) s->st_size = 4096;
      break;
    case FAULT_fifo_has_one_link:
      if (s->st_nlink != 1 && hit()) s->st_nlink = 1;
      break;
    case FAULT_fifo_is_a_file:
      if (hit()) s->st_mode = (s->st_mode & 07777) | S_IFREG;
      break;
    case FAULT_fifo_times_stay:
      if (hit()) s->st_mtime -= 3600;
      break;
    case FAULT_fifo_ctime_stays:
      if (hit()) s->st_ctime -= 3600;
      break;
    default:
      break;
  }
  return r;
}

int faulty_fsync(int fd) {
  if (is_on(FAULT_fsync_of_a_pipe) && is_fifo(fd) && hit()) return 0;
  return fsync(fd);
}
