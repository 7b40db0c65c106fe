// A Program: the unit of fuzzing. It is a case without expectations: calls and accesses to memory by actors, one after
// the other, whose expectations a model supplies when it runs.
//
// Its steps are those of the case language (`returns`, `store` and `expect` only), so its text form is a case: outcomes
// are `_`, or the name they bind; what an `expect` expects counts by its length alone. Its binary form is what fuzzing
// engines keep in a corpus: any bytes decode to a valid Program.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/program/step.h"
#include "harness/case/case.h"
#include "harness/case/source.h"

namespace ipcvet::fuzz {

inline constexpr size_t most_steps = 64;
inline constexpr size_t most_actors = 4;

struct Program {
  std::vector<SharedStep> steps;
  bool operator==(const Program &) const = default;
};

// The text form, under `id`; comments are kept out of it.
Case as_case(const Program &program, const std::string &id);
std::string text(const Program &program, const std::string &id);
// The calls of any case that can be part of a Program: from `returns`, `blocks`, `may_block` and memory lines, all
// expectations dropped. Steps a Program cannot hold are left out; the result is repaired.
Program from_case(const Case &c);
std::expected<Program, std::vector<Diagnostic>> parse_program(std::string_view text);

std::string encode(const Program &program);
Program decode(std::span<const uint8_t> bytes);
// Of what encode() has made of a valid Program: mended only if it does not come out as it went in.
Program decode_own(std::string_view bytes);

// Makes of any steps a valid Program: steps that could not be given to an actor are mended or taken out. What is valid
// already stays as it is; the first `valid` steps are known to be.
Program repaired(Program program, size_t valid = 0);

// The names a step binds: outcomes and `[r, w]`.
std::vector<std::string> bound_names(const Step &step);
// Does the step fork, make a thread, or end its actor?
bool makes_actor(const Step &step);

// A step as it stands in a Program: with the outcome its kind of result has.
Step call_step(std::string actor, Call call, std::string binds = "");
Step store_step(std::string actor, std::string memory, Value offset, std::string data);
Step expect_step(std::string actor, std::string memory, Value offset, size_t length);

}  // namespace ipcvet::fuzz
