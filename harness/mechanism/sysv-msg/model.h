// Message queues in the model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/model/cow.h"
#include "harness/model/ipc.h"

namespace ipcvet::model {

struct Message {
  int64_t type = 0;
  std::string text{};
  bool operator==(const Message &) const = default;
};

struct MessageQueue {
  IpcObject object{};
  std::vector<Message> messages{};
  int64_t bytes = 0;  // of their texts
  int64_t most = 0;   // msg_qbytes
  int64_t last_sender = 0, last_receiver = 0;
  int64_t sent = 0, received = 0;  // times
  bool operator==(const MessageQueue &) const = default;
};

// What ftok() has answered: the key is the system's choice, and the same for the same file and project.
struct FileKey {
  int32_t inode = -1;
  int64_t project = 0, key = 0;
  bool operator==(const FileKey &) const = default;
};

struct MessageQueues {
  Table<MessageQueue> queues{};  // the removed ones too
  std::vector<FileKey> keys{};
  // Is who waits judged again by a permission that has changed? Open until it is seen.
  std::optional<bool> judges_waiters{};
  bool operator==(const MessageQueues &) const = default;
};

}  // namespace ipcvet::model
