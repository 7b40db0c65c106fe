// System V message queues: getting them, sending and receiving.
#include "harness/mechanism/sysv-msg/model.h"

#include <algorithm>

#include "harness/mechanism/descriptor/files.h"
#include "harness/mechanism/sysv-msg/rules.h"

namespace ipcvet::model {
namespace {

// -- getting a queue

int64_t key_of_file(World &world, int32_t inode, int64_t project) {
  for (const FileKey &k : world.messages->keys)
    if (k.inode == inode && k.project == project) return k.key;
  const int64_t key = world.fresh(NumberKind::serial);
  world.messages.edit().keys.push_back({inode, project, key});
  return key;
}

void ftok_call(Attempt &a) {
  const Place place = place_of(a, 0);
  if (place.error) return a.fails(RULE("posix/ftok/errors"), place.error);
  if (no_place(a, place)) return;
  if (place.inode < 0) return a.fails(RULE("posix/ftok/errors"), "ENOENT");
  a.returns(RULE("posix/ftok/same-file-same-key"), key_of_file(a.world, place.inode, a.number(1) & 0xff));
}

void make_queue(Attempt &a, int64_t key, const Rule &rule) {
  if (static_cast<int64_t>(ipc_in_use(a.world.messages->queues).size()) >= a.setting.limits.queues)
    return a.fails(RULE("posix/msgget/enospc"), "ENOSPC");
  MessageQueue q;
  q.object = make_ipc_object(a.world, a.process().who, key, a.number(1), IpcSpace::queue_id, IpcSpace::queue_index);
  q.most = a.setting.limits.queue_bytes;
  const int64_t id = q.object.id;
  a.world.messages.edit().queues.add(std::move(q));
  a.returns(rule, id);
}

void msgget_call(Attempt &a) {
  const int64_t key = ipc_key(a.number(0)), flags = a.number(1);
  if (key == a.k.IPC_PRIVATE_) return make_queue(a, key, RULE("posix/msgget/private-is-new"));
  const QueueIndex q = ipc_of_key(a.world.messages->queues, key);
  const bool creates = (flags & a.k.IPC_CREAT_) != 0;
  if (q < 0 && !creates) return a.fails(RULE("posix/msgget/enoent"), "ENOENT");
  if (q < 0) return make_queue(a, key, RULE("posix/msgget/creat"));
  const IpcObject object = queue_at(a.world, q).object;
  std::vector<Refusal> due;
  if (creates && (flags & a.k.IPC_EXCL_) != 0) due.push_back({&RULE("posix/msgget/eexist"), "EEXIST"});
  if (!ipc_grants(object, a.process().who, flags)) due.push_back({&RULE("posix/msgget/eacces"), "EACCES"});
  if (!refused(a, due)) a.returns(RULE("posix/msgget/same-key-same-queue"), object.id);
}

// -- sending

// POSIX asks only whether the queue is full, Linux whether the message fits: between the two it is open.
enum class Room : uint8_t { none, enough, open };

Room room_for(const Attempt &a, const MessageQueue &q, int64_t size) {
  const auto most = static_cast<uint64_t>(q.most);
  const bool fits = static_cast<uint64_t>(q.bytes + size) <= most && q.messages.size() + 1 <= most;
  if (a.setting.linux_profile()) return fits ? Room::enough : Room::none;
  const bool full = static_cast<uint64_t>(q.bytes) >= most;
  if (fits && !full) return Room::enough;
  return full && !fits ? Room::none : Room::open;
}

std::vector<Refusal> send_refusals(const Attempt &a, QueueIndex q) {
  std::vector<Refusal> due;
  const int64_t size = a.number(2);
  if (is_nowhere(a, 1)) due.push_back({&RULE("linux/msgsnd/efault"), "EFAULT"});
  if (size < 0 || size > a.setting.limits.message_most) due.push_back({&RULE("posix/msgsnd/einval-size"), "EINVAL"});
  if (!is_nowhere(a, 1) && int_field(a.arg(1), "mtype") < 1)
    due.push_back({&RULE("posix/msgsnd/einval-type"), "EINVAL"});
  if (q < 0)
    no_such_queue(a, RULE("posix/msgsnd/einval-id"), due);
  else if (!ipc_grants(queue_at(a.world, q).object, a.process().who, ipc_writes))
    due.push_back({&RULE("posix/msgsnd/eacces"), "EACCES"});
  return due;
}

// Exactly as many bytes as the size says.
Message given_message(const Attempt &a) {
  Message m;
  m.type = int_field(a.arg(1), "mtype");
  if (const auto *record = a.arg(1).as<Value::Record>())
    for (const Field &f : record->fields)
      if (const auto *text = f.name == "mtext" ? f.value.as<Value::Bytes>() : nullptr) m.text = text->bytes;
  m.text.resize(static_cast<size_t>(a.number(2)));
  return m;
}

void send(Attempt &a, QueueIndex q) {
  Message m = given_message(a);
  const int64_t sender = a.process().pid;
  int64_t time = queue_at(a.world, q).sent;
  touch(a.world, time);
  MessageQueue &queue = edit_queue(a.world, q);
  queue.bytes += static_cast<int64_t>(m.text.size());
  queue.messages.push_back(std::move(m));
  queue.last_sender = sender;
  queue.sent = time;
  a.returns(RULE("posix/msgsnd/appends"));
}

void wait_for_room(Attempt &a) {
  const bool nowait = (a.number(3) & a.k.IPC_NOWAIT_) != 0;
  nowait ? a.fails(RULE("posix/msgsnd/eagain"), "EAGAIN") : a.blocks(RULE("posix/msgsnd/blocks-when-full"));
}

// Its permission was taken away while it waited, and this system judges again before it goes on.
bool permission_lost(const Attempt &a, QueueIndex q, int64_t asked) {
  return a.waiting() && a.world.messages->judges_waiters == true &&
         !ipc_grants(queue_at(a.world, q).object, a.process().who, asked);
}

void queue_is_gone(Attempt &a, const Rule &rule) {
  if (removed_while_stopped(a.op) != 0) Attempt(a).fails(RULE("linux/msgop/removed-while-stopped"), "EINVAL");
  a.fails(rule, "EIDRM");
}

QueueIndex queue_of_call(Attempt &a) {
  if (!a.waiting()) a.op.memo[0] = queue_of_id(a.world, a.number(0));
  return waited_for(a.op);
}

void msgsnd_call(Attempt &a) {
  const QueueIndex q = queue_of_call(a);
  if (a.arg(1).as<Value::Int>()) return a.unmodelled("a message in mapped memory");
  if (!a.waiting() && refused(a, send_refusals(a, q))) return;
  if (queue_at(a.world, q).object.removed) return queue_is_gone(a, RULE("posix/msgsnd/eidrm"));
  const Room room = room_for(a, queue_at(a.world, q), a.number(2));
  if (room == Room::open && !a.waiting()) return a.either([&](Attempt &b) { send(b, q); }, wait_for_room);
  if (room != Room::enough) return wait_for_room(a);
  if (permission_lost(a, q, ipc_writes)) return a.fails(RULE("linux/msgctl/mode-under-waiters"), "EACCES");
  send(a, q);
}

void interrupted_send(Attempt &a) { a.fails(RULE("posix/msgsnd/eintr"), "EINTR"); }

// -- receiving

using Messages = std::vector<Message>;
constexpr size_t none = SIZE_MAX;

template <typename Wanted>
size_t first(const Messages &messages, Wanted wanted) {
  const auto it = std::find_if(messages.begin(), messages.end(), wanted);
  return it == messages.end() ? none : static_cast<size_t>(it - messages.begin());
}

size_t first_of_lowest(const Messages &messages, int64_t most) {
  int64_t lowest = INT64_MAX;
  for (const Message &m : messages) lowest = std::min(lowest, m.type);
  if (lowest > most) return none;
  return first(messages, [&](const Message &m) { return m.type == lowest; });
}

size_t selected(const Attempt &a, const Messages &messages) {
  const int64_t type = a.number(3), flags = a.number(4);
  if (type == 0) return messages.empty() ? none : 0;
  if (type < 0) return first_of_lowest(messages, type == INT64_MIN ? INT64_MAX : -type);
  const bool except = (flags & a.k.MSG_EXCEPT_) != 0;
  return first(messages, [&](const Message &m) { return (m.type == type) != except; });
}

bool too_long(const Attempt &a, const Message &m) { return static_cast<int64_t>(m.text.size()) > a.number(2); }
bool cuts(const Attempt &a) { return (a.number(4) & a.k.MSG_NOERROR_) != 0; }
bool copies(const Attempt &a) { return (a.number(4) & a.k.MSG_COPY_) != 0; }
bool nowait(const Attempt &a) { return (a.number(4) & a.k.IPC_NOWAIT_) != 0; }

std::vector<Refusal> receive_refusals(const Attempt &a, QueueIndex q) {
  std::vector<Refusal> due;
  if (a.number(2) < 0) due.push_back({&RULE("linux/msgrcv/einval-size"), "EINVAL"});
  if (copies(a) && (!nowait(a) || (a.number(4) & a.k.MSG_EXCEPT_) != 0))
    due.push_back({&RULE("linux/msgrcv/copy-flags"), "EINVAL"});
  if (copies(a) && a.number(2) > 0 && is_nowhere(a, 1)) due.push_back({&RULE("linux/msgrcv/efault"), "EFAULT"});
  if (q < 0)
    no_such_queue(a, RULE("posix/msgrcv/einval-id"), due);
  else if (!ipc_grants(queue_at(a.world, q).object, a.process().who, ipc_reads))
    due.push_back({&RULE("posix/msgrcv/eacces"), "EACCES"});
  return due;
}

void delivers(Attempt &a, const Rule &rule, const Message &m) {
  const auto size = std::min(m.text.size(), static_cast<size_t>(a.number(2)));
  a.fills(1, Value::record({{"mtype", Value::integer(m.type)}, {"mtext", Value::bytes(m.text.substr(0, size))}}));
  a.returns(rule, static_cast<int64_t>(size));
}

// The message leaves the queue whole, and the status names who took it.
Message take(Attempt &a, QueueIndex q, size_t at, int64_t receiver) {
  int64_t time = queue_at(a.world, q).received;
  touch(a.world, time);
  MessageQueue &queue = edit_queue(a.world, q);
  Message m = std::move(queue.messages[at]);
  queue.messages.erase(queue.messages.begin() + static_cast<ptrdiff_t>(at));
  queue.bytes -= static_cast<int64_t>(m.text.size());
  queue.last_receiver = receiver;
  queue.received = time;
  return m;
}

void receive(Attempt &a, QueueIndex q, size_t at, int64_t receiver) {
  const Message m = take(a, q, at, receiver);
  too_long(a, m) ? delivers(a, RULE("posix/msgrcv/truncates"), m) : delivers(a, RULE("posix/msgrcv/delivers"), m);
}

// To the thread that waited Linux gives a message by the thread's number.
template <typename Receive>
void by_a_receiver(Attempt &a, Receive receive) {
  const int64_t process = a.process().pid, thread = a.thread().tid;
  if (!a.waiting() || thread == process) return receive(a, process);
  (void)RULE("linux/msgrcv/lrpid-of-a-thread-that-waited");
  a.either([&](Attempt &b) { receive(b, process); }, [&](Attempt &b) { receive(b, thread); });
}

// Nobody says what becomes of a message that could not be stored.
void receive_nowhere(Attempt &a, QueueIndex q, size_t at) {
  const auto taken = [&](Attempt &b, int64_t receiver) {
    take(b, q, at, receiver);
    b.fails(RULE("linux/msgrcv/efault-message"), "EFAULT");
  };
  a.either([](Attempt &b) { b.fails(RULE("linux/msgrcv/efault"), "EFAULT"); },
           [&](Attempt &b) { by_a_receiver(b, taken); });
}

// The queue stays as it is. A copy that would have to be cut is not described: refused, or cut.
void copy(Attempt &a, QueueIndex q) {
  const Messages &messages = queue_at(a.world, q).messages;
  const int64_t place = a.number(3);
  const bool there = place >= 0 && place < static_cast<int64_t>(messages.size());
  const bool cut = there && too_long(a, messages[static_cast<size_t>(place)]);
  std::vector<Refusal> due;
  if (is_nowhere(a, 1)) due.push_back({&RULE("linux/msgrcv/efault"), "EFAULT"});
  if (!there) due.push_back({&RULE("linux/msgrcv/copy"), "ENOMSG"});
  if (cut && !cuts(a)) due.push_back({&RULE("linux/msgrcv/copy"), "E2BIG"});
  if (cut && is_nowhere(a, 1)) due.push_back({&RULE("linux/msgrcv/copy-truncation"), "EINVAL"});
  if (refused(a, due)) return;
  const Message m = messages[static_cast<size_t>(place)];
  if (!too_long(a, m)) return delivers(a, RULE("linux/msgrcv/copy"), m);
  a.either([](Attempt &b) { b.fails(RULE("linux/msgrcv/copy-truncation"), "EINVAL"); },
           [&](Attempt &b) { delivers(b, RULE("linux/msgrcv/copy-truncation"), m); });
}

void msgrcv_call(Attempt &a) {
  const QueueIndex q = queue_of_call(a);
  if (a.arg(1).as<Value::Int>()) return a.unmodelled("a message in mapped memory");
  if (!a.waiting() && refused(a, receive_refusals(a, q))) return;
  if (queue_at(a.world, q).object.removed) return queue_is_gone(a, RULE("posix/msgrcv/eidrm"));
  if (permission_lost(a, q, ipc_reads)) return a.fails(RULE("linux/msgctl/mode-under-waiters"), "EACCES");
  if (copies(a)) return copy(a, q);
  const size_t at = selected(a, queue_at(a.world, q).messages);
  if (at == none && nowait(a)) return a.fails(RULE("posix/msgrcv/enomsg"), "ENOMSG");
  if (at == none) return a.blocks(RULE("posix/msgrcv/blocks"));
  if (too_long(a, queue_at(a.world, q).messages[at]) && !cuts(a)) return a.fails(RULE("posix/msgrcv/e2big"), "E2BIG");
  if (is_nowhere(a, 1)) return receive_nowhere(a, q, at);
  by_a_receiver(a, [&](Attempt &b, int64_t receiver) { receive(b, q, at, receiver); });
}

void interrupted_receive(Attempt &a) { a.fails(RULE("posix/msgrcv/eintr"), "EINTR"); }

}  // namespace

void no_such_queue(const Attempt &a, const Rule &rule, std::vector<Refusal> &due) {
  ipc_no_such_id(a, a.world.messages->queues, a.setting.start.calls_overlap, rule, due);
}

std::span<const CallRule> message_rules() {
  static constexpr CallRule table[] = {
      {"ftok", ftok_call},
      {"msgget", msgget_call},
      {"msgsnd", msgsnd_call, CallRule::Interrupted::eintr, interrupted_send},
      {"msgrcv", msgrcv_call, CallRule::Interrupted::eintr, interrupted_receive},
      {"msgctl", msgctl_call},
      {"msginfo", msginfo_call},
  };
  return table;
}

}  // namespace ipcvet::model
