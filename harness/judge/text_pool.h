// Equal bytes kept once over many histories, which say mostly the same: the page a case wrote is the page it read.
#pragma once

#include <functional>
#include <string>
#include <unordered_set>

#include "harness/judge/history.h"

namespace ipcvet {

class TextPool {
 public:
  // Makes the bytes in `history` share those of equal bytes seen before, and gives back what its lists hold in
  // reserve. What the history says does not change.
  void compact(History &history);

 private:
  struct Hash {
    size_t operator()(const SharedText &text) const { return std::hash<std::string>{}(text); }
  };

  void compact(Event &event);
  void compact(Value &value);

  std::unordered_set<SharedText, Hash> texts_;
};

}  // namespace ipcvet
