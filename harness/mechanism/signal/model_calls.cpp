// The calls about actions, masks and pending signals.
#include <algorithm>

#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/signal/rules.h"
#include "harness/model/fields.h"

namespace ipcvet::model {
namespace {

int64_t int_of(const Value *v, int64_t otherwise = 0) {
  const auto *n = v ? v->as<Value::Int>() : nullptr;
  return n ? n->value : otherwise;
}

// 32 and 33 are the C library's own.
bool is_signal(const Attempt &a, int64_t signo) {
  return signo >= 1 && signo <= last_signal && (signo < 32 || signo >= a.k.SIGRTMIN_);
}

bool bad_address(const Attempt &a, uint32_t i) { return a.is_word(i, "bad"); }
bool wants(const Attempt &a, uint32_t i) { return !a.is_word(i, "NULL") && i < a.op.args->size(); }

struct Word {
  const char *text;
  Handler handler;
};
constexpr Word words[] = {{"SIG_DFL", Handler::standard},
                          {"SIG_IGN", Handler::ignore},
                          {"log", Handler::log},
                          {"count", Handler::count},
                          {"jump", Handler::jump}};

std::optional<Handler> handler_of(const Value *v) {
  const auto *name = v ? v->as<Value::Name>() : nullptr;
  for (const Word &w : words)
    if (name && name->text == w.text) return w.handler;
  return int_of(v, -1) == 0 || !v ? std::optional(Handler::standard) : std::nullopt;
}

Value handler_word(Handler h) {
  for (const Word &w : words)
    if (w.handler == h) return Value::name(w.text);
  return Value::any();
}

SignalSet mask_of(const Value &action) {
  const Value *mask = field(action, "sa_mask");
  return mask ? signals_of(*mask) : 0;
}

const Action &action(const Attempt &a, int64_t signo) { return (*a.process().actions)[static_cast<size_t>(signo)]; }

// The flags a handler leaves behind that was reset are nobody's business.
Value action_record(const Action &action) {
  const bool left = action.handler == Handler::standard && action.flags != 0;
  return Value::record({{"sa_handler", handler_word(action.handler)},
                        {"sa_mask", list_of(action.mask)},
                        {"sa_flags", left ? Value::any() : Value::integer(action.flags)}});
}

void set_action(Attempt &a, int64_t signo, Action action) {
  action.mask &= ~unblockable_signals(a.setting);
  a.edit_process().actions.edit()[static_cast<size_t>(signo)] = action;
  if (ignores(a.world, a.setting, a.process_id(), static_cast<int>(signo)))
    forget_signals(a.world, a.process_id(), signal_bit(signo));
}

bool cannot_be_caught(const Attempt &a, int64_t signo) {
  return (signal_bit(signo) & unblockable_signals(a.setting)) != 0;
}

void sigaction_call(Attempt &a) {
  const int64_t signo = a.number(0);
  const bool sets = a.arg(1).as<Value::Record>() != nullptr;
  if (bad_address(a, 1) || bad_address(a, 2))
    return a.unmodelled("sigaction() of a bad address, which the C library reads");
  if (!is_signal(a, signo) || (sets && cannot_be_caught(a, signo)))
    return a.fails(RULE("posix/sigaction/einval"), "EINVAL");
  if (wants(a, 2)) a.fills(2, action_record(action(a, signo)));
  if (!sets) return a.returns(RULE("posix/sigaction/old-action"));
  const auto handler = handler_of(field(a.arg(1), "sa_handler"));
  if (!handler) return a.unmodelled("a handler that is not one of the actor's");
  Action to{*handler, mask_of(a.arg(1)), int_of(field(a.arg(1), "sa_flags"))};
  set_action(a, signo, to);
  a.returns(*handler == Handler::ignore ? RULE("posix/sigaction/ignore-discards-pending")
                                        : RULE("posix/sigaction/process-wide"));
}

void signal_call(Attempt &a) {
  const int64_t signo = a.number(0);
  const auto handler = handler_of(&a.arg(1));
  if (!is_signal(a, signo) || cannot_be_caught(a, signo)) return a.fails(RULE("posix/sigaction/einval"), "EINVAL");
  if (!handler) return a.unmodelled("a handler that is not one of the actor's");
  const Handler before = action(a, signo).handler;
  set_action(a, signo, {*handler, signal_bit(signo), a.k.SA_RESTART_});
  a.returns(RULE("posix/sigaction/old-action"), before == Handler::standard ? Value::integer(0) : handler_word(before));
}

void sigprocmask_call(Attempt &a) {
  const int64_t how = a.number(0);
  const bool sets = a.arg(1).as<Value::List>() != nullptr;
  if (bad_address(a, 1)) return a.fails(RULE("linux/process/efault"), "EFAULT");
  // Linux sets the mask before it tells the old one; nobody says in which order.
  if (bad_address(a, 2)) {
    Attempt untouched = a;
    untouched.fails(RULE("linux/process/efault"), "EFAULT");
  }
  const SignalSet before = a.thread().mask;
  const SignalSet set = signals_of(a.arg(1)) & ~unblockable_signals(a.setting);
  if (sets) {
    if (how != a.k.SIG_BLOCK_ && how != a.k.SIG_UNBLOCK_ && how != a.k.SIG_SETMASK_)
      return a.fails(RULE("posix/sigprocmask/einval"), "EINVAL");
    a.edit_thread().mask = how == a.k.SIG_BLOCK_ ? before | set : how == a.k.SIG_UNBLOCK_ ? before & ~set : set;
  }
  if (bad_address(a, 2)) return a.fails(RULE("linux/process/efault"), "EFAULT");
  if (wants(a, 2)) a.fills(2, list_of(before));
  a.returns(RULE("posix/sigprocmask/operations"));
}

Value stack_record(const Attempt &a, const AlternateStack &s) {
  if (!s.enabled) return Value::record({{"ss_flags", Value::integer(a.k.SS_DISABLE_)}});
  return Value::record(
      {{"ss_sp", Value::integer(s.address)}, {"ss_flags", Value::integer(0)}, {"ss_size", Value::integer(s.size)}});
}

// False: the attempt has ended. Nobody calls from a handler, so that no stack is in use.
bool takes_stack(Attempt &a) {
  constexpr int64_t too_small = 1024, surely_enough = 16384;
  const int64_t flags = int_of(field(a.arg(0), "ss_flags")), size = int_of(field(a.arg(0), "ss_size"));
  const bool disables = flags == a.k.SS_DISABLE_;
  const bool known = flags == 0 || disables;
  if ((flags & a.k.SS_ONSTACK_) != 0 || static_cast<int32_t>(flags) < 0)
    return a.unmodelled("a stack with flags that Linux takes"), false;
  if (!known && size < surely_enough) return a.unmodelled("sigaltstack() with two reasons to fail"), false;
  if (!known) return a.fails(RULE("posix/sigaltstack/einval"), "EINVAL"), false;
  if (!disables && size < too_small) return a.fails(RULE("posix/sigaltstack/enomem"), "ENOMEM"), false;
  if (!disables && size < surely_enough) return a.unmodelled("a stack that may be too small"), false;
  a.edit_thread().stack = disables ? AlternateStack{} : AlternateStack{true, int_of(field(a.arg(0), "ss_sp")), size};
  return true;
}

void sigaltstack_call(Attempt &a) {
  if (bad_address(a, 0)) return a.unmodelled("sigaltstack() of a bad address, which the C library may read");
  const bool sets = a.arg(0).as<Value::Record>() != nullptr;
  if (bad_address(a, 1)) {  // it may be set before the old one is told
    Attempt untouched = a;
    untouched.fails(RULE("linux/process/efault"), "EFAULT");
  }
  const AlternateStack before = a.thread().stack;
  if (sets && !takes_stack(a)) return;
  if (bad_address(a, 1)) return a.fails(RULE("linux/process/efault"), "EFAULT");
  if (wants(a, 1)) a.fills(1, stack_record(a, before));
  a.returns(!sets                      ? RULE("posix/sigaltstack/old")
            : a.thread().stack.enabled ? RULE("posix/sigaltstack/sets")
                                       : RULE("posix/sigaltstack/disable"));
}

void sigpending_call(Attempt &a) {
  if (bad_address(a, 0) || a.is_word(0, "NULL")) return a.fails(RULE("linux/process/efault"), "EFAULT");
  const SignalSet all = a.thread().pending.set() | a.process().pending.set();
  a.fills(0, list_of(all & a.thread().mask));
  a.returns(RULE("posix/sigpending/thread-and-process"));
}

void sigsuspend_call(Attempt &a) {
  if (!a.waiting()) {
    if (bad_address(a, 0)) return a.fails(RULE("linux/process/efault"), "EFAULT");
    a.op.old_mask = a.thread().mask;
    a.edit_thread().mask = signals_of(a.arg(0)) & ~unblockable_signals(a.setting);
  }
  a.blocks(RULE("posix/sigsuspend/waits"));
}

void sigsuspend_interrupted(Attempt &a) { a.fails(RULE("posix/sigsuspend/mask-restored"), "EINTR"); }

void pause_call(Attempt &a) { a.blocks(RULE("posix/pause/waits")); }

void pause_interrupted(Attempt &a) { a.fails(RULE("posix/pause/waits"), "EINTR"); }

// Which fields mean something depends on who sent it. The C library may tell SI_TKILL as SI_USER.
Value info_record(const Attempt &a, const SignalInfo &info) {
  std::vector<Field> fields{{"si_signo", Value::integer(info.signo)}};
  if (!info.known) return Value::record(std::move(fields));
  const bool child = info.signo == a.k.SIGCHLD_ && info.code > 0;
  if (info.code != a.k.SI_TKILL_) fields.push_back({"si_code", Value::integer(info.code)});
  fields.push_back({"si_pid", Value::integer(a.world.value(info.pid))});
  fields.push_back({"si_uid", Value::integer(a.world.value(info.uid))});
  if (child) fields.push_back({"si_status", Value::integer(info.status)});
  if (info.code == a.k.SI_QUEUE_) fields.push_back({"si_value", Value::integer(info.value)});
  return Value::record(std::move(fields));
}

// Another thread of the process that waits for this signal, too.
ActorId fellow_waiter(const Attempt &a, int signo) {
  for (const ActorId t : a.process().threads) {
    const Thread &thread = a.world.threads[t];
    if (t == a.actor || !thread.blocked || !thread.blocked->call->name.starts_with("sig")) continue;
    if (thread.blocked->args->empty() || (signals_of(thread.blocked->args->front()) & signal_bit(signo)) == 0) continue;
    return t;
  }
  return nobody;
}

// Linux wakes fellow waiters when one takes a signal of the process; who then finds nothing fails with EINTR.
constexpr int64_t woken_for_nothing = 1;

void take_it(Attempt &a, const SignalInfo &info) {
  if (bad_address(a, 1)) return a.fails(RULE("linux/process/efault"), "EFAULT");
  if (wants(a, 1)) a.fills(1, info_record(a, info));
  a.returns(a.waiting() ? RULE("posix/sigwaitinfo/one-waiter") : RULE("posix/sigwaitinfo/takes-pending"), info.signo);
}

// Another thread that lets the signal through, in a call that nothing begins anew: Linux blocks the awaited signals
// again and wakes those before the waiter takes the one that came.
bool wakes_another(const Attempt &a, int signo) {
  const auto is_woken = [&](ActorId t) {
    const Thread &thread = a.world.threads[t];
    if (t == a.actor || !thread.blocked || (thread.mask & signal_bit(signo)) != 0) return false;
    const CallRule *rule = rule_of(*thread.blocked->call);
    return rule && rule->interrupted == CallRule::Interrupted::also_by_stop;
  };
  return std::any_of(a.process().threads.begin(), a.process().threads.end(), is_woken);
}

// True if one was there: the attempt has ended.
bool takes_signal(Attempt &a) {
  const SignalSet set = signals_of(a.arg(0)) & ~unblockable_signals(a.setting);
  const bool own = (a.thread().pending.set() & set) != 0;
  const auto info = take_signal(a.world, a.actor, set);
  if (!info) {
    if (a.op.memo[0] != woken_for_nothing) return false;
    return a.fails(RULE("posix/sigwaitinfo/eintr"), "EINTR"), true;
  }
  const bool shared = a.waiting() && !own && a.setting.linux_profile();
  if (shared && wakes_another(a, info->signo))
    return a.unmodelled("a signal awaited by one thread that another lets through"), true;
  const ActorId fellow = shared ? fellow_waiter(a, info->signo) : nobody;
  if (fellow == nobody) return take_it(a, *info), true;
  a.either([&](Attempt &one) { take_it(one, *info); },
           [&](Attempt &other) {
             other.world.threads.edit(fellow).blocked->memo[0] = woken_for_nothing;
             take_it(other, *info);
           });
  return true;
}

// POSIX says nothing of waiting for a signal that is not blocked; on Linux it may end the process.
bool awaits_unblocked(const Attempt &a) {
  return (signals_of(a.arg(0)) & ~unblockable_signals(a.setting) & ~a.thread().mask) != 0;
}

void sigwaitinfo_call(Attempt &a) {
  if (bad_address(a, 0)) return a.fails(RULE("linux/process/efault"), "EFAULT");
  if (takes_signal(a)) return;
  if (!a.waiting() && awaits_unblocked(a)) return a.unmodelled("waiting for a signal that is not blocked");
  a.blocks(RULE("posix/sigwaitinfo/waits"));
}

void sigwait_interrupted(Attempt &a) { a.fails(RULE("posix/sigwaitinfo/eintr"), "EINTR"); }

void sigtimedwait_call(Attempt &a) {
  if (bad_address(a, 0) || bad_address(a, 2)) return a.fails(RULE("linux/process/efault"), "EFAULT");
  const auto *timeout = a.arg(2).as<Value::Record>();
  const int64_t sec = int_of(field(a.arg(2), "sec")), nsec = int_of(field(a.arg(2), "nsec"));
  if (timeout && (sec < 0 || nsec < 0 || nsec >= 1000000000))
    return a.fails(RULE("linux/sigtimedwait/einval"), "EINVAL");
  if (takes_signal(a)) return;
  // Long times do not run out while a case runs.
  if ((!timeout || sec >= 60) && !a.waiting() && awaits_unblocked(a))
    return a.unmodelled("waiting for a signal that is not blocked");
  if (!timeout || sec >= 60) return a.blocks(RULE("posix/sigtimedwait/waits"));
  a.fails(RULE("posix/sigtimedwait/poll"), "EAGAIN");
}

void counted_call(Attempt &a) {
  int64_t runs = 0;
  for (const auto &[signo, n] : a.thread().counts)
    if (signo == a.number(0)) runs = n;
  a.returns(RULE("posix/sigaction/handler-runs"), runs);
}

}  // namespace

Value list_of(SignalSet set) {
  std::vector<Value> items;
  for (int n = 1; n <= last_signal; ++n)
    if ((set & signal_bit(n)) != 0) items.push_back(Value::integer(n));
  return Value::list(std::move(items));
}

SignalSet signals_of(const Value &list) {
  SignalSet set = 0;
  if (const auto *l = list.as<Value::List>())
    for (const Value &item : l->items) set |= signal_bit(int_of(&item));
  return set;
}

std::span<const CallRule> signal_rules() {
  using enum CallRule::Interrupted;
  static constexpr CallRule table[] = {
      {"sigaction", sigaction_call},
      {"signal", signal_call},
      {"counted", counted_call},
      {"sigprocmask", sigprocmask_call},
      {"sigaltstack", sigaltstack_call},
      {"sigpending", sigpending_call},
      {"sigsuspend", sigsuspend_call, eintr, sigsuspend_interrupted},
      {"pause", pause_call, eintr, pause_interrupted},
      {"sigwaitinfo", sigwaitinfo_call, also_by_stop, sigwait_interrupted},
      {"sigtimedwait", sigtimedwait_call, also_by_stop, sigwait_interrupted},
  };
  return table;
}

}  // namespace ipcvet::model
