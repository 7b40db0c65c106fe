// What came of running one Program.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/case/case.h"

namespace ipcvet::fuzz {

struct Found {
  std::string what;  // one sentence
  std::string kind;  // the same for all deviations of a kind
  Case story;        // ready to be run
};

struct RunReport {
  std::optional<Found> found{};
  uint32_t performed = 0, skipped = 0;  // steps; those the model has no rule for are skipped
  std::string broken{};                 // the harness failed: in this way
  std::vector<uint64_t> features{};     // for coverage
  // Of a history with overlapping calls:
  bool partly = false;      // it was judged up to a call that the model has no rule for
  std::string undecided{};  // no answer was found: why
};

}  // namespace ipcvet::fuzz
