/* Which namespaces the system grants: all wanted ones at once, else each by itself. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/wait.h>

#include "harness/actor/actor.h"
#include "harness/actor/server.h"

static const struct {
  uint32_t want;
  unsigned long flag;
  const char *name;
} kinds[] = {
    {WIRE_SB_MOUNT, CLONE_NEWNS, "mount namespace"}, /* before the pid namespace, which needs it for its /proc */
    {WIRE_SB_PID, CLONE_NEWPID, "pid namespace"},
    {WIRE_SB_IPC, CLONE_NEWIPC, "ipc namespace"},
    {WIRE_SB_NET, CLONE_NEWNET, "network namespace"},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* A fork that can make namespaces. The child must fork again before it uses what the C library keeps about threads. */
pid_t clone_process(unsigned long flags) { return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL); }

static bool write_file(const char *path, const char *text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
  close(fd);
  return ok;
}

bool map_own_ids(unsigned uid, unsigned gid) {
  char text[40];
  write_file("/proc/self/setgroups", "deny");
  snprintf(text, sizeof text, "0 %u 1", gid);
  if (!write_file("/proc/self/gid_map", text)) return false;
  snprintf(text, sizeof text, "0 %u 1", uid);
  return write_file("/proc/self/uid_map", text);
}

/* What the parent sees and a child in other namespaces must not. */
struct outside {
  char mounts[64];
  int queue;
};

static void look_outside(struct outside *o) {
  const ssize_t n = readlink("/proc/self/ns/mnt", o->mounts, sizeof o->mounts - 1);
  o->mounts[n > 0 ? n : 0] = 0;
  o->queue = msgget(IPC_PRIVATE, 0600);
}

/* Process ids that nobody outside can look up are of no use: a pid namespace goes with a /proc of its own. */
static bool can_have_proc(void) {
  return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && mount("proc", "/proc", "proc", 0, NULL) == 0;
}

/* Some kernels take the flags and share all the same: believed is only what can be seen from inside. */
static bool is_apart(unsigned long flags, const struct outside *o) {
  char mounts[64];
  struct msqid_ds q;
  const ssize_t n = readlink("/proc/self/ns/mnt", mounts, sizeof mounts - 1);
  mounts[n > 0 ? n : 0] = 0;
  if ((flags & CLONE_NEWPID) != 0 && syscall(SYS_getpid) != 1) return false;
  if ((flags & CLONE_NEWNS) != 0 && (mounts[0] == 0 || strcmp(mounts, o->mounts) == 0)) return false;
  if ((flags & CLONE_NEWPID) != 0 && !((flags & CLONE_NEWNS) != 0 && can_have_proc())) return false;
  return (flags & CLONE_NEWIPC) == 0 || o->queue < 0 || msgctl(o->queue, IPC_STAT, &q) != 0;
}

/* 0 if a process can be made so, else the errno. */
static int probe(unsigned long flags) {
  const unsigned uid = geteuid(), gid = getegid();
  struct outside outside;
  look_outside(&outside);
  const pid_t child = clone_process(flags);
  const int error = errno;
  if (child == 0) {
    const bool mapped = (flags & CLONE_NEWUSER) == 0 || map_own_ids(uid, gid);
    _exit(mapped && is_apart(flags, &outside) ? 0 : EPERM);
  }
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (outside.queue >= 0) msgctl(outside.queue, IPC_RMID, NULL);
  return child < 0 ? error : WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

static unsigned long one_by_one(uint32_t want, unsigned long user) {
  unsigned long granted = user;
  for (int i = 0; i < KINDS; ++i) {
    if ((want & kinds[i].want) == 0) continue;
    if (probe(granted | kinds[i].flag) == 0) granted |= kinds[i].flag;
  }
  return granted == user ? 0 : granted;
}

static unsigned long wanted_flags(uint32_t want) {
  unsigned long flags = 0;
  for (int i = 0; i < KINDS; ++i)
    if ((want & kinds[i].want) != 0) flags |= kinds[i].flag;
  return flags;
}

static unsigned long find_out(uint32_t want) {
  const unsigned long all = wanted_flags(want), user = (want & WIRE_SB_USER) != 0 ? CLONE_NEWUSER : 0;
  if (all == 0) return 0;
  if (probe(all) == 0) return all;
  if (user != 0 && probe(all | user) == 0) return all | user;
  const unsigned long plain = one_by_one(want, 0);
  const unsigned long mapped = user != 0 && probe(user) == 0 ? one_by_one(want, user) : 0;
  return __builtin_popcountl(mapped & ~user) > __builtin_popcountl(plain) ? mapped : plain;
}

unsigned long namespaces_for(uint32_t want) {
  static uint32_t asked;
  static unsigned long granted;
  if (asked != want) granted = find_out(want);
  asked = want;
  for (int i = 0; i < KINDS; ++i)
    if ((want & kinds[i].want) != 0 && (granted & kinds[i].flag) == 0) remark(kinds[i].name, 0);
  return granted;
}
