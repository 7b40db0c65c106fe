// The calls of processes and threads: making, replacing and ending them, their ids, groups, users and limits.
#include <algorithm>
#include <array>

#include "harness/mechanism/descriptor/rules.h"
#include "harness/mechanism/mmap/rules.h"
#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/signal/rules.h"

namespace ipcvet::model {
namespace {

// A copy of the calling process with one thread; its actor.
ActorId make_child(Attempt &a) {
  Process child = a.process();
  Thread thread;
  thread.mask = a.thread().mask;
  thread.stack = a.thread().stack;
  thread.counts = a.thread().counts;
  thread.first = true;
  child.pid = thread.tid = a.world.fresh(NumberKind::process);
  child.parent = a.process_id();
  child.maker = a.actor;
  child.pending = {};
  child.report.reset();
  child.has_execed = child.subreaper = false;
  for (Descriptor &d : child.descriptors) {
    if (d.file == reserved_file) d = {};
    if (d.file >= 0) ++a.edit_file(d.file).references;
  }
  const auto made = static_cast<ActorId>(a.world.threads.size());
  thread.process = static_cast<ProcessId>(a.world.processes.size());
  child.threads = {made};
  const ProcessId process = thread.process;
  a.world.processes.add(std::move(child));
  a.world.threads.add(std::move(thread));
  copy_mappings(a.world, a.setting, a.process_id(), process);
  return made;
}

// Threads of the caller's real user, which RLIMIT_NPROC counts.
int64_t threads_of_user(const Attempt &a) {
  int64_t n = 0;
  for (ActorId t = 0; t < a.world.threads.size(); ++t)
    if (exists(a.world.process_of(t)) && a.world.process_of(t).who.ruid == a.process().who.ruid) ++n;
  return n;
}

// Ends the attempt and says true where the user has threads enough.
bool too_many_threads(Attempt &a) {
  const int64_t most = soft_limit(a.process(), a.k.RLIMIT_NPROC_, INT64_MAX);
  const bool full = a.process().who.ruid != 0 && !a.process().who.privileged() && threads_of_user(a) >= most;
  if (full) a.fails(RULE("linux/fork/eagain"), "EAGAIN");
  return full;
}

void fork_call(Attempt &a) {
  if (too_many_threads(a)) return;
  a.made = make_child(a);
  a.world.threads.edit(a.made).counts.clear();  // kept by slot, and the child has its own
  a.returns(RULE("posix/fork/child-id"), a.world.threads[a.made].tid);
}

// Its stack needs addresses; what the actor has of its own is not known.
bool may_lack_addresses(Attempt &a) {
  constexpr int64_t enough = int64_t{1} << 32;
  const int64_t limit = soft_limit(a.process(), a.k.RLIMIT_AS_, -1);
  const bool may = limit >= 0 && mapped_bytes(a.world, a.process_id()) + enough > limit;
  if (may) a.unmodelled("a thread at the limit of addresses");
  return may;
}

void thread_call(Attempt &a) {
  if (too_many_threads(a) || may_lack_addresses(a)) return;
  Thread thread;
  thread.process = a.process_id();
  thread.mask = a.thread().mask;
  thread.joinable = true;
  thread.tid = a.world.fresh(NumberKind::process);
  a.made = static_cast<ActorId>(a.world.threads.size());
  a.edit_process().threads.push_back(a.made);
  const int64_t tid = thread.tid;
  a.world.threads.add(std::move(thread));
  forget_free_ranges(a.world, a.process_id());  // its stack may lie there
  a.returns(RULE("posix/pthread_create/same-process"), tid);
}

void spawn_call(Attempt &a) { a.is_word(0, "thread") ? thread_call(a) : fork_call(a); }

void vfork_exit_call(Attempt &a) {
  if (too_many_threads(a)) return;
  const ActorId child = make_child(a);
  const int64_t pid = a.world.threads[child].tid;
  end_process(a.world, a.setting, a.world.threads[child].process, {Status::Kind::exited, a.number(0) & 0xff});
  a.returns(RULE("posix/fork/child-id"), pid);
}

void exec_call(Attempt &a) {
  exec_process(a.world, a.setting, a.actor);
  a.returns(RULE("posix/exec/same-process"));
}

void exit_call(Attempt &a) {
  end_process(a.world, a.setting, a.process_id(), {Status::Kind::exited, a.number(0) & 0xff});
  a.ends(RULE("linux/exit/status-low-byte"));
}

void thread_exit_call(Attempt &a) {
  const ProcessId process = a.process_id();
  if (a.process().threads.size() == 1) {
    end_process(a.world, a.setting, process, {Status::Kind::exited, 0});
    return a.ends(RULE("posix/pthread_exit/last-thread"));
  }
  end_thread(a.world, a.setting, a.actor, {Status::Kind::exited, 0});
  a.ends(RULE("posix/pthread_exit/thread-only"));
}

ActorId thread_to_join(const Attempt &a) {
  for (ActorId t = 0; t < a.world.threads.size(); ++t)
    if (a.world.threads[t].process == a.process_id() && a.world.value(a.world.threads[t].tid) == a.number(0)) return t;
  return nobody;
}

void join_call(Attempt &a) {
  const ActorId t = a.waiting() ? static_cast<ActorId>(a.op.memo[0]) : thread_to_join(a);
  if (t == nobody || (!a.waiting() && !a.world.threads[t].joinable)) return a.fails(RULE("scaffold/join"), "ESRCH");
  a.world.threads.edit(t).joinable = false;
  if (t == a.actor) return a.fails(RULE("scaffold/join"), "EDEADLK");
  a.op.memo[0] = t;
  if (a.world.threads[t].lives) return a.blocks(RULE("posix/pthread_join/waits"));
  a.returns(RULE("posix/pthread_join/waits"));
}

void getpid_call(Attempt &a) { a.returns(RULE("posix/pthread_create/same-process"), a.world.value(a.process().pid)); }
void gettid_call(Attempt &a) { a.returns(RULE("linux/gettid/thread-id"), a.world.value(a.thread().tid)); }

void getppid_call(Attempt &a) {
  const ProcessId parent = a.process().parent;
  a.returns(RULE("posix/fork/parent-id"),
            a.world.value(parent == nobody ? a.process().outer_parent : a.world.processes[parent].pid));
}

ProcessId named_process(const Attempt &a, int64_t pid) {
  return pid == 0 ? a.process_id() : process_of_pid(a.world, pid);
}

void getpgid_call(Attempt &a) {
  const ProcessId p = named_process(a, a.number(0));
  if (p == nobody && a.number(0) == a.setting.start.parent) return a.unmodelled("the group of the sandbox's init");
  if (p == nobody) return a.fails(RULE("posix/getpgid/esrch"), "ESRCH");
  a.returns(RULE("posix/fork/group-inherited"), a.world.value(a.world.processes[a.world.processes[p].group].pid));
}

void getsid_call(Attempt &a) {
  const ProcessId p = named_process(a, a.number(0));
  if (p == nobody && a.number(0) == a.setting.start.parent) return a.unmodelled("the session of the sandbox's init");
  if (p == nobody) return a.fails(RULE("posix/getsid/esrch"), "ESRCH");
  const ProcessId session = a.world.processes[p].session;
  if (session == nobody)
    return a.returns(RULE("posix/fork/group-inherited"),
                     a.setting.start.parent == 1 ? Value::integer(0) : Value::any());
  a.returns(RULE("posix/setsid/new-session"), a.world.value(a.world.processes[session].pid));
}

bool group_in_session(const Attempt &a, ProcessId group, ProcessId session) {
  for (ProcessId p = 0; p < a.world.processes.size(); ++p) {
    const Process &member = a.world.processes[p];
    if (exists(member) && member.group == group && member.session == session) return true;
  }
  return false;
}

void setpgid_call(Attempt &a) {
  const ProcessId target = named_process(a, a.number(0));
  if (a.number(1) < 0) return a.fails(RULE("posix/setpgid/einval"), "EINVAL");
  // A group of 0 stands for the number of the process, which is no group either; which of the two is told is open.
  if (a.number(1) == 0 && a.number(0) < 0)
    return a.either([](Attempt &one) { one.fails(RULE("posix/setpgid/einval"), "EINVAL"); },
                    [](Attempt &other) { other.fails(RULE("posix/setpgid/esrch"), "ESRCH"); });
  const bool own = target == a.process_id();
  if (target == nobody || (!own && a.world.processes[target].parent != a.process_id()))
    return a.fails(RULE("posix/setpgid/esrch"), "ESRCH");
  const Process &p = a.world.processes[target];
  if (!own && p.session != a.process().session) return a.fails(RULE("posix/setpgid/eperm"), "EPERM");
  if (!own && p.has_execed) return a.fails(RULE("posix/setpgid/eacces"), "EACCES");
  if (p.session == target) return a.fails(RULE("posix/setpgid/eperm"), "EPERM");
  const ProcessId group = a.number(1) == 0 ? target : process_of_any_pid(a.world, a.number(1));
  if (group != target && (group == nobody || !group_in_session(a, group, a.process().session)))
    return a.fails(RULE("posix/setpgid/eperm"), "EPERM");
  a.world.processes.edit(target).group = group;
  a.returns(own ? RULE("posix/setpgid/own-group") : RULE("posix/setpgid/child"));
}

void setsid_call(Attempt &a) {
  const ProcessId own = a.process_id();
  for (ProcessId p = 0; p < a.world.processes.size(); ++p)
    if (exists(a.world.processes[p]) && a.world.processes[p].group == own)
      return a.fails(RULE("posix/setsid/eperm"), "EPERM");
  a.edit_process().session = own;
  a.edit_process().group = own;
  a.returns(RULE("posix/setsid/new-session"), a.world.value(a.process().pid));
}

template <int64_t Credentials::*Id>
void get_id_call(Attempt &a) {
  a.returns(RULE("posix/fork/credentials-inherited"), a.world.value(a.process().who.*Id));
}

using Ids = std::array<int64_t Credentials::*, 3>;

// -1 keeps; without privilege each must be one of the three there are.
void set_ids(Attempt &a, const Ids &ids) {
  if (a.process().threads.size() > 1) return a.unmodelled("ids that the C library sets by signals to other threads");
  const Credentials before = a.process().who;
  Credentials after = before;
  for (uint32_t i = 0; i < 3; ++i) {
    const int64_t id = a.number(i) == 0xffffffff ? -1 : a.number(i);
    if (id == -1) continue;
    const bool had = id == before.*ids[0] || id == before.*ids[1] || id == before.*ids[2];
    if (!before.privileged() && !had) return a.fails(RULE("linux/setresuid/permission"), "EPERM");
    after.*ids[i] = id;
  }
  a.edit_process().who = after;
  a.returns(RULE("linux/setresuid/permission"));
}

void setresuid_call(Attempt &a) { set_ids(a, {&Credentials::ruid, &Credentials::euid, &Credentials::suid}); }
void setresgid_call(Attempt &a) { set_ids(a, {&Credentials::rgid, &Credentials::egid, &Credentials::sgid}); }

int64_t int_field(const Value &record, std::string_view name) {
  const auto *r = record.as<Value::Record>();
  for (const Field &f : r ? r->fields : std::vector<Field>{})
    if (f.name == name)
      if (const auto *n = f.value.as<Value::Int>()) return n->value;
  return 0;
}

bool is_resource(const Attempt &a, int64_t resource) {
  (void)a;
  return resource >= 0 && resource < 16;
}

// No limit is the greatest number; a hard limit below the soft one is not known.
uint64_t as_limit(int64_t n) { return static_cast<uint64_t>(n); }

void setrlimit_call(Attempt &a) {
  const int64_t resource = a.number(0), soft = int_field(a.arg(1), "cur"), hard = int_field(a.arg(1), "max");
  if (a.is_word(1, "NULL")) return a.unmodelled("a limit that is not given, which the C library may ask for instead");
  if (a.is_word(1, "bad")) return a.fails(RULE("linux/process/efault"), "EFAULT");
  if (!is_resource(a, resource) || as_limit(soft) > as_limit(hard))
    return a.fails(RULE("posix/setrlimit/errors"), "EINVAL");
  auto &limits = a.edit_process().limits;
  auto it = std::find_if(limits.begin(), limits.end(), [&](const ResourceLimit &l) { return l.resource == resource; });
  const bool known = it != limits.end() && as_limit(it->soft) <= as_limit(it->hard);
  const bool raises = known && as_limit(hard) > as_limit(it->hard);
  if (raises && !a.process().who.privileged()) return a.fails(RULE("posix/setrlimit/errors"), "EPERM");
  if (raises && !a.setting.start.takes_resources) return a.unmodelled("a root that may lack a privilege");
  if (it == limits.end()) it = limits.insert(limits.end(), ResourceLimit{resource, 0, 0});
  it->soft = soft;
  it->hard = hard;
  a.returns(RULE("posix/fork/limits-inherited"));
}

void getrlimit_call(Attempt &a) {
  if (a.is_word(1, "NULL")) return a.unmodelled("a limit that is not wanted, which the C library may not ask for");
  if (!is_resource(a, a.number(0))) return a.fails(RULE("posix/setrlimit/errors"), "EINVAL");
  if (a.is_word(1, "bad")) return a.fails(RULE("linux/process/efault"), "EFAULT");
  for (const ResourceLimit &l : a.process().limits)
    if (l.resource == a.number(0) && l.hard != 0)
      a.fills(1, Value::record({{"cur", Value::integer(l.soft)}, {"max", Value::integer(l.hard)}}));
  a.returns(RULE("posix/fork/limits-inherited"));
}

void subreaper_call(Attempt &a) {
  a.edit_process().subreaper = a.number(0) != 0;
  a.returns(RULE("linux/prctl/subreaper"));
}

void yield_call(Attempt &a) { a.returns(RULE("scaffold/process")); }
void sysconf_call(Attempt &a) { a.returns(RULE("scaffold/process"), Value::any()); }

// It is read from a file.
void threads_call(Attempt &a) {
  if (!lowest_free(a, a.process())) return a.unmodelled("a count for which no descriptor is left");
  const auto living = static_cast<int64_t>(a.process().threads.size());
  const bool first_lives = a.world.threads[a.process().threads.front()].first;
  // Linux counts the first thread until all have ended (do_task_stat() of fs/proc/array.c).
  a.returns(RULE("posix/fork/one-thread"), living + (first_lives || !a.setting.linux_profile() ? 0 : 1));
}

}  // namespace

std::span<const CallRule> process_rules() {
  using enum CallRule::Interrupted;
  static constexpr CallRule table[] = {
      {"fork", fork_call},
      {"vfork_exit", vfork_exit_call},
      {"thread", thread_call},
      {"spawn", spawn_call},
      {"exec", exec_call},
      {"exit", exit_call},
      {"thread_exit", thread_exit_call},
      {"join", join_call, never},
      {"getpid", getpid_call},
      {"getppid", getppid_call},
      {"gettid", gettid_call},
      {"getpgid", getpgid_call},
      {"getsid", getsid_call},
      {"setpgid", setpgid_call},
      {"setsid", setsid_call},
      {"getuid", get_id_call<&Credentials::ruid>},
      {"geteuid", get_id_call<&Credentials::euid>},
      {"getgid", get_id_call<&Credentials::rgid>},
      {"getegid", get_id_call<&Credentials::egid>},
      {"setresuid", setresuid_call},
      {"setresgid", setresgid_call},
      {"setrlimit", setrlimit_call},
      {"getrlimit", getrlimit_call},
      {"prctl_subreaper", subreaper_call},
      {"next_second", yield_call},
      {"sched_yield", yield_call},
      {"sysconf", sysconf_call},
      {"threads", threads_call},
  };
  return table;
}

}  // namespace ipcvet::model
