// A small corpus: of many Programs those few that reach together what all have reached.
#pragma once

#include <cstdint>
#include <vector>

#include "fuzz/program/program.h"

namespace ipcvet::fuzz {

struct Kept {
  Program program;
  std::vector<uint64_t> features;  // what it reached, as numbers
  bool operator==(const Kept &) const = default;
};

// What few Programs reach is provided for first, by the shortest of them; what they reach besides is then there
// already. In the order of the first that needs it, each Program once.
std::vector<Program> cover(const std::vector<Kept> &all);

}  // namespace ipcvet::fuzz
