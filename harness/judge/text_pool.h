// Equal bytes kept once over many histories, which say mostly the same: the page a case wrote is the page it read.
#pragma once

#include <memory>
#include <string_view>
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
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Texts = std::unordered_set<SharedText, Hash, std::equal_to<>>;

  void compact(Event &event);
  void compact(Value &value);

  Texts texts_;
};

}  // namespace ipcvet
