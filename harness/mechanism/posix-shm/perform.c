/* Performs the calls of POSIX shared memory and memory files. */
#include <stdio.h>
#include <sys/mman.h>

#include "harness/actor/actor.h"

/* Where other cases share the name space, a case's names get its prefix behind the slash. */
static char *posix_name(struct actor *a, unsigned i) {
  char *name = string(a, i);
  void *p = NULL;
  if (as_address(argument(a, i), &p) || area->server.prefix[0] == 0) return name;
  const char *rest = name[0] == '/' ? name + 1 : name;
  const size_t room = strlen(name) + sizeof area->server.prefix + 2;
  char *full = take(a, room);
  snprintf(full, room, "%s%.*s%s", name[0] == '/' ? "/" : "", (int)sizeof area->server.prefix, area->server.prefix,
           rest);
  return full;
}

void perform_shm_open(struct actor *a) {
  const char *name = posix_name(a, 0);
  struct wire_made *made = is_record(a, 0) && (integer(a, 1) & 0100) != 0 ? about_to_make('S', name) : NULL;
  LIBC(a, shm_open(name, integer(a, 1), (mode_t)number(a, 2)));
  was_made(made, a->reply->result >= 0, 0);
}

void perform_shm_unlink(struct actor *a) { LIBC(a, shm_unlink(posix_name(a, 0))); }

void perform_memfd_create(struct actor *a) {
#ifdef SYS_memfd_create
  const char *name = string(a, 0);
  LIBC(a, syscall(SYS_memfd_create, name, (unsigned)number(a, 1)));
#else
  a->reply->flags |= WIRE_NOT_HERE;
#endif
}
