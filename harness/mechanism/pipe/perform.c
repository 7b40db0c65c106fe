/* Performs the calls of pipes. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "harness/actor/actor.h"
#include "harness/mechanism/descriptor/buffers.h"

static int *descriptors(struct actor *a, unsigned i, int (*fds)[2]) { return record_out(a, i, fds, sizeof *fds); }

static void put_descriptors(struct actor *a, unsigned i, const int *fds) {
  if (is_record(a, i)) PUT_NUMBERS(a, i, fds[0], fds[1]);
}

void perform_pipe(struct actor *a) {
  int fds[2];
  int *to = descriptors(a, 0, &fds);
#ifdef SYS_pipe
  BOTH(a, pipe, to);
#else
  LIBC(a, pipe(to));
#endif
  put_descriptors(a, 0, fds);
}

void perform_pipe2(struct actor *a) {
  int fds[2];
  int *to = descriptors(a, 0, &fds);
  BOTH(a, pipe2, to, integer(a, 1));
  put_descriptors(a, 0, fds);
}

/* A FIFO of a name not yet taken; its reading end is opened first, without waiting for a writer. */
static int make_fifo(int *fds) {
  char name[24] = "channel";
  for (int i = 2; mkfifo(name, 0600) != 0; ++i) {
    if (errno != EEXIST || i > 99) return -1;
    snprintf(name, sizeof name, "channel%d", i);
  }
  fds[0] = open(name, O_RDONLY | O_NONBLOCK);
  if (fds[0] < 0) return -1;
  fds[1] = open(name, O_WRONLY);
  if (fds[1] < 0) return -1;
  return fcntl(fds[0], F_SETFL, O_RDONLY);
}

void perform_channel(struct actor *a) {
  int fds[2] = {-1, -1};
  LIBC(a, number(a, 0) == 1 ? make_fifo(fds) : pipe(fds));
  put_descriptors(a, 1, fds);
}

void perform_splice(struct actor *a) {
  off_t in, out;
  off_t *in_at = offset_in(a, 1, &in), *out_at = offset_in(a, 3, &out);
  BOTH(a, splice, integer(a, 0), in_at, integer(a, 2), out_at, size_of(a, 4), (unsigned)integer(a, 5));
  put_offset(a, 1, &in);
  put_offset(a, 3, &out);
}

void perform_tee(struct actor *a) {
  BOTH(a, tee, integer(a, 0), integer(a, 1), size_of(a, 2), (unsigned)integer(a, 3));
}

/* The pages stay in the pipe after the call: they must never be used for anything else. */
static void keep_pages(const struct actor *a, struct iovec *iov, int count) {
  for (int i = 0; i < count; ++i) {
    if (!is_of_bytes(a, 1, (uint32_t)i) || iov[i].iov_len == 0 || iov[i].iov_len > BUFFER_LIMIT) continue;
    void *p = mmap(NULL, iov[i].iov_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) continue;
    memcpy(p, iov[i].iov_base, iov[i].iov_len);
    iov[i].iov_base = p;
  }
}

void perform_vmsplice(struct actor *a) {
  int count = 0;
  struct iovec *iov = vectors_in(a, 1, integer(a, 2), &count);
  keep_pages(a, iov, count);
  BOTH(a, vmsplice, integer(a, 0), iov, (size_t)number(a, 2), (unsigned)integer(a, 3));
}
