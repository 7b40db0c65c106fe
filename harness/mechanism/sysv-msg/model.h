// Message queues in the model.
#pragma once

namespace ipcvet::model {

struct MessageQueues {
  bool operator==(const MessageQueues &) const = default;
};

}  // namespace ipcvet::model
