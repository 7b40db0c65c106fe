// The inside of the Walker: where a case is along its history. Included by the walker's own sources only.
//
// A line is done when its event has come; `first_open` is the first that is not, so that checking the order of lines is
// linear in the history. Names bind only through a matcher's commit.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "harness/judge/judge.h"
#include "harness/judge/match.h"
#include "harness/judge/steps.h"

namespace ipcvet {

using Maybe = std::optional<Deviation>;

inline bool has_actor(const Step &step, const std::string &actor) {
  return std::find(step.actors.begin(), step.actors.end(), actor) != step.actors.end();
}

inline Deviation fail(uint32_t step, std::string reason, std::string allowed, std::string actual) {
  return {VerdictClass::fail, step, std::move(reason), std::move(allowed), std::move(actual)};
}
// The history contradicts itself or the case: the harness's fault and not the system's.
inline Deviation nonsense(uint32_t step, std::string reason) {
  return {VerdictClass::error, step, std::move(reason), "", ""};
}

struct Walker::State {
  struct Actor {
    uint32_t call_step = no_step;  // of the call it was given last
    bool ended = false;
  };

  std::vector<FlatStep> steps;
  JudgeOptions options;
  Constants constants;
  int64_t started;
  Bindings bindings{};
  std::vector<Observation> observations{};
  std::vector<bool> done;
  std::vector<std::string> winners;              // of `one of`, by step
  std::vector<std::vector<std::string>> losers;  // proven still blocked
  uint32_t first_open = 0;
  std::map<std::string, Actor, std::less<>> actors{};

  State(const Case &c, JudgeOptions o, Constants k, int64_t s)
      : steps(flatten(c)),
        options(o),
        constants(k),
        started(s),
        done(steps.size()),
        winners(steps.size()),
        losers(steps.size()) {
    for (size_t i = 0; i < steps.size(); ++i)
      if (steps[i].step->kind == Step::Kind::any_order) done[i] = true;  // it is its members
  }

  const Step &step(uint32_t i) const { return *steps[i].step; }
  Matcher matcher(const Event &e) const { return {bindings, constants, started, e.clock}; }
  Scope scope() const { return {&bindings, &constants, {}}; }
  void advance() {
    while (first_open < done.size() && done[first_open]) ++first_open;
  }

  std::string call_text(const std::string &actor, const Event &e) const;

  Maybe feed(const Event &e);
  Maybe dispatch(const Event &e);
  Maybe out_of_order(const Event &e);
  Deviation missing(uint32_t i) const;
  Maybe guard(const Event &e) const;
  Maybe call(const Event &e);
  Maybe returned(const Event &e);
  Maybe claim(const Event &e, uint32_t line);
  Maybe claim_wake(const Event &e);
  Maybe result(const Event &e, uint32_t line);
  Maybe outputs(const Event &e, uint32_t line, Matcher &m);
  Maybe unclaimed_return(const Event &e) const;
  Maybe blocked(const Event &e);
  Maybe still(const Event &e);
  Maybe signal(const Event &e);
  Maybe ended(const Event &e);
  Maybe end_matches(const Event &e, const Step &s);
  Maybe memory(const Event &e);
  bool fault_expected(const Event &e) const;
  Maybe fault_missing(const Event &e) const;
  uint32_t next_wake(const std::string &actor, uint32_t after) const;
};

}  // namespace ipcvet
