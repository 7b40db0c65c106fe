/* Faults of names and owners: giving, moving and taking away a name, and whose a file is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

bool is_link(const char *path) {
  struct stat s;
  return is_readable(path) && lstat(path, &s) == 0 && S_ISLNK(s.st_mode);
}

static int directory_of(const char *path) {
  char parent[256] = ".";
  const char *slash = is_readable(path) ? strrchr(path, '/') : NULL;
  if (slash != NULL && slash - path < 255) {
    memcpy(parent, path, (size_t)(slash - path) + 1);
    parent[slash - path + 1] = 0;
  }
  return open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void close_quietly(int fd) {
  const int error = errno;
  if (fd >= 0) close(fd);
  errno = error;
}

int faulty_creat(const char *path, mode_t mode) {
  if (is_on(FAULT_creat_of_a_fifo_does_not_wait) && is_fifo_path(path)) {
    const int other = open(path, O_RDWR | O_NONBLOCK);
    const bool waits = other >= 0 && hit();
    const int end = creat(path, mode);
    if (waits) close(other);
    return end;
  }
  int r = creat(path, mode);
  while (is_on(FAULT_interrupted_creat_goes_on) && r < 0 && errno == EINTR && hit()) r = creat(path, mode);
  if (r < 0 && errno == EMFILE && is_on(FAULT_creat_at_the_limit_is_enfile) && hit()) errno = ENFILE;
  if (r < 0 || !is_on(FAULT_creat_number_is_not_the_lowest) || !hit()) return r;
  const int higher = fcntl(r, F_DUPFD, r + 1);
  close(r);
  return higher;
}

int faulty_chown(const char *path, uid_t owner, gid_t group) {
  if (is_on(FAULT_no_group_is_roots) && group == (gid_t)-1 && hit()) return chown(path, owner, 0);
  const int r = chown(path, owner, group);
  return forgives(FAULT_owner_gives_a_fifo_away, r, EPERM) ? 0 : r;
}

int faulty_rmdir(const char *path) {
  const int r = rmdir(path);
  return forgives(FAULT_fifos_are_removed_as_directories, r, ENOTDIR) && is_fifo_path(path) ? unlink(path) : r;
}

int faulty_mkdir(const char *path, mode_t mode) {
  const int parent = is_on(FAULT_making_a_directory_marks_no_time) ? directory_of(path) : -1;
  const struct times before = times_of(parent);
  const int r = mkdir(path, mode);
  if (r == 0 && parent >= 0) put_back(parent, &before);
  close_quietly(parent);
  return r;
}

int faulty_unlink(const char *path) {
  if (is_on(FAULT_unlink_of_an_open_fifo_is_busy) && is_fifo_path(path)) {
    const int other = open(path, O_WRONLY | O_NONBLOCK);
    if (other < 0) return unlink(path);
    close(other);
    return hit() ? fail(EBUSY) : 0;
  }
  if (is_on(FAULT_unlink_drains_a_fifo) && is_fifo_path(path)) {
    const int other = open(path, O_RDONLY | O_NONBLOCK);
    for (char spill[4096]; other >= 0 && read(other, spill, sizeof spill) > 0;) hit();
    close(other);
  }
  const int parent = is_on(FAULT_unlinking_marks_no_directory) ? directory_of(path) : -1;
  const struct times before = times_of(parent);
  const int r = unlink(path);
  if (r == 0 && parent >= 0) put_back(parent, &before);
  close_quietly(parent);
  return r < 0 && errno == EPERM && is_on(FAULT_sticky_bit_is_ignored) && hit() ? 0 : r;
}

int faulty_link(const char *from, const char *to) {
  struct stat s;
  if (is_on(FAULT_link_is_a_fifo_of_its_own) && is_fifo_path(from) && stat(from, &s) == 0 && hit())
    return mkfifo(to, s.st_mode & 07777);
  const int parent = is_on(FAULT_linking_marks_no_directory) ? directory_of(to) : -1;
  const struct times before = times_of(parent);
  const int r = link(from, to);
  if (r == 0 && parent >= 0) put_back(parent, &before);
  close_quietly(parent);
  if (is_on(FAULT_link_replaces) && r < 0 && errno == EEXIST && hit()) {
    unlink(to);
    return link(from, to);
  }
  return r;
}

int faulty_rename(const char *from, const char *to) {
  struct stat s;
  struct stat target;
  const bool same = is_on(FAULT_rename_to_a_link_removes_the_old) && stat(from, &s) == 0 && stat(to, &target) == 0 &&
                    s.st_ino == target.st_ino && strcmp(from, to) != 0;
  if (same && hit()) return unlink(from);
  const int parent = is_on(FAULT_renaming_marks_one_directory) ? directory_of(from) : -1;
  const struct times before = times_of(parent);
  int r = take_the_old_name(rename(from, to), from);
  if (r == 0 && parent >= 0) put_back(parent, &before);
  close_quietly(parent);
  if (forgives(FAULT_directories_replace_fifos, r, ENOTDIR) && unlink(to) == 0) r = rename(from, to);
  if (is_on(FAULT_renaming_makes_a_new_fifo) && r == 0 && is_fifo_path(to) && stat(to, &s) == 0 && hit()) {
    unlink(to);
    return mkfifo(to, s.st_mode & 07777);
  }
  return r;
}

int faulty_access(const char *path, int mode) {
  if (is_on(FAULT_access_goes_by_the_effective_user) && getuid() != geteuid() && hit())
    return faccessat(AT_FDCWD, path, mode, AT_EACCESS);
  for (int one = 1; is_on(FAULT_access_is_content_with_one) && mode > 0 && one < 8; one <<= 1)
    if ((mode & one) && mode != one && access(path, mode) != 0 && access(path, one) == 0 && hit()) return 0;
  return access(path, mode);
}
