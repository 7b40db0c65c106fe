// The model of the system as a specification for the linearisation.
//
// An actor is known by the number of its thread, so that a child may act before the fork that made it has returned:
// the search then finds that the fork's point was first. What the model has no rule for becomes a move that is
// `unknown`, and the search says `undecided` instead of accusing.
#pragma once

#include <span>

#include "harness/judge/concurrent.h"
#include "harness/judge/linearise.h"

namespace ipcvet {

struct ModelSpecification {
  struct Operation {
    model::GivenCall call{};
    std::string written{};
  };
  // What a point predicts, or what was seen.
  struct Result {
    bool was_seen = false;
    model::Prediction predicted{};
    Event seen{};
  };
  using State = model::World;
  using Moves = std::vector<linear::Move<State, Result>>;

  const model::Setting &setting;
  std::vector<int64_t> ids;      // by actor of the history; the last stands for those that are not in it
  const State *start = nullptr;  // set if calls on different objects are apart in this history

  Moves begin(const State &state, uint32_t actor, const Operation &operation) const;
  Moves go_on(const State &state) const;
  bool accepts(uint32_t actor, const Operation &operation, const Result &predicted, const Result &seen,
               State &state) const;
  std::vector<State> claim(const State &state, uint32_t actor, const Result &seen) const;
  bool rests(const State &state, uint32_t actor) const;
  bool stopped(const State &state, uint32_t actor) const;
  uint64_t hash(const State &state) const;
  std::string text(const State &state) const;
  std::string text(const Operation &operation) const { return operation.written; }
  std::string text(const Result &result) const;
  std::vector<std::string> objects(uint32_t actor, const Operation &operation) const;

 private:
  std::vector<State> on_return(State state, model::ActorId actor, bool &jumps) const;
  model::ActorId actor_in(const State &state, uint32_t actor) const;
  uint32_t actor_of(const State &state, model::ActorId actor) const;
};

}  // namespace ipcvet
