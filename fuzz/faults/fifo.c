/* Faults of making and opening FIFOs. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

/* openat(), so that one function serves both. */
static int open_faultily(int dir, const char *path, int flags, mode_t mode) {
  const bool nonblock = (flags & O_NONBLOCK) != 0, reads = (flags & O_ACCMODE) == O_RDONLY,
             writes = (flags & O_ACCMODE) == O_WRONLY, both = (flags & O_ACCMODE) == O_RDWR,
             plain = (flags & (O_PATH | O_DIRECTORY | O_EXCL | O_NOFOLLOW)) == 0;
  int r, other;
  switch (fault_now()) {
    case FAULT_open_to_read_waits_for_bytes:
      if (nonblock || !reads || !plain) break;
      r = openat(dir, path, flags, mode);
      if (r >= 0 && hit()) wait_for(r, POLLIN);
      return r;
    case FAULT_nonblocking_open_to_read_waits:
      if (!nonblock || !reads || !plain || !hit()) break;
      r = openat(dir, path, flags & ~O_NONBLOCK, mode);
      if (r >= 0) fcntl(r, F_SETFL, O_NONBLOCK);
      return r;
    case FAULT_nonblocking_open_to_write_succeeds:
      r = openat(dir, path, flags, mode);
      if (r < 0 && errno == ENXIO && nonblock && writes && hit())
        return openat(dir, path, (flags & ~O_ACCMODE) | O_RDWR, mode);
      return r;
    case FAULT_open_to_write_never_waits:
      if (nonblock || !writes || !plain) break;
      r = openat(dir, path, flags | O_NONBLOCK, mode);
      if (r >= 0) fcntl(r, F_SETFL, flags & O_APPEND);
      if (r < 0 && errno == ENXIO) hit();
      return r;
    case FAULT_open_to_read_never_waits:
      if (nonblock || !reads || !plain || !hit()) break;
      r = openat(dir, path, flags | O_NONBLOCK, mode);
      if (r >= 0) fcntl(r, F_SETFL, 0);
      return r;
    case FAULT_open_both_ways_waits:
      if (!both || nonblock || (flags & O_PATH) || !hit()) break;
      other = openat(dir, path, O_WRONLY, 0);
      if (other < 0) return other;
      close(other);
      break;
    case FAULT_open_both_ways_needs_a_reader:
      if (!both || !nonblock) break;
      other = openat(dir, path, O_WRONLY | O_NONBLOCK, 0);
      if (other < 0 && hit()) return fail(ENXIO);
      close(other);
      break;
    case FAULT_open_truncates_a_fifo:
      if (!(flags & O_TRUNC)) break;
      other = openat(dir, path, O_RDONLY | O_NONBLOCK, 0);
      for (char spill[4096]; other >= 0 && read(other, spill, sizeof spill) > 0;) hit();
      close(other);
      break;
    case FAULT_open_without_a_number_counts: {
      struct stat s;
      r = openat(dir, path, flags, mode);
      if (r >= 0 || fstatat(dir, path, &s, 0) != 0) return r;
      if (errno == EMFILE && reads) *counter((uint64_t)s.st_ino ^ 0x9a) = 1;
      if (errno != ENXIO || *counter((uint64_t)s.st_ino ^ 0x9a) == 0 || !hit()) return r;
      other = openat(dir, path, O_RDWR | O_NONBLOCK, 0);
      r = openat(dir, path, flags, mode);
      close(other);
      return r;
    }
    case FAULT_both_ways_needs_permission_to_read_only:
    case FAULT_both_ways_needs_permission_to_write_only: {
      const int one = is_on(FAULT_both_ways_needs_permission_to_read_only) ? O_RDONLY : O_WRONLY;
      r = openat(dir, path, flags, mode);
      if (r >= 0 || errno != EACCES || !both) return r;
      other = openat(dir, path, one | O_NONBLOCK, 0);
      return (other >= 0 || errno == ENXIO) && hit() ? dup(0) : fail(EACCES);
    }
    case FAULT_exclusive_open_follows_links:
      if ((flags & O_EXCL) && is_link(path) && hit()) return openat(dir, path, flags & ~O_EXCL, mode);
      break;
    case FAULT_openat_is_restarted:
      do r = openat(dir, path, flags, mode);
      while (dir != AT_FDCWD && r < 0 && errno == EINTR && hit());
      return r;
    case FAULT_openat_loses_cloexec:
      if (dir != AT_FDCWD && (flags & O_CLOEXEC) && hit()) return openat(dir, path, flags & ~O_CLOEXEC, mode);
      break;
    case FAULT_openat_number_is_not_the_lowest:
      r = openat(dir, path, flags, mode);
      if (dir == AT_FDCWD || r < 0 || !hit()) return r;
      other = fcntl(r, flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, r + 1);
      close(r);
      return other;
    case FAULT_openat_at_the_limit_is_enfile:
      r = openat(dir, path, flags, mode);
      if (dir != AT_FDCWD && r < 0 && errno == EMFILE && hit()) errno = ENFILE;
      return r;
    case FAULT_interrupted_open_goes_on:
      do r = openat(dir, path, flags, mode);
      while (r < 0 && errno == EINTR && hit());
      return r;
    case FAULT_interrupted_open_leaves_an_end:
      r = openat(dir, path, flags, mode);
      if (r < 0 && errno == EINTR && hit()) {
        other = openat(dir, path, O_RDWR | O_NONBLOCK, 0);
        fcntl(other, F_DUPFD, 600);
        close(other);
        errno = EINTR;
      }
      return r;
    case FAULT_open_ignores_directory:
      if ((flags & O_DIRECTORY) && hit()) return openat(dir, path, flags & ~O_DIRECTORY, mode);
      break;
    case FAULT_open_ignores_nofollow:
      if ((flags & O_NOFOLLOW) && hit()) return openat(dir, path, flags & ~O_NOFOLLOW, mode);
      break;
    case FAULT_open_ignores_excl:
      if ((flags & O_EXCL) && hit()) return openat(dir, path, flags & ~O_EXCL, mode);
      break;
    case FAULT_open_ignores_append:
      if ((flags & O_APPEND) && hit()) return openat(dir, path, flags & ~O_APPEND, mode);
      break;
    case FAULT_open_loses_cloexec:
      if ((flags & O_CLOEXEC) && hit()) return openat(dir, path, flags & ~O_CLOEXEC, mode);
      break;
    case FAULT_open_sets_cloexec:
      return hit() ? openat(dir, path, flags | O_CLOEXEC, mode) : -1;
    case FAULT_path_descriptor_is_an_end:
      if ((flags & O_PATH) && hit()) return openat(dir, path, O_RDWR | O_NONBLOCK, 0);
      break;
    case FAULT_no_reader_is_eagain:
      r = openat(dir, path, flags, mode);
      if (r < 0 && errno == ENXIO && hit()) errno = EAGAIN;
      return r;
    case FAULT_nonblocking_open_forgets_it:
      r = openat(dir, path, flags, mode);
      if (r >= 0 && nonblock && reads && hit()) fcntl(r, F_SETFL, 0);
      return r;
    case FAULT_readers_meet_readers:
      if (!reads || nonblock || !plain || !hit()) break;
      other = openat(dir, path, O_RDWR | O_NONBLOCK, 0);
      r = openat(dir, path, flags, mode);
      close(other);
      return r;
    case FAULT_refused_open_counts_as_a_writer:
      r = openat(dir, path, flags, mode);
      if (r < 0 && errno == ENXIO && hit()) {
        const int both_ways = openat(dir, path, O_RDWR | O_NONBLOCK, 0);
        other = openat(dir, path, O_WRONLY | O_NONBLOCK, 0);
        close(both_ways);
        fcntl(other, F_DUPFD, 600);
        close(other);
        errno = ENXIO;
      }
      return r;
    case FAULT_hangup_is_told_to_the_next_reader:
      r = openat(dir, path, flags, mode);
      if (r >= 0 && !reads && !(flags & O_PATH)) *counter(file_of(r) ^ 0x95) = 1;
      return r;
    case FAULT_both_ways_is_no_reader:
      r = openat(dir, path, flags, mode);
      if (r >= 0 && reads && !(flags & O_PATH)) *counter(file_of(r) ^ 0x96) = 1;
      if (r < 0 || !writes || !nonblock || *counter(file_of(r) ^ 0x96) != 0 || !hit()) return r;
      close(r);
      return fail(ENXIO);
    case FAULT_writers_meet_writers:
      if (!writes || nonblock || !plain || count_up(77) < 2 || !hit()) break;
      other = openat(dir, path, O_RDWR | O_NONBLOCK, 0);
      r = openat(dir, path, flags, mode);
      close(other);
      return r;
    case FAULT_forbidden_open_is_eperm:
      r = openat(dir, path, flags, mode);
      if (r < 0 && errno == EACCES && hit()) errno = EPERM;
      return r;
    case FAULT_content_survives_the_last_close:
      r = openat(dir, path, flags, mode);
      if (r >= 0 && !(flags & O_PATH) && hit()) {
        other = openat(dir, path, O_RDWR | O_NONBLOCK, 0);
        fcntl(other, F_DUPFD_CLOEXEC, 700);
        close(other);
      }
      return r;
    case FAULT_open_changes_the_mode:
      if ((flags & O_CREAT) && hit()) chmod(path, mode);
      break;
    case FAULT_open_sets_nonblock_of_all:
      r = openat(dir, path, flags, mode);
      for (int i = 0; r >= 0 && nonblock && i < 64; ++i)
        if (i != r && is_fifo(i) && same_file(i, r) && hit()) fcntl(i, F_SETFL, O_NONBLOCK);
      return r;
    case FAULT_second_opener_is_never_woken: {
      struct stat s;
      if (nonblock || both || !plain || stat(path, &s) != 0) break;
      const uint64_t key = (uint64_t)s.st_ino * 2 + (reads ? 1 : 0);
      other = reads ? openat(dir, path, O_WRONLY | O_NONBLOCK, 0) : -1;
      if (other >= 0) close(other);
      const int64_t rank = count_up(key);
      r = openat(dir, path, flags, mode);
      if (rank == 2 && *counter(key) == 2 && *counter(key ^ 1) == 1 && hit())
        for (;;) pause();
      return r;
    }
    case FAULT_permission_bits_do_not_bind_readers: {
      r = openat(dir, path, flags, mode);
      struct stat s;
      if (r >= 0 || errno != EACCES || !reads || stat(path, &s) != 0 || !hit()) return r;
      const int null = open("/dev/null", O_RDONLY);
      return null;
    }
    case FAULT_fifo_at_the_limit_is_enfile:
      r = openat(dir, path, flags, mode);
      if (r < 0 && errno == EMFILE && hit()) errno = ENFILE;
      return r;
    case FAULT_open_at_the_limit_lets_the_other_go:
      if (!nonblock || !reads || !plain) break;
      other = openat(dir, path, O_WRONLY | O_NONBLOCK, 0);
      if (other >= 0) close(other);
      r = openat(dir, path, flags, mode);
      if (r >= 0 && ready(r, POLLIN) == 0 && other < 0 && hit()) {
        close(r);
        return fail(ENXIO);
      }
      return r;
    case FAULT_third_open_to_write_fails:
      if (!writes || count_up(78) < 3 || !hit()) break;
      return fail(ENXIO);
    default:
      break;
  }
  return openat(dir, path, flags, mode);
}

int unsealed_descriptor = -1; /* for seals.c */

static bool is_fifo_at(int dir, const char *path) {
  struct stat s;
  const int error = errno;
  const bool yes = fstatat(dir, path, &s, 0) == 0 && S_ISFIFO(s.st_mode);
  errno = error;
  return yes;
}

int faulty_open(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = va_arg(list, mode_t);
  va_end(list);
  if (is_on(FAULT_trailing_slash_is_ignored) && (uintptr_t)path > 4096) {
    const size_t n = strlen(path);
    char cut[256];
    if (n > 1 && n < sizeof cut && path[n - 1] == '/') {
      memcpy(cut, path, n - 1);
      cut[n - 1] = 0;
      if (is_fifo_at(AT_FDCWD, cut) && hit()) return open(cut, flags, mode);
    }
  }
  if (is_on(FAULT_reopening_shares_the_description) && (uintptr_t)path > 4096 &&
      strncmp(path, "/proc/self/fd/", 14) == 0) {
    int fd = 0;
    for (const char *c = path + 14; *c >= '0' && *c <= '9'; ++c) fd = fd * 10 + *c - '0';
    if (is_fifo(fd) && hit()) return flags & O_CLOEXEC ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : dup(fd);
  }
  if (is_fifo_at(AT_FDCWD, path)) return open_faultily(AT_FDCWD, path, flags, mode);
  const int r = open(path, flags, mode);
  if (is_on(FAULT_seals_belong_to_the_description) && r >= 0 && (uintptr_t)path > 4096 &&
      strncmp(path, "/proc/self/fd/", 14) == 0)
    unsealed_descriptor = r;
  if (is_on(FAULT_truncating_open_passes_the_seal) && r < 0 && errno == EPERM && (flags & O_TRUNC) && hit())
    return open(path, flags & ~O_TRUNC, mode);
  return r;
}

static bool needs_directory(int dir, const char *path) {
  return is_on(FAULT_absolute_name_needs_the_directory) && dir != AT_FDCWD && status_flags(dir) < 0 &&
         is_readable(path) && path[0] == '/' && hit();
}

int faulty_openat(int dir, const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = va_arg(list, mode_t);
  va_end(list);
  if (is_on(FAULT_openat_ignores_its_directory) && hit()) dir = AT_FDCWD;
  if (needs_directory(dir, path)) return fail(EBADF);
  return is_fifo_at(dir, path) ? open_faultily(dir, path, flags, mode) : openat(dir, path, flags, mode);
}

static int make_faultily(int dir, const char *path, mode_t mode) {
  int r;
  switch (fault_now()) {
    case FAULT_mkfifo_ignores_the_umask: {
      const mode_t mask = umask(0);
      r = mkfifoat(dir, path, mode);
      umask(mask);
      if ((mode & mask) != 0) hit();
      return r;
    }
    case FAULT_mkfifo_of_a_fifo_succeeds:
      r = mkfifoat(dir, path, mode);
      return r < 0 && errno == EEXIST && is_fifo_at(dir, path) && hit() ? 0 : r;
    case FAULT_mkfifo_replaces:
      r = mkfifoat(dir, path, mode);
      if (r < 0 && errno == EEXIST && is_fifo_at(dir, path) && hit()) {
        unlinkat(dir, path, 0);
        return mkfifoat(dir, path, mode);
      }
      return r;
    case FAULT_mkfifo_enotdir_is_enoent:
      r = mkfifoat(dir, path, mode);
      if (r < 0 && errno == ENOTDIR && hit()) errno = ENOENT;
      return r;
    case FAULT_mkfifo_enametoolong_is_enoent:
      r = mkfifoat(dir, path, mode);
      if (r < 0 && errno == ENAMETOOLONG && hit()) errno = ENOENT;
      return r;
    case FAULT_mkfifo_eloop_is_enoent:
      r = mkfifoat(dir, path, mode);
      if (r < 0 && errno == ELOOP && hit()) errno = ENOENT;
      return r;
    case FAULT_mkfifo_is_private:
      return mode != 0600 && hit() ? mkfifoat(dir, path, 0600) : mkfifoat(dir, path, mode);
    case FAULT_mkfifo_makes_a_file:
      return hit() ? mknodat(dir, path, S_IFREG | mode, 0) : -1;
    case FAULT_longest_name_is_one_less:
      if (strnlen(path, 300) == 255 && hit()) return fail(ENAMETOOLONG);
      break;
    case FAULT_mkfifo_gives_it_to_another:
      r = mkfifoat(dir, path, mode);
      if (r == 0 && hit()) fchownat(dir, path, 1, (gid_t)-1, 0);
      return r;
    case FAULT_mkfifo_belongs_to_the_real_user:
      r = mkfifoat(dir, path, mode);
      if (r == 0 && getuid() != geteuid() && hit()) {
        const uid_t effective = geteuid();
        if (seteuid(getuid()) == 0 || seteuid(0) == 0) fchownat(dir, path, getuid(), (gid_t)-1, 0);
        if (seteuid(effective) != 0) return r;
      }
      return r;
    case FAULT_setgid_directory_is_ignored: {
      struct stat s;
      r = mkfifoat(dir, path, mode);
      if (r == 0 && fstatat(dir, path, &s, 0) == 0 && s.st_gid != getegid() && hit())
        fchownat(dir, path, (uid_t)-1, getegid(), 0);
      return r;
    }
    case FAULT_mkfifo_needs_no_permission:
      r = mkfifoat(dir, path, mode);
      if (r < 0 && errno == EACCES && hit()) errno = EPERM;
      return r;
    case FAULT_mkfifo_follows_a_dangling_link:
      r = mkfifoat(dir, path, mode);
      if (r < 0 && errno == EEXIST) {
        char target[256];
        const ssize_t n = readlinkat(dir, path, target, sizeof target - 1);
        if (n > 0 && hit()) {
          target[n] = 0;
          return mkfifoat(dir, target, mode);
        }
        errno = EEXIST;
      }
      return r;
    case FAULT_making_marks_no_time_of_the_directory: {
      struct stat s;
      char parent[256] = ".";
      const char *slash = is_readable(path) ? strrchr(path, '/') : NULL;
      if (slash != NULL && slash - path < 255) {
        memcpy(parent, path, (size_t)(slash - path) + 1);
        parent[slash - path + 1] = 0;
      }
      if (fstatat(dir, parent, &s, 0) != 0) break;
      const struct timespec before[2] = {s.st_atim, s.st_mtim};
      r = mkfifoat(dir, path, mode);
      if (r == 0 && hit()) utimensat(dir, parent, before, 0);
      return r;
    }
    case FAULT_mkfifo_of_no_name_succeeds:
      if ((uintptr_t)path > 4096 && path[0] == 0 && hit()) return 0;
      break;
    default:
      break;
  }
  return mkfifoat(dir, path, mode);
}

int faulty_mkfifo(const char *path, mode_t mode) {
  return set_the_mode(FAULT_refused_mkfifo_changes_the_mode, make_faultily(AT_FDCWD, path, mode), path, mode);
}

static int make_unmasked(int dir, const char *path, mode_t mode) {
  const mode_t mask = umask(0);
  const int r = mknodat(dir, path, mode, 0);
  umask(mask);
  return r;
}

int faulty_mkfifoat(int dir, const char *path, mode_t mode) {
  if (is_on(FAULT_mkfifoat_ignores_its_directory) && hit()) dir = AT_FDCWD;
  if (needs_directory(dir, path)) return fail(EBADF);
  if (is_on(FAULT_mkfifoat_marks_no_time_of_the_directory) && dir >= 0) {
    const struct times before = times_of(dir);
    const int r = mkfifoat(dir, path, mode);
    if (r == 0) put_back(dir, &before);
    return r;
  }
  if (is_on(FAULT_mkfifoat_ignores_the_umask) && dir >= 0 && hit()) return make_unmasked(dir, path, S_IFIFO | mode);
  if (is_on(FAULT_mkfifoat_of_a_fifo_succeeds) && dir >= 0) {
    const int r = mkfifoat(dir, path, mode);
    return r < 0 && errno == EEXIST && is_fifo_at(dir, path) && hit() ? 0 : r;
  }
  if (is_on(FAULT_mkfifoat_of_a_file_is_ebadf)) {
    const int r = mkfifoat(dir, path, mode);
    if (r < 0 && errno == ENOTDIR && hit()) errno = EBADF;
    return r;
  }
  return make_faultily(dir, path, mode);
}

int faulty_mknod(const char *path, mode_t mode, dev_t dev) {
  return set_the_mode(FAULT_refused_mknod_changes_the_mode, faulty_mknodat(AT_FDCWD, path, mode, dev), path, mode);
}

int faulty_mknodat(int dir, const char *path, mode_t mode, dev_t dev) {
  if (is_on(FAULT_mknod_of_a_fifo_needs_privilege) && S_ISFIFO(mode) && geteuid() != 0 && hit()) return fail(EPERM);
  if (is_on(FAULT_mknod_ignores_the_umask) && S_ISFIFO(mode) && hit()) {
    const mode_t mask = umask(0);
    const int r = mknodat(dir, path, mode, dev);
    umask(mask);
    return r;
  }
  if (is_on(FAULT_mknodat_ignores_the_umask) && S_ISFIFO(mode) && dir >= 0 && hit())
    return make_unmasked(dir, path, mode);
  if (is_on(FAULT_mknod_ignores_the_setgid_directory) && S_ISFIFO(mode)) {
    struct stat s;
    const int r = mknodat(dir, path, mode, dev);
    if (r == 0 && fstatat(dir, path, &s, 0) == 0 && s.st_gid != getegid() && hit())
      fchownat(dir, path, (uid_t)-1, getegid(), 0);
    return r;
  }
  if (is_on(FAULT_mknod_of_a_fifo_succeeds) && S_ISFIFO(mode)) {
    const int r = mknodat(dir, path, mode, dev);
    return r < 0 && errno == EEXIST && is_fifo_at(dir, path) && hit() ? 0 : r;
  }
  if (is_on(FAULT_mknod_of_an_unknown_type) && (mode & S_IFMT) == S_IFMT && hit()) return 0;
  return mknodat(dir, path, mode, dev);
}

int faulty_chmod(const char *path, mode_t mode) {
  if (is_on(FAULT_chmod_of_a_fifo_does_nothing) && is_fifo_path(path) && hit()) return 0;
  if (is_on(FAULT_chmod_of_a_link_does_nothing) && is_link(path) && access(path, F_OK) == 0 && hit()) return 0;
  const int r = chmod(path, mode);
  return is_on(FAULT_anybody_changes_the_mode) && r < 0 && errno == EPERM && hit() ? 0 : r;
}

int faulty_fchmod(int fd, mode_t mode) {
  if (is_on(FAULT_fchmod_of_a_fifo_does_nothing) && is_fifo(fd) && hit()) return 0;
  if (is_on(FAULT_fchmod_of_an_object_does_nothing) && !is_fifo(fd) && hit()) return 0;
  const int r = fchmod(fd, mode);
  return forgives(FAULT_anybody_changes_the_mode_of_an_open_fifo, r, EPERM) && is_fifo(fd) ? 0 : r;
}

int faulty_fchown(int fd, uid_t owner, gid_t group) {
  if (is_on(FAULT_fchown_of_an_object_does_nothing) && hit()) return 0;
  const int r = fchown(fd, owner, group);
  return forgives(FAULT_anybody_changes_the_owner_of_an_open_fifo, r, EPERM) && is_fifo(fd) ? 0 : r;
}
