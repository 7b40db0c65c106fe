// Generation and delivery of signals.
#include <algorithm>

#include "harness/mechanism/descriptor/rules.h"
#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/signal/rules.h"

namespace ipcvet::model {
namespace {

SignalSet unblockable(const Setting &s) { return signal_bit(s.k.SIGKILL_) | signal_bit(s.k.SIGSTOP_); }

bool ignored(const Setting &setting, const Process &p, int signo) {
  const Handler h = (*p.actions)[static_cast<size_t>(signo)].handler;
  return h == Handler::ignore || (h == Handler::standard && ignored_by_default(setting, signo));
}

void forget(Pending &pending, SignalSet set) {
  std::erase_if(pending.queue, [&](const SignalInfo &s) { return (signal_bit(s.signo) & set) != 0; });
}

void forget_in_process(World &world, ProcessId target, SignalSet set) {
  if ((world.processes[target].pending.set() & set) != 0) forget(world.processes.edit(target).pending, set);
  for (const ActorId t : world.processes[target].threads)
    if ((world.threads[t].pending.set() & set) != 0) forget(world.threads.edit(t).pending, set);
}

SignalSet stop_signals(const Setting &s) {
  return signal_bit(s.k.SIGSTOP_) | signal_bit(s.k.SIGTSTP_) | signal_bit(s.k.SIGTTIN_) | signal_bit(s.k.SIGTTOU_);
}

void queue(const Setting &setting, Pending &pending, const SignalInfo &info) {
  if (!is_realtime(setting, info.signo) && (pending.set() & signal_bit(info.signo)) != 0) return;
  pending.queue.push_back(info);
}

// What every signal does when it is generated, whether or not it is kept. False: it is not to be kept.
bool generated(World &world, const Setting &setting, ProcessId target, const SignalInfo &info, SignalSet blocked) {
  const Process &p = world.processes[target];
  if (p.state == Process::State::zombie || p.state == Process::State::gone) return false;
  if (info.signo == setting.k.SIGKILL_) {
    end_process(world, setting, target, {Status::Kind::killed, info.signo});
    return false;
  }
  if (info.signo == setting.k.SIGCONT_) {
    forget_in_process(world, target, stop_signals(setting));
    continue_process(world, setting, target);
  } else if (is_stop_signal(setting, info.signo)) {
    forget_in_process(world, target, signal_bit(setting.k.SIGCONT_));
  }
  const bool waits = (blocked & signal_bit(info.signo)) != 0;  // then it may yet be taken
  return waits || !ignored(setting, world.processes[target], info.signo);
}

// A signal all threads block may be waited for by sigwaitinfo().
SignalSet blocked_by_all(const World &world, ProcessId target) {
  SignalSet all = ~SignalSet{0};
  for (const ActorId t : world.processes[target].threads) all &= world.threads[t].mask;
  return all;
}

Value signal_word(const Setting &setting, int signo) {
  for (const Constant &c : constants())
    if (c.group == "signal" && setting.constants(c.name) == signo) return Value::name(std::string(c.name));
  return Value::integer(signo);
}

// Deliverable to this thread: the standard ones first, the lowest number first, of one number the oldest.
std::optional<SignalInfo> next_signal(const World &world, const Setting &setting, ActorId actor) {
  const Thread &t = world.threads[actor];
  const SignalInfo *best = nullptr;
  for (const Pending *pending : {&t.pending, &world.processes[t.process].pending})
    for (const SignalInfo &s : pending->queue)
      if ((signal_bit(s.signo) & t.mask & ~unblockable(setting)) == 0 && (!best || s.signo < best->signo)) best = &s;
  return best ? std::optional(*best) : std::nullopt;
}

void take(World &world, ActorId actor, const SignalInfo &info) {
  Thread &t = world.threads.edit(actor);
  auto &own = t.pending.queue;
  if (auto it = std::find(own.begin(), own.end(), info); it != own.end()) {
    own.erase(it);
    return;
  }
  auto &shared = world.processes.edit(t.process).pending.queue;
  if (auto it = std::find(shared.begin(), shared.end(), info); it != shared.end()) shared.erase(it);
}

void count_run(Thread &t, int signo) {
  for (auto &[number, runs] : t.counts)
    if (number == signo) {
      ++runs;
      return;
    }
  t.counts.emplace_back(signo, 1);
}

SignalSet mask_in_handler(const Setting &setting, const Thread &t, const Action &action, int signo) {
  SignalSet mask = t.mask | action.mask;
  if ((action.flags & setting.k.SA_NODEFER_) == 0) mask |= signal_bit(signo);
  return mask & ~unblockable(setting);
}

// What the handler's run does to the call it interrupts: nothing, EINTR, or what was moved so far.
void interrupt(const World &world, ActorId actor, const Setting &setting, const Action &action,
               std::vector<Wake> &out) {
  const Operation &op = *world.threads[actor].blocked;
  const CallRule *rule = rule_of(*op.call);
  std::vector<Next> nexts;
  Attempt a(world, actor, op, setting, nexts);
  a.edit_thread().blocked.reset();
  if (op.old_mask) a.edit_thread().mask = *op.old_mask;
  if (action.handler == Handler::jump) {
    a.returns(RULE("posix/sigaction/handler-runs"), Value::name("jumped"));
  } else if (op.done == 0 && rule->interrupted == CallRule::Interrupted::restartable &&
             (action.flags & setting.k.SA_RESTART_) != 0) {
    out.push_back({actor, false, false, {}, world});
    return;
  } else if (rule->on_interrupt) {
    rule->on_interrupt(a);
  } else {
    a.fails(RULE("posix/read/eintr"), "EINTR");
  }
  for (Next &next : nexts) out.push_back({actor, true, false, std::move(next.prediction), std::move(next.world)});
}

void run_handler(World world, ActorId actor, const Setting &setting, const SignalInfo &info, const Action &action,
                 std::vector<Wake> &out) {
  Thread &t = world.threads.edit(actor);
  const SignalSet mask = mask_in_handler(setting, t, action, info.signo);
  if (action.handler == Handler::log) t.runs.push_back({info, mask});
  count_run(t, info.signo);
  if ((action.flags & setting.k.SA_RESETHAND_) != 0)
    world.processes.edit(t.process).actions.edit()[static_cast<size_t>(info.signo)].handler = Handler::standard;
  if (t.blocked)
    interrupt(world, actor, setting, action, out);
  else
    out.push_back({actor, false, action.handler == Handler::jump, {}, std::move(world)});
}

// Handles one signal that this thread has been chosen for.
void deliver(World world, ActorId actor, const Setting &setting, const SignalInfo &info, std::vector<Wake> &out) {
  take(world, actor, info);
  const ProcessId p = world.threads[actor].process;
  const Action action = (*world.processes[p].actions)[static_cast<size_t>(info.signo)];
  if (action.handler == Handler::log || action.handler == Handler::count || action.handler == Handler::jump)
    return run_handler(std::move(world), actor, setting, info, action, out);
  if (!ignored(setting, world.processes[p], info.signo)) {
    if (is_stop_signal(setting, info.signo))
      stop_process(world, setting, p, info.signo);
    else if (info.signo != setting.k.SIGCONT_)
      end_process(world, setting, p, {Status::Kind::killed, info.signo});
  }
  out.push_back({actor, false, false, {}, std::move(world)});
}

}  // namespace

bool is_stop_signal(const Setting &s, int signo) { return (stop_signals(s) & signal_bit(signo)) != 0; }

bool ignored_by_default(const Setting &s, int signo) {
  return signo == s.k.SIGCHLD_ || signo == s.k.SIGURG_ || signo == s.k.SIGWINCH_;
}

bool is_realtime(const Setting &s, int signo) { return signo >= s.k.SIGRTMIN_; }

void send_to_process(World &world, const Setting &setting, ProcessId target, SignalInfo info) {
  if (generated(world, setting, target, info, blocked_by_all(world, target)))
    queue(setting, world.processes.edit(target).pending, info);
}

void send_to_thread(World &world, const Setting &setting, ActorId target, SignalInfo info) {
  const Thread &t = world.threads[target];
  if (t.lives && generated(world, setting, t.process, info, t.mask))
    queue(setting, world.threads.edit(target).pending, info);
}

std::vector<Wake> deliveries(const World &world, const Setting &setting) {
  std::vector<Wake> out;
  for (ProcessId p = 0; p < world.processes.size() && out.empty(); ++p) {
    if (world.processes[p].state != Process::State::runs) continue;
    for (const ActorId actor : world.processes[p].threads) {
      const auto info = next_signal(world, setting, actor);
      if (!info) continue;
      deliver(world, actor, setting, *info, out);
      const bool own = !world.threads[actor].pending.queue.empty();
      if (own || setting.linux_profile()) break;  // Linux asks the first thread first
    }
  }
  (void)signal_word;
  return out;
}

}  // namespace ipcvet::model
