/* Performs the calls that make, replace and end processes and threads. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>

#include "harness/actor/actor.h"

enum { MOST_THREADS = 128, STACK_BYTES = 256 << 10 };

/* The threads this process made and nobody has joined, by thread id. */
static struct {
  int32_t tid; /* 0: free */
  pthread_t thread;
} joinable[MOST_THREADS];

/* What a new thread needs; it lives in the maker's frame until `started`. */
struct start {
  struct actor *actor;
  sigset_t mask;
  uint32_t started;
  int32_t tid;
};

static void block_all(sigset_t *before) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, before);
}

static pid_t fork_as_asked(const struct actor *a) {
#ifdef SYS_fork
  if (a->raw) return (pid_t)syscall(SYS_fork);
#endif
  (void)a;
  return fork();
}

/* Signals wait until the child has its own slot, so that none is logged in the parent's. */
static int64_t make_process(struct actor *a) {
  sigset_t mask;
  const uint32_t slot = a->call->child;
  block_all(&mask);
  const pid_t child = fork_as_asked(a);
  const int error = errno;
  if (child == 0) {
    become(a, slot);
    a->is_thread = false;
    memset(joinable, 0, sizeof joinable);
  }
  sigprocmask(SIG_SETMASK, &mask, NULL);
  errno = error;
  return child;
}

static void *run_thread(void *argument) {
  struct start *s = argument;
  struct actor *a = s->actor;
  self = a;
  s->tid = (int32_t)syscall(SYS_gettid);
  announce(a);
  const sigset_t mask = s->mask;
  __atomic_store_n(&s->started, 1, __ATOMIC_SEQ_CST);
  futex(&s->started, WAKE, 1);
  sigprocmask(SIG_SETMASK, &mask, NULL);
  if (sigsetjmp(a->leave_thread, 0) == 0) serve_slot(a);
  return NULL;
}

static int start_thread(struct start *s, pthread_t *thread) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  const int error = pthread_create(thread, &attributes, run_thread, s);
  pthread_attr_destroy(&attributes);
  return error;
}

static void remember(int32_t tid, pthread_t thread) {
  for (int i = 0; i < MOST_THREADS; ++i) {
    int32_t none = 0;
    if (!__atomic_compare_exchange_n(&joinable[i].tid, &none, -1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) continue;
    joinable[i].thread = thread;
    __atomic_store_n(&joinable[i].tid, tid, __ATOMIC_SEQ_CST);
    return;
  }
}

static int64_t make_thread(struct actor *a) {
  struct start s = {.actor = a->call->child < WIRE_SLOTS ? new_actor(a->call->child) : NULL};
  if (s.actor == NULL) return -1;
  s.actor->is_thread = true;
  pthread_t thread;
  block_all(&s.mask);
  const int error = start_thread(&s, &thread);
  while (error == 0 && __atomic_load_n(&s.started, __ATOMIC_SEQ_CST) == 0) futex(&s.started, WAIT_WHILE, 0);
  if (error == 0) remember(s.tid, thread);
  sigprocmask(SIG_SETMASK, &s.mask, NULL);
  errno = error;
  return error == 0 ? s.tid : -1;
}

static void make_actor(struct actor *a, bool as_thread) {
  if (a->call->child >= WIRE_SLOTS) {
    malformed(a);
    return;
  }
  errno = 0;
  const int64_t id = as_thread ? make_thread(a) : make_process(a);
  if (!a->newborn) finish(a, id);
}

void perform_fork(struct actor *a) { make_actor(a, false); }

void perform_thread(struct actor *a) { make_actor(a, true); }

void perform_spawn(struct actor *a) { make_actor(a, number(a, 0) == 1); }

static pid_t vfork_and_exit(int status) {
  const pid_t child = vfork();
  if (child == 0) _exit(status);
  /* The call returns before the child is a zombie. Nothing here sleeps: this is no call to be found blocked in. */
  siginfo_t info = {0};
  const int error = errno;
  while (child > 0 && waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0)
    sched_yield();
  errno = error;
  return child;
}

void perform_vfork_exit(struct actor *a) { LIBC(a, vfork_and_exit(integer(a, 0))); }

void perform_exec(struct actor *a) {
  resume_in_image((unsigned)number(a, 0), a->index, wire32(a->slot->request));
  finish(a, -1);
}

void perform_exit(struct actor *a) { leave(a, integer(a, 0)); }

/* The first thread ends alone by the bare call: the process lives on in the others. */
void perform_thread_exit(struct actor *a) {
  __atomic_store_n(&a->slot->state, wire32(WIRE_FREE), __ATOMIC_SEQ_CST);
  ring_bell();
  if (a->is_thread) siglongjmp(a->leave_thread, 1);
  for (;;) syscall(SYS_exit, 0);
}

static int join_thread(int32_t tid) {
  for (int i = 0; i < MOST_THREADS; ++i) {
    int32_t wanted = tid;
    const pthread_t thread = joinable[i].thread;
    if (tid <= 0 ||
        !__atomic_compare_exchange_n(&joinable[i].tid, &wanted, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
      continue;
    const int error = pthread_join(thread, NULL);
    /* Joined is who has let go of its memory; the kernel counts it among the threads a moment longer. The first thread
     * is counted to the end. */
    const pid_t pid = (pid_t)syscall(SYS_getpid);
    while (error == 0 && tid != pid && syscall(SYS_tgkill, pid, tid, 0) == 0) sched_yield();
    errno = error;
    return error == 0 ? 0 : -1;
  }
  errno = ESRCH;
  return -1;
}

void perform_join(struct actor *a) { LIBC(a, join_thread((int32_t)number(a, 0))); }
