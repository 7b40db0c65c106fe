#include "fuzz/drive/inside.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "harness/actor/actor.h"
#include "harness/actor/server.h"

bool inside_begin(int fd) {
  if (!map_area(fd)) return false;
  self = new_actor(0);
  if (self == NULL) return false;
  tell_constants();
  return true;
}

void inside_perform(bool raw) {
  struct actor *a = self;
  memset(a->reply, 0, sizeof *a->reply);
  a->out_used = 0;
  a->arena_used = 0;
  a->raw = raw;
  if (a->call->call >= CALLS) {
    malformed(a);
    return;
  }
  if (sigsetjmp(a->leave_call, 0) == 0)
    perform_call(a, a->call->call);
  else
    a->reply->flags |= WIRE_JUMPED;
}

static bool enter_namespaces(void) {
  const unsigned uid = geteuid(), gid = getegid();
  if (unshare(CLONE_NEWNS | CLONE_NEWIPC) == 0) return true;
  return unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC) == 0 && map_own_ids(uid, gid);
}

bool inside_sandbox(void) {
  if (!enter_namespaces()) return false;
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return false;
  (void)guard_null();
  return mount("none", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "size=64m") == 0 &&
         mkdir("/dev/shm/work", 0777) == 0 && chmod("/dev/shm/work", 0777) == 0 && chdir("/dev/shm/work") == 0;
}
