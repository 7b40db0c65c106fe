/* The handlers a case can install by name, and memory accesses that may fault. Everything in a handler is
 * async-signal-safe: it writes to the slot of its own thread and rings the bell. */
#include "harness/actor/handlers.h"

#include "harness/actor/actor.h"

/* Did the case ask for SA_SIGINFO itself? We always set it, for the log. By signal, for the process. */
static volatile sig_atomic_t asked_siginfo[MAX_SIGNAL + 1];

static bool from_a_process(const siginfo_t *info) { return info->si_code <= 0 || info->si_signo == SIGCHLD; }

static bool is_fault(const siginfo_t *info) {
  const int s = info->si_signo;
  return info->si_code > 0 && (s == SIGSEGV || s == SIGBUS || s == SIGILL || s == SIGFPE || s == SIGTRAP);
}

static uint64_t mask_now(void) {
  sigset_t mask;
  uint64_t bits = 0;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  for (int s = 1; s <= MAX_SIGNAL; ++s) bits |= sigismember(&mask, s) == 1 ? (uint64_t)1 << (s - 1) : 0;
  return bits;
}

/* An entry is written before it is counted. A handler that interrupts this one takes the next entry and leaves the
 * counting to it. */
static void log_run(struct actor *a, const siginfo_t *info, bool logged) {
  a->logging++;
  struct wire_signal *entry = &a->slot->signal_log[__atomic_fetch_add(&a->logged, 1, __ATOMIC_RELAXED) % WIRE_SIGNALS];
  memset(entry, 0, sizeof *entry);
  entry->signo = wire_int(info->si_signo);
  entry->code = wire_int(info->si_code);
  entry->in_call = wire_int(__atomic_load_n(&a->slot->phase, __ATOMIC_RELAXED) == wire32(WIRE_IN_CALL));
  if (from_a_process(info)) {
    entry->pid = wire_int(info->si_pid);
    entry->uid = wire_int((int32_t)info->si_uid);
    if (info->si_signo == SIGCHLD && info->si_code > 0)
      entry->status = wire_int(info->si_status);
    else
      entry->value = wire_long(info->si_value.sival_int);
  } else if (is_fault(info)) {
    entry->addr = wire64((uint64_t)(uintptr_t)info->si_addr);
  }
  entry->mask = wire64(mask_now());
  entry->logged = wire32(logged);
  entry->onstack = wire_int(stack_now());
  if (info->si_signo >= 1 && info->si_signo <= MAX_SIGNAL) a->runs[info->si_signo]++;
  a->logging--;
  if (a->logging == 0) __atomic_store_n(&a->slot->signals, wire32(a->logged), __ATOMIC_SEQ_CST);
}

/* A fault outside a memory step is the actor's own: let it die of it instead of faulting for ever. */
static void die_of(int signo) { signal(signo, SIG_DFL); }

/* Where the access faulted. On s390x the machine tells the page alone, as POSIX allows (<signal.h>, si_addr); all
 * guarded accesses go upwards from their call's first argument, and that tells the rest. */
static uint64_t faulting_address(const struct actor *a, const siginfo_t *info) {
  const uint64_t told = (uint64_t)(uintptr_t)info->si_addr;
#ifdef __s390x__
  const uint64_t from = (uint64_t)number(a, 0);
  if (told % 4096 == 0 && from > told && from - told < 4096) return from;
#endif
  (void)a;
  return told;
}

static void leave_access(struct actor *a, const siginfo_t *info) {
  a->reply->flags |= WIRE_FAULTED;
  a->reply->fault_signo = info->si_signo;
  a->reply->fault_code = info->si_code;
  a->reply->fault_addr = faulting_address(a, info);
  siglongjmp(a->leave_access, 1);
}

static void handle(siginfo_t *info, bool logged) {
  struct actor *a = self;
  if (a == NULL) return;
  if (is_fault(info)) {
    if (a->guarded) leave_access(a, info);
    die_of(info->si_signo);
    return;
  }
  log_run(a, info, logged);
  ring_bell();
}

static void on_log(int signo, siginfo_t *info, void *context) {
  (void)signo, (void)context;
  const int error = errno;
  handle(info, true);
  errno = error;
}

static void on_count(int signo, siginfo_t *info, void *context) {
  (void)signo, (void)context;
  const int error = errno;
  handle(info, false);
  errno = error;
}

/* sigsetjmp at the call's entry saves no mask, which would cost every call a system call: the mask to go back to
 * is the one the kernel keeps in the frame. */
static void on_jump(int signo, siginfo_t *info, void *context) {
  (void)signo;
  const int error = errno;
  handle(info, false);
  struct actor *a = self;
  if (a != NULL && a->jumpable && a->logging == 0) {
    a->jumpable = 0;
    sigset_t mask = ((ucontext_t *)context)->uc_sigmask;
    sigprocmask(SIG_SETMASK, &mask, NULL);
    siglongjmp(a->leave_call, 1);
  }
  errno = error;
}

/* Faults of guarded accesses where the case has no handler of its own. */
static void on_fault(int signo, siginfo_t *info, void *context) {
  (void)context;
  struct actor *a = self;
  if (a != NULL && a->guarded && is_fault(info)) leave_access(a, info);
  die_of(signo);
}

typedef void (*handler)(int, siginfo_t *, void *);

handler handler_of(int64_t code) {
  return code == HANDLE_LOG ? on_log : code == HANDLE_COUNT ? on_count : code == HANDLE_JUMP ? on_jump : NULL;
}

static int64_t code_of(const struct sigaction *action) {
  if (action->sa_handler == SIG_DFL) return HANDLE_DEFAULT;
  if (action->sa_handler == SIG_IGN) return HANDLE_IGNORE;
  if (action->sa_sigaction == on_log) return HANDLE_LOG;
  if (action->sa_sigaction == on_count) return HANDLE_COUNT;
  if (action->sa_sigaction == on_jump) return HANDLE_JUMP;
  return (int64_t)(uintptr_t)action->sa_sigaction;
}

void note_siginfo(int signo, bool asked) {
  if (signo >= 1 && signo <= MAX_SIGNAL) asked_siginfo[signo] = asked;
}

void describe_action(int signo, const struct sigaction *action, int64_t *code, int64_t *flags) {
  *code = code_of(action);
  int64_t shown = (uint32_t)action->sa_flags & ~0x04000000u; /* SA_RESTORER, the C library's own business */
  const bool ours = handler_of(*code) != NULL;
  if (ours && signo >= 1 && signo <= MAX_SIGNAL && !asked_siginfo[signo]) shown &= ~(int64_t)SA_SIGINFO;
  *flags = shown;
}

static bool needs_handler(const struct sigaction *now) { return handler_of(code_of(now)) == NULL; }

static void try_access(struct actor *a, void (*access)(void *), void *what) {
  a->guarded = 1;
  if (sigsetjmp(a->leave_access, 0) == 0) access(what);
  a->guarded = 0;
}

void guarded_access(struct actor *a, void (*access)(void *), void *what) {
  static const int faults[2] = {SIGSEGV, SIGBUS};
  struct sigaction before[2], ours = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  bool replaced[2] = {false, false};
  sigset_t open, mask;
  sigemptyset(&open);
  sigaddset(&open, SIGSEGV);
  sigaddset(&open, SIGBUS);
  for (int i = 0; i < 2; ++i) {
    sigaction(faults[i], NULL, &before[i]);
    replaced[i] = needs_handler(&before[i]);
    if (replaced[i]) sigaction(faults[i], &ours, NULL);
  }
  sigprocmask(SIG_UNBLOCK, &open, &mask); /* a blocked fault would kill */
  try_access(a, access, what);
  for (int i = 0; i < 2; ++i)
    if (replaced[i]) sigaction(faults[i], &before[i], NULL);
  sigprocmask(SIG_SETMASK, &mask, NULL);
}
