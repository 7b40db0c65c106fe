// The calls of signals.
#include <algorithm>
#include <climits>

#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/signal/rules.h"

namespace ipcvet::model {
namespace {

const Value *field(const Value &record, std::string_view name) {
  const auto *r = record.as<Value::Record>();
  if (!r) return nullptr;
  for (const Field &f : r->fields)
    if (f.name == name) return &f.value;
  return nullptr;
}

int64_t int_of(const Value *v, int64_t otherwise = 0) {
  const auto *n = v ? v->as<Value::Int>() : nullptr;
  return n ? n->value : otherwise;
}

SignalSet set_of(const Value *list) {
  SignalSet set = 0;
  const auto *l = list ? list->as<Value::List>() : nullptr;
  for (const Value &item : l ? l->items : std::vector<Value>{}) set |= signal_bit(int_of(&item));
  return set;
}

Value list_of(SignalSet set) {
  std::vector<Value> items;
  for (int n = 1; n <= last_signal; ++n)
    if ((set & signal_bit(n)) != 0) items.push_back(Value::integer(n));
  return Value::list(std::move(items));
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
  Action to{*handler, set_of(field(a.arg(1), "sa_mask")), int_of(field(a.arg(1), "sa_flags"))};
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
  const bool caught = *handler != Handler::standard && *handler != Handler::ignore;
  set_action(a, signo, {*handler, signal_bit(signo), caught ? a.k.SA_RESTART_ : a.k.SA_RESTART_});
  a.returns(RULE("posix/sigaction/old-action"), before == Handler::standard ? Value::integer(0) : handler_word(before));
}

void sigprocmask_call(Attempt &a) {
  const int64_t how = a.number(0);
  const bool sets = a.arg(1).as<Value::List>() != nullptr;
  if (bad_address(a, 1) || bad_address(a, 2)) return a.fails(RULE("linux/process/efault"), "EFAULT");
  const SignalSet before = a.thread().mask;
  const SignalSet set = set_of(&a.arg(1)) & ~unblockable_signals(a.setting);
  if (sets) {
    if (how != a.k.SIG_BLOCK_ && how != a.k.SIG_UNBLOCK_ && how != a.k.SIG_SETMASK_)
      return a.fails(RULE("posix/sigprocmask/einval"), "EINVAL");
    a.edit_thread().mask = how == a.k.SIG_BLOCK_ ? before | set : how == a.k.SIG_UNBLOCK_ ? before & ~set : set;
  }
  if (wants(a, 2)) a.fills(2, list_of(before));
  a.returns(RULE("posix/sigprocmask/operations"));
}

void sigpending_call(Attempt &a) {
  if (bad_address(a, 0)) return a.fails(RULE("linux/process/efault"), "EFAULT");
  const SignalSet all = a.thread().pending.set() | a.process().pending.set();
  a.fills(0, list_of(all & a.thread().mask));
  a.returns(RULE("posix/sigpending/thread-and-process"));
}

void sigsuspend_call(Attempt &a) {
  if (!a.waiting()) {
    if (bad_address(a, 0)) return a.fails(RULE("linux/process/efault"), "EFAULT");
    a.op.old_mask = a.thread().mask;
    a.edit_thread().mask = set_of(&a.arg(0)) & ~unblockable_signals(a.setting);
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
    if (thread.blocked->args->empty() || (set_of(&thread.blocked->args->front()) & signal_bit(signo)) == 0) continue;
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

// True if one was there: the attempt has ended.
bool takes_signal(Attempt &a) {
  const SignalSet set = set_of(&a.arg(0)) & ~unblockable_signals(a.setting);
  const bool own = (a.thread().pending.set() & set) != 0;
  const auto info = take_signal(a.world, a.actor, set);
  if (!info) {
    if (a.op.memo[0] != woken_for_nothing) return false;
    return a.fails(RULE("posix/sigwaitinfo/eintr"), "EINTR"), true;
  }
  const bool shared = a.waiting() && !own && a.setting.linux_profile();
  const ActorId fellow = shared ? fellow_waiter(a, info->signo) : nobody;
  if (fellow == nobody) return take_it(a, *info), true;
  a.either([&](Attempt &one) { take_it(one, *info); },
           [&](Attempt &other) {
             other.world.threads.edit(fellow).blocked->memo[0] = woken_for_nothing;
             take_it(other, *info);
           });
  return true;
}

void sigwaitinfo_call(Attempt &a) {
  if (bad_address(a, 0)) return a.fails(RULE("linux/process/efault"), "EFAULT");
  if (!takes_signal(a)) a.blocks(RULE("posix/sigwaitinfo/waits"));
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
  if (!timeout || sec >= 60) return a.blocks(RULE("posix/sigtimedwait/waits"));
  a.fails(RULE("posix/sigtimedwait/poll"), "EAGAIN");
}

void counted_call(Attempt &a) {
  int64_t runs = 0;
  for (const auto &[signo, n] : a.thread().counts)
    if (signo == a.number(0)) runs = n;
  a.returns(RULE("posix/sigaction/handler-runs"), runs);
}

SignalInfo info_from(const Attempt &a, int64_t signo, int64_t code, int64_t value = 0) {
  SignalInfo info;
  info.signo = static_cast<int>(signo);
  info.code = code;
  info.pid = a.process().pid;
  info.uid = a.process().who.ruid;
  info.value = value;
  return info;
}

bool may_signal(const Attempt &a, ProcessId target, int64_t signo) {
  const Credentials &from = a.process().who, &to = a.world.processes[target].who;
  if (target == a.process_id() || from.privileged()) return true;
  if (from.euid == to.suid || from.euid == to.ruid || from.ruid == to.suid || from.ruid == to.ruid) return true;
  return signo == a.k.SIGCONT_ && a.process().session == a.world.processes[target].session;
}

// To several processes: it succeeds if one of them may be signalled.
void kill_several(Attempt &a, const std::vector<ProcessId> &targets, int64_t signo, bool all) {
  bool any = false;
  for (const ProcessId p : targets) {
    if (!may_signal(a, p, signo)) continue;
    any = true;
  }
  if (targets.empty()) return a.fails(RULE("posix/kill/esrch"), "ESRCH");
  if (!any) return a.fails(RULE("posix/kill/group-permission"), "EPERM");
  const SignalInfo info = info_from(a, signo, a.k.SI_USER_);
  for (const ProcessId p : targets)
    if (may_signal(a, p, signo)) send_to_process(a.world, a.setting, p, info);
  after_sending(a, all ? RULE("posix/kill/all") : RULE("posix/kill/group"));
}

std::vector<ProcessId> members(const Attempt &a, ProcessId group) {
  std::vector<ProcessId> out;
  for (ProcessId p = 0; p < a.world.processes.size(); ++p)
    if (exists(a.world.processes[p]) && a.world.processes[p].group == group) out.push_back(p);
  return out;
}

// POSIX means the caller, too; Linux does not.
std::vector<ProcessId> everybody(const Attempt &a) {
  std::vector<ProcessId> out;
  for (ProcessId p = 0; p < a.world.processes.size(); ++p)
    if (exists(a.world.processes[p]) && (p != a.process_id() || !a.setting.linux_profile())) out.push_back(p);
  return out;
}

void kill_call(Attempt &a) {
  const int64_t pid = a.number(0), signo = a.number(1);
  if (pid == INT_MIN) return a.fails(RULE("posix/kill/esrch"), "ESRCH");
  const bool valid = signo >= 0 && signo <= last_signal;
  if (pid == 0)
    return valid ? kill_several(a, members(a, a.process().group), signo, false)
                 : a.fails(RULE("posix/kill/einval"), "EINVAL");
  if (pid == -1) {
    if (a.setting.linux_profile()) RULE("linux/kill/all-but-the-caller");
    return valid ? kill_several(a, everybody(a), signo, true) : a.fails(RULE("posix/kill/einval"), "EINVAL");
  }
  if (pid < -1) {
    const std::vector<ProcessId> targets = members(a, process_of_any_pid(a.world, -pid));
    if (!targets.empty() && !valid) return a.fails(RULE("posix/kill/einval"), "EINVAL");
    return kill_several(a, targets, signo, false);
  }
  const ProcessId target = process_of_pid(a.world, pid);
  if (target == nobody && pid == a.setting.start.parent) return a.unmodelled("a signal to the sandbox's init");
  if (target == nobody) return a.fails(RULE("posix/kill/esrch"), "ESRCH");
  if (!valid) return a.fails(RULE("posix/kill/einval"), "EINVAL");
  if (!may_signal(a, target, signo)) return a.fails(RULE("posix/kill/permission"), "EPERM");
  send_to_process(a.world, a.setting, target, info_from(a, signo, a.k.SI_USER_));
  after_sending(a, signo == 0 ? RULE("posix/kill/signal-zero") : RULE("posix/kill/process"));
}

void signal_thread(Attempt &a, int64_t tgid, int64_t tid, int64_t signo) {
  if (tgid <= 0 || tid <= 0) return a.fails(RULE("linux/tgkill/errors"), "EINVAL");
  const ActorId target = thread_of_tid(a.world, tid);
  const ProcessId zombie = process_of_pid(a.world, tid);
  if (target == nobody && zombie != nobody && tid == tgid && signo >= 0 && signo <= last_signal)
    return a.returns(RULE("posix/kill/zombie"));
  if (target == nobody || a.world.value(a.world.process_of(target).pid) != tgid)
    return a.fails(RULE("linux/tgkill/errors"), "ESRCH");
  if (signo < 0 || signo > last_signal) return a.fails(RULE("posix/kill/einval"), "EINVAL");
  if (!may_signal(a, a.world.threads[target].process, signo)) return a.fails(RULE("posix/kill/permission"), "EPERM");
  send_to_thread(a.world, a.setting, target, info_from(a, signo, a.k.SI_TKILL_));
  after_sending(a, RULE("linux/tgkill/thread"));
}

void tgkill_call(Attempt &a) { signal_thread(a, a.number(0), a.number(1), a.number(2)); }

void raise_call(Attempt &a) {
  const int64_t signo = a.number(0);
  if (signo < 0 || signo > last_signal) return a.fails(RULE("posix/kill/einval"), "EINVAL");
  send_to_thread(a.world, a.setting, a.actor, info_from(a, signo, a.k.SI_TKILL_));
  after_sending(a, RULE("posix/raise/thread"));
}

size_t queued(const World &world) {
  size_t n = 0;
  for (ProcessId p = 0; p < world.processes.size(); ++p) n += world.processes[p].pending.queue.size();
  for (ActorId t = 0; t < world.threads.size(); ++t) n += world.threads[t].pending.queue.size();
  return n;
}

void sigqueue_call(Attempt &a) {
  const int64_t pid = a.number(0), signo = a.number(1);
  const ProcessId target = pid > 0 ? process_of_pid(a.world, pid) : nobody;
  if (target == nobody) return a.fails(RULE("posix/sigqueue/signal-zero"), "ESRCH");
  if (signo < 0 || signo > last_signal) return a.fails(RULE("posix/kill/einval"), "EINVAL");
  if (!may_signal(a, target, signo)) return a.fails(RULE("posix/kill/permission"), "EPERM");
  const int64_t most = soft_limit(a.process(), a.k.RLIMIT_SIGPENDING_, INT64_MAX);
  if (is_realtime(a.setting, static_cast<int>(signo)) && static_cast<int64_t>(queued(a.world)) >= most)
    return a.fails(RULE("linux/sigqueue/eagain"), "EAGAIN");
  send_to_process(a.world, a.setting, target, info_from(a, signo, a.k.SI_QUEUE_, a.number(2)));
  after_sending(a, RULE("posix/sigqueue/value"));
}

}  // namespace

// Who killed itself does not return.
void after_sending(Attempt &a, const Rule &rule) { a.thread().lives ? a.returns(rule) : a.ends(rule); }

std::span<const CallRule> signal_rules() {
  using enum CallRule::Interrupted;
  static constexpr CallRule table[] = {
      {"kill", kill_call},
      {"tgkill", tgkill_call},
      {"raise", raise_call},
      {"sigqueue", sigqueue_call},
      {"sigaction", sigaction_call},
      {"signal", signal_call},
      {"counted", counted_call},
      {"sigprocmask", sigprocmask_call},
      {"sigpending", sigpending_call},
      {"sigsuspend", sigsuspend_call, eintr, sigsuspend_interrupted},
      {"pause", pause_call, eintr, pause_interrupted},
      {"sigwaitinfo", sigwaitinfo_call, also_by_stop, sigwait_interrupted},
      {"sigtimedwait", sigtimedwait_call, also_by_stop, sigwait_interrupted},
  };
  return table;
}

}  // namespace ipcvet::model
