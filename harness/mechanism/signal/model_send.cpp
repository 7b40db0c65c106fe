// The calls that send signals.
#include <algorithm>
#include <climits>

#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/signal/rules.h"

namespace ipcvet::model {

bool may_signal(const Attempt &a, ProcessId target, int64_t signo) {
  const Credentials &from = a.process().who, &to = a.world.processes[target].who;
  if (target == a.process_id() || from.privileged()) return true;
  if (from.euid == to.suid || from.euid == to.ruid || from.ruid == to.suid || from.ruid == to.ruid) return true;
  return signo == a.k.SIGCONT_ && a.process().session == a.world.processes[target].session;
}

namespace {

// What is queued counts for the real user it is queued for, in all processes together.
size_t queued(const World &world, int64_t user) {
  size_t n = 0;
  for (ProcessId p = 0; p < world.processes.size(); ++p)
    if (world.processes[p].who.ruid == user) n += world.processes[p].pending.queue.size();
  for (ActorId t = 0; t < world.threads.size(); ++t)
    if (world.process_of(t).who.ruid == user) n += world.threads[t].pending.queue.size();
  return n;
}

bool has_room(const Attempt &a, const Process &to) {
  const int64_t most = soft_limit(to, a.k.RLIMIT_SIGPENDING_, INT64_MAX);
  return static_cast<int64_t>(queued(a.world, to.who.ruid)) < most;
}

// What comes without room may lose what it tells; not kill()'s standard signals (Linux: kernel/signal.c,
// sigqueue_alloc).
SignalInfo info_for(const Attempt &a, const Process &to, int64_t signo, int64_t code, int64_t value = 0) {
  SignalInfo info;
  info.signo = static_cast<int>(signo);
  info.code = code;
  info.pid = a.process().pid;
  info.uid = a.process().who.ruid;
  info.value = value;
  const bool has_its_own = code == a.k.SI_USER_ && !is_realtime(a.setting, info.signo);
  info.known = has_its_own || has_room(a, to);
  return info;
}

// A thread that stops its own process by another thread may still be seen to return.
bool races_with_itself(const Attempt &a, ProcessId target, int64_t signo) {
  return target == a.process_id() && a.process().threads.size() > 1 &&
         is_stop_signal(a.setting, static_cast<int>(signo));
}

// A handler of a stopped process runs in any of its threads: all go on at once.
bool runs_in_any_thread(const Attempt &a, ProcessId target, int64_t signo) {
  const Process &p = a.world.processes[target];
  if (p.state != Process::State::stopped || p.threads.size() < 2 || signo == 0) return false;
  const Handler h = (*p.actions)[static_cast<size_t>(signo)].handler;
  return h != Handler::standard && h != Handler::ignore;
}

// True if the attempt has ended.
bool is_taken_by_chance(Attempt &a, ProcessId target, int64_t signo) {
  if (races_with_itself(a, target, signo)) return a.unmodelled("a stop that other threads act upon"), true;
  if (runs_in_any_thread(a, target, signo))
    return a.unmodelled("a handler in a stopped process of several threads"), true;
  return false;
}

// A child that goes on tells its parent when it runs: before or after the parent, going on too, has heard that it
// stopped.
bool goes_on_beside_its_parent(const Attempt &a, ProcessId child) {
  const Process &c = a.world.processes[child];
  if (c.state != Process::State::stopped || c.parent == nobody) return false;
  const Process &parent = a.world.processes[c.parent];
  return parent.state == Process::State::stopped && (parent.pending.set() & signal_bit(a.k.SIGCHLD_)) != 0;
}

// To several processes: it succeeds if one of them may be signalled.
void kill_several(Attempt &a, const std::vector<ProcessId> &targets, int64_t signo, bool all) {
  bool any = false;
  for (const ProcessId p : targets) {
    if (!may_signal(a, p, signo)) continue;
    any = true;
  }
  if (targets.empty()) return a.fails(RULE("posix/kill/esrch"), "ESRCH");
  if (!any && all && a.setting.linux_profile())
    return a.either([](Attempt &one) { one.fails(RULE("posix/kill/group-permission"), "EPERM"); },
                    [](Attempt &other) { other.returns(RULE("linux/kill/all-without-permission")); });
  if (!any) return a.fails(RULE("posix/kill/group-permission"), "EPERM");
  for (const ProcessId p : targets)
    if (is_taken_by_chance(a, p, signo)) return;
  const auto beside = [&](ProcessId p) { return goes_on_beside_its_parent(a, p); };
  if (signo == a.k.SIGCONT_ && std::any_of(targets.begin(), targets.end(), beside))
    return a.unmodelled("a parent and its child that go on together");
  for (const ProcessId p : targets)
    if (may_signal(a, p, signo))
      send_to_process(a.world, a.setting, p, info_for(a, a.world.processes[p], signo, a.k.SI_USER_));
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
    // With nobody to send it to, Linux does not look at the signal.
    if (!valid && everybody(a).empty()) Attempt(a).fails(RULE("posix/kill/esrch"), "ESRCH");
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
  if (is_taken_by_chance(a, target, signo)) return;
  send_to_process(a.world, a.setting, target, info_for(a, a.world.processes[target], signo, a.k.SI_USER_));
  after_sending(a, signo == 0 ? RULE("posix/kill/signal-zero") : RULE("posix/kill/process"));
}

// Ends the attempt and says true where a realtime signal finds no room; others come all the same.
bool cannot_queue(Attempt &a, ProcessId target, int64_t signo) {
  const Process &to = a.world.processes[target];
  const bool ignored = signo > 0 && ignores(a.world, a.setting, target, static_cast<int>(signo));
  const bool zombie = to.state == Process::State::zombie;
  const bool full = is_realtime(a.setting, static_cast<int>(signo)) && !zombie && !has_room(a, to);
  // Of a signal that is ignored nothing is queued.
  if (full && ignored) a.unmodelled("an ignored signal without room");
  if (full && !ignored) a.fails(RULE("linux/sigqueue/eagain"), "EAGAIN");
  return full;
}

void signal_thread(Attempt &a, int64_t tgid, int64_t tid, int64_t signo) {
  if (tgid <= 0 || tid <= 0) return a.fails(RULE("linux/tgkill/errors"), "EINVAL");
  const ActorId target = thread_of_tid(a.world, tid);
  const ProcessId zombie = process_of_pid(a.world, tid);
  const bool valid = signo >= 0 && signo <= last_signal;
  const bool is_zombie = target == nobody && zombie != nobody && tid == tgid;
  if (is_zombie && valid && !may_signal(a, zombie, signo)) return a.fails(RULE("posix/kill/permission"), "EPERM");
  if (is_zombie) return valid ? a.returns(RULE("posix/kill/zombie")) : a.fails(RULE("posix/kill/einval"), "EINVAL");
  if (target == nobody || a.world.value(a.world.process_of(target).pid) != tgid)
    return a.fails(RULE("linux/tgkill/errors"), "ESRCH");
  if (!valid) return a.fails(RULE("posix/kill/einval"), "EINVAL");
  if (!may_signal(a, a.world.threads[target].process, signo)) return a.fails(RULE("posix/kill/permission"), "EPERM");
  if (target != a.actor && races_with_itself(a, a.world.threads[target].process, signo))
    return a.unmodelled("a stop that other threads act upon");
  if (cannot_queue(a, a.world.threads[target].process, signo)) return;
  send_to_thread(a.world, a.setting, target, info_for(a, a.world.process_of(target), signo, a.k.SI_TKILL_));
  after_sending(a, RULE("linux/tgkill/thread"));
}

void tgkill_call(Attempt &a) { signal_thread(a, a.number(0), a.number(1), a.number(2)); }

void raise_call(Attempt &a) {
  const int64_t signo = a.number(0);
  if (signo < 0 || signo > last_signal) return a.fails(RULE("posix/kill/einval"), "EINVAL");
  if (cannot_queue(a, a.process_id(), signo)) return;
  send_to_thread(a.world, a.setting, a.actor, info_for(a, a.process(), signo, a.k.SI_TKILL_));
  after_sending(a, RULE("posix/raise/thread"));
}

void sigqueue_call(Attempt &a) {
  const int64_t pid = a.number(0), signo = a.number(1);
  const ProcessId target = pid > 0 ? process_of_pid(a.world, pid) : nobody;
  if (target == nobody) return a.fails(RULE("posix/sigqueue/signal-zero"), "ESRCH");
  if (signo < 0 || signo > last_signal) return a.fails(RULE("posix/kill/einval"), "EINVAL");
  if (!may_signal(a, target, signo)) return a.fails(RULE("posix/kill/permission"), "EPERM");
  if (is_taken_by_chance(a, target, signo)) return;
  if (cannot_queue(a, target, signo)) return;
  send_to_process(a.world, a.setting, target,
                  info_for(a, a.world.processes[target], signo, a.k.SI_QUEUE_, a.number(2)));
  after_sending(a, RULE("posix/sigqueue/value"));
}

}  // namespace

// Who killed itself does not return.
void after_sending(Attempt &a, const Rule &rule) { a.thread().lives ? a.returns(rule) : a.ends(rule); }

std::span<const CallRule> sending_rules() {
  static constexpr CallRule table[] = {
      {"kill", kill_call}, {"tgkill", tgkill_call}, {"raise", raise_call}, {"sigqueue", sigqueue_call}};
  return table;
}

}  // namespace ipcvet::model
