// Random trees for property tests: every construct of the language, nested and commented at random, from a seed. They
// are well formed and make no sense.
#pragma once

#include <random>

#include "harness/case/case.h"

namespace ipcvet {

class RandomCase {
 public:
  explicit RandomCase(uint64_t seed) : random_(seed) {}
  Case make();

 private:
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  bool chance(uint32_t percent) { return below(100) < percent; }
  std::string word();
  std::string actor();
  std::string id();
  std::string bytes();
  Value value(uint32_t depth = 0);
  Value number();
  Value nested(uint32_t depth);
  Value falsifies();
  Call call();
  Outcome outcome();
  Step step(bool member);
  Step any_order();
  Table table();
  Stress stress();
  Role role();
  Trivia trivia(bool opens_part = false);
  std::vector<std::string> lines_above(bool opens_part);
  std::string comment();

  std::mt19937_64 random_;
};

}  // namespace ipcvet
