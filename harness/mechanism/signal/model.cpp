// Generation and delivery of signals.
#include <algorithm>

#include "harness/mechanism/descriptor/rules.h"
#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/signal/rules.h"

namespace ipcvet::model {
namespace {

bool catches(Handler h) { return h == Handler::log || h == Handler::count || h == Handler::jump; }

const Action &action_of(const World &world, ProcessId p, int signo) {
  return (*world.processes[p].actions)[static_cast<size_t>(signo)];
}

SignalSet stop_signals(const Setting &s) {
  return signal_bit(s.k.SIGSTOP_) | signal_bit(s.k.SIGTSTP_) | signal_bit(s.k.SIGTTIN_) | signal_bit(s.k.SIGTTOU_);
}

// A realtime signal of kill() that comes without room is pending, but not queued: together with others of its number it
// is not one more.
void queue(const Setting &setting, Pending &pending, const SignalInfo &info) {
  const bool there = (pending.set() & signal_bit(info.signo)) != 0;
  if (there && (!is_realtime(setting, info.signo) || !info.known)) return;
  std::erase_if(pending.queue, [&](const SignalInfo &s) { return s.signo == info.signo && !s.known; });
  pending.queue.push_back(info);
}

// What every signal does when it is generated, whether or not it is kept. False: it is not to be kept.
bool generated(World &world, const Setting &setting, ProcessId target, const SignalInfo &info, SignalSet blocked) {
  const Process &p = world.processes[target];
  if (info.signo == 0 || p.state == Process::State::zombie || p.state == Process::State::gone) return false;
  if (info.signo == setting.k.SIGKILL_ && setting.start.calls_overlap) {
    if (p.state == Process::State::stopped) world.processes.edit(target).state = Process::State::runs;
    return true;
  }
  if (info.signo == setting.k.SIGKILL_) {
    end_process(world, setting, target, {Status::Kind::killed, info.signo});
    return false;
  }
  if (info.signo == setting.k.SIGCONT_) {
    forget_signals(world, target, stop_signals(setting));
    continue_process(world, setting, target);
  } else if (is_stop_signal(setting, info.signo)) {
    forget_signals(world, target, signal_bit(setting.k.SIGCONT_));
  }
  const bool waits = (blocked & signal_bit(info.signo)) != 0;  // then it may yet be taken
  return waits || !ignores(world, setting, target, info.signo);
}

// A signal that some thread blocks may be waited for by sigwaitinfo(); Linux asks one thread.
SignalSet blocked_for(const World &world, ProcessId target, ActorId asked) {
  const auto &threads = world.processes[target].threads;
  if (threads.empty()) return 0;
  return world.threads[contains(threads, asked) ? asked : threads.front()].mask;
}

// The lowest number first, of one number the oldest.
const SignalInfo *lowest(const Pending &pending, SignalSet allowed) {
  const SignalInfo *best = nullptr;
  for (const SignalInfo &s : pending.queue)
    if ((signal_bit(s.signo) & allowed) != 0 && (!best || s.signo < best->signo)) best = &s;
  return best;
}

void count_run(Thread &t, int signo) {
  for (auto &[number, runs] : t.counts)
    if (number == signo) {
      ++runs;
      return;
    }
  t.counts.emplace_back(signo, 1);
}

struct Frame {
  SignalInfo info{};
  Handler handler{};
  SignalSet before = 0, during = 0;
  OnStack stack = OnStack::open;
};

// One thread acts on all signals it can take. Handlers nest: what is taken later interrupts the handler set up
// before it has run an instruction, and so runs first, unless the mask of the earlier one holds it back.
class Delivery {
 public:
  // `held`: what a handler that has not returned yet holds back.
  Delivery(World world, ActorId actor, const Setting &setting, SignalSet held)
      : world_(std::move(world)), actor_(actor), setting_(setting) {
    const Thread &t = world_.threads[actor];
    mask_ = t.mask | held;
    after_ = t.blocked && t.blocked->old_mask ? *t.blocked->old_mask : t.mask;
  }

  void run(std::vector<Wake> &out) {
    while (lives()) {
      if (const auto info = take_signal(world_, actor_, ~mask_ | unblockable_signals(setting_)))
        act(*info);
      else if (!frames_.empty())
        leave();
      else
        break;
    }
    finish(out);
  }

 private:
  bool lives() const { return world_.threads[actor_].lives && world_.process_of(actor_).state == Process::State::runs; }

  void act(const SignalInfo &info) {
    const ProcessId p = world_.threads[actor_].process;
    const Action action = action_of(world_, p, info.signo);
    if (catches(action.handler)) return enter(info, action);
    if (ignores(world_, setting_, p, info.signo) || info.signo == setting_.k.SIGCONT_) {
      nudged_ = true;
      return;
    }
    if (!is_stop_signal(setting_, info.signo))
      end_process(world_, setting_, p, {Status::Kind::killed, info.signo});
    else if (info.signo == setting_.k.SIGSTOP_ || !is_orphaned_group(world_, world_.processes[p].group))
      stop_process(world_, setting_, p, info.signo);
    else
      nudged_ = true;
  }

  void enter(const SignalInfo &info, const Action &action) {
    Frame f{info, action.handler, frames_.empty() ? after_ : mask_, mask_ | action.mask};
    if ((action.flags & setting_.k.SA_NODEFER_) == 0) f.during |= signal_bit(info.signo);
    f.during &= ~unblockable_signals(setting_);
    f.stack = stack_of(action);
    if (frames_.empty() && !first_) first_ = action;
    mask_ = f.during;
    if ((action.flags & setting_.k.SA_RESETHAND_) != 0)
      world_.processes.edit(world_.threads[actor_].process).actions.edit()[static_cast<size_t>(info.signo)].handler =
          Handler::standard;
    frames_.push_back(f);
  }

  // A handler that interrupts another stays on that one's stack. Of a thread without an alternate stack nothing is
  // told.
  OnStack stack_of(const Action &action) const {
    const Thread &t = world_.threads[actor_];
    if (!t.stack.enabled) return OnStack::open;
    const bool asks = (action.flags & setting_.k.SA_ONSTACK_) != 0;
    if (asks || (!frames_.empty() && frames_.back().stack == OnStack::alternate)) return OnStack::alternate;
    return t.lingers_on_stack ? OnStack::open : OnStack::usual;
  }

  // The innermost handler runs and returns.
  void leave() {
    const Frame f = frames_.back();
    frames_.pop_back();
    Thread &t = world_.threads.edit(actor_);
    if (f.handler == Handler::log) t.runs.push_back({f.info, f.during, f.stack});
    if (std::find(t.lingering.begin(), t.lingering.end(), f.during) == t.lingering.end())
      t.lingering.push_back(f.during);
    t.lingers_on_stack = t.lingers_on_stack || f.stack == OnStack::alternate;
    count_run(t, f.info.signo);
    if (f.handler == Handler::jump) jumped_ = true;
    mask_ = f.before;
  }

  void finish(std::vector<Wake> &out) {
    if (!first_ || !lives()) {
      if (nudged_ && lives()) nudge(out);
      out.push_back({actor_, false, false, {}, std::move(world_)});
      return;
    }
    world_.threads.edit(actor_).mask = mask_;
    if (world_.threads[actor_].blocked)
      interrupt(out);
    else
      out.push_back({actor_, false, jumped_, {}, std::move(world_)});
  }

  // A signal of which nothing comes ends calls that Linux does not restart by itself (signal(7), on stop signals).
  void nudge(std::vector<Wake> &out) const {
    const auto &blocked = world_.threads[actor_].blocked;
    if (!blocked) return;
    const CallRule *rule = rule_of(*blocked->call);
    if (rule->interrupted != CallRule::Interrupted::also_by_stop) return;
    std::vector<Next> nexts;
    Attempt a(world_, actor_, *blocked, setting_, nexts);
    a.edit_thread().blocked.reset();
    rule->on_interrupt(a);
    for (Next &next : nexts) out.push_back({actor_, true, false, std::move(next.prediction), std::move(next.world)});
  }

  // What the handlers did to the call they interrupted: nothing, EINTR, or it ends with what it has done so far.
  void interrupt(std::vector<Wake> &out) {
    const Operation op = *world_.threads[actor_].blocked;
    const CallRule *rule = rule_of(*op.call);
    const bool asked = (first_->flags & setting_.k.SA_RESTART_) != 0 && op.done == 0;
    const bool again = rule->interrupted == CallRule::Interrupted::never ||
                       (asked && rule->interrupted == CallRule::Interrupted::restartable);
    if (again && !jumped_) {
      RULE("posix/sigaction/restart");
      world_.threads.edit(actor_).blocked->restarted = true;
      out.push_back({actor_, false, false, {}, std::move(world_)});
      return;
    }
    std::vector<Next> nexts;
    Attempt a(std::move(world_), actor_, op, setting_, nexts);
    a.edit_thread().blocked.reset();
    if (jumped_)
      a.returns(RULE("posix/sigaction/handler-runs"), Value::name("jumped"));
    else if (rule->on_interrupt)
      rule->on_interrupt(a);
    else
      a.fails(RULE("posix/sigaction/handler-runs"), "EINTR");
    for (Next &next : nexts) out.push_back({actor_, true, false, std::move(next.prediction), std::move(next.world)});
  }

  World world_;
  ActorId actor_;
  const Setting &setting_;
  SignalSet mask_ = 0, after_ = 0;
  std::vector<Frame> frames_{};
  std::optional<Action> first_{};  // by which an interrupted call is restarted or not
  bool jumped_ = false;
  bool nudged_ = false;  // a signal was taken, and ignored
};

bool has_deliverable(const World &world, const Setting &setting, ActorId actor, SignalSet held) {
  const Thread &t = world.threads[actor];
  const SignalSet pending = t.pending.set() | world.processes[t.process].pending.set();
  return (pending & (~(t.mask | held) | unblockable_signals(setting))) != 0;
}

}  // namespace

// What a handler told is seen before it has returned, so that the next one may interrupt it: its mask is then that of
// both. Whoever is in a call, or makes one, has returned from all.
void deliver(const World &world, ActorId actor, const Setting &setting, std::vector<Wake> &out) {
  Delivery(world, actor, setting, 0).run(out);
  const std::vector<SignalSet> lingering = world.threads[actor].lingering;
  SignalSet all = 0;
  for (const SignalSet held : lingering) {
    all |= held;
    if (has_deliverable(world, setting, actor, held)) Delivery(world, actor, setting, held).run(out);
  }
  if (lingering.size() > 1 && has_deliverable(world, setting, actor, all))
    Delivery(world, actor, setting, all).run(out);
}

SignalSet unblockable_signals(const Setting &s) { return signal_bit(s.k.SIGKILL_) | signal_bit(s.k.SIGSTOP_); }

bool ignores(const World &world, const Setting &setting, ProcessId p, int signo) {
  const Handler h = action_of(world, p, signo).handler;
  return h == Handler::ignore || (h == Handler::standard && ignored_by_default(setting, signo));
}

void forget_signals(World &world, ProcessId target, SignalSet set) {
  const auto forget = [set](Pending &pending) {
    std::erase_if(pending.queue, [&](const SignalInfo &s) { return (signal_bit(s.signo) & set) != 0; });
  };
  if ((world.processes[target].pending.set() & set) != 0) forget(world.processes.edit(target).pending);
  for (const ActorId t : world.processes[target].threads)
    if ((world.threads[t].pending.set() & set) != 0) forget(world.threads.edit(t).pending);
}

std::optional<SignalInfo> take_signal(World &world, ActorId actor, SignalSet set) {
  const Thread &t = world.threads[actor];
  const ProcessId p = t.process;
  const bool own = lowest(t.pending, set) != nullptr;
  const SignalInfo *found = own ? lowest(t.pending, set) : lowest(world.processes[p].pending, set);
  if (!found) return std::nullopt;
  const SignalInfo info = *found;
  auto &queue = own ? world.threads.edit(actor).pending.queue : world.processes.edit(p).pending.queue;
  queue.erase(std::find(queue.begin(), queue.end(), info));
  return info;
}

bool is_stop_signal(const Setting &s, int signo) { return (stop_signals(s) & signal_bit(signo)) != 0; }

bool ignored_by_default(const Setting &s, int signo) {
  return signo == s.k.SIGCHLD_ || signo == s.k.SIGURG_ || signo == s.k.SIGWINCH_ || signo == s.k.SIGCONT_;
}

bool is_realtime(const Setting &s, int signo) { return signo >= s.k.SIGRTMIN_; }

void send_to_process(World &world, const Setting &setting, ProcessId target, SignalInfo info, ActorId asked) {
  if (generated(world, setting, target, info, blocked_for(world, target, asked)))
    queue(setting, world.processes.edit(target).pending, info);
}

void send_to_thread(World &world, const Setting &setting, ActorId target, SignalInfo info) {
  const Thread &t = world.threads[target];
  if (t.lives && generated(world, setting, t.process, info, t.mask))
    queue(setting, world.threads.edit(target).pending, info);
}

// What a child's change sends goes to the thread that made the child, if that takes it (Linux: kernel/signal.c,
// do_notify_parent); POSIX lets any.
bool from_child(const Setting &setting, const Pending &pending) {
  return std::any_of(pending.queue.begin(), pending.queue.end(),
                     [&](const SignalInfo &s) { return s.signo == setting.k.SIGCHLD_ && s.code > 0; });
}

std::vector<Wake> deliveries(const World &world, const Setting &setting) {
  std::vector<Wake> out;
  for (ProcessId p = 0; p < world.processes.size(); ++p) {
    if (world.processes[p].state != Process::State::runs) continue;
    for (const ActorId actor : world.processes[p].threads) {
      if (!has_deliverable(world, setting, actor, 0)) continue;
      deliver(world, actor, setting, out);
      // Linux gives another signal of the process to its first thread, where that takes it.
      if (setting.linux_profile() && world.threads[actor].first && !from_child(setting, world.processes[p].pending))
        break;
    }
  }
  return out;
}

}  // namespace ipcvet::model
