/* The inside of a sandbox: its init sets up mounts and the working directory, starts the root actor, and from then on
 * reaps orphans. */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "harness/actor/actor.h"
#include "harness/actor/server.h"

void remark(const char *what, int error) {
  char *text = area->server.text;
  const size_t used = strnlen(text, WIRE_TEXT - 1);
  snprintf(text + used, WIRE_TEXT - used, "%sno %s%s%s", used != 0 ? "; " : "", what, error != 0 ? ": " : "",
           error != 0 ? strerror(error) : "");
}

static bool server_died(void) {
  struct pollfd p = {.fd = lifeline[0], .events = POLLIN};
  return poll(&p, 1, 0) != 0;
}

/* Dies with the server. In a pid namespace the kernel then ends everybody else; without one, a blocked signal
 * comes instead, and init cleans up. */
static void tie_to_server(bool pid_namespace) {
  close(lifeline[1]);
  prctl(PR_SET_PDEATHSIG, pid_namespace ? (unsigned long)SIGKILL : (unsigned long)SIGTERM, 0ul, 0ul, 0ul);
  if (server_died()) _exit(0);
}

static uint32_t fresh(uint32_t bit, const char *type, const char *at, const char *options) {
  if ((area->server.want & bit) == 0) return 0;
  if (access(at, F_OK) == 0 && mount(type, at, type, MS_NOSUID | MS_NODEV, options) == 0) return bit;
  remark(at, errno);
  return 0;
}

/* In a user namespace flags that the mount had outside must stay. */
static unsigned long mount_flags(const char *at) {
  struct statvfs s;
  if (statvfs(at, &s) != 0) return 0;
  return (s.f_flag & ST_NOSUID ? MS_NOSUID : 0ul) | (s.f_flag & ST_NODEV ? MS_NODEV : 0ul) |
         (s.f_flag & ST_NOEXEC ? MS_NOEXEC : 0ul) | (s.f_flag & ST_NOATIME ? MS_NOATIME : 0ul) |
         (s.f_flag & ST_NODIRATIME ? MS_NODIRATIME : 0ul) | (s.f_flag & ST_RELATIME ? MS_RELATIME : 0ul);
}

/* Everybody on the machine shares it. Read-only it still takes what is written. */
bool guard_null(void) {
  const char *null = "/dev/null";
  return mount(null, null, NULL, MS_BIND, NULL) == 0 &&
         mount(NULL, null, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | mount_flags(null), NULL) == 0;
}

/* Standard input and output, since those of the server lead round the guard. */
static void reopen_null(void) {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3 && null >= 0; ++fd) dup2(null, fd);
  if (null > 2) close(null);
}

static uint32_t fresh_mounts(void) {
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
    remark("private mounts", errno);
    return 0;
  }
  uint32_t got = WIRE_SB_MOUNT;
  if ((sandbox.namespaces & CLONE_NEWPID) != 0) got |= fresh(WIRE_SB_PROC, "proc", "/proc", NULL);
  got |= fresh(WIRE_SB_TMP, "tmpfs", "/tmp", "mode=1777");
  got |= fresh(WIRE_SB_SHM, "tmpfs", "/dev/shm", "mode=1777");
  if ((sandbox.namespaces & CLONE_NEWIPC) != 0) got |= fresh(WIRE_SB_MQUEUE, "mqueue", "/dev/mqueue", NULL);
  if ((area->server.want & WIRE_SB_NULL) != 0 && guard_null()) got |= WIRE_SB_NULL;
  reopen_null();
  return got;
}

/* Asked from the system, and not by trying: whether the permission of objects can be passed is what cases are about.
 * A user namespace of our own gives the capability for an IPC namespace of our own only. */
static bool owns_objects(uint32_t got) {
  enum { VERSION_3 = 0x20080522, IPC_OWNER = 15 }; /* as in <linux/capability.h>, which not every C library has */
  uint32_t header[2] = {VERSION_3, 0}, sets[2][3] = {{0}}; /* each: effective, permitted, inheritable */
  if ((got & WIRE_SB_USER) != 0 && (got & WIRE_SB_IPC) == 0) return false;
  return syscall(SYS_capget, header, sets) == 0 && (sets[0][0] >> IPC_OWNER & 1) != 0;
}

static uint32_t what_we_got(void) {
  const unsigned long n = sandbox.namespaces;
  uint32_t got = (n & CLONE_NEWUSER ? WIRE_SB_USER : 0) | (n & CLONE_NEWPID ? WIRE_SB_PID : 0) |
                 (n & CLONE_NEWIPC ? WIRE_SB_IPC : 0) | (n & CLONE_NEWNET ? WIRE_SB_NET : 0);
  if ((n & CLONE_NEWNS) != 0) got |= fresh_mounts();
  if (owns_objects(got)) got |= WIRE_SB_OWNER;
  return got;
}

static void enter_directory(uint32_t got) {
  if ((got & WIRE_SB_TMP) != 0) snprintf(area->server.directory, WIRE_TEXT, "/tmp/case");
  umask(0);
  if (mkdir(area->server.directory, 0777) != 0 || chdir(area->server.directory) != 0) {
    area->server.error = errno;
    remark("working directory", errno);
    ring_bell();
    _exit(1);
  }
  umask(022);
}

static void run_root(void) __attribute__((noreturn));
static void run_root(void) {
  close(lifeline[0]);
  const struct sigaction action = {.sa_handler = SIG_DFL};
  sigaction(SIGCHLD, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  if (area->root_by_exec != 0) {
    sigprocmask(SIG_SETMASK, &none, NULL);
    resume_in_image(WIRE_IMAGE_OWN, 0, 0);
    _exit(125);
  }
  struct actor *a = new_actor(0);
  if (a == NULL) _exit(125);
  self = a;
  sigprocmask(SIG_SETMASK, &none, NULL);
  announce(a);
  serve_slot(a);
}

static void log_death(pid_t pid, int status) {
  const uint32_t i = area->deaths;
  area->death_log[i % WIRE_DEATHS] = (struct wire_death){pid, status};
  __atomic_store_n(&area->deaths, i + 1, __ATOMIC_SEQ_CST);
  ring_bell();
}

static void reap_for_ever(void) __attribute__((noreturn));
static void reap_for_ever(void) {
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  sigaddset(&awaited, SIGTERM);
  for (;;) {
    int status = 0;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) log_death(pid, status);
    if (server_died()) {
      kill_descendants();
      sweep(&sandbox);
      _exit(0);
    }
    sigwaitinfo(&awaited, NULL);
  }
}

void run_init(unsigned uid, unsigned gid) {
  const bool pid_namespace = (sandbox.namespaces & CLONE_NEWPID) != 0;
  tie_to_server(pid_namespace);
  if ((sandbox.namespaces & CLONE_NEWUSER) != 0 && !map_own_ids(uid, gid)) {
    area->server.error = EPERM;
    remark("user mapping", errno);
    ring_bell();
    _exit(1);
  }
#ifdef PR_SET_CHILD_SUBREAPER
  if (!pid_namespace) prctl(PR_SET_CHILD_SUBREAPER, 1ul, 0ul, 0ul, 0ul);
#endif
  const uint32_t got = what_we_got();
  if ((got & WIRE_SB_SHM) == 0) memcpy(area->server.prefix, sandbox.prefix, WIRE_NAME);
  if ((got & WIRE_SB_IPC) == 0) area->key_salt = sandbox.key_salt;
  enter_directory(got);
  __atomic_store_n(&area->server.got, got, __ATOMIC_SEQ_CST);
  const pid_t root = fork();
  if (root == 0) run_root();
  if (root < 0) {
    area->server.error = errno;
    remark("root actor", errno);
    ring_bell();
    _exit(1);
  }
  area->server.root_pid = root;
  reap_for_ever();
}
