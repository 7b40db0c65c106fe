#include "harness/judge/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/case/printer.h"
#include "harness/judge/describe.h"
#include "harness/judge/invariants.h"
#include "harness/judge/steps.h"

namespace ipcvet {
namespace {

bool all_levels(const Case &c, Level level) {
  return !c.specs.empty() &&
         std::all_of(c.specs.begin(), c.specs.end(), [&](const Spec &s) { return s.level == level; });
}

Verdict plain(VerdictClass cls, std::string reason) {
  Verdict v;
  v.cls = cls;
  v.reason = std::move(reason);
  return v;
}

// A case that only observes never fails: what it could not observe is unresolved.
Verdict of_deviation(const Case &c, Deviation d) {
  Verdict v = plain(d.cls, std::move(d.reason));
  if (v.cls == VerdictClass::fail && all_levels(c, Level::observe)) v.cls = VerdictClass::unresolved;
  v.step = d.step;
  v.allowed = std::move(d.allowed);
  v.actual = std::move(d.actual);
  return v;
}

// The words of a `falsifies` cell: one name, several joined by `|` or in a list; `_` for none. A name such as none-lost
// reads as a difference to the parser.
void add_words(const Value &cell, std::vector<std::string> &words) {
  if (const auto *name = cell.as<Value::Name>()) words.push_back(name->text);
  if (const auto *list = cell.as<Value::List>())
    for (const Value &item : list->items) add_words(item, words);
  const auto *binary = cell.as<Value::Binary>();
  if (!binary) return;
  if (binary->op == Value::Op::sub) {
    words.push_back(show(cell));
    return;
  }
  for (const Value &side : binary->sides) add_words(side, words);
}

std::vector<std::string> falsified(const Case &c) {
  std::vector<std::string> words;
  for (const Field &cell : c.cells)
    if (cell.name == "falsifies") add_words(cell.value, words);
  return words;
}

bool contains(const std::vector<std::string> &words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Where records are known to be torn, what they were can no longer be told: these speak of whole records only.
bool rests_on_whole(std::string_view invariant) {
  return invariant == "none-lost" || invariant == "none-duplicated" || invariant == "fifo-per-writer";
}

Verdict broken_invariant(const InvariantResult &r) {
  Verdict v = plain(VerdictClass::fail, fmt::format("{} does not hold: {}", r.name, *r.broken));
  v.allowed = r.name + " holds";
  v.actual = *r.broken;
  return v;
}

std::optional<Verdict> judge_stress(const Case &c, const History &h) {
  if (auto trouble = stress_trouble(h)) {
    Verdict v = plain(VerdictClass::fail, *trouble);
    v.allowed = "every role finishes and every call of it succeeds";
    v.actual = *trouble;
    return v;
  }
  const std::vector<std::string> to_break = falsified(c);
  const bool torn = contains(to_break, "whole");
  std::vector<std::string> unbroken;
  std::optional<Verdict> worst;
  for (const std::string &name : c.stress->holds) {
    const InvariantResult r = check_invariant(name, h);
    if (r.vacuous && !r.broken)
      return plain(VerdictClass::unresolved,
                   fmt::format("{} holds, but nothing was sent or added that could break it", name));
    if (contains(to_break, name)) {
      if (!r.broken) unbroken.push_back(name);
    } else if (r.broken && !(torn && rests_on_whole(name)) && !worst) {
      worst = broken_invariant(r);
    }
  }
  if (worst || unbroken.empty()) return worst;
  std::string names;
  for (const std::string &name : unbroken) names += (names.empty() ? "" : ", ") + name;
  return plain(VerdictClass::unresolved,
               fmt::format("the falsifier broke nothing: {} held, so its check shows no teeth here", names));
}

std::string wanted_of(const Step &s) {
  switch (s.kind) {
    case Step::Kind::returns:
    case Step::Kind::wakes:
      return s.call.name + " returns";
    case Step::Kind::blocks:
      return s.call.name + " blocks";
    default:
      return print(s);
  }
}

// Where the run was when the limit ended it.
Verdict timed_out(const Case &c, const History &h) {
  Verdict v = plain(VerdictClass::timeout, h.why);
  for (const Event &e : h.events)
    if (e.step != no_step) v.step = e.step;  // the note of the limit names the line that was waited for
  const auto steps = flatten(c);
  if (v.step < steps.size()) v.allowed = wanted_of(*steps[v.step].step);
  v.actual = h.why;
  return v;
}

Verdict judge_events(const Case &c, const History &h, Walker &walker) {
  if (!h.root.empty()) walker.bind_actor(h.root, h.root_pid);
  for (const Event &e : h.events)
    if (auto deviation = walker.feed(e)) return of_deviation(c, std::move(*deviation));
  if (h.end == RunEnd::timed_out) return timed_out(c, h);
  if (auto deviation = walker.finish()) return of_deviation(c, std::move(*deviation));
  if (c.stress)
    if (auto verdict = judge_stress(c, h)) {
      if (verdict->cls == VerdictClass::fail && all_levels(c, Level::observe)) verdict->cls = VerdictClass::unresolved;
      return *verdict;
    }
  return plain(VerdictClass::pass, "");
}

}  // namespace

const char *verdict_name(VerdictClass c) {
  switch (c) {
    case VerdictClass::pass:
      return "pass";
    case VerdictClass::fail:
      return "fail";
    case VerdictClass::skip:
      return "skip";
    case VerdictClass::unresolved:
      return "unresolved";
    case VerdictClass::undecided:
      return "undecided";
    case VerdictClass::timeout:
      return "timeout";
    case VerdictClass::error:
      return "error";
  }
  return "error";
}

Verdict judge(const Case &instance, const History &history, JudgeOptions options, Constants constants) {
  if (history.end == RunEnd::broken) return plain(VerdictClass::error, history.why);
  if (history.end == RunEnd::skipped) return plain(VerdictClass::skip, history.why);
  if (options.profile == Profile::posix && all_levels(instance, Level::linux_))
    return plain(VerdictClass::skip, "only Linux promises this; the profile is posix");
  Walker walker(instance, options, constants, history.started);
  Verdict verdict = judge_events(instance, history, walker);
  verdict.observations = walker.observations();
  return verdict;
}

}  // namespace ipcvet
