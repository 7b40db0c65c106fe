/* The fork server: START makes a sandbox, END takes it away, and the death of ipcvet is an END as well. */
#include "harness/actor/server.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "harness/actor/actor.h"

enum { PRIVATE_FD = WIRE_FDS_END, DATA_KEPT = 8 << 20 };

struct sandbox sandbox;
int lifeline[2];
static pid_t ipcvet;
static volatile sig_atomic_t orphaned;

/* The signal comes when the thread that started the server ends, too; then the parent is still there. The changed word
 * keeps the server from falling asleep after this ran and before it waits: nobody else writes it any more. */
static void on_parent_death(int signo) {
  (void)signo;
  const int error = errno;
  if (getppid() != ipcvet) {
    orphaned = 1;
    __atomic_add_fetch(&area->server.request, 1u << 20, __ATOMIC_SEQ_CST);
    ring_bell();
  }
  errno = error;
}

static void on_child(int signo) {
  (void)signo;
  const int error = errno;
  if (sandbox.init > 0 && !sandbox.init_gone && waitpid(sandbox.init, NULL, WNOHANG) == sandbox.init) {
    sandbox.init_gone = 1;
    area->server.init_pid = 0;
    ring_bell();
  }
  errno = error;
}

static void catch (int signo, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler};
  sigemptyset(&action.sa_mask);
  sigaction(signo, &action, NULL);
}

static void reset_signals(void) {
  sigset_t none;
  const struct sigaction plain = {0}; /* signal() would leave SA_RESTART and a mask behind */
  for (int s = 1; s <= MAX_SIGNAL; ++s) sigaction(s, &plain, NULL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_from(unsigned first, unsigned last) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, last, 0u) == 0) return;
#endif
  for (unsigned fd = first; fd <= last && fd < 65536; ++fd) close((int)fd);
}

static void reset_descriptors(void) {
  const int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) dup2(null >= 0 ? null : 0, fd); /* ipcvet gave something harmless as 0 */
  close_from(3, WIRE_SHM_FD - 1);
  close_from(WIRE_FDS_END, INT32_MAX); /* not ~0u: some kernels read it as -1 */
}

static void reset_limits(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max < 1024 ? limit.rlim_max : 1024;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  if (getrlimit(RLIMIT_CORE, &limit) == 0) {
    limit.rlim_cur = 0;
    setrlimit(RLIMIT_CORE, &limit);
  }
  umask(022);
}

/* Ends that no case can meet by opening descriptors: they lie above the area's. */
static bool make_lifeline(void) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return false;
  for (int i = 0; i < 2; ++i) {
    lifeline[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, PRIVATE_FD);
    close(fds[i]);
  }
  return lifeline[0] >= 0 && lifeline[1] >= 0;
}

/* The constants are those of the image that actors are made of. */
static bool ask_constants(void) {
  if (area->root_by_exec == 0) {
    tell_constants();
    return true;
  }
  int status = 0;
  const pid_t child = fork();
  if (child == 0) {
    char tell[] = "--tell", *arguments[] = {tell, NULL};
    run_image(WIRE_IMAGE_OWN, arguments);
    _exit(125);
  }
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return child > 0 && status == 0 && area->constants != 0;
}

static bool set_up(pid_t parent) {
  ipcvet = parent;
  reset_signals();
  setsid();
  if (!map_area(WIRE_SHM_FD) || swapped) return false; /* sandboxes are made by an image of the wire's own order */
  catch (SIGTERM, on_parent_death);
  catch (SIGCHLD, on_child);
  prctl(PR_SET_PDEATHSIG, (unsigned long)SIGTERM, 0ul, 0ul, 0ul);
  if (getppid() != parent) return false;
  reset_descriptors();
  reset_limits();
  return ask_constants() && make_lifeline();
}

/* Slots are cleared when a case starts: until then ipcvet may read what the last one left in them. */
static void clear_area(void) {
  struct wire_server *s = &area->server;
  for (uint32_t i = 0; i < WIRE_SLOTS; ++i) {
    struct wire_slot *slot = &area->slots[i];
    if (slot->state != 0 || slot->request != 0 || slot->pid != 0 || slot->signals != 0) memset(slot, 0, sizeof *slot);
  }
  memset(area->made_log, 0, sizeof area->made_log[0] * (area->made < WIRE_MADE ? area->made : WIRE_MADE));
  area->made = area->deaths = area->key_salt = area->stress_ready = area->stress_go = 0;
  s->got = s->leaks = 0;
  s->error = s->init_pid = s->root_pid = 0;
  s->directory[0] = s->text[0] = 0;
  memset(s->prefix, 0, sizeof s->prefix);
}

/* Names nobody else uses. The area keeps the directory until init knows whether it has a /tmp of its own. */
static void choose_names(void) {
  uint32_t random = 0;
  if (getrandom(&random, sizeof random, 0) != sizeof random) random = (uint32_t)getpid();
  const char *base = getenv("TMPDIR");
  sandbox.key_salt = random;
  memset(sandbox.prefix, 0, sizeof sandbox.prefix);
  snprintf(sandbox.prefix, sizeof sandbox.prefix, "ipcvet-%x-%x-%08x-", (unsigned)getpid() & 0xffffffu,
           area->server.case_number & 0xffffffu, random);
  snprintf(sandbox.directory, sizeof sandbox.directory, "%.400s/%s%x", base != NULL && base[0] == '/' ? base : "/tmp",
           sandbox.prefix, random);
  memcpy(area->server.directory, sandbox.directory, WIRE_TEXT);
}

static bool root_is_ready(void) { return __atomic_load_n(&area->slots[0].state, __ATOMIC_SEQ_CST) == WIRE_READY; }

/* The bell rings when the root actor is ready, when init has failed, and when it has died. */
static void await_root(void) {
  for (;;) {
    const uint32_t bell = __atomic_load_n(&area->bell, __ATOMIC_SEQ_CST);
    if (root_is_ready() || sandbox.init_gone || area->server.error != 0) return;
    futex(&area->bell, WAIT_WHILE, bell);
  }
}

static void end_case(void) {
  if (sandbox.init == 0) return;
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  let_pending_finish();
  sigprocmask(SIG_BLOCK, &child, NULL);
  if (!sandbox.init_gone) {
    kill(sandbox.init, SIGKILL);
    while (waitpid(sandbox.init, NULL, 0) < 0 && errno == EINTR) continue;
  }
  if ((sandbox.namespaces & CLONE_NEWPID) == 0) kill_descendants();
  sandbox.init = 0;
  area->server.init_pid = 0;
  area->server.leaks = sweep(&sandbox);
  sigprocmask(SIG_UNBLOCK, &child, NULL);
}

/* What cases left in the data areas costs memory until it is given back. */
static void give_back_data(void) {
  struct stat s;
  if (fstat(WIRE_SHM_FD, &s) != 0 || (uint64_t)s.st_blocks * 512 < DATA_KEPT) return;
  fallocate(WIRE_SHM_FD, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, (off_t)WIRE_DATA_START,
            (off_t)(WIRE_TOTAL - WIRE_DATA_START));
}

static void start_case(void) {
  end_case();
  clear_area();
  give_back_data();
  choose_names();
  sandbox.init_gone = 0;
  sandbox.namespaces = namespaces_for(area->server.want);
  /* Without a pid namespace orphans come here, so that they can be ended. With one it ends them itself, but not on
   * each kernel if somebody outside would take them (gVisor 20240729). */
  prctl(PR_SET_CHILD_SUBREAPER, (sandbox.namespaces & CLONE_NEWPID) == 0 ? 1ul : 0ul, 0ul, 0ul, 0ul);
  const unsigned uid = geteuid(), gid = getegid();
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t init = clone_process(sandbox.namespaces);
  if (init == 0) run_init(uid, gid);
  sandbox.init = init > 0 ? init : 0;
  area->server.init_pid = sandbox.init;
  if (init < 0) area->server.error = errno;
  sigprocmask(SIG_SETMASK, &before, NULL);
  if (init < 0) return;
  await_root();
  if (!root_is_ready() && area->server.error == 0) area->server.error = ECHILD;
  if ((area->server.got & WIRE_SB_TMP) != 0) sandbox.directory[0] = 0;
}

static void obey(uint32_t command) {
  if (command == WIRE_CMD_START) start_case();
  if (command == WIRE_CMD_END) end_case();
}

int serve(pid_t parent) {
  if (!set_up(parent)) return 125;
  struct wire_server *s = &area->server;
  ring_bell();
  for (;;) {
    const uint32_t last = __atomic_load_n(&s->answer, __ATOMIC_RELAXED);
    const uint32_t request = __atomic_load_n(&s->request, __ATOMIC_ACQUIRE);
    if (orphaned || (request != last && s->command == WIRE_CMD_QUIT)) break;
    if (request == last) {
      futex(&s->request, WAIT_WHILE, last);
      continue;
    }
    obey(s->command);
    __atomic_store_n(&s->answer, request, __ATOMIC_RELEASE);
    ring_bell();
  }
  end_case();
  __atomic_store_n(&s->answer, s->request, __ATOMIC_RELEASE);
  ring_bell();
  return 0;
}
