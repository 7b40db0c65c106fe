// The search for a linearisation: depth first over the events, with every node remembered.
//
// A node is the next event, a state, and how far each call under way has come. Points are put as late as they can be:
// only when the next event cannot be explained without one (Lowe's just-in-time linearisation of the search of Wing and
// Gong). A node met again is not gone into again, so that the whole is bounded by the number of different nodes
// and not of orders. When nothing is left to try, the nodes of the furthest event are all that can be before it.
#pragma once

#include <algorithm>
#include <cassert>
#include <deque>
#include <unordered_set>
#include <utility>

#include "harness/judge/linear_history.h"

namespace ipcvet::linear {

// How far an actor's call is.
enum class Phase : uint8_t { idle, called, waiting, done };

class Phases {
 public:
  Phase of(uint32_t actor) const { return static_cast<Phase>(bits_ >> (2 * actor) & 3); }
  void set(uint32_t actor, Phase phase) {
    bits_ = (bits_ & ~(uint64_t{3} << (2 * actor))) | static_cast<uint64_t>(phase) << (2 * actor);
  }
  uint64_t bits() const { return bits_; }
  bool operator==(const Phases &) const = default;

 private:
  uint64_t bits_ = 0;
};

// What the history says of each call, looked up once.
struct CallSpan {
  uint32_t actor = 0, call = 0;
  uint32_t returned = no_event;
  uint32_t over = no_event;  // it returned or its actor ended
  uint32_t waits_at = 0;     // it was waiting at a rest, and so not complete before this event
};

template <Specification S>
class Search {
 public:
  using State = typename S::State;
  using Result = typename S::Result;
  using Operation = typename S::Operation;
  using Step = Move<State, Result>;
  using Events = History<Operation, Result>;

  struct Node {
    State state;
    Phases phases{};
    uint32_t event = 0;          // the next to be explained
    uint32_t parent = no_event;  // node
    uint32_t actor = no_event;   // of the point that led here; none: an event was explained
    uint64_t hash = 0;
  };

  // `foreseen`: the events of which foresight may know, all if not said.
  Search(const S &specification, const Events &history, uint64_t budget, uint32_t foreseen = no_event)
      : s_(specification), h_(history), budget_(budget), seen_(64, ByHash{&nodes_}, Same{&nodes_}) {
    index_calls();
    if constexpr (Foresees<S>) foreseen_ = s_.foresee(foreseen < h_.events.size() ? prefix(h_, foreseen) : h_);
  }

  Answer run(const std::vector<State> &initial) {
    for (const State &state : initial) add({state, {}, 0, no_event, no_event, 0});
    while (!stack_.empty()) {
      const uint32_t id = stack_.back();
      stack_.pop_back();
      if (nodes_[id].event == h_.events.size()) {
        last_ = id;
        return Answer::yes;
      }
      expand(id);
      if (nodes_.size() > budget_) return Answer::undecided;
    }
    return unknown_ ? Answer::undecided : Answer::no;
  }
  // The specification had no rule for something that came up.
  bool met_unknown() const { return unknown_; }

  uint64_t nodes() const { return nodes_.size(); }
  const Node &node(uint32_t id) const { return nodes_[id]; }

  std::vector<Point> witness() const {
    std::vector<Point> points;
    for (uint32_t id = last_; nodes_[id].parent != no_event; id = nodes_[id].parent) {
      const Node &to = nodes_[id], &from = nodes_[to.parent];
      if (to.actor == no_event) continue;
      const Phase before = from.phases.of(to.actor), after = to.phases.of(to.actor);
      const uint32_t call = before == Phase::idle ? no_event : call_of(to.actor, from.event);
      points.push_back({to.actor, call, from.event, before == Phase::called, before != after && after == Phase::done});
    }
    std::reverse(points.begin(), points.end());
    return points;
  }

  // The furthest event that was looked at, and the nodes in which everything before it was explained.
  uint32_t furthest() const {
    uint32_t event = 0;
    for (const Node &n : nodes_) event = std::max(event, n.event);
    return event;
  }
  std::vector<uint32_t> arrivals(uint32_t event) const {
    std::vector<uint32_t> ids;
    for (uint32_t id = 0; id < nodes_.size(); ++id)
      if (nodes_[id].event == event && nodes_[id].actor == no_event) ids.push_back(id);
    return ids;
  }

  // The call `actor` is in at this event.
  uint32_t call_of(uint32_t actor, uint32_t event) const {
    for (size_t i = spans_of_[actor].size(); i-- > 0;)
      if (spans_of_[actor][i].call < event) return spans_of_[actor][i].call;
    return no_event;
  }
  const CallSpan &span_of(uint32_t actor, uint32_t event) const {
    const auto &spans = spans_of_[actor];
    size_t i = spans.size();
    while (i > 1 && spans[i - 1].call >= event) --i;
    return spans[i - 1];
  }

  // Every point that may come now, whatever the history says it returned.
  std::vector<std::pair<Step, Phases>> moves(const State &state, Phases phases, uint32_t event) const {
    std::vector<std::pair<Step, Phases>> out;
    const auto take = [&](Step &&move, bool begins) {
      Phases next = phases;
      if (move.result)
        next.set(move.actor, Phase::done);
      else if (begins)
        next.set(move.actor, Phase::waiting);
      out.emplace_back(std::move(move), next);
    };
    for (auto &move : s_.go_on(state)) take(std::move(move), false);
    for (uint32_t a = 0; a < h_.actors.size(); ++a)
      if (phases.of(a) == Phase::called)
        for (auto &move : s_.begin(state, a, h_.events[call_of(a, event)].operation)) take(std::move(move), true);
    return out;
  }

  // No call is still to begin, and nobody needs to go on.
  bool is_quiet(const State &state, Phases phases) const {
    for (uint32_t a = 0; a < h_.actors.size(); ++a)
      if (phases.of(a) == Phase::called && !stopped(state, a)) return false;
    const auto open = s_.go_on(state);
    return std::none_of(open.begin(), open.end(), [](const Step &m) { return m.obliged; });
  }
  bool rests(const State &state, uint32_t actor) const {
    if constexpr (Rests<S>)
      return s_.rests(state, actor);
    else
      return true;
  }
  bool stopped(const State &state, uint32_t actor) const {
    if constexpr (Stops<S>)
      return s_.stopped(state, actor);
    else
      return false;
  }
  bool is_running(const State &state, Phases phases, uint32_t actor) const {
    const Phase phase = phases.of(actor);
    return (phase == Phase::done || (phase == Phase::waiting && !rests(state, actor))) && !stopped(state, actor);
  }
  // And everybody in a call waits.
  bool at_rest(const State &state, Phases phases) const {
    for (uint32_t a = 0; a < h_.actors.size(); ++a)
      if (is_running(state, phases, a)) return false;
    return is_quiet(state, phases);
  }

 private:
  using Kind = typename Event<Operation, Result>::Kind;
  struct ByHash {
    const std::deque<Node> *nodes;
    size_t operator()(uint32_t id) const { return static_cast<size_t>((*nodes)[id].hash); }
  };
  struct Same {
    const std::deque<Node> *nodes;
    bool operator()(uint32_t x, uint32_t y) const {
      const Node &a = (*nodes)[x], &b = (*nodes)[y];
      return a.hash == b.hash && a.event == b.event && a.phases == b.phases && a.state == b.state;
    }
  };

  void index_calls() {
    spans_of_.resize(h_.actors.size());
    for (uint32_t i = 0; i < h_.events.size(); ++i) {
      const auto &e = h_.events[i];
      if (e.kind == Kind::call) spans_of_[e.actor].push_back({e.actor, i, no_event, no_event, 0});
      if (e.kind == Kind::returned) spans_of_[e.actor].back().returned = spans_of_[e.actor].back().over = i;
      if (e.kind == Kind::ended && !spans_of_[e.actor].empty()) spans_of_[e.actor].back().over = i;
      if (e.kind == Kind::rest)
        for (auto &spans : spans_of_)
          if (!spans.empty() && spans.back().over == no_event) spans.back().waits_at = i;
    }
  }

  // Calls change nothing until a point of theirs comes: they are taken along.
  void pass_calls(Node &n) const {
    for (; n.event < h_.events.size() && h_.events[n.event].kind == Kind::call; ++n.event)
      n.phases.set(h_.events[n.event].actor, Phase::called);
  }

  void add(Node n) {
    pass_calls(n);
    n.hash = (static_cast<uint64_t>(s_.hash(n.state)) ^ n.phases.bits() * 0x9e3779b97f4a7c15u) +
             n.event * 0xff51afd7ed558ccdu;
    n.hash ^= n.hash >> 29;
    const auto id = static_cast<uint32_t>(nodes_.size());
    nodes_.push_back(std::move(n));
    if (seen_.insert(id).second)
      stack_.push_back(id);
    else
      nodes_.pop_back();
  }

  void explained(uint32_t id, State state, bool idle) {
    const Node &n = nodes_[id];
    Node next{std::move(state), n.phases, n.event + 1, id, no_event, 0};
    if (idle) next.phases.set(h_.events[n.event].actor, Phase::idle);
    add(std::move(next));
  }

  void expand(uint32_t id) {
    const Node &n = nodes_[id];
    const auto &e = h_.events[n.event];
    const Phase phase = n.phases.of(e.actor);
    switch (e.kind) {
      case Kind::call:
        break;  // passed
      case Kind::returned:
        if (phase == Phase::done) return explained(id, n.state, true);
        return points(id);
      case Kind::blocked:
        if (phase != Phase::called) return explained(id, n.state, false);
        return points(id);
      case Kind::rest:
        if (at_rest(n.state, n.phases)) explained(id, n.state, false);
        return points(id);
      case Kind::seen:
      case Kind::ended:
        if constexpr (Claims<S>)
          for (auto &state : s_.claim(n.state, e.actor, e.result))
            explained(id, std::move(state), e.kind == Kind::ended);
        else
          unknown_ = true;
        return points(id);
    }
  }

  // Does the history allow the call to be complete now, with this result?
  bool allowed(Step &move, uint32_t event) const {
    if (!move.result) return true;
    const CallSpan &span = span_of(move.actor, event);
    if (event <= span.waits_at && !stopped(move.state, move.actor)) return false;
    if (span.returned == no_event) return true;
    const Result &observed = h_.events[span.returned].result;
    if constexpr (Accepts<S>)
      return s_.accepts(move.actor, h_.events[span.call].operation, *move.result, observed, move.state);
    else
      return *move.result == observed;
  }

  bool possible(const State &state) const {
    if constexpr (Foresees<S>)
      return s_.possible(state, foreseen_);
    else
      return true;
  }

  // The most likely is tried first: the call the event asks for, then by when they return.
  void points(uint32_t id) {
    const uint32_t event = nodes_[id].event;
    const uint32_t wanted = h_.events[event].kind == Kind::rest ? no_event : h_.events[event].actor;
    auto open = moves(nodes_[id].state, nodes_[id].phases, event);
    std::erase_if(open, [&](auto &m) {
      unknown_ = unknown_ || m.first.unknown;
      return m.first.unknown || !allowed(m.first, event) || !possible(m.first.state);
    });
    const auto late = [&](const auto &m) -> uint64_t {
      if (m.first.actor == wanted) return 0;
      return spans_of_[m.first.actor].empty() ? no_event : span_of(m.first.actor, event).returned;
    };
    std::stable_sort(open.begin(), open.end(), [&](const auto &a, const auto &b) { return late(a) > late(b); });
    for (auto &[move, phases] : open) add({std::move(move.state), phases, event, id, move.actor, 0});
  }

  const S &s_;
  const Events &h_;
  uint64_t budget_;
  std::deque<Node> nodes_{};
  std::unordered_set<uint32_t, ByHash, Same> seen_;
  std::vector<uint32_t> stack_{};
  std::vector<std::vector<CallSpan>> spans_of_{};
  typename Foreseen<S>::Type foreseen_{};
  uint32_t last_ = no_event;
  bool unknown_ = false;
};

}  // namespace ipcvet::linear
