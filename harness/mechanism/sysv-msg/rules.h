// What the rules of message queues share.
#pragma once

#include <cstddef>

#include "harness/model/attempt.h"

namespace ipcvet::model {

using QueueIndex = int32_t;  // -1: none

inline const MessageQueue &queue_at(const World &world, QueueIndex q) {
  return world.messages->queues[static_cast<size_t>(q)];
}
inline MessageQueue &edit_queue(World &world, QueueIndex q) {
  return world.messages.edit().queues.edit(static_cast<size_t>(q));
}
inline QueueIndex queue_of_id(const World &world, int64_t id) {
  return ipc_of_id(*world.numbers, world.messages->queues, id);
}

// A call that waits remembers its queue, which may be removed meanwhile.
inline QueueIndex waited_for(const Operation &op) { return static_cast<QueueIndex>(op.memo[0]); }

// Linux begins the call of a stopped process anew when it continues, and then knows nothing of a queue removed
// meanwhile.
inline int64_t &removed_while_stopped(Operation &op) { return op.memo[1]; }

// Why a call with an identifier of no queue fails. One that overlaps the removal may have found the queue before.
void no_such_queue(const Attempt &a, const Rule &rule, std::vector<Refusal> &due);

void msgctl_call(Attempt &a);
void msginfo_call(Attempt &a);

}  // namespace ipcvet::model
