// Segments and their attachments in the model.
#pragma once

namespace ipcvet::model {

struct Segments {
  bool operator==(const Segments &) const = default;
};

}  // namespace ipcvet::model
