// Shared memory objects and memory files in the model.
#pragma once

namespace ipcvet::model {

struct SharedObjects {
  bool operator==(const SharedObjects &) const = default;
};

}  // namespace ipcvet::model
