#include "harness/judge/linear_random.h"

#include <algorithm>
#include <optional>

namespace ipcvet::linear {
namespace {

using State = SmallModel::State;
using Kind = TextEvent::Kind;

uint32_t below(std::mt19937 &random, size_t n) { return static_cast<uint32_t>(random() % n); }

}  // namespace

TextHistory random_history(const SmallModel &model, const RandomShape &shape, std::mt19937 &random) {
  const auto make = [&](uint32_t actor, uint32_t calls) {
    const bool own = actor + 1 == shape.actors && !shape.of_last.empty();
    const auto &words = own ? shape.of_last : shape.vocabulary;
    TextCall c = words[below(random, words.size())];
    for (auto &arg : c.args)  // bytes tell whose they are: a stream's each of them, for a while, a message's as a whole
      if (arg.size() > 2 && arg[0] == '"') {
        uint32_t digits = calls;
        for (size_t i = arg.size() - 2; i > 0; --i, digits /= model.kind == "stream" ? 1u : 26u)
          arg[i] = static_cast<char>('a' + digits % 26);
      }
    return c;
  };
  const auto seen = [](uint32_t, const TextCall &, const std::string &result, State &) { return result; };
  SpecificationRun run(model, State{}, {shape.actors, shape.calls, shape.overlap}, make, seen, random);
  TextHistory h = run.run();
  for (uint32_t a = 0; a < shape.actors; ++a) h.actors.push_back(std::string(1, static_cast<char>('A' + a)));
  return h;
}

namespace {

bool well_formed(const TextHistory &h) {
  std::vector<bool> inside(h.actors.size());
  for (const auto &e : h.events) {
    if (e.kind == Kind::rest) continue;
    if (inside[e.actor] == (e.kind == Kind::call)) return false;
    if (e.kind != Kind::blocked) inside[e.actor] = e.kind == Kind::call;
  }
  return true;
}

void mutate_once(TextHistory &h, std::mt19937 &random) {
  auto &events = h.events;
  const uint32_t i = below(random, events.size()), j = below(random, events.size());
  switch (random() % 7) {
    case 0:
    case 1:  // another call's result
      if (events[i].kind == Kind::returned && events[j].kind == Kind::returned) events[i].result = events[j].result;
      break;
    case 2:  // exchanged results
      if (events[i].kind == Kind::returned && events[j].kind == Kind::returned)
        std::swap(events[i].result, events[j].result);
      break;
    case 3:  // seen earlier or later
      std::rotate(events.begin() + std::min(i, j), events.begin() + std::min(i, j) + 1,
                  events.begin() + std::max(i, j) + 1);
      break;
    case 4:
      if (events[i].kind == Kind::rest || events[i].kind == Kind::blocked) events.erase(events.begin() + i);
      break;
    case 5:
      events.insert(events.begin() + i, {Kind::rest, 0, {}, {}});
      break;
    case 6: {  // a byte of a result
      std::string &r = events[i].result;
      if (r.size() > 2 && r.front() == '"') r[1 + below(random, r.size() - 2)] = static_cast<char>('a' + random() % 4);
      break;
    }
  }
}

}  // namespace

TextHistory mutated(TextHistory history, std::mt19937 &random) {
  const uint32_t times = 1 + below(random, 3);
  for (uint32_t i = 0; i < times && !history.events.empty(); ++i) {
    TextHistory next = history;
    mutate_once(next, random);
    if (well_formed(next)) history = std::move(next);
  }
  return history;
}

std::vector<TextCall> vocabulary(const std::string &kind) {
  if (kind == "register") return {{"", "read", {}}, {"", "write", {"1"}}, {"", "write", {"2"}}, {"", "swap", {"3"}}};
  if (kind == "stream")
    return {{"", "write", {"\"a\""}},      {"", "write", {"\"aaa\""}},
            {"", "write", {"\"aaaaaa\""}}, {"", "read", {"2"}},
            {"", "read", {"8"}},           {"", "readall", {"3"}},
            {"", "tryread", {"4"}},        {"", "trywrite", {"\"aaaa\""}},
            {"", "close_w", {}},           {"", "open_w", {}}};
  return {{"", "send", {"1", "\"a\""}},
          {"", "send", {"2", "\"a\""}},
          {"", "send", {"3", "\"aa\""}},
          {"", "recv", {"0"}},
          {"", "recv", {"2"}},
          {"", "recv", {"-3", "1"}},
          {"", "tryrecv", {"1"}},
          {"", "trysend", {"1", "\"a\""}},
          {"", "count", {}},
          {"", "remove", {}}};
}

namespace {

// Every order of events and points: at each moment, any point that is possible, or the next event if it fits.
struct BruteForce {
  const SmallModel &model;
  const TextHistory &h;
  uint64_t steps;  // left

  struct Moment {
    State state{};
    std::vector<std::optional<TextCall>> called{};
    std::vector<std::optional<std::string>> done{};
    std::vector<bool> inside{};
  };

  bool from(const Moment &m, size_t event) {
    if (event == h.events.size()) return true;
    if (steps == 0) return false;
    --steps;
    if (Moment next = m; fits(next, h.events[event]) && from(next, event + 1)) return true;
    const auto point = [&](uint32_t a, const auto &move) {
      Moment next = m;
      next.state = move.state;
      next.called[a].reset();
      if (move.result) next.done[a] = *move.result;
      return from(next, event);
    };
    for (uint32_t a = 0; a < h.actors.size(); ++a)
      if (m.called[a])
        for (const auto &move : model.begin(m.state, a, *m.called[a]))
          if (point(a, move)) return true;
    for (const auto &move : model.go_on(m.state))
      if (point(move.actor, move)) return true;
    return false;
  }

  // Takes the event note of in `m`, if it can be now.
  bool fits(Moment &m, const TextEvent &e) const {
    switch (e.kind) {
      case Kind::call:
        m.called[e.actor] = e.operation;
        m.inside[e.actor] = true;
        return true;
      case Kind::returned:
        if (m.done[e.actor] != e.result) return false;
        m.done[e.actor].reset();
        m.inside[e.actor] = false;
        return true;
      case Kind::blocked:
        return !m.called[e.actor];
      default:
        for (uint32_t a = 0; a < h.actors.size(); ++a)
          if (m.called[a] || m.done[a]) return false;
        return model.go_on(m.state).empty();
    }
  }
};

}  // namespace

std::optional<bool> brute_force(const SmallModel &model, const TextHistory &history, uint64_t steps) {
  BruteForce::Moment start;
  start.called.resize(history.actors.size());
  start.done.resize(history.actors.size());
  start.inside.resize(history.actors.size());
  BruteForce search{model, history, steps};
  const bool found = search.from(start, 0);
  return search.steps == 0 && !found ? std::nullopt : std::optional(found);
}

}  // namespace ipcvet::linear
