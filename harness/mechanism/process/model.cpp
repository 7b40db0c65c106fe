// Beginning and ending of processes and threads.
#include <algorithm>

#include "harness/mechanism/descriptor/rules.h"
#include "harness/mechanism/mmap/rules.h"
#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/signal/rules.h"

namespace ipcvet::model {
namespace {

void close_all(World &world, const Setting &setting, ProcessId process) {
  const auto count = static_cast<int32_t>(world.processes[process].descriptors.size());
  for (int32_t fd = 0; fd < count; ++fd)
    if (world.processes[process].descriptors[static_cast<size_t>(fd)].file >= 0)
      close_descriptor(world, setting, process, fd);
}

void leave_call(World &world, const Setting &setting, ActorId actor) {
  if (!world.threads[actor].blocked) return;
  const Operation op = *world.threads[actor].blocked;
  world.threads.edit(actor).blocked.reset();
  for (const int32_t f : op.files)
    if (f >= 0) release_file(world, setting, f);
  if (op.reserved >= 0) unreserve_descriptor(world, world.threads[actor].process, op.reserved);
}

// Orphans go to the nearest living ancestor that asked for them, else outside.
ProcessId adopter(const World &world, ProcessId from) {
  for (ProcessId p = world.processes[from].parent; p != nobody; p = world.processes[p].parent)
    if (world.processes[p].subreaper && world.processes[p].state != Process::State::zombie) return p;
  return nobody;
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
  if (a.handler == Handler::ignore && setting.linux_profile()) return;  // not kept either where it is blocked
  send_to_process(world, setting, parent, child_signal(world, setting, child, status), world.processes[child].maker);
}

// Its new parent is told as the old one was.
void hand_over_zombie(World &world, const Setting &setting, ProcessId child) {
  if (keeps_no_zombies(world, setting, world.processes[child].parent))
    world.processes.edit(child).state = Process::State::gone;
  tell_parent(world, setting, child, world.processes[child].end);
}

void give_children_away(World &world, const Setting &setting, ProcessId process) {
  const ProcessId to = adopter(world, process);
  for (ProcessId p = 0; p < world.processes.size(); ++p) {
    if (world.processes[p].parent != process || world.processes[p].state == Process::State::gone) continue;
    Process &child = world.processes.edit(p);
    child.parent = to;
    child.maker = nobody;
    const bool reaped = to == nobody && child.state == Process::State::zombie && !setting.start.calls_overlap;
    if (reaped) child.state = Process::State::gone;
    if (to != nobody && world.processes[p].state == Process::State::zombie) hand_over_zombie(world, setting, p);
  }
}

bool has_stopped_member(const World &world, ProcessId group) {
  for (ProcessId p = 0; p < world.processes.size(); ++p)
    if (world.processes[p].group == group && world.processes[p].state == Process::State::stopped) return true;
  return false;
}

// A group that has just been orphaned with a stopped member is hung up and continued.
void hang_up(World &world, const Setting &setting, ProcessId group) {
  if (!is_orphaned_group(world, group) || !has_stopped_member(world, group)) return;
  for (const int64_t signo : {setting.k.SIGHUP_, setting.k.SIGCONT_})
    for (ProcessId p = 0; p < world.processes.size(); ++p) {
      if (world.processes[p].group != group || !exists(world.processes[p])) continue;
      SignalInfo info;
      info.signo = static_cast<int>(signo);
      info.code = setting.k.SI_KERNEL_;
      send_to_process(world, setting, p, info);
    }
}

// Groups that this process's end may orphan: its own, and those of its children.
std::vector<ProcessId> touched_groups(const World &world, ProcessId process) {
  std::vector<ProcessId> groups;
  for (ProcessId p = 0; p < world.processes.size(); ++p) {
    const Process &other = world.processes[p];
    if ((p == process || other.parent == process) && exists(other) && !is_orphaned_group(world, other.group) &&
        std::find(groups.begin(), groups.end(), other.group) == groups.end())
      groups.push_back(other.group);
  }
  return groups;
}

}  // namespace

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

bool exists(const Process &p) { return p.state != Process::State::gone; }

void end_thread(World &world, const Setting &setting, ActorId actor, Status how) {
  leave_call(world, setting, actor);
  Thread &t = world.threads.edit(actor);
  t.lives = false;
  t.end = how;
  t.pending = {};
  std::erase(world.processes.edit(t.process).threads, actor);
}

void end_process(World &world, const Setting &setting, ProcessId process, Status how) {
  const std::vector<ActorId> threads = world.processes[process].threads;
  const std::vector<ProcessId> groups = touched_groups(world, process);
  for (const ActorId t : threads)
    end_thread(world, setting, t, world.threads[t].first ? how : Status{Status::Kind::exited, 0});
  close_all(world, setting, process);
  drop_mappings(world, setting, process);
  give_children_away(world, setting, process);
  Process &p = world.processes.edit(process);
  p.state = Process::State::zombie;
  p.end = how;
  p.pending = {};
  p.report.reset();
  const ProcessId parent = p.parent;
  const bool reaped = parent == nobody ? !setting.start.calls_overlap : keeps_no_zombies(world, setting, parent);
  if (reaped) p.state = Process::State::gone;
  for (const ProcessId group : groups) hang_up(world, setting, group);
  tell_parent(world, setting, process, how);
}

void stop_process(World &world, const Setting &setting, ProcessId process, int signo) {
  const Status how{Status::Kind::stopped, signo};
  Process &p = world.processes.edit(process);
  p.state = Process::State::stopped;
  p.report = how;
  const std::vector<ActorId> threads = p.threads;
  for (const ActorId t : threads)
    if (world.threads[t].blocked) world.threads.edit(t).blocked->stopped = true;
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

ProcessId process_of_any_pid(const World &world, int64_t pid) {
  for (ProcessId p = 0; p < world.processes.size(); ++p)
    if (world.value(world.processes[p].pid) == pid) return p;
  return nobody;
}

bool is_orphaned_group(const World &world, ProcessId group) {
  for (ProcessId p = 0; p < world.processes.size(); ++p) {
    const Process &member = world.processes[p];
    if (member.group != group || !exists(member) || member.state == Process::State::zombie) continue;
    const bool outside = member.parent == nobody;  // the sandbox's init: of the session outside, in another group
    const ProcessId session = outside ? nobody : world.processes[member.parent].session;
    if (session == member.session && (outside || world.processes[member.parent].group != group)) return false;
  }
  return true;
}

int64_t soft_limit(const Process &p, int64_t resource, int64_t otherwise) {
  for (const ResourceLimit &limit : p.limits)
    if (limit.resource == resource) return limit.soft;
  return otherwise;
}

void reap(World &world, ProcessId process) { world.processes.edit(process).state = Process::State::gone; }

void exec_process(World &world, const Setting &setting, ActorId actor) {
  const ProcessId process = world.threads[actor].process;
  const std::vector<ActorId> threads = world.processes[process].threads;
  for (const ActorId t : threads)
    if (t != actor) end_thread(world, setting, t, {Status::Kind::exited, 0});
  const auto count = static_cast<int32_t>(world.processes[process].descriptors.size());
  for (int32_t fd = 0; fd < count; ++fd) {
    const Descriptor d = world.processes[process].descriptors[static_cast<size_t>(fd)];
    if (d.file >= 0 && d.close_on_exec) close_descriptor(world, setting, process, fd);
  }
  drop_mappings(world, setting, process);
  Process &p = world.processes.edit(process);
  p.has_execed = true;
  p.who.suid = p.who.euid;
  p.who.sgid = p.who.egid;
  for (Action &action : p.actions.edit())
    action = {action.handler == Handler::ignore ? Handler::ignore : Handler::standard, 0, 0};
  Thread &t = world.threads.edit(actor);
  t.tid = p.pid;
  t.first = true;
  t.counts.clear();
  t.stack = {};
  for (ActorId other = 0; other < world.threads.size(); ++other)
    if (world.threads[other].process == process) world.threads.edit(other).joinable = false;
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

}  // namespace ipcvet::model
