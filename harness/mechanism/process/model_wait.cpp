// The calls that wait for children.
#include <climits>

#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/signal/rules.h"

namespace ipcvet::model {
namespace {

// Which children a call waits for, and for which changes of theirs.
struct Wanted {
  enum class Which : uint8_t { any, one, group } which = Which::any;
  ProcessId child = nobody, group = nobody;
  bool exited = false, stopped = false, continued = false;
  bool hangs = true;   // no WNOHANG
  bool keeps = false;  // WNOWAIT
  bool bad_info = false;
};

bool fits(const Attempt &a, const Wanted &w, ProcessId p) {
  const Process &child = a.world.processes[p];
  if (!exists(child) || child.parent != a.process_id()) return false;
  if (w.which == Wanted::Which::one) return p == w.child;
  return w.which == Wanted::Which::any || child.group == w.group;
}

std::optional<Status> status_of(const Wanted &w, const Process &child) {
  if (child.state == Process::State::zombie) return w.exited ? std::optional(child.end) : std::nullopt;
  if (!child.report) return std::nullopt;
  const bool stop = child.report->kind == Status::Kind::stopped;
  return (stop ? w.stopped : w.continued) ? child.report : std::nullopt;
}

const Wanted anybody{.exited = true};

bool status_left(const Attempt &a) {
  for (ProcessId p = 0; p < a.world.processes.size(); ++p)
    if (fits(a, anybody, p) && status_of(anybody, a.world.processes[p])) return true;
  return false;
}

void take_status(Attempt &a, const Wanted &w, ProcessId child) {
  if (w.keeps) return;
  if (a.world.processes[child].state != Process::State::zombie) {
    a.world.processes.edit(child).report.reset();
    return;
  }
  reap(a.world, child);
  const bool blocked = (a.thread().mask & signal_bit(a.k.SIGCHLD_)) != 0;
  if (a.setting.linux_profile() || !blocked || status_left(a)) return;  // Linux leaves it pending
  RULE("posix/wait/clears-sigchld");
  forget_signals(a.world, a.process_id(), signal_bit(a.k.SIGCHLD_));
}

using Tell = void (*)(Attempt &, ProcessId, const Status &);

struct Found {
  bool any = false;                // somebody to wait for
  std::vector<ProcessId> there{};  // whose status is there
};

Found find_children(const Attempt &a, const Wanted &w) {
  Found found;
  for (ProcessId p = 0; p < a.world.processes.size(); ++p) {
    if (!fits(a, w, p)) continue;
    // Linux does not see a child that has ended where nobody asks for ends.
    const bool zombie = a.world.processes[p].state == Process::State::zombie;
    if (zombie && !w.exited && a.setting.linux_profile()) continue;
    found.any = true;
    if (status_of(w, a.world.processes[p])) found.there.push_back(p);
  }
  return found;
}

// Linux takes of the children the calling thread has made the one that was made first, else one of another thread's. A
// thread that ends leaves its children to another.
std::vector<ProcessId> first_taken(const Attempt &a, const std::vector<ProcessId> &there) {
  std::vector<ProcessId> taken;
  std::vector<ActorId> makers;
  const auto made_by = [&](ProcessId p) { return a.world.processes[p].maker; };
  const bool own = std::any_of(there.begin(), there.end(), [&](ProcessId p) { return made_by(p) == a.actor; });
  for (const ProcessId p : there) {
    const bool adopted = made_by(p) == nobody || !a.world.threads[made_by(p)].lives;
    const bool comes_first = !contains(makers, made_by(p)) && (!own || made_by(p) == a.actor);
    if (adopted || comes_first) taken.push_back(p);
    makers.push_back(made_by(p));
  }
  return taken;
}

// Linux tells nobody that the last child has left the group waited for: who waits goes on to.
constexpr int64_t not_told = 1;

// Linux writes a signal number of 0 before it tells of an error, so that a bad address is the error then.
void may_touch_info(const Attempt &a) { Attempt(a).fails(RULE("linux/process/efault"), "EFAULT"); }

// Any of the children whose status is there.
void wait_for(Attempt &a, const Wanted &w, Tell tell, void (*nothing)(Attempt &)) {
  auto [any, there] = find_children(a, w);
  const auto none = [&w](Attempt &at) {
    if (w.bad_info) may_touch_info(at);
    at.fails(w.which == Wanted::Which::any ? RULE("posix/wait/echild") : RULE("posix/waitpid/echild"), "ECHILD");
  };
  if (!any && a.waiting() && w.which == Wanted::Which::group) {
    const bool began_anew = a.op.restarted || a.op.stopped;
    if (a.op.memo[0] == not_told && !began_anew) return a.blocks(RULE("posix/wait/blocks"));
    return a.either(none, [](Attempt &other) {
      other.op.memo[0] = not_told;
      other.blocks(RULE("posix/wait/blocks"));
    });
  }
  if (!any) return none(a);
  // Whatever wakes it for a moment is an error to Linux, which then looks at the address.
  if (there.empty() && w.hangs && w.bad_info) return a.unmodelled("waiting with a bad address for the answer");
  if (there.empty()) return w.hangs ? a.blocks(RULE("posix/wait/blocks")) : nothing(a);
  if (a.setting.linux_profile()) there = first_taken(a, there);
  const Attempt start = a;
  for (const ProcessId p : there) {
    Attempt choice = start;
    const Status status = *status_of(w, choice.world.processes[p]);
    take_status(choice, w, p);
    tell(choice, p, status);
  }
}

Value wait_status(const Status &s) {
  switch (s.kind) {
    case Status::Kind::exited:
      return Value::record({{"exited", Value::integer(s.value)}});
    case Status::Kind::stopped:
      return Value::record({{"stopped", Value::integer(s.value)}});
    case Status::Kind::continued:
      return Value::record({{"continued", Value::integer(1)}});
    default:
      return Value::record(
          {{"killed", Value::integer(s.value)}, {"core", Value::integer(s.kind == Status::Kind::dumped ? 1 : 0)}});
  }
}

const Rule &rule_of_status(const Status &s) {
  switch (s.kind) {
    case Status::Kind::exited:
      return RULE("posix/wait/any-child");
    case Status::Kind::stopped:
      return RULE("posix/waitpid/untraced");
    case Status::Kind::continued:
      return RULE("posix/waitpid/continued");
    default:
      return RULE("posix/wait/killed-status");
  }
}

template <uint32_t Arg>
void tell_status(Attempt &a, ProcessId child, const Status &status) {
  if (a.is_word(Arg, "bad")) return a.fails(RULE("linux/process/efault"), "EFAULT");
  if (!a.is_word(Arg, "NULL")) a.fills(Arg, wait_status(status));
  a.returns(rule_of_status(status), a.world.value(a.world.processes[child].pid));
}

void none_yet(Attempt &a) { a.returns(RULE("posix/waitpid/nohang")); }

void wait_call(Attempt &a) {
  Wanted w;
  w.exited = true;
  wait_for(a, w, tell_status<0>, none_yet);
}

void waitpid_call(Attempt &a) {
  const Numerals &k = a.k;
  const int64_t pid = a.number(0), options = a.number(2);
  const int64_t known = k.WNOHANG_ | k.WUNTRACED_ | k.WCONTINUED_ | (k.__WALL_ == INT64_MIN ? 0 : k.__WALL_);
  if ((options & ~known) != 0) return a.fails(RULE("posix/waitpid/einval"), "EINVAL");
  if (pid == INT_MIN) return a.fails(RULE("linux/waitpid/int-min"), "ESRCH");
  Wanted w;
  w.exited = true;
  w.stopped = (options & k.WUNTRACED_) != 0;
  w.continued = (options & k.WCONTINUED_) != 0;
  w.hangs = (options & k.WNOHANG_) == 0;
  if (pid > 0) w.which = Wanted::Which::one, w.child = process_of_pid(a.world, pid);
  if (pid == 0) w.which = Wanted::Which::group, w.group = a.process().group;
  if (pid < -1) w.which = Wanted::Which::group, w.group = process_of_any_pid(a.world, -pid);
  wait_for(a, w, tell_status<1>, none_yet);
}

const Rule &info_rule(const Status &s) {
  switch (s.kind) {
    case Status::Kind::exited:
      return RULE("posix/waitid/exited");
    case Status::Kind::stopped:
      return RULE("posix/waitid/stopped");
    case Status::Kind::continued:
      return RULE("posix/waitid/continued");
    default:
      return RULE("posix/waitid/killed");
  }
}

void tell_info(Attempt &a, ProcessId child, const Status &status) {
  if (a.is_word(2, "bad")) return a.fails(RULE("linux/process/efault"), "EFAULT");
  const SignalInfo info = child_signal(a.world, a.setting, child, status);
  if (!a.is_word(2, "NULL"))
    a.fills(2, Value::record({{"si_signo", Value::integer(info.signo)},
                              {"si_code", Value::integer(info.code)},
                              {"si_pid", Value::integer(a.world.value(info.pid))},
                              {"si_uid", Value::integer(a.world.value(info.uid))},
                              {"si_status", Value::integer(info.status)}}));
  a.returns(info_rule(status));
}

void no_info(Attempt &a) {
  if (a.is_word(2, "bad")) return a.fails(RULE("linux/process/efault"), "EFAULT");
  if (!a.is_word(2, "NULL"))
    a.fills(2, Value::record({{"si_signo", Value::integer(0)}, {"si_pid", Value::integer(0)}}));
  a.returns(RULE("posix/waitid/nohang"));
}

// Whom idtype and id name; false if they make no sense.
bool named_children(const Attempt &a, Wanted &w) {
  const int64_t type = a.number(0), id = a.number(1);
  if (type == a.k.P_ALL_) return true;
  if (type == a.k.P_PID_) {
    w.which = Wanted::Which::one;
    w.child = process_of_pid(a.world, id);
    return id > 0;
  }
  if (type != a.k.P_PGID_) return false;
  w.which = Wanted::Which::group;
  w.group = id == 0 ? a.process().group : process_of_any_pid(a.world, id);
  return id >= 0;
}

void waitid_call(Attempt &a) {
  const Numerals &k = a.k;
  const int64_t options = a.number(3), changes = k.WEXITED_ | k.WSTOPPED_ | k.WCONTINUED_;
  if (a.number(0) == k.P_PIDFD_) return a.unmodelled("waitid() by a process descriptor");
  Wanted w;
  w.bad_info = a.is_word(2, "bad");
  const bool known = (options & ~(changes | k.WNOHANG_ | k.WNOWAIT_)) == 0;
  if (!known || (options & changes) == 0 || !named_children(a, w)) {
    if (w.bad_info) may_touch_info(a);
    return a.fails(RULE("posix/waitid/einval"), "EINVAL");
  }
  w.exited = (options & k.WEXITED_) != 0;
  w.stopped = (options & k.WSTOPPED_) != 0;
  w.continued = (options & k.WCONTINUED_) != 0;
  w.hangs = (options & k.WNOHANG_) == 0;
  w.keeps = (options & k.WNOWAIT_) != 0;
  wait_for(a, w, tell_info, no_info);
}

void wait_interrupted(Attempt &a) {
  if (a.op.memo[0] == not_told) Attempt(a).fails(RULE("posix/waitpid/echild"), "ECHILD");
  a.fails(RULE("posix/wait/eintr"), "EINTR");
}

}  // namespace

std::span<const CallRule> child_rules() {
  using enum CallRule::Interrupted;
  static constexpr CallRule table[] = {
      {"wait", wait_call, restartable, wait_interrupted},
      {"waitpid", waitpid_call, restartable, wait_interrupted},
      {"waitid", waitid_call, restartable, wait_interrupted},
  };
  return table;
}

}  // namespace ipcvet::model
