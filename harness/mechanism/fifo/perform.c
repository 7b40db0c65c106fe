/* Performs the calls of FIFOs. */
#include <sys/stat.h>
#include <sys/types.h>

#include "harness/actor/actor.h"

void perform_mkfifo(struct actor *a) { LIBC(a, mkfifo(string(a, 0), (mode_t)number(a, 1))); }

void perform_mkfifoat(struct actor *a) { LIBC(a, mkfifoat(integer(a, 0), string(a, 1), (mode_t)number(a, 2))); }

void perform_mknod(struct actor *a) { LIBC(a, mknod(string(a, 0), (mode_t)number(a, 1), (dev_t)number(a, 2))); }

void perform_mknodat(struct actor *a) {
  BOTH(a, mknodat, integer(a, 0), string(a, 1), (mode_t)number(a, 2), (dev_t)number(a, 3));
}
