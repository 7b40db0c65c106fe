// Random histories: those a specification made are explained, and mutated ones get the answer of the checker that tries
// every order. Seeds are fixed; IPCVET_SEED adds others.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>

#include "harness/judge/linear_random.h"
#include "harness/judge/linear_witness.h"

using namespace ipcvet::linear;

namespace {

uint32_t first_seed() {
  const char *seed = std::getenv("IPCVET_SEED");
  return seed ? static_cast<uint32_t>(std::strtoul(seed, nullptr, 10)) : 1;
}

RandomShape shape_of(const SmallModel &model, uint32_t actors, uint32_t calls, uint32_t overlap) {
  return {actors, calls, overlap, vocabulary(model.kind)};
}

// Counts of answers over mutated histories, each compared with the brute force.
struct Tally {
  uint32_t yes = 0, no = 0;
};
Tally compare(const SmallModel &model, uint32_t rounds) {
  Tally tally;
  for (uint32_t round = 0; round < rounds; ++round) {
    std::mt19937 random(first_seed() + round);
    const auto shape = shape_of(model, 2 + round % 2, 2 + round % 4, 30 + round % 50);
    const auto history = mutated(random_history(model, shape, random), random);
    const auto found = linearise(model, {}, history);
    INFO("seed " << first_seed() + round << "\n" << text_of(model, history) << found.explanation);
    const auto possible = brute_force(model, history);
    if (found.answer == Answer::yes) REQUIRE(witness_fault(model, {}, history, found.witness) == "");
    if (!possible) continue;
    REQUIRE(found.answer == (*possible ? Answer::yes : Answer::no));
    ++(*possible ? tally.yes : tally.no);
  }
  return tally;
}

// Histories that a specification made; how many were given up.
uint32_t undecided_of(const SmallModel &model, uint32_t rounds, uint32_t actors, uint32_t calls) {
  uint32_t undecided = 0;
  for (uint32_t round = 0; round < rounds; ++round) {
    std::mt19937 random(first_seed() + round);
    const auto history = random_history(model, shape_of(model, actors, calls, 20 + round % 60), random);
    const auto found = linearise(model, {}, history);
    INFO("seed " << first_seed() + round << "\n" << text_of(model, history) << found.explanation);
    REQUIRE(found.answer != Answer::no);
    if (found.answer == Answer::yes) REQUIRE(witness_fault(model, {}, history, found.witness) == "");
    undecided += found.answer == Answer::undecided;
  }
  return undecided;
}

}  // namespace

TEST_CASE("mutated histories of registers") {
  const Tally t = compare(register_model(), 4000);
  CHECK((t.yes > 800 && t.no > 800));
}
TEST_CASE("mutated histories of streams") {
  const Tally t = compare(stream_model(1, 2), 1500);
  CAPTURE(t.yes, t.no);
  CHECK((t.yes > 300 && t.no > 300));
}
TEST_CASE("mutated histories of queues") {
  const Tally t = compare(queue_model(), 4000);
  CHECK((t.yes > 800 && t.no > 800));
}
TEST_CASE("what a specification did can be explained") {
  CHECK(undecided_of(register_model(), 300, 4, 40) == 0);
  CHECK(undecided_of(stream_model(1, 2), 200, 3, 30) == 0);
  CHECK(undecided_of(queue_model(), 300, 4, 40) == 0);
}
