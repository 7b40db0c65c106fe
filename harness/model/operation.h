// A call under way: what it was given, and what it has to remember while it waits.
//
// A blocked call is performed again, from its remembered state, whenever the world has changed; so each rule is written
// once, for the first attempt and all later ones. Descriptors are looked up once: who closes the number
// afterwards does not change what the call works on.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/case/value.h"
#include "harness/mechanism/table.h"
#include "harness/model/cow.h"

namespace ipcvet::model {

struct Operation {
  const CallSpec *call = nullptr;
  Cow<std::vector<Value>> args{};
  bool waiting = false;                  // it has blocked before
  bool restarted = false;                // a handler has run, and the call began anew
  bool stopped = false;                  // its process was stopped and continued while it waited
  std::array<int32_t, 2> files{-1, -1};  // open file descriptions it holds, in the order they were looked up
  uint32_t looked_up = 0;
  int32_t reserved = -1;               // the descriptor number it has taken
  int64_t done = 0;                    // bytes moved so far
  std::array<int64_t, 4> memo{};       // what else the rule wants to remember
  std::optional<uint64_t> old_mask{};  // of a call that waits with another mask: the one to go back to
  bool operator==(const Operation &) const = default;
};

}  // namespace ipcvet::model
