// Makes Programs, changes them, and crosses two: driven by the call table, the same for the same seed.
//
// What comes out is always valid (see repaired()). Most calls hit objects that are there, because arguments are chosen
// from what the steps before have made.
#pragma once

#include <string_view>

#include "fuzz/program/program.h"
#include "fuzz/program/random.h"

namespace ipcvet::fuzz {

struct Taste {
  std::string_view mechanism = "all";
  bool one_process = false;  // one actor, and only calls that fit the fuzzing process itself
  size_t longest = most_steps;
};

Program generate(const Taste &taste, Random &random);
Program mutated(Program program, const Taste &taste, Random &random);
// The beginning of one and the end of the other.
Program crossed(const Program &one, const Program &other, const Taste &taste, Random &random);

}  // namespace ipcvet::fuzz
