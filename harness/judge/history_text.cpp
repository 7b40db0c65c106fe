#include "harness/judge/history_text.h"

#include <catch2/catch_test_macros.hpp>
#include <sstream>

#include "harness/case/parser.h"
#include "harness/judge/steps.h"

namespace ipcvet {
namespace {

Event::Kind kind_of(const std::string &word) {
  if (word == "call") return Event::Kind::call;
  if (word == "returned" || word == "smashed") return Event::Kind::returned;
  if (word == "blocked") return Event::Kind::blocked;
  if (word == "still") return Event::Kind::still;
  if (word == "signal") return Event::Kind::signal;
  if (word == "ended") return Event::Kind::ended;
  if (word == "memory") return Event::Kind::memory;
  REQUIRE(word == "note");
  return Event::Kind::note;
}

std::vector<std::string> split(const std::string &text, const std::string &by) {
  std::vector<std::string> parts;
  size_t from = 0;
  for (size_t at; (at = text.find(by, from)) != std::string::npos; from = at + by.size())
    parts.push_back(text.substr(from, at - from));
  parts.push_back(text.substr(from));
  return parts;
}

void add_call(const Case &instance, const Event &e, std::vector<Event> &events) {
  const auto steps = flatten(instance);
  if (e.step >= steps.size()) return;
  const Step &step = *steps[e.step].step;
  const bool makes =
      step.kind == Step::Kind::returns || step.kind == Step::Kind::blocks || step.kind == Step::Kind::may_block;
  if (!makes || step.actors[0] != e.actor) return;
  for (const Event &old : events)
    if (old.kind == Event::Kind::call && old.step == e.step) return;
  Event call;
  call.kind = Event::Kind::call;
  call.step = e.step;
  call.actor = e.actor;
  call.name = step.call.name;
  events.push_back(call);
}

// What follows the kind on the line.
void fill(Event &e, const std::string &word, std::istringstream &in) {
  if (e.kind == Event::Kind::signal || e.kind == Event::Kind::ended) in >> e.name;
  std::string rest;
  std::getline(in >> std::ws, rest);
  if (rest.empty()) return;
  const auto parts = split(rest, " | ");
  e.result = value_of(parts[0]);
  for (size_t i = 1; i < parts.size(); ++i) e.args.push_back(value_of(parts[i]));
  e.guard_broken = word == "smashed";
}

}  // namespace

Value value_of(std::string_view text) {
  if (text == "missing") return Value::any();
  if (text.starts_with("-1 E") || text.starts_with("-1 S")) return Value::error(std::string(text.substr(3)));
  auto parsed = parse_value(text);
  INFO(text);
  REQUIRE(parsed.has_value());
  const Bindings none;
  if (parsed->as<Value::Binary>()) return *resolve(*parsed, none, {}).value;
  return *parsed;
}

Case instance_of(std::string_view text, size_t row) {
  std::string whole(text);
  if (!whole.starts_with("case")) whole = "case  pipe/test\nbrief \"test\"\nspec  posix/test  shall\n\n" + whole;
  auto parsed = parse(whole);
  if (!parsed) INFO(render(parsed.error()));
  REQUIRE(parsed.has_value());
  const auto instances = expand(*parsed);
  REQUIRE(instances.size() >= row);
  return instances[row - 1];
}

History history_of(const Case &instance, std::string_view text) {
  History h;
  h.started = 1000;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream in(line);
    std::string step, word;
    Event e;
    if (!(in >> step >> e.actor >> word)) continue;
    e.step = step == "-" ? no_step : static_cast<uint32_t>(std::stoul(step));
    e.kind = kind_of(word);
    e.clock = 1010;
    fill(e, word, in);
    if (e.kind == Event::Kind::returned || e.kind == Event::Kind::blocked) add_call(instance, e, h.events);
    h.events.push_back(e);
  }
  return h;
}

std::string verdict_text(const Verdict &v) {
  std::string out = verdict_name(v.cls);
  if (v.step != no_step) out += " at " + std::to_string(v.step);
  if (!v.reason.empty()) out += ": " + v.reason;
  if (!v.allowed.empty() || !v.actual.empty()) out += " / " + v.allowed + " / " + v.actual;
  return out;
}

}  // namespace ipcvet
