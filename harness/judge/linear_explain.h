// Why no order of points explains a history, in words for whoever has to mend the system.
//
// Everything needed is in the search when it has tried all: the furthest event it came to, and the nodes that
// explain what is before that. From those the specification is asked once more, this time for what it would have
// allowed. Reached only after a `no`, so clarity counts here and not speed.
#pragma once

#include <set>
#include <unordered_map>

#include "harness/judge/linear_search.h"

namespace ipcvet::linear {

// What is said of one state that is possible before the event.
struct StateText {
  std::string state{};                 // the specification's words, and how far each call under way is
  std::string who{};                   // "R's read(4)", where the event is about a call
  std::vector<std::string> allowed{};  // what could have been seen instead: results, or at rest what goes on
};
inline constexpr size_t most_states = 4;  // that are told; the rest is counted
std::string explanation_text(const std::vector<std::string> &events, const std::vector<uint32_t> &numbers,
                             const std::vector<StateText> &states);

template <Specification S>
class Explainer {
 public:
  using Finder = Search<S>;
  using Events = typename Finder::Events;
  using State = typename Finder::State;

  // `numbers`: of the events in the history that this one is a part of.
  Explainer(const S &specification, const Events &history, const Finder &search, const std::vector<uint32_t> &numbers)
      : s_(specification), h_(history), search_(search), numbers_(numbers) {}

  std::string text() const {
    const uint32_t at = search_.furthest();
    std::vector<std::string> events;
    std::vector<uint32_t> numbers;
    for (uint32_t i = 0; i <= at; ++i) {
      const bool at_once = i < at && h_.events[i].kind == Kind::call && h_.events[i + 1].kind == Kind::returned &&
                           h_.events[i + 1].actor == h_.events[i].actor;
      if (at_once) ++i;
      events.push_back(event_text(i, at_once));
      numbers.push_back(numbers_[i]);
    }
    std::vector<StateText> states;
    for (const uint32_t id : search_.arrivals(at)) states.push_back(state_text(id, states.size() < most_states));
    return explanation_text(events, numbers, states);
  }

  // `at_once`: it returned with nothing between that and its call.
  std::string event_text(uint32_t i, bool at_once) const {
    const auto &e = h_.events[i];
    const std::string actor = e.kind == Kind::rest ? "" : h_.actors[e.actor] + "  ";
    switch (e.kind) {
      case Kind::call:
        return actor + s_.text(e.operation) + " ...";
      case Kind::returned:
        return actor + (at_once ? "" : "... ") + call_text(e.actor, i) + " = " + s_.text(e.result);
      case Kind::blocked:
        return actor + "blocked in " + call_text(e.actor, i);
      case Kind::seen:
      case Kind::ended:
        return actor + s_.text(e.result);
      case Kind::rest:
        break;
    }
    std::string waiting;
    for (uint32_t a = 0; a < h_.actors.size(); ++a)
      if (under_way(a, i)) waiting += " " + h_.actors[a];
    return waiting.empty() ? "rest" : "rest" + waiting;
  }

 private:
  using Kind = typename Event<typename S::Operation, typename S::Result>::Kind;
  using Step = typename Finder::Step;

  std::string call_text(uint32_t actor, uint32_t event) const {
    return s_.text(h_.events[search_.call_of(actor, event)].operation);
  }
  bool under_way(uint32_t actor, uint32_t event) const {
    const uint32_t call = search_.call_of(actor, event);
    return call != no_event && search_.span_of(actor, event).over >= event;
  }

  StateText state_text(uint32_t id, bool whole) const {
    const auto &n = search_.node(id);
    if (!whole) return {};
    StateText t{s_.text(n.state), "", {}};
    const auto &e = h_.events[n.event];
    if (e.kind != Kind::rest && under_way(e.actor, n.event))
      t.who = h_.actors[e.actor] + "'s " + call_text(e.actor, n.event);
    for (uint32_t a = 0; a < h_.actors.size(); ++a) {
      const Phase phase = n.phases.of(a);
      if (phase == Phase::idle) continue;
      t.state += "; " + h_.actors[a] + "'s " + call_text(a, n.event) +
                 (phase == Phase::called    ? " has not begun"
                  : phase == Phase::waiting ? " has begun and waits"
                                            : " is done");
    }
    const auto all = allowed(n);
    t.allowed.assign(all.begin(), all.end());
    return t;
  }

  static constexpr size_t most_places = 2000;
  struct Place {
    State state;
    Phases phases;
    std::string done;  // calls that are complete and ought to wait
    bool operator==(const Place &) const = default;
  };
  // Places in the order they were found, each once.
  struct Places {
    const S &s;
    std::vector<Place> list{};
    std::unordered_multimap<uint64_t, size_t> index{};
    void add(Place p) {
      const uint64_t key = s.hash(p.state) ^ p.phases.bits() ^ std::hash<std::string>{}(p.done);
      const auto [from, to] = index.equal_range(key);
      if (std::any_of(from, to, [&](const auto &at) { return list[at.second] == p; })) return;
      index.emplace(key, list.size());
      list.push_back(std::move(p));
    }
  };

  // What the specification allows at the node's event, from there.
  std::set<std::string> allowed(const typename Finder::Node &n) const {
    const auto &e = h_.events[n.event];
    const bool rest = e.kind == Kind::rest;
    std::set<std::string> found;
    Places places{s_};
    places.add({n.state, n.phases, ""});
    for (size_t i = 0; i < places.list.size() && places.list.size() < most_places; ++i) {
      const Place p = places.list[i];
      const auto open = search_.moves(p.state, p.phases, n.event);
      if (rest && search_.is_quiet(p.state, p.phases)) found.insert(p.done);
      for (const auto &[move, phases] : open) {
        Place next{move.state, phases, p.done};
        const bool completes = move.result && under_way(move.actor, n.event);
        if (completes && !rest && move.actor == e.actor) {
          found.insert("returns " + s_.text(*move.result));
          continue;
        }
        if (completes && rest)
          next.done += (p.done.empty() ? "" : " and ") + h_.actors[move.actor] + "'s " +
                       call_text(move.actor, n.event) + " returns " + s_.text(*move.result);
        places.add(std::move(next));
      }
    }
    if (e.kind == Kind::returned && found.empty()) found.insert("does not return");
    found.erase("");
    return found;
  }

  const S &s_;
  const Events &h_;
  const Finder &search_;
  const std::vector<uint32_t> &numbers_;
};

}  // namespace ipcvet::linear
