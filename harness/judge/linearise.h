// linearise(): the answer for a whole history, split by object where the specification says that objects are apart.
//
// Histories of different objects are linearisable together exactly if each is (Herlihy and Wing's locality), so a
// search over each is enough, and its cost is a sum and not a product. An explanation then speaks of one object's
// events only.
#pragma once

#include <map>
#include <numeric>

#include "harness/judge/linear_explain.h"

namespace ipcvet::linear {

// A part of a history, and the numbers its events have in the whole.
template <typename Operation, typename Result>
struct Part {
  History<Operation, Result> history{};
  std::vector<uint32_t> numbers{};
};

// Which calls belong together: `group[i]` for the call at event i, whatever it is for other events; how many groups.
struct Groups {
  std::vector<uint32_t> of_event{};
  uint32_t count = 1;
};
// `objects[i]`: of the call at event i; empty optional for other events. A call without objects joins everything.
Groups group_by_object(const std::vector<std::optional<std::vector<std::string>>> &objects);

template <Specification S>
std::vector<Part<typename S::Operation, typename S::Result>> parts_of(
    const S &s, const History<typename S::Operation, typename S::Result> &h, bool may_split) {
  using E = Event<typename S::Operation, typename S::Result>;
  Groups groups{std::vector<uint32_t>(h.events.size(), 0), 1};
  if constexpr (Splits<S>) {
    std::vector<std::optional<std::vector<std::string>>> objects;
    bool apart = may_split;
    for (const auto &e : h.events) {
      objects.emplace_back();
      if (e.kind == E::Kind::call) objects.back() = s.objects(e.actor, e.operation);
      apart = apart && e.kind != E::Kind::seen && e.kind != E::Kind::ended;
    }
    if (apart) groups = group_by_object(objects);
  }
  std::vector<Part<typename S::Operation, typename S::Result>> parts(groups.count);
  for (auto &part : parts) part.history.actors = h.actors;
  std::vector<uint32_t> current(h.actors.size(), 0);  // the group of each actor's last call
  for (uint32_t i = 0; i < h.events.size(); ++i) {
    const auto &e = h.events[i];
    if (e.kind == E::Kind::call) current[e.actor] = groups.of_event[i];
    for (uint32_t g = 0; g < groups.count; ++g)
      if (e.kind == E::Kind::rest || g == current[e.actor]) {
        parts[g].history.events.push_back(e);
        parts[g].numbers.push_back(i);
      }
  }
  return parts;
}

// The length of the shortest beginning that has no linearisation; 0 if the budget does not suffice to tell.
template <Foresees S>
uint32_t shortest_wrong(const S &s, const std::vector<typename S::State> &initial,
                        const History<typename S::Operation, typename S::Result> &h, Budget budget) {
  auto wrong = static_cast<uint32_t>(h.events.size());
  for (uint32_t right = 0; wrong - right > 1;) {
    const uint32_t middle = right + (wrong - right) / 2;
    const auto beginning = prefix(h, middle);
    const Answer answer = Search<S>(s, beginning, budget.nodes).run(initial);
    if (answer == Answer::undecided) return 0;
    (answer == Answer::no ? wrong : right) = middle;
  }
  return wrong;
}

// Why a part has no linearisation, and of which event that is said. Foresight would stop the search early, at an event
// that is not to blame: for the explanation it knows only what comes before the last event of the shortest beginning.
template <Specification S>
std::pair<uint32_t, std::string> explain(const S &s, const std::vector<typename S::State> &initial,
                                         const Part<typename S::Operation, typename S::Result> &part,
                                         const Search<S> &search, Budget budget) {
  if constexpr (Foresees<S>) {
    if (const uint32_t length = shortest_wrong(s, initial, part.history, budget); length > 0) {
      const auto beginning = prefix(part.history, length);
      Search<S> again(s, beginning, budget.nodes, length - 1);
      if (again.run(initial) == Answer::no)
        return {again.furthest(), Explainer<S>(s, beginning, again, part.numbers).text()};
    }
  }
  return {search.furthest(), Explainer<S>(s, part.history, search, part.numbers).text()};
}

// `initial`: the states possible before the first event. Several are not split: all parts would have to begin in the
// same.
template <Specification S>
Linearisation linearise_from(const S &s, const std::vector<typename S::State> &initial,
                             const History<typename S::Operation, typename S::Result> &h, Budget budget = {}) {
  Linearisation all;
  if (h.actors.size() > most_actors) {
    all.explanation = "more than " + std::to_string(most_actors) + " actors";
    return all;
  }
  all.answer = Answer::yes;
  const auto parts = parts_of(s, h, initial.size() == 1);
  all.parts = static_cast<uint32_t>(parts.size());
  for (const auto &part : parts) {
    Search<S> search(s, part.history, budget.nodes - std::min(budget.nodes, all.nodes));
    const Answer answer = search.run(initial);
    all.nodes += search.nodes();
    if (answer == Answer::no) {
      all.answer = Answer::no;
      auto [event, text] = explain(s, initial, part, search, budget);
      all.event = part.numbers[event];
      all.explanation = std::move(text);
      all.witness.clear();
      return all;
    }
    if (answer == Answer::undecided) {
      all.answer = Answer::undecided;
      all.without_rule = search.met_unknown();
      all.explanation = search.met_unknown() ? "the specification has no rule for a call in it"
                                             : "given up after " + std::to_string(all.nodes) + " nodes, at event " +
                                                   std::to_string(part.numbers[search.furthest()] + 1) + " of " +
                                                   std::to_string(h.events.size());
    }
    if (all.answer != Answer::yes) continue;
    for (Point p : search.witness()) {
      p.before = part.numbers[p.before];
      if (p.call != no_event) p.call = part.numbers[p.call];
      all.witness.push_back(p);
    }
  }
  // Points of different objects that stand before the same event may come in any order.
  std::stable_sort(all.witness.begin(), all.witness.end(),
                   [](const Point &a, const Point &b) { return a.before < b.before; });
  return all;
}

template <Specification S>
Linearisation linearise(const S &s, const typename S::State &initial,
                        const History<typename S::Operation, typename S::Result> &h, Budget budget = {}) {
  return linearise_from(s, std::vector<typename S::State>{initial}, h, budget);
}

}  // namespace ipcvet::linear
