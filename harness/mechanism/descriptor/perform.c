/* Performs the calls that open, close, read, write and duplicate descriptors. */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "harness/actor/actor.h"
#include "harness/mechanism/descriptor/buffers.h"

void perform_open(struct actor *a) {
  const char *path = string(a, 0);
  const mode_t mode = (mode_t)number(a, 2);
#ifdef SYS_open
  BOTH(a, open, path, integer(a, 1), mode);
#else
  LIBC(a, open(path, integer(a, 1), mode));
#endif
}

void perform_openat(struct actor *a) {
  const char *path = string(a, 1);
  BOTH(a, openat, integer(a, 0), path, integer(a, 2), (mode_t)number(a, 3));
}

void perform_creat(struct actor *a) { LIBC(a, creat(string(a, 0), (mode_t)number(a, 1))); }

void perform_close(struct actor *a) { BOTH(a, close, integer(a, 0)); }

#ifdef SYS_close_range
/* The area's and the images' descriptors are the actor's own: a range that holds them is closed around them. */
static long close_around_ours(unsigned first, unsigned last, unsigned flags) {
  const unsigned ours = WIRE_SHM_FD, behind = WIRE_FDS_END;
  if (first > last || last < ours || first >= behind) return syscall(SYS_close_range, first, last, flags);
  if (first < ours && syscall(SYS_close_range, first, ours - 1, flags) != 0) return -1;
  return last >= behind ? syscall(SYS_close_range, behind, last, flags) : 0;
}

void perform_close_range(struct actor *a) {
  LIBC(a, close_around_ours((unsigned)number(a, 0), (unsigned)number(a, 1), (unsigned)number(a, 2)));
}
#else
void perform_close_range(struct actor *a) { a->reply->flags |= WIRE_NOT_HERE; }
#endif

void perform_read(struct actor *a) {
  const struct buffer b = buffer_for(a, argument(a, 1), size_of(a, 2));
  BOTH(a, read, integer(a, 0), b.at, size_of(a, 2));
  put_out(a, 1, &b, a->reply->result);
}

void perform_write(struct actor *a) {
  const void *data = bytes_in(a, argument(a, 1), size_of(a, 2));
  BOTH(a, write, integer(a, 0), data, size_of(a, 2));
}

void perform_pread(struct actor *a) {
  const struct buffer b = buffer_for(a, argument(a, 1), size_of(a, 2));
  LIBC(a, pread(integer(a, 0), b.at, size_of(a, 2), (off_t)number(a, 3)));
  put_out(a, 1, &b, a->reply->result);
}

void perform_pwrite(struct actor *a) {
  const void *data = bytes_in(a, argument(a, 1), size_of(a, 2));
  LIBC(a, pwrite(integer(a, 0), data, size_of(a, 2), (off_t)number(a, 3)));
}

void perform_readv(struct actor *a) {
  struct buffer *buffers;
  const struct iovec *iov = vectors_out(a, 1, integer(a, 2), &buffers);
  BOTH(a, readv, integer(a, 0), iov, integer(a, 2));
  put_vectors(a, 1, buffers, a->reply->result);
}

void perform_writev(struct actor *a) {
  int count;
  const struct iovec *iov = vectors_in(a, 1, integer(a, 2), &count);
  BOTH(a, writev, integer(a, 0), iov, integer(a, 2));
}

void perform_preadv(struct actor *a) {
  struct buffer *buffers;
  const struct iovec *iov = vectors_out(a, 1, integer(a, 2), &buffers);
  LIBC(a, preadv(integer(a, 0), iov, integer(a, 2), (off_t)number(a, 3)));
  put_vectors(a, 1, buffers, a->reply->result);
}

void perform_pwritev(struct actor *a) {
  int count;
  const struct iovec *iov = vectors_in(a, 1, integer(a, 2), &count);
  LIBC(a, pwritev(integer(a, 0), iov, integer(a, 2), (off_t)number(a, 3)));
}

void perform_dup(struct actor *a) { BOTH(a, dup, integer(a, 0)); }

void perform_dup2(struct actor *a) {
#ifdef SYS_dup2
  BOTH(a, dup2, integer(a, 0), integer(a, 1));
#else
  LIBC(a, dup2(integer(a, 0), integer(a, 1)));
#endif
}

void perform_dup3(struct actor *a) { BOTH(a, dup3, integer(a, 0), integer(a, 1), integer(a, 2)); }

void perform_fcntl(struct actor *a) {
  if (given(a, 2))
    LIBC(a, fcntl(integer(a, 0), integer(a, 1), (long)number(a, 2)));
  else
    LIBC(a, fcntl(integer(a, 0), integer(a, 1)));
}

/* Where the request takes an int, a number is its value; elsewhere it is an address. */
void perform_ioctl(struct actor *a) {
  const unsigned request = (unsigned)number(a, 1);
  const struct wire_value *v = argument(a, 2);
  const bool takes_int = (request == FIONBIO || request == FIOASYNC) && v->kind == WIRE_NUM;
  int value[16]; /* requests that fill more than an int have room */
  memset(value, GUARD, sizeof value);
  if (takes_int) value[0] = (int)v->num;
  void *at = value;
  if (!takes_int && !as_address(v, &at)) at = v->kind == WIRE_NONE ? NULL : value;
  LIBC(a, ioctl(integer(a, 0), request, at));
  if (at == value) put_number(&a->reply->out[2], value[0]);
}

void perform_lseek(struct actor *a) { LIBC(a, lseek(integer(a, 0), (off_t)number(a, 1), integer(a, 2))); }

void perform_fsync(struct actor *a) { BOTH(a, fsync, integer(a, 0)); }

void perform_fdatasync(struct actor *a) { BOTH(a, fdatasync, integer(a, 0)); }

void perform_ftruncate(struct actor *a) { LIBC(a, ftruncate(integer(a, 0), (off_t)number(a, 1))); }

void perform_truncate(struct actor *a) { LIBC(a, truncate(string(a, 0), (off_t)number(a, 1))); }

void perform_fallocate(struct actor *a) {
  LIBC(a, fallocate(integer(a, 0), integer(a, 1), (off_t)number(a, 2), (off_t)number(a, 3)));
}

void perform_sendfile(struct actor *a) {
  off_t offset;
  off_t *at = offset_in(a, 2, &offset);
  LIBC(a, sendfile(integer(a, 0), integer(a, 1), at, size_of(a, 3)));
  put_offset(a, 2, &offset);
}
