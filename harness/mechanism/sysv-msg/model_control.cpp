// System V message queues: asking for their status, changing and removing them.
#include <algorithm>

#include "harness/mechanism/sysv-msg/rules.h"

namespace ipcvet::model {
namespace {

Value status(const MessageQueue &q) {
  std::vector<Field> fields;
  fill_ipc(q.object, fields);
  const auto add = [&](const char *name, int64_t n) { fields.push_back({name, Value::integer(n)}); };
  add("stime", q.sent);
  add("rtime", q.received);
  add("cbytes", q.bytes);
  add("qnum", static_cast<int64_t>(q.messages.size()));
  add("qbytes", q.most);
  add("lspid", q.last_sender);
  add("lrpid", q.last_receiver);
  return Value::record(std::move(fields));
}

void stat(Attempt &a) {
  const QueueIndex q = queue_of_id(a.world, a.number(0));
  std::vector<Refusal> due;
  if (is_nowhere(a, 2)) due.push_back({&RULE("linux/msgctl/efault"), "EFAULT"});
  if (q < 0)
    no_such_queue(a, RULE("posix/msgctl/einval-id"), due);
  else if (!ipc_grants(queue_at(a.world, q).object, a.process().who, ipc_reads))
    due.push_back({&RULE("posix/msgctl/stat-eacces"), "EACCES"});
  if (refused(a, due)) return;
  a.fills(2, status(queue_at(a.world, q)));
  a.returns(RULE("posix/msgctl/stat"));
}

// -- by index

void stat_of(Attempt &a, QueueIndex q, bool any) {
  const IpcObject &object = queue_at(a.world, q).object;
  std::vector<Refusal> due;
  if (is_nowhere(a, 2)) due.push_back({&RULE("linux/msgctl/efault"), "EFAULT"});
  if (!any && !ipc_grants(object, a.process().who, ipc_reads))
    due.push_back({&RULE("linux/msgctl/msg-stat"), "EACCES"});
  if (refused(a, due)) return;
  const int64_t id = object.id;
  a.fills(2, status(queue_at(a.world, q)));
  any ? a.returns(RULE("linux/msgctl/msg-stat-any"), id) : a.returns(RULE("linux/msgctl/msg-stat"), id);
}

void stat_by_index(Attempt &a, bool any) {
  ipc_stat_by_index(a, a.world.messages->queues, RULE("linux/msgctl/msg-stat"),
                    [any](Attempt &b, QueueIndex i) { stat_of(b, i, any); });
}

Value information(const Attempt &a, bool in_use) {
  std::vector<Field> fields;
  const auto add = [&](const char *name, int64_t n) { fields.push_back({name, Value::integer(n)}); };
  add("msgmax", a.setting.limits.message_most);
  add("msgmnb", a.setting.limits.queue_bytes);
  add("msgmni", a.setting.limits.queues);
  if (!in_use) return Value::record(std::move(fields));
  int64_t messages = 0, bytes = 0;
  const auto &queues = a.world.messages->queues;
  for (size_t i = 0; i < queues.size(); ++i) {
    messages += static_cast<int64_t>(queues[i].messages.size());
    bytes += queues[i].bytes;
  }
  add("msgpool", static_cast<int64_t>(ipc_in_use(queues).size()));
  add("msgmap", messages);
  add("msgtql", bytes);
  return Value::record(std::move(fields));
}

// -- changing

// Linux keeps 32 bits of the number, and takes the call for what is left of it.
struct NewLimit {
  int64_t value = 0;
  bool raises = false;
};

NewLimit new_limit(const Attempt &a, const MessageQueue &q, int64_t asked, bool cut) {
  const int64_t value = cut ? static_cast<int32_t>(asked) : asked;
  const auto compared = cut ? uint64_t{static_cast<uint32_t>(asked)} : static_cast<uint64_t>(asked);
  const int64_t free = a.setting.linux_profile() ? a.setting.limits.queue_bytes : q.most;
  return {value, compared > static_cast<uint64_t>(free)};
}

bool waits_in(const Thread &t, QueueIndex q) {
  if (!t.blocked || (t.blocked->call->name != "msgsnd" && t.blocked->call->name != "msgrcv")) return false;
  return waited_for(*t.blocked) == q;
}

// Somebody who waits in the queue may not do so any more.
bool takes_permission_from_waiter(const World &world, QueueIndex q) {
  for (ActorId t = 0; t < world.threads.size(); ++t) {
    if (!waits_in(world.threads[t], q)) continue;
    const int64_t asked = world.threads[t].blocked->call->name == "msgsnd" ? ipc_writes : ipc_reads;
    if (!ipc_grants(queue_at(world, q).object, world.process_of(t).who, asked)) return true;
  }
  return false;
}

void tell_stopped_waiters(World &world, QueueIndex q) {
  for (ActorId t = 0; t < world.threads.size(); ++t)
    if (waits_in(world.threads[t], q) && world.process_of(t).state == Process::State::stopped)
      removed_while_stopped(*world.threads.edit(t).blocked) = 1;
}

void set_queue(Attempt &a, QueueIndex q, NewLimit limit) {
  const Rule &beyond =
      a.setting.linux_profile() ? RULE("linux/msgctl/qbytes-beyond-msgmnb") : RULE("posix/msgctl/raise-qbytes");
  if (limit.raises && !a.process().who.privileged()) return a.fails(beyond, "EPERM");
  if (limit.raises && !a.setting.start.takes_resources) return a.unmodelled("a root that may lack a privilege");
  IpcObject object = queue_at(a.world, q).object;
  if (!ipc_set(object, a.arg(2))) return a.fails(RULE("linux/msgctl/set-bad-owner"), "EINVAL");
  touch(a.world, object.changed);
  MessageQueue &queue = edit_queue(a.world, q);
  queue.object = object;
  queue.most = limit.value;
  const Rule &rule = RULE("posix/msgctl/set");
  if (a.world.messages->judges_waiters || !takes_permission_from_waiter(a.world, q)) return a.returns(rule);
  for (const bool judges : {true, false}) {
    Attempt b = a;
    b.world.messages.edit().judges_waiters = judges;
    b.returns(RULE("linux/msgctl/mode-under-waiters"));
  }
}

void set(Attempt &a) {
  const QueueIndex q = queue_of_id(a.world, a.number(0));
  std::vector<Refusal> due;
  if (is_nowhere(a, 2)) due.push_back({&RULE("linux/msgctl/efault"), "EFAULT"});
  if (q < 0)
    no_such_queue(a, RULE("posix/msgctl/einval-id"), due);
  else if (!ipc_owns(queue_at(a.world, q).object, a.process().who))
    due.push_back({&RULE("posix/msgctl/set-eperm"), "EPERM"});
  if (refused(a, due)) return;
  const int64_t asked = int_field(a.arg(2), "qbytes");
  const NewLimit whole = new_limit(a, queue_at(a.world, q), asked, false);
  if (static_cast<int32_t>(asked) == asked) return set_queue(a, q, whole);
  (void)RULE("linux/msgctl/qbytes-beyond-32-bits");
  const NewLimit cut = new_limit(a, queue_at(a.world, q), asked, true);
  a.either([&](Attempt &b) { set_queue(b, q, whole); }, [&](Attempt &b) { set_queue(b, q, cut); });
}

void remove(Attempt &a) {
  const QueueIndex q = queue_of_id(a.world, a.number(0));
  std::vector<Refusal> due;
  if (q < 0)
    no_such_queue(a, RULE("posix/msgctl/einval-id"), due);
  else if (!ipc_owns(queue_at(a.world, q).object, a.process().who))
    due.push_back({&RULE("posix/msgctl/rmid-eperm"), "EPERM"});
  if (refused(a, due)) return;
  MessageQueue &queue = edit_queue(a.world, q);
  queue.object.removed = true;
  queue.messages.clear();
  queue.bytes = 0;
  tell_stopped_waiters(a.world, q);
  a.returns(RULE("posix/msgctl/rmid"));
}

void inform(Attempt &a, bool in_use, bool shown) {
  if (a.number(0) < 0) return a.fails(RULE("posix/msgctl/einval-id"), "EINVAL");
  if (is_nowhere(a, 2)) return a.fails(RULE("linux/msgctl/efault"), "EFAULT");
  if (shown) a.fills(2, information(a, in_use));
  const Value highest = ipc_highest_index(*a.world.numbers, a.world.messages->queues);
  in_use ? a.returns(RULE("linux/msgctl/msg-info"), highest) : a.returns(RULE("linux/msgctl/ipc-info"), highest);
}

}  // namespace

void msgctl_call(Attempt &a) {
  const Numerals &k = a.k;
  const int64_t command = a.number(1);
  if (command == k.IPC_STAT_) return stat(a);
  if (command == k.IPC_SET_) return set(a);
  if (command == k.IPC_RMID_) return remove(a);
  if (command == k.MSG_STAT_ || command == k.MSG_STAT_ANY_) return stat_by_index(a, command == k.MSG_STAT_ANY_);
  if (command == k.IPC_INFO_ || command == k.MSG_INFO_) return inform(a, command == k.MSG_INFO_, false);
  a.fails(RULE("posix/msgctl/einval-cmd"), "EINVAL");
}

void msginfo_call(Attempt &a) {
  const int64_t command = a.number(1);
  if (command != a.k.IPC_INFO_ && command != a.k.MSG_INFO_) return a.unmodelled("msginfo() with another command");
  inform(a, command == a.k.MSG_INFO_, true);
}

}  // namespace ipcvet::model
