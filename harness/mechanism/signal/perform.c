/* Performs the calls of signals. */
#include <signal.h>

#include "harness/actor/actor.h"
#include "harness/actor/handlers.h"

static pid_t process(const struct actor *a, unsigned i) { return (pid_t)number(a, i); }

void perform_kill(struct actor *a) { LIBC(a, kill(process(a, 0), integer(a, 1))); }

void perform_tgkill(struct actor *a) { LIBC(a, syscall(SYS_tgkill, process(a, 0), process(a, 1), integer(a, 2))); }

void perform_raise(struct actor *a) { LIBC(a, raise(integer(a, 0)) == 0 ? 0 : -1); }

void perform_sigqueue(struct actor *a) {
  const union sigval value = {.sival_int = integer(a, 2)};
  LIBC(a, sigqueue(process(a, 0), integer(a, 1), value));
}

static void action_in(struct actor *a, const struct wire_value *v, struct sigaction *action) {
  const int64_t code = field(a, v, 0);
  memset(action, 0, sizeof *action);
  action->sa_flags = (int)field(a, v, 2);
  if (handler_of(code) != NULL) {
    action->sa_sigaction = handler_of(code);
    action->sa_flags |= SA_SIGINFO;
  } else {
    action->sa_handler = code == HANDLE_DEFAULT  ? SIG_DFL
                         : code == HANDLE_IGNORE ? SIG_IGN
                                                 : (void (*)(int))(uintptr_t)code;
  }
  sigemptyset(&action->sa_mask);
  if (v->kind == WIRE_LIST && v->len > 1 && items(a, v)[1].kind == WIRE_LIST)
    signals_in(a, items(a, v) + 1, &action->sa_mask);
}

static void put_action(struct actor *a, unsigned i, int signo, const struct sigaction *action) {
  int64_t code, flags;
  describe_action(signo, action, &code, &flags);
  struct wire_value *f = put_list(a, &a->reply->out[i], 3);
  if (f == NULL) return;
  put_number(&f[0], code);
  put_signals(a, &f[1], &action->sa_mask);
  put_number(&f[2], flags);
}

void perform_sigaction(struct actor *a) {
  struct sigaction act, old;
  const struct wire_value *v = argument(a, 1);
  const int signo = integer(a, 0);
  if (v->kind == WIRE_LIST) action_in(a, v, &act);
  const struct sigaction *from = v->kind == WIRE_LIST ? &act : address(a, 1);
  void *to = given(a, 2) ? record_out(a, 2, &old, sizeof old) : NULL;
  LIBC(a, sigaction(signo, from, to));
  if (a->reply->result != 0) return;
  if (to == &old) put_action(a, 2, signo, &old);
  if (from == &act) note_siginfo(signo, (field(a, v, 2) & SA_SIGINFO) != 0);
}

/* The code of a handler as signal() returns it. */
static int64_t code_of(void (*handler)(int)) {
  if (handler == SIG_DFL) return HANDLE_DEFAULT;
  if (handler == SIG_IGN) return HANDLE_IGNORE;
  for (int64_t code = -2; code >= -4; --code)
    if ((void (*)(int))(uintptr_t)handler_of(code) == handler) return code;
  return (int64_t)(uintptr_t)handler;
}

/* The library's own signal() decides the flags; the handler then gets the information it logs. */
static int64_t set_by_name(int signo, int64_t code) {
  void (*h)(int) = code == HANDLE_DEFAULT ? SIG_DFL : code == HANDLE_IGNORE ? SIG_IGN : NULL;
  if (h == NULL && code != HANDLE_DEFAULT) h = (void (*)(int))(uintptr_t)handler_of(code);
  void (*const before)(int) = signal(signo, h);
  if (before == SIG_ERR) return -1;
  struct sigaction now;
  if (handler_of(code) == NULL || sigaction(signo, NULL, &now) != 0) return code_of(before);
  now.sa_flags |= SA_SIGINFO;
  note_siginfo(signo, false);
  return sigaction(signo, &now, NULL) == 0 ? code_of(before) : -1;
}

void perform_signal(struct actor *a) { LIBC(a, set_by_name(integer(a, 0), number(a, 1))); }

void perform_counted(struct actor *a) {
  const int signo = integer(a, 0);
  LIBC(a, signo >= 1 && signo <= MAX_SIGNAL ? (int64_t)a->runs[signo] : 0);
}

void perform_sigprocmask(struct actor *a) {
  sigset_t set, old;
  const struct wire_value *v = argument(a, 1);
  const sigset_t *from = v->kind == WIRE_NONE ? NULL : signals_in(a, v, &set);
  void *to = given(a, 2) ? record_out(a, 2, &old, sizeof old) : NULL;
  LIBC(a, sigprocmask(integer(a, 0), from, to));
  if (to == &old && a->reply->result == 0) put_signals(a, &a->reply->out[2], &old);
}

/* On the alternate stack it also tries to take that away, which is to be refused. */
int stack_now(void) {
  const uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  const stack_t none = {.ss_flags = SS_DISABLE};
  stack_t now;
  if (sigaltstack(NULL, &now) != 0) return -1;
  const bool told = (now.ss_flags & SS_ONSTACK) != 0;
  const bool inside = (now.ss_flags & SS_DISABLE) == 0 && here - (uintptr_t)now.ss_sp < now.ss_size;
  if (!told && !inside) return 0;
  return told && inside && sigaltstack(&none, NULL) != 0 && errno == EPERM ? 1 : -1;
}

void perform_sigaltstack(struct actor *a) {
  const struct wire_value *v = argument(a, 0);
  stack_t stack, old;
  memset(&stack, 0, sizeof stack);
  stack.ss_sp = (void *)(uintptr_t)field(a, v, 0);
  stack.ss_flags = (int)field(a, v, 1);
  stack.ss_size = (size_t)field(a, v, 2);
  const stack_t *from = v->kind == WIRE_LIST ? &stack : address(a, 0);
  void *to = given(a, 1) ? record_out(a, 1, &old, sizeof old) : NULL;
  LIBC(a, sigaltstack(from, to));
  if (to == &old && a->reply->result == 0)
    PUT_NUMBERS(a, 1, (int64_t)(uintptr_t)old.ss_sp, old.ss_flags, (int64_t)old.ss_size);
}

void perform_sigpending(struct actor *a) {
  sigset_t set;
  void *to = record_out(a, 0, &set, sizeof set);
  LIBC(a, sigpending(to));
  if (to == &set && a->reply->result == 0) put_signals(a, &a->reply->out[0], &set);
}

void perform_sigsuspend(struct actor *a) {
  sigset_t set;
  const sigset_t *mask = signals_in(a, argument(a, 0), &set);
  LIBC(a, sigsuspend(mask));
}

void perform_pause(struct actor *a) { LIBC(a, pause()); }

void perform_sigwaitinfo(struct actor *a) {
  sigset_t set;
  siginfo_t info;
  const sigset_t *wanted = signals_in(a, argument(a, 0), &set);
  void *to = given(a, 1) ? record_out(a, 1, &info, sizeof info) : NULL;
  LIBC(a, sigwaitinfo(wanted, to));
  if (to == &info) put_siginfo(a, 1, &info);
}

void perform_sigtimedwait(struct actor *a) {
  sigset_t set;
  siginfo_t info;
  const struct wire_value *v = argument(a, 2);
  const struct timespec limit = {.tv_sec = (time_t)field(a, v, 0), .tv_nsec = (long)field(a, v, 1)};
  const sigset_t *wanted = signals_in(a, argument(a, 0), &set);
  void *to = given(a, 1) ? record_out(a, 1, &info, sizeof info) : NULL;
  const void *until = v->kind == WIRE_LIST ? &limit : address(a, 2);
  LIBC(a, sigtimedwait(wanted, to, until));
  if (to == &info) put_siginfo(a, 1, &info);
}
