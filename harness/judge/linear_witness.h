// Whether an order that linearise() gave is one: performed point by point, on its own, and compared with what was seen.
//
// For tests. It shares nothing with the search but the specification, and follows the points without a choice except
// between the moves that a point may stand for.
#pragma once

#include <algorithm>

#include "harness/judge/linearise.h"

namespace ipcvet::linear {

// Empty if it is one, else what is wrong.
template <Specification S>
std::string witness_fault(const S &s, const typename S::State &initial,
                          const History<typename S::Operation, typename S::Result> &h,
                          const std::vector<Point> &witness) {
  using Kind = typename Event<typename S::Operation, typename S::Result>::Kind;
  struct Place {
    typename S::State state;
    std::vector<Phase> phases;
  };
  std::vector<Place> places{{initial, std::vector<Phase>(h.actors.size(), Phase::idle)}};
  size_t next = 0;
  const auto result_of = [&](uint32_t call) -> const typename S::Result * {
    for (uint32_t i = call + 1; i < h.events.size(); ++i)
      if (h.events[i].actor == h.events[call].actor && h.events[i].kind == Kind::returned) return &h.events[i].result;
    return nullptr;
  };
  const auto perform = [&](const Point &point) {
    std::vector<Place> after;
    for (const Place &p : places) {
      auto moves = point.begins ? s.begin(p.state, point.actor, h.events[point.call].operation) : s.go_on(p.state);
      for (auto &m : moves) {
        if (m.actor != point.actor || m.result.has_value() != point.completes) continue;
        const auto *seen = m.result ? result_of(point.call) : nullptr;
        if (seen && *m.result != *seen) continue;
        after.push_back({m.state, p.phases});
        after.back().phases[point.actor] = m.result ? Phase::done : Phase::waiting;
      }
    }
    places = std::move(after);
  };
  for (uint32_t i = 0; i <= h.events.size(); ++i) {
    for (; next < witness.size() && witness[next].before == i; ++next) perform(witness[next]);
    if (i == h.events.size()) break;
    const auto &e = h.events[i];
    std::erase_if(places, [&](const Place &p) {
      if (e.kind == Kind::call) return p.phases[e.actor] != Phase::idle;
      if (e.kind == Kind::returned) return p.phases[e.actor] != Phase::done;
      if (e.kind == Kind::blocked) return p.phases[e.actor] == Phase::called;
      return std::any_of(p.phases.begin(), p.phases.end(),
                         [](Phase x) { return x == Phase::called || x == Phase::done; }) ||
             !s.go_on(p.state).empty();
    });
    for (Place &p : places) {
      if (e.kind == Kind::call) p.phases[e.actor] = Phase::called;
      if (e.kind == Kind::returned) p.phases[e.actor] = Phase::idle;
    }
    if (places.empty()) return "event " + std::to_string(i + 1) + " does not fit";
  }
  return next == witness.size() ? "" : "a point stands nowhere";
}

}  // namespace ipcvet::linear
