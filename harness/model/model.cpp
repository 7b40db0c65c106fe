#include "harness/model/model.h"

#include <array>

#include "harness/mechanism/signal/rules.h"
#include "harness/model/attempt.h"

namespace ipcvet::model {
namespace {

using Index = std::vector<const CallRule *>;

Index make_index() {
  Index index(calls().size() + 1);
  const std::array tables{process_rules(), child_rules(),   futex_rules(),         regular_rules(),
                          signal_rules(),  sending_rules(), descriptor_rules(),    file_rules(),
                          wait_rules(),    pipe_rules(),    splice_rules(),        fifo_rules(),
                          message_rules(), segment_rules(), shared_memory_rules(), mapping_rules()};
  for (const auto &table : tables)
    for (const CallRule &rule : table)
      if (const CallSpec *spec = find_call(rule.call)) index[spec->id] = &rule;
  return index;
}

void leave_handlers(Thread &thread) {
  thread.lingering.clear();
  thread.lingers_on_stack = false;
}

bool may_go_on(const World &world, const Thread &thread) {
  return thread.lives && thread.blocked && world.processes[thread.process].state == Process::State::runs;
}

void attempt_again(const World &world, ActorId actor, const Setting &setting, std::vector<Wake> &out) {
  const Operation &op = *world.threads[actor].blocked;
  const CallRule *rule = rule_of(*op.call);
  if (!rule) return;
  std::vector<Next> nexts;
  Attempt a(world, actor, op, setting, nexts);
  a.edit_thread().blocked.reset();
  const bool may_end = op.stopped && op.done > 0 && rule->on_interrupt;
  if (may_end) {  // what it has done so far may be told, as after a handler: Linux does
    Attempt ends = a;
    rule->on_interrupt(ends);
    a.op.stopped = false;
  }
  if (op.stopped && rule->interrupted == CallRule::Interrupted::also_by_stop)
    rule->on_interrupt(a);
  else
    rule->attempt(a);
  for (Next &next : nexts) {
    const bool blocks = next.prediction.kind == Prediction::Kind::blocks;
    if (blocks && next.world == world) continue;
    out.push_back({actor, !blocks, false, std::move(next.prediction), std::move(next.world)});
  }
}

}  // namespace

const CallRule *rule_of(const CallSpec &call) {
  static const Index index = make_index();
  return call.id < index.size() ? index[call.id] : nullptr;
}

World initial_world(const Setting &setting) {
  World w;
  Inode root;
  root.kind = Inode::Kind::directory;
  root.mode = 0777;
  root.links = 2;
  root.serial = w.fresh(NumberKind::serial);
  w.inodes.add(root);
  root.mode = 01777;  // shm_directory
  root.serial = 0;    // no path of a case leads to it
  w.inodes.add(root);
  File null;
  null.kind = File::Kind::null;
  null.reads = null.writes = true;
  null.references = 3;
  w.files.add(null);
  Process p;
  p.pid = setting.start.pid > 0 ? setting.start.pid : w.fresh(NumberKind::process);
  p.outer_parent = setting.start.parent > 0 ? setting.start.parent : w.fresh(NumberKind::process);
  const int64_t uid = setting.start.uid == unknown_user ? w.fresh(NumberKind::user) : setting.start.uid;
  const int64_t gid = setting.start.gid == unknown_user ? w.fresh(NumberKind::user) : setting.start.gid;
  p.who = {uid, uid, uid, gid, gid, gid};
  p.descriptors.assign(3, Descriptor{0, false});
  p.limits = {{setting.k.RLIMIT_NOFILE_, setting.limits.open_files, 0}};
  p.threads = {0};
  w.processes.add(p);
  Thread t;
  t.tid = p.pid;
  t.first = true;
  w.threads.add(t);
  return w;
}

std::vector<Next> step(const World &world, ActorId actor, const GivenCall &call, const Setting &setting) {
  return step(world, actor, *call.spec, Cow(call.args), setting);
}

std::vector<Next> step(const World &world, ActorId actor, const CallSpec &call, Cow<std::vector<Value>> args,
                       const Setting &setting) {
  std::vector<Next> out;
  Operation op;
  op.call = &call;
  op.args = std::move(args);
  Attempt a(world, actor, std::move(op), setting, out);
  if (!a.thread().lingering.empty()) leave_handlers(a.edit_thread());  // who makes a call is in none
  const CallRule *rule = rule_of(call);
  rule ? rule->attempt(a) : a.unmodelled(std::string(call.name) + "() has no rule");
  return out;
}

std::vector<Wake> ready(const World &world, const Setting &setting) {
  std::vector<Wake> out;
  for (ActorId actor = 0; actor < world.threads.size(); ++actor)
    if (may_go_on(world, world.threads[actor])) attempt_again(world, actor, setting, out);
  // A call that can complete does so before a signal that came with it is looked at.
  std::vector<Wake> signals = deliveries(world, setting);
  for (Wake &signal : signals) {
    bool completes = false;
    for (const Wake &wake : out) completes = completes || (wake.actor == signal.actor && wake.completes);
    // Who was stopped had left its call before: that it can complete now need not help.
    const auto &blocked = world.threads[signal.actor].blocked;
    completes = completes && !(blocked && blocked->stopped);
    if (!completes) out.push_back(std::move(signal));
  }
  return out;
}

}  // namespace ipcvet::model
