// Mapped memory in the model: what an address means to a process.
#pragma once

namespace ipcvet::model {

struct Mappings {
  bool operator==(const Mappings &) const = default;
};

}  // namespace ipcvet::model
