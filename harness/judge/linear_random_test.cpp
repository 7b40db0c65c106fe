// Random histories: those a specification made are explained, and mutated ones get the answer of the checker that tries
// every order. Seeds are fixed; IPCVET_SEED starts from another, IPCVET_ROUNDS does so many times as many.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>

#include "harness/judge/linear_random.h"
#include "harness/judge/linear_text.h"
#include "harness/judge/linear_witness.h"

using namespace ipcvet::linear;

namespace {

uint32_t first_seed() {
  const char *seed = std::getenv("IPCVET_SEED");
  return seed ? static_cast<uint32_t>(std::strtoul(seed, nullptr, 10)) : 1;
}

uint32_t rounds_of(uint32_t few) {
  const char *times = std::getenv("IPCVET_ROUNDS");
  return times ? few * static_cast<uint32_t>(std::strtoul(times, nullptr, 10)) : few;
}

RandomShape shape_of(const SmallModel &model, uint32_t actors, uint32_t calls, uint32_t overlap) {
  return {actors, calls, overlap, vocabulary(model.kind), {}};
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
  const Tally t = compare(register_model(), rounds_of(500));
  CHECK((t.yes > 100 && t.no > 100));
}
TEST_CASE("mutated histories of streams") {
  const Tally t = compare(stream_model(1, 2), rounds_of(250));
  CHECK((t.yes > 40 && t.no > 40));
}
TEST_CASE("mutated histories of queues") {
  const Tally t = compare(queue_model(), rounds_of(500));
  CHECK((t.yes > 100 && t.no > 100));
}
TEST_CASE("what a specification did can be explained") {
  CHECK(undecided_of(register_model(), rounds_of(50), 4, 40) == 0);
  CHECK(undecided_of(stream_model(1, 2), rounds_of(30), 3, 30) == 0);
  CHECK(undecided_of(queue_model(), rounds_of(50), 4, 40) == 0);
}
