/* What a descriptor is, asked of the system without changing it. None of these leaves its mark in errno. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuzz/faults/faults.h"

#define QUIETLY(result, expression) \
  const int error_ = errno;         \
  result = (expression);            \
  errno = error_

bool is_fifo(int fd) {
  struct stat s;
  QUIETLY(const int r, fstat(fd, &s));
  return r == 0 && S_ISFIFO(s.st_mode);
}

bool is_fifo_path(const char *path) {
  struct stat s;
  QUIETLY(const int r, stat(path, &s));
  return r == 0 && S_ISFIFO(s.st_mode);
}

uint64_t file_of(int fd) {
  struct stat s;
  QUIETLY(const int r, fstat(fd, &s));
  return r != 0 ? 0 : (uint64_t)s.st_ino * 31 + (uint64_t)s.st_dev + 7;
}

bool same_file(int a, int b) { return file_of(a) != 0 && file_of(a) == file_of(b); }

int status_flags(int fd) {
  QUIETLY(const int r, fcntl(fd, F_GETFL));
  return r;
}

bool reads_only(int fd) { return (status_flags(fd) & O_ACCMODE) == O_RDONLY; }
bool writes_only(int fd) { return (status_flags(fd) & O_ACCMODE) == O_WRONLY; }
bool is_nonblocking(int fd) { return (status_flags(fd) & O_NONBLOCK) != 0; }

int unread(int fd) {
  int n = 0;
  QUIETLY(const int r, ioctl(fd, FIONREAD, &n));
  return r == 0 ? n : 0;
}

int capacity(int fd) {
  QUIETLY(const int r, fcntl(fd, F_GETPIPE_SZ));
  return r;
}

int ready(int fd, int events) {
  struct pollfd p = {fd, (short)events, 0};
  QUIETLY(const int r, poll(&p, 1, 0));
  return r > 0 ? p.revents : 0;
}

int wait_for(int fd, int events) {
  struct pollfd p = {fd, (short)events, 0};
  return poll(&p, 1, -1) < 0 ? -1 : p.revents;
}

bool is_interrupted_by_stop(int fd, int events) {
  if (ready(fd, events) != 0) return false;
  const int ep = epoll_create1(EPOLL_CLOEXEC); /* poll goes on after a stop */
  struct epoll_event event = {.events = (uint32_t)events};
  epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event);
  const bool interrupted = epoll_wait(ep, &event, 1, -1) < 0 && errno == EINTR;
  close(ep);
  return interrupted && hit();
}

bool is_never_restarted(int fd, int events) {
  return !is_nonblocking(fd) && ready(fd, events) == 0 && wait_for(fd, events) < 0 && hit();
}

struct times times_of(int fd) {
  struct stat s = {.st_size = 0};
  QUIETLY(const int r, fstat(fd, &s));
  (void)r;
  return (struct times){{s.st_atim, s.st_mtim}};
}

void put_back(int fd, const struct times *before) {
  QUIETLY(const int r, futimens(fd, before->of));
  if (r == 0) hit();
}

ssize_t timeless(int fd, const struct times *before, ssize_t r) {
  if (r > 0) put_back(fd, before);
  return r;
}

int reopen(int fd, int flags) {
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  QUIETLY(const int r, open(path, flags));
  return r;
}

bool copy_readable(void *to, const void *from, size_t n) {
  const struct iovec here = {to, n}, there = {(void *)(uintptr_t)from, n};
  QUIETLY(const ssize_t copied, process_vm_readv(getpid(), &here, 1, &there, 1, 0));
  return copied == (ssize_t)n;
}

bool is_readable(const void *address) {
  char byte;
  return copy_readable(&byte, address, 1);
}

bool is_writable(void *address) {
  char byte;
  const struct iovec here = {&byte, 1}, there = {address, 1};
  if (!is_readable(address)) return false;
  QUIETLY(const ssize_t n, process_vm_readv(getpid(), &here, 1, &there, 1, 0) == 1
                               ? process_vm_writev(getpid(), &here, 1, &there, 1, 0)
                               : -1);
  return n == 1;
}

bool is_named_fifo(int fd) {
  char path[40], target[2];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  QUIETLY(const ssize_t n, readlink(path, target, sizeof target));
  return n > 0 && target[0] == '/' && is_fifo(fd);
}

bool forgives(enum fault_id f, long r, int error) { return is_on(f) && r < 0 && errno == error && hit(); }

int fail(int error) {
  errno = error;
  return -1;
}
