// Random histories for the tests, and the slowest checker there is to compare with.
//
// A history is made by letting a specification run: a seeded scheduler picks who is called, whose point comes, who
// returns; so it has a linearisation by construction. Mutating it makes histories of which nobody knows; the
// brute-force checker tries every order of their points, without memory and without any of the search's shortcuts.
#pragma once

#include <optional>
#include <random>

#include "harness/judge/linear_models.h"
#include "harness/judge/linear_run.h"

namespace ipcvet::linear {

struct RandomShape {
  uint32_t actors = 3;
  uint32_t calls = 6;     // altogether
  uint32_t overlap = 50;  // as in RunShape
  std::vector<TextCall> vocabulary{};
  std::vector<TextCall> of_last{};  // of the last actor; none: it has that of the others
};

// Ends with a rest, or in the middle.
TextHistory random_history(const SmallModel &model, const RandomShape &shape, std::mt19937 &random);
// Changes results, and exchanges, delays, removes or adds events, once or more; what comes out is well formed.
TextHistory mutated(TextHistory history, std::mt19937 &random);
// Calls as they come in this kind of model.
std::vector<TextCall> vocabulary(const std::string &kind);

// Nothing, if that takes too many steps.
std::optional<bool> brute_force(const SmallModel &model, const TextHistory &history, uint64_t steps = 50'000);

}  // namespace ipcvet::linear
