// Runs a specification under a seeded scheduler and notes what would be seen of it: a history that has a linearisation
// by construction. For tests and measurements.
#pragma once

#include <algorithm>
#include <optional>
#include <random>

#include "harness/judge/linear_history.h"

namespace ipcvet::linear {

struct RunShape {
  uint32_t actors = 3;
  uint32_t calls = 6;     // altogether
  uint32_t overlap = 50;  // percent: how often a call that is complete does not return yet
};

// `make(actor, calls so far)` is the next operation of an actor, `seen(actor, operation, predicted result, state)` what
// is noted of its return; the latter may bind numbers in the state.
template <Specification S, typename Make, typename Seen>
class SpecificationRun {
 public:
  using State = typename S::State;
  using Operation = typename S::Operation;
  using Result = typename S::Result;
  using Events = History<Operation, Result>;
  using Kind = typename Event<Operation, Result>::Kind;

  SpecificationRun(const S &s, State start, RunShape shape, Make make, Seen seen, std::mt19937 &random)
      : s_(s), state_(std::move(start)), shape_(shape), make_(make), seen_(seen), random_(random), who_(shape.actors) {}

  // Ends with a rest, or in the middle.
  Events run() {
    const bool cut = random_() % 4 == 0;
    for (uint32_t turns = 0; !over() && turns < shape_.calls * 200; ++turns) {
      turn();
      if (cut && calls_ == shape_.calls && random_() % 8 == 0) return std::move(h_);
    }
    if (at_rest()) note(Kind::rest, 0);
    return std::move(h_);
  }

 private:
  struct Actor {
    std::optional<Operation> inside{};
    bool begun = false;
    std::optional<Result> done{};
  };

  void note(Kind kind, uint32_t actor) { h_.events.push_back({kind, actor, {}, {}}); }

  void call(uint32_t a) {
    who_[a] = {make_(a, calls_++), false, std::nullopt};
    note(Kind::call, a);
    h_.events.back().operation = *who_[a].inside;
  }
  void point(uint32_t a) {
    auto moves = who_[a].begun ? s_.go_on(state_) : s_.begin(state_, a, *who_[a].inside);
    std::erase_if(moves, [a](const auto &m) { return m.actor != a; });
    if (moves.empty()) return;
    auto &move = moves[random_() % moves.size()];
    who_[a].begun = true;
    state_ = std::move(move.state);
    if (move.result) who_[a].done = seen_(a, *who_[a].inside, *move.result, state_);
  }
  void finish(uint32_t a) {
    note(Kind::returned, a);
    h_.events.back().result = *who_[a].done;
    who_[a] = {};
  }

  void turn() {
    const auto a = static_cast<uint32_t>(random_() % shape_.actors);
    if (random_() % 4 == 0 && (h_.events.empty() || h_.events.back().kind != Kind::rest) && at_rest())
      note(Kind::rest, 0);
    if (!who_[a].inside) return calls_ < shape_.calls ? call(a) : void();
    if (who_[a].done) return random_() % 100 >= shape_.overlap ? finish(a) : void();
    if (who_[a].begun && random_() % 16 == 0) note(Kind::blocked, a);
    point(a);
  }

  bool at_rest() const {
    const bool settled =
        std::all_of(who_.begin(), who_.end(), [](const Actor &w) { return !w.inside || (w.begun && !w.done); });
    return settled && s_.go_on(state_).empty();
  }
  bool over() const {
    const bool all_inside = std::all_of(who_.begin(), who_.end(), [](const Actor &w) { return w.inside.has_value(); });
    return (calls_ >= shape_.calls || all_inside) && at_rest();
  }

  const S &s_;
  State state_;
  RunShape shape_;
  Make make_;
  Seen seen_;
  std::mt19937 &random_;
  std::vector<Actor> who_;
  Events h_{};
  uint32_t calls_ = 0;
};

}  // namespace ipcvet::linear
