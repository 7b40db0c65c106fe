// Beginning and ending of processes and threads.
#include <algorithm>

#include "harness/mechanism/descriptor/rules.h"
#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/signal/rules.h"

namespace ipcvet::model {
namespace {

void close_all(World &world, ProcessId process) {
  const auto count = static_cast<int32_t>(world.processes[process].descriptors.size());
  for (int32_t fd = 0; fd < count; ++fd)
    if (world.processes[process].descriptors[static_cast<size_t>(fd)].file >= 0) close_descriptor(world, process, fd);
}

void leave_call(World &world, ActorId actor) {
  if (!world.threads[actor].blocked) return;
  const Operation op = *world.threads[actor].blocked;
  world.threads.edit(actor).blocked.reset();
  for (const int32_t f : op.files)
    if (f >= 0) release_file(world, f);
}

// Orphans go to the nearest living ancestor that asked for them, else outside.
ProcessId adopter(const World &world, ProcessId from) {
  for (ProcessId p = world.processes[from].parent; p != nobody; p = world.processes[p].parent)
    if (world.processes[p].subreaper && world.processes[p].state != Process::State::zombie) return p;
  return nobody;
}

void give_children_away(World &world, ProcessId process) {
  const ProcessId to = adopter(world, process);
  for (ProcessId p = 0; p < world.processes.size(); ++p) {
    if (world.processes[p].parent != process || world.processes[p].state == Process::State::gone) continue;
    Process &child = world.processes.edit(p);
    child.parent = to;
    if (to == nobody && child.state == Process::State::zombie) child.state = Process::State::gone;
  }
}

SignalInfo child_signal(const World &world, const Setting &setting, ProcessId child, const Status &status) {
  const Numerals &k = setting.k;
  SignalInfo info;
  info.signo = static_cast<int>(k.SIGCHLD_);
  info.code = status.kind == Status::Kind::exited    ? k.CLD_EXITED_
              : status.kind == Status::Kind::killed  ? k.CLD_KILLED_
              : status.kind == Status::Kind::dumped  ? k.CLD_DUMPED_
              : status.kind == Status::Kind::stopped ? k.CLD_STOPPED_
                                                     : k.CLD_CONTINUED_;
  info.pid = world.processes[child].pid;
  info.uid = world.processes[child].who.ruid;
  info.status = status.value;
  return info;
}

bool keeps_no_zombies(const World &world, const Setting &setting, ProcessId parent) {
  const Action &a = (*world.processes[parent].actions)[static_cast<size_t>(setting.k.SIGCHLD_)];
  return a.handler == Handler::ignore || (a.flags & setting.k.SA_NOCLDWAIT_) != 0;
}

void tell_parent(World &world, const Setting &setting, ProcessId child, const Status &status) {
  const ProcessId parent = world.processes[child].parent;
  if (parent == nobody) return;
  const bool stop = status.kind == Status::Kind::stopped || status.kind == Status::Kind::continued;
  const Action &a = (*world.processes[parent].actions)[static_cast<size_t>(setting.k.SIGCHLD_)];
  if (stop && (a.flags & setting.k.SA_NOCLDSTOP_) != 0) return;
  send_to_process(world, setting, parent, child_signal(world, setting, child, status));
}

void fork_call(Attempt &a) {
  Process child = a.process();
  Thread thread;
  thread.mask = a.thread().mask;
  thread.first = true;
  child.pid = thread.tid = a.world.fresh(NumberKind::process);
  child.parent = a.process_id();
  child.pending = {};
  child.report.reset();
  child.has_execed = false;
  child.subreaper = false;
  for (const Descriptor &d : child.descriptors)
    if (d.file >= 0) ++a.edit_file(d.file).references;
  thread.process = static_cast<ProcessId>(a.world.processes.size());
  a.made = static_cast<ActorId>(a.world.threads.size());
  child.threads = {a.made};
  const int64_t pid = child.pid;
  a.world.processes.add(std::move(child));
  a.world.threads.add(std::move(thread));
  a.returns(RULE("posix/fork/child-id"), pid);
}

void thread_call(Attempt &a) {
  Thread thread;
  thread.process = a.process_id();
  thread.mask = a.thread().mask;
  thread.tid = a.world.fresh(NumberKind::process);
  a.made = static_cast<ActorId>(a.world.threads.size());
  a.edit_process().threads.push_back(a.made);
  const int64_t tid = thread.tid;
  a.world.threads.add(std::move(thread));
  a.returns(RULE("posix/pthread_create/same-process"), tid);
}

void spawn_call(Attempt &a) { a.is_word(0, "thread") ? thread_call(a) : fork_call(a); }

void exit_call(Attempt &a) {
  end_process(a.world, a.setting, a.process_id(), {Status::Kind::exited, a.number(0) & 0xff});
  a.ends(RULE("posix/exit/status-low-byte"));
}

void getpid_call(Attempt &a) { a.returns(RULE("posix/fork/child-id"), a.world.value(a.process().pid)); }

void getppid_call(Attempt &a) {
  const ProcessId parent = a.process().parent;
  a.returns(RULE("posix/fork/parent-id"),
            a.world.value(parent == nobody ? a.process().outer_parent : a.world.processes[parent].pid));
}

}  // namespace

bool exists(const Process &p) { return p.state != Process::State::gone; }

void end_thread(World &world, const Setting &, ActorId actor, Status how) {
  leave_call(world, actor);
  Thread &t = world.threads.edit(actor);
  t.lives = false;
  t.end = how;
  t.pending = {};
  std::erase(world.processes.edit(t.process).threads, actor);
}

void end_process(World &world, const Setting &setting, ProcessId process, Status how) {
  const std::vector<ActorId> threads = world.processes[process].threads;
  for (const ActorId t : threads) end_thread(world, setting, t, how);
  close_all(world, process);
  give_children_away(world, process);
  Process &p = world.processes.edit(process);
  p.state = Process::State::zombie;
  p.end = how;
  p.pending = {};
  p.report.reset();
  const ProcessId parent = p.parent;
  if (parent == nobody || keeps_no_zombies(world, setting, parent)) p.state = Process::State::gone;
  tell_parent(world, setting, process, how);
}

void stop_process(World &world, const Setting &setting, ProcessId process, int signo) {
  const Status how{Status::Kind::stopped, signo};
  Process &p = world.processes.edit(process);
  p.state = Process::State::stopped;
  p.report = how;
  tell_parent(world, setting, process, how);
}

void continue_process(World &world, const Setting &setting, ProcessId process) {
  if (world.processes[process].state != Process::State::stopped) return;
  const Status how{Status::Kind::continued, setting.k.SIGCONT_};
  Process &p = world.processes.edit(process);
  p.state = Process::State::runs;
  p.report = how;
  tell_parent(world, setting, process, how);
}

ProcessId process_of_pid(const World &world, int64_t pid) {
  for (ProcessId p = 0; p < world.processes.size(); ++p)
    if (exists(world.processes[p]) && world.value(world.processes[p].pid) == pid) return p;
  return nobody;
}

ActorId thread_of_tid(const World &world, int64_t tid) {
  for (ActorId t = 0; t < world.threads.size(); ++t)
    if (world.threads[t].lives && world.value(world.threads[t].tid) == tid) return t;
  return nobody;
}

std::span<const CallRule> process_rules() {
  static constexpr CallRule table[] = {
      {"fork", fork_call}, {"thread", thread_call}, {"spawn", spawn_call},
      {"exit", exit_call}, {"getpid", getpid_call}, {"getppid", getppid_call},
  };
  return table;
}

}  // namespace ipcvet::model
