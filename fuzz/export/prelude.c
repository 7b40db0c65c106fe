/* A bug report that runs: the steps of one case, performed by real processes and threads, each line checked.
 * Needs a C compiler and Linux, nothing else: cc -pthread THIS.c && ./a.out
 *
 * The director (the first process) lets one actor go on at a time and waits until its call has returned or /proc proves
 * it blocked: the thread sleeps, and between two looks it was not scheduled. Nothing here sleeps, no result depends on
 * time. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ACTORS = 16, NAMES = 64, TEXT = 1024 };

struct slot {
  uint32_t turn, done; /* the line asked for last, plus one; the one answered */
  int pid, tid, thread, started;
  int handlers[65];
};
static struct shared {
  struct slot slot[ACTORS];
  long value[NAMES]; /* what the case's names stand for */
  int deviated, line;
  char text[TEXT]; /* how a line deviated */
} *S;
static __thread int me;
static char *bad, directory[] = "/tmp/case-XXXXXX";
static int salt;

#define V(n) (S->value[n])

static void deviates(int line, const char *format, ...) {
  if (__atomic_exchange_n(&S->deviated, 1, __ATOMIC_SEQ_CST)) return;
  va_list list;
  va_start(list, format);
  vsnprintf(S->text, sizeof S->text, format, list);
  va_end(list);
  S->line = line;
}

static long futex(uint32_t *word, int op, uint32_t n, const struct timespec *limit) {
  return syscall(SYS_futex, word, op, n, limit, NULL, 0);
}

/* Buffers a call reads and writes come from one area that is there from the start, so that no mapping is made on the
 * way; they are never given back, so that nothing is used twice. */
enum { ARENA = 512 << 20 };
static char *arena;
static size_t arena_used;
static void *room(size_t n) {
  const size_t at = __atomic_fetch_add(&arena_used, (n + 4096 + 63) & ~(size_t)63, __ATOMIC_SEQ_CST);
  if (n > ARENA || at > ARENA - n - 8192) abort();
  return arena + at;
}
static void *space(size_t n) {
  const size_t real = n < (3u << 20) ? n : 3u << 20;
  return memset(room(real), 0x5a, real);
}
static void *repeated(const char *bytes, size_t length, size_t times) {
  char *p = room(length * times);
  for (size_t i = 0; i < times; ++i) memcpy(p + i * length, bytes, length);
  return p;
}
static void *copied(const void *bytes, size_t length, size_t size) {
  char *p = room(length > size ? length : size);
  memcpy(p, bytes, length);
  return p;
}
static void *message(long type, const void *text, size_t length, size_t size) {
  char *p = room(sizeof type + (length > size       ? (size < (3u << 20) ? length : length)
                                : size < (3u << 20) ? size
                                                    : 3u << 20));
  memcpy(p, &type, sizeof type);
  memcpy(p + sizeof type, text, length);
  return p;
}

static void on_count(int signo) { S->slot[me].handlers[signo]++; }

static __thread sigjmp_buf leave_access;
static __thread volatile sig_atomic_t guarded;
static void on_fault(int signo) {
  if (guarded) siglongjmp(leave_access, signo);
  signal(signo, SIG_DFL);
}
/* 0, or the signal an access raised. */
static int accessed(void *to, const void *from, size_t n) {
  struct sigaction ours, before[2];
  memset(&ours, 0, sizeof ours);
  ours.sa_handler = on_fault;
  ours.sa_flags = SA_NODEFER;
  sigaction(SIGSEGV, &ours, &before[0]);
  sigaction(SIGBUS, &ours, &before[1]);
  guarded = 1;
  const int signo = sigsetjmp(leave_access, 1);
  if (signo == 0)
    for (size_t i = 0; i < n; ++i) ((volatile char *)to)[i] = ((const volatile char *)from)[i];
  guarded = 0;
  sigaction(SIGSEGV, &before[0], NULL);
  sigaction(SIGBUS, &before[1], NULL);
  return signo;
}

static void perform(int step);

static void serve(int actor) {
  me = actor;
  struct slot *s = &S->slot[actor];
  s->pid = getpid();
  s->tid = (int)syscall(SYS_gettid);
  __atomic_store_n(&s->started, 1, __ATOMIC_SEQ_CST);
  for (uint32_t last = 0;;) {
    uint32_t now;
    while ((now = __atomic_load_n(&s->turn, __ATOMIC_ACQUIRE)) == last) futex(&s->turn, FUTEX_WAIT, last, NULL);
    last = now;
    perform((int)now - 1);
    __atomic_store_n(&s->done, now, __ATOMIC_RELEASE);
    futex(&s->done, FUTEX_WAKE, 1, NULL);
  }
}

static void *serve_thread(void *actor) {
  serve((int)(intptr_t)actor);
  return NULL;
}
static long make_process(int actor) {
  const pid_t child = fork();
  if (child == 0) serve(actor);
  if (child > 0) S->slot[actor].pid = child;
  return child;
}
static long make_thread(int actor) {
  pthread_t thread;
  S->slot[actor].thread = 1;
  errno = pthread_create(&thread, NULL, serve_thread, (void *)(intptr_t)actor);
  if (errno != 0) return -1;
  while (!__atomic_load_n(&S->slot[actor].started, __ATOMIC_SEQ_CST)) sched_yield();
  return S->slot[actor].tid;
}

/* What the kernel tells of a thread. */
struct look {
  char state;
  long switches;
  int status;
};
static struct look look_at(const struct slot *s) {
  struct look l = {0, -1, 0};
  char path[64], text[2048];
  snprintf(path, sizeof path, "/proc/%d/task/%d/stat", s->pid, s->tid);
  FILE *f = fopen(path, "re");
  if (f == NULL) return l;
  text[fread(text, 1, sizeof text - 1, f)] = 0;
  fclose(f);
  const char *end = strrchr(text, ')');
  if (end == NULL) return l;
  l.state = end[2];
  const char *last = strrchr(text, ' ');
  l.status = last ? atoi(last + 1) : 0;
  snprintf(path, sizeof path, "/proc/%d/task/%d/status", s->pid, s->tid);
  if ((f = fopen(path, "re")) == NULL) return l;
  long n;
  l.switches = 0;
  while (fgets(text, sizeof text, f) != NULL)
    if (sscanf(text, "voluntary_ctxt_switches: %ld", &n) == 1 ||
        sscanf(text, "nonvoluntary_ctxt_switches: %ld", &n) == 1)
      l.switches += n;
  fclose(f);
  return l;
}
static int gone(const struct slot *s) {
  const char state = look_at(s).state;
  return state == 0 || state == 'Z' || state == 'X';
}
static int finished(const struct slot *s) {
  return __atomic_load_n(&s->turn, __ATOMIC_ACQUIRE) == __atomic_load_n(&s->done, __ATOMIC_ACQUIRE);
}
static int proven_blocked(const struct slot *s) {
  const struct look one = look_at(s);
  if (one.state != 'S' || finished(s)) return 0;
  const struct look two = look_at(s);
  return two.state == 'S' && one.switches == two.switches && !finished(s);
}

enum came { RETURNED, BLOCKED, ENDED, NEVER };
/* Waits for one of those that count. The limit ends a hung program and is reported as such. */
static enum came await(struct slot *s, int blocking_counts, int end_counts) {
  struct timespec start, now, nap = {0, 1000000};
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (;;) {
    const uint32_t done = __atomic_load_n(&s->done, __ATOMIC_ACQUIRE);
    if (finished(s) && !end_counts) return RETURNED;
    if (blocking_counts && proven_blocked(s)) return BLOCKED;
    if (s->started && gone(s)) return finished(s) && !end_counts ? RETURNED : ENDED;
    futex(&s->done, FUTEX_WAIT, done, &nap);
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - start.tv_sec > 10) return NEVER;
  }
}

static int in_call[ACTORS];
static const char *came_text(enum came c) {
  return c == RETURNED  ? "the call returned"
         : c == BLOCKED ? "the call blocks"
         : c == ENDED   ? "the actor ended"
                        : "nothing came of it within ten seconds";
}
/* Whoever is blocked must be so still before the next line. */
static int settled(int line) {
  for (int i = 0; i < ACTORS; ++i) {
    if (!in_call[i]) continue;
    const enum came c = await(&S->slot[i], 1, 0);
    if (c != BLOCKED)
      return deviates(line, "before this line, though no line says so: %s (actor %d)", came_text(c), i), 0;
  }
  return !S->deviated;
}
static void go(int actor, int step) {
  struct slot *s = &S->slot[actor];
  while (!__atomic_load_n(&s->started, __ATOMIC_SEQ_CST)) sched_yield();
  in_call[actor] = 1;
  __atomic_store_n(&s->turn, (uint32_t)step + 1, __ATOMIC_RELEASE);
  futex(&s->turn, FUTEX_WAKE, 1, NULL);
}
static int must_return(int line, int actor) {
  const enum came c = await(&S->slot[actor], 0, 0);
  in_call[actor] = 0;
  if (c != RETURNED) deviates(line, "%s", came_text(c));
  return !S->deviated;
}
static int must_block(int line, int actor) {
  const enum came c = await(&S->slot[actor], 1, 0);
  if (c != BLOCKED) deviates(line, "%s, and must block", came_text(c));
  return !S->deviated;
}
static int must_end(int line, int actor, int signo, int status) {
  struct slot *s = &S->slot[actor];
  const enum came c = await(s, 0, 1);
  const int is = look_at(s).status;
  in_call[actor] = 0;
  if (c != ENDED) return deviates(line, "%s, and the actor must end", came_text(c)), 0;
  if (s->thread || is == 0) return !S->deviated;
  if (signo != 0 && !(WIFSIGNALED(is) && WTERMSIG(is) == signo)) deviates(line, "it ended with status 0x%x", is);
  if (status >= 0 && !(WIFEXITED(is) && WEXITSTATUS(is) == status)) deviates(line, "it ended with status 0x%x", is);
  return !S->deviated;
}
static int must_run_handlers(int line, int actor, int signo, int times) {
  struct timespec start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (;;) {
    if (__atomic_load_n(&S->slot[actor].handlers[signo], __ATOMIC_SEQ_CST) >= times) return !S->deviated;
    sched_yield();
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - start.tv_sec > 10) return deviates(line, "the handler has not run"), 0;
  }
}

/* Orphans come to the director, so in the end everybody is its child. */
static void end_everybody(void) {
  for (int i = 0; i < ACTORS; ++i)
    if (S->slot[i].pid > 0) kill(S->slot[i].pid, SIGKILL);
  for (;;) {
    char path[64];
    int child;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *f = fopen(path, "re");
    while (f != NULL && fscanf(f, "%d", &child) == 1) kill(child, SIGKILL);
    if (f != NULL) fclose(f);
    if (waitpid(-1, NULL, __WALL) < 0 && errno != EINTR) return;
  }
}

static int direct(void);
static void tidy(void);
static const char *const lines[];

int main(void) {
  S = mmap(NULL, sizeof *S, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  bad = mmap(NULL, 1 << 16, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (S == MAP_FAILED || bad == MAP_FAILED || arena == MAP_FAILED || mkdtemp(directory) == NULL ||
      chdir(directory) != 0)
    return 2;
  prctl(PR_SET_CHILD_SUBREAPER, 1ul, 0ul, 0ul, 0ul);
  umask(022);
  salt = (int)getpid() << 8;
  const pid_t root = fork();
  if (root < 0) return 2;
  if (root == 0) {
    for (int s = 1; s <= 64; ++s) signal(s, SIG_DFL);
    for (int fd = 3; fd < 64; ++fd) close(fd);
    serve(0);
  }
  V(0) = root;
  const int agreed = direct();
  end_everybody();
  tidy();
  if (agreed) return puts("agrees"), 0;
  printf("DEVIATES at line %d\n  %s\n  %s\n", S->line, lines[S->line], S->text);
  return 1;
}
