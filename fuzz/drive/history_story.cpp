#include "fuzz/drive/history_story.h"

#include <functional>
#include <map>
#include <sstream>

#include "fuzz/drive/story.h"
#include "harness/case/printer.h"

namespace ipcvet::fuzz {
namespace {

Outcome outcome_of(const Step &step, const Event &returned) {
  const auto *name = step.outcome.empty() ? nullptr : step.outcome[0].value.as<Value::Name>();
  const bool binds = name && returned.result.as<Value::Int>();
  return {{binds ? Value::name(name->text) : Value::any(), Profile::any}};
}

// The return that belongs to a call right above it, if nothing else came between.
const Event *at_once(const ConcurrentStory &story, size_t call) {
  const auto &events = story.history.events;
  if (call + 1 >= events.size()) return nullptr;
  const Event &next = events[call + 1];
  return next.kind == Event::Kind::returned && next.actor == events[call].actor ? &next : nullptr;
}

class Lines {
 public:
  explicit Lines(const ConcurrentStory &story) : story_(story) {}

  std::vector<Step> all() {
    for (size_t i = 0; i < story_.history.events.size(); ++i) add(story_.history.events[i], i);
    return std::move(lines_);
  }

 private:
  void add(const Event &e, size_t i) {
    const Step *step = story_.steps[i];
    if (e.kind == Event::Kind::call && step) return call(e, *step, i);
    if (e.kind == Event::Kind::returned && step) return returned(e, *step, i);
    if (e.kind == Event::Kind::ended) return ended(e);
    if (e.kind != Event::Kind::signal) return;
    Step line;
    line.kind = Step::Kind::signal;
    line.actors = {e.actor};
    line.signal = e.name;
    lines_.push_back(std::move(line));
  }

  void call(const Event &e, const Step &step, size_t i) {
    Step line = step;
    line.trivia = {};
    if (is_memory(step)) {
      if (step.kind == Step::Kind::expect) line.value = Value::any();
    } else if (const Event *next = at_once(story_, i)) {
      line.outcome = outcome_of(step, *next);
    } else {
      line.kind = Step::Kind::may_block;
      line.outcome.clear();
      waits_[e.actor] = true;
    }
    lines_.push_back(std::move(line));
  }

  void returned(const Event &e, const Step &step, size_t) {
    if (!waits_[e.actor]) return;
    waits_[e.actor] = false;
    Step line = step;
    line.trivia = {};
    line.kind = Step::Kind::wakes;
    line.outcome = outcome_of(step, e);
    lines_.push_back(std::move(line));
  }

  void ended(const Event &e) {
    Step line;
    line.actors = {e.actor};
    line.kind = e.name == "exited" || e.name == "unknown" ? Step::Kind::exited : Step::Kind::killed;
    if (line.kind == Step::Kind::killed)
      line.signal = e.name;
    else
      line.value = Value::any();
    lines_.push_back(std::move(line));
  }

  const ConcurrentStory &story_;
  std::map<std::string, bool> waits_;
  std::vector<Step> lines_;
};

std::string coarse(const Event &e) {
  if (e.kind == Event::Kind::note) return e.name;
  if (e.kind == Event::Kind::ended) return "ended " + e.name;
  if (e.kind == Event::Kind::signal) return "handler of " + e.name;
  const auto *error = e.result.as<Value::Error>();
  const auto *n = e.result.as<Value::Int>();
  return e.name + (error ? " " + error->name : n && n->value == 0 ? " 0" : " n");
}

uint64_t mixed(uint64_t hash, uint64_t more) {
  hash ^= more + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
  return hash * 0xff51afd7ed558ccdu;
}

}  // namespace

Found found_in(const ConcurrentStory &story, const linear::Linearisation &no, const std::string &mechanism,
               const std::vector<std::string> &comments) {
  const auto &events = story.history.events;
  const Event last = no.event < events.size() ? events[no.event] : Event{};
  std::vector<std::string> above = comments;
  std::istringstream text(no.explanation);
  for (std::string line; std::getline(text, line);) above.push_back(" " + line);
  const std::string what = last.kind == Event::Kind::note
                               ? "no order of the calls explains who waits at rest"
                               : "no order of the calls explains " + last.actor + "'s " + coarse(last);
  return {what, "no order: " + coarse(last), case_of(Lines(story).all(), mechanism, "found", what, above, "")};
}

void features(const ConcurrentStory &story, std::vector<uint64_t> &out) {
  std::map<std::string, uint64_t> under_way;
  for (const Event &e : story.history.events) {
    const uint64_t call = std::hash<std::string>{}(e.name);
    if (e.kind == Event::Kind::call) under_way[e.actor] = call;
    if (e.kind != Event::Kind::returned && e.kind != Event::Kind::ended && e.kind != Event::Kind::note) continue;
    under_way.erase(e.actor);
    uint64_t others = 0;
    for (const auto &[actor, name] : under_way) others ^= name;
    out.push_back(mixed(std::hash<std::string>{}(coarse(e)), others));
  }
}

}  // namespace ipcvet::fuzz
