// Could a history of overlapping calls have come from calls that took effect one after the other?
//
// A specification is a value-type state and pure functions on it; here it is a concept, so that the same search serves
// the model of the system and the small ones of the tests. A call takes effect in one or several *points*, each of them
// atomic, between its call event and its return: a small write in one, a large write or a read that assembles in
// several, and a call that waits goes on at a later point of its own. linearise() looks for an order of points that
// explains every return and every rest, and says what it found: an order, why there is none, or that the budget did not
// suffice. docs/linearisation.md says why that is sound and complete.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ipcvet::linear {

// What was seen, in the order it was seen. Actors are numbered from 0 and are in at most one call each.
template <typename Operation, typename Result>
struct Event {
  enum class Kind : uint8_t {
    call,      // `actor` was given `operation`
    returned,  // its call returned `result`
    blocked,   // it was proven to wait inside its call, whatever the others were doing
    rest,      // everybody was: each call under way was proven to wait, and nobody was doing anything else
    seen,      // something else was seen of `actor`, which `result` says: a handler ran (see Claims)
    ended,     // it has ended as `result` says, perhaps within its call (see Claims)
  };
  Kind kind = Kind::call;
  uint32_t actor = 0;
  Operation operation{};
  Result result{};
};

template <typename Operation, typename Result>
struct History {
  std::vector<std::string> actors{};  // their names
  std::vector<Event<Operation, Result>> events{};
};

// Its first events.
template <typename Operation, typename Result>
History<Operation, Result> prefix(const History<Operation, Result> &h, uint32_t events) {
  return {h.actors, {h.events.begin(), h.events.begin() + events}};
}

inline constexpr uint32_t most_actors = 32;

// One point: whose it is, what the call returns if the point completes it, and the state behind it. What the standard
// permits and does not require (a spurious wake-up) is not `obliged`: at rest it may be left undone. `unknown` says
// that the specification has no rule for what comes here, so that not finding an order proves nothing.
template <typename State, typename Result>
struct Move {
  uint32_t actor = 0;
  std::optional<Result> result{};
  State state{};
  bool obliged = true;
  bool unknown = false;
};

// begin() answers with every first point the operation may have now, a point that makes it wait included; go_on() with
// every point that may follow without a new call, and with nothing where all must wait. A state knows by itself who
// waits in it and for what.
template <typename S>
concept Specification = std::copyable<typename S::State> && std::equality_comparable<typename S::State> &&
                        requires(const S &s, const typename S::State &state, const typename S::Operation &operation,
                                 const typename S::Result &result, uint32_t actor) {
                          {
                            s.begin(state, actor, operation)
                          } -> std::same_as<std::vector<Move<typename S::State, typename S::Result>>>;
                          { s.go_on(state) } -> std::same_as<std::vector<Move<typename S::State, typename S::Result>>>;
                          { s.hash(state) } -> std::convertible_to<uint64_t>;
                          { s.text(state) } -> std::convertible_to<std::string>;
                          { s.text(operation) } -> std::convertible_to<std::string>;
                          { s.text(result) } -> std::convertible_to<std::string>;
                        };

// Where equality of results is not enough: does the point's result allow for what was seen? It may write into the state
// behind it what the result tells of numbers the specification left open.
template <typename S>
concept Accepts = requires(const S &s, const typename S::Operation &operation, const typename S::Result &result,
                           typename S::State &state, uint32_t actor) {
  { s.accepts(actor, operation, result, result, state) } -> std::same_as<bool>;
};

// The states in which what was seen is so, with it taken note of.
template <typename S>
concept Claims =
    requires(const S &s, const typename S::Result &result, const typename S::State &state, uint32_t actor) {
      { s.claim(state, actor, result) } -> std::same_as<std::vector<typename S::State>>;
    };

// Does the state have this actor waiting inside its call? Asked at rest, of each that is: an actor may also have ended.
template <typename S>
concept Rests = requires(const S &s, const typename S::State &state, uint32_t actor) {
  { s.rests(state, actor) } -> std::same_as<bool>;
};

// May this actor, whatever it does, be found at rest? Who is stopped may have begun nothing, or not be seen to return.
template <typename S>
concept Stops = requires(const S &s, const typename S::State &state, uint32_t actor) {
  { s.stopped(state, actor) } -> std::same_as<bool>;
};

// What a specification can tell from the rest of the history: that from this state it cannot come true. It spares the
// search the orders that would be found wrong only much later (two messages sent at once, and received a hundred calls
// on). It must never refuse a state from which what was seen can still follow.
template <typename S>
concept Foresees = requires(const S &s, const typename S::State &state,
                            const History<typename S::Operation, typename S::Result> &history) {
  { s.possible(state, s.foresee(history)) } -> std::same_as<bool>;
};
template <typename S>
struct Foreseen {
  struct Type {};
};
template <Foresees S>
struct Foreseen<S> {
  using Type = decltype(std::declval<const S &>().foresee(
      std::declval<const History<typename S::Operation, typename S::Result> &>()));
};

// The objects an operation touches. Operations that touch different ones must not influence each other; no objects
// stands for all of them.
template <typename S>
concept Splits = requires(const S &s, const typename S::Operation &operation, uint32_t actor) {
  { s.objects(actor, operation) } -> std::same_as<std::vector<std::string>>;
};

enum class Answer : uint8_t { yes, no, undecided };
inline const char *answer_name(Answer a) { return a == Answer::yes ? "yes" : a == Answer::no ? "no" : "undecided"; }

// A point of the order that was found, right before event `before`; `call` is the index of the event that called.
// Points of the world itself that belong to no call have call == no_event.
inline constexpr uint32_t no_event = UINT32_MAX;
struct Point {
  uint32_t actor = 0, call = no_event, before = 0;
  bool begins = false, completes = false;
  bool operator==(const Point &) const = default;
};

struct Linearisation {
  Answer answer = Answer::undecided;
  std::vector<Point> witness{};  // yes: in this order
  uint32_t event = no_event;     // no: the first that fits none of the states possible before it
  std::string explanation{};     // no, undecided
  uint64_t nodes = 0;            // visited: states of the search, not of the specification
  uint32_t parts = 1;            // looked at apart
  bool without_rule = false;     // undecided for want of a rule, and not of nodes
};

// Nodes for the whole history. Some hundred thousand take a second and some hundred megabytes with small states.
struct Budget {
  uint64_t nodes = 100'000;
};

}  // namespace ipcvet::linear
