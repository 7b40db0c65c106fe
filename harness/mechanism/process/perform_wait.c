/* Performs the calls that wait for children. */
#include <sys/wait.h>

#include "harness/actor/actor.h"

static void put_status(struct actor *a, unsigned i, const int *at, const int *status) {
  if (at == status && a->reply->result > 0) put_number(&a->reply->out[i], *status);
}

static int *status_at(struct actor *a, unsigned i, int *status) {
  return given(a, i) ? record_out(a, i, status, sizeof *status) : NULL;
}

void perform_wait(struct actor *a) {
  int status;
  int *at = status_at(a, 0, &status);
  LIBC(a, wait(at));
  put_status(a, 0, at, &status);
}

void perform_waitpid(struct actor *a) {
  int status;
  int *at = status_at(a, 1, &status);
  LIBC(a, waitpid((pid_t)number(a, 0), at, integer(a, 2)));
  put_status(a, 1, at, &status);
}

void perform_waitid(struct actor *a) {
  siginfo_t info;
  void *at = given(a, 2) ? record_out(a, 2, &info, sizeof info) : NULL;
  LIBC(a, waitid((idtype_t)number(a, 0), (id_t)number(a, 1), at, integer(a, 3)));
  if (at == &info && a->reply->result == 0) put_siginfo(a, 2, &info);
}
