/* Performs the calls on names and attributes of files. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "harness/actor/actor.h"

static void put_stat(struct actor *a, const struct stat *s) {
  if (!is_record(a, 1)) return;
  PUT_NUMBERS(a, 1, s->st_mode & S_IFMT, s->st_mode & 07777, (int64_t)s->st_dev, (int64_t)s->st_ino,
              (int64_t)s->st_nlink, s->st_uid, s->st_gid, (int64_t)s->st_rdev, s->st_size, s->st_blksize, s->st_blocks,
              s->st_atime, s->st_mtime, s->st_ctime);
}

void perform_fstat(struct actor *a) {
  struct stat s;
  void *to = record_out(a, 1, &s, sizeof s);
  LIBC(a, fstat(integer(a, 0), to));
  put_stat(a, &s);
}

void perform_stat(struct actor *a) {
  struct stat s;
  void *to = record_out(a, 1, &s, sizeof s);
  const char *path = string(a, 0);
  LIBC(a, stat(path, to));
  put_stat(a, &s);
}

void perform_futimens(struct actor *a) {
  const struct wire_value *v = argument(a, 1);
  const struct timespec times[2] = {{.tv_sec = (time_t)field(a, v, 0)}, {.tv_sec = (time_t)field(a, v, 1)}};
  LIBC(a, futimens(integer(a, 0), record_in(a, 1, times)));
}

void perform_unlink(struct actor *a) { LIBC(a, unlink(string(a, 0))); }

void perform_rename(struct actor *a) { LIBC(a, rename(string(a, 0), string(a, 1))); }

void perform_link(struct actor *a) { LIBC(a, link(string(a, 0), string(a, 1))); }

void perform_symlink(struct actor *a) { LIBC(a, symlink(string(a, 0), string(a, 1))); }

void perform_mkdir(struct actor *a) { LIBC(a, mkdir(string(a, 0), (mode_t)number(a, 1))); }

void perform_rmdir(struct actor *a) { LIBC(a, rmdir(string(a, 0))); }

void perform_chmod(struct actor *a) { LIBC(a, chmod(string(a, 0), (mode_t)number(a, 1))); }

void perform_fchmod(struct actor *a) { LIBC(a, fchmod(integer(a, 0), (mode_t)number(a, 1))); }

void perform_chown(struct actor *a) { LIBC(a, chown(string(a, 0), (uid_t)number(a, 1), (gid_t)number(a, 2))); }

void perform_fchown(struct actor *a) { LIBC(a, fchown(integer(a, 0), (uid_t)number(a, 1), (gid_t)number(a, 2))); }

void perform_access(struct actor *a) { LIBC(a, access(string(a, 0), integer(a, 1))); }
