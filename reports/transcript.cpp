#include "reports/transcript.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/case/parser.h"
#include "harness/case/printer.h"
#include "harness/judge/describe.h"

namespace ipcvet {
namespace {

using Mark = TranscriptLine::Mark;
constexpr size_t widest_column = 56;  // remarks stand to the right of it, or of the line if that is longer

// What is known of a line from the events that name it.
struct LineState {
  bool happened = false;
  std::string remark{};
};

bool completes(Event::Kind kind) { return kind != Event::Kind::call && kind != Event::Kind::note; }

void add_remark(std::string &remark, const std::string &text) { remark += (remark.empty() ? "" : "; ") + text; }

// A result that the line does not spell out: the descriptor a name was bound to, the number in a range.
std::string unwritten_result(const Event &e, const std::string &line) {
  const std::string result = show(e.result);
  const size_t outcome = line.rfind(" = ");
  const bool plain = e.result.as<Value::Int>() || e.result.as<Value::Error>();
  if (!plain || outcome == std::string::npos || line.substr(outcome + 3) == result) return "";
  return "= " + result;
}

std::string numbers_filled_in(const Event &e) {
  for (const Value &arg : e.args) {
    const auto *list = arg.as<Value::List>();
    if (!list || list->items.empty() || list->items.size() > 8) continue;
    const bool ints =
        std::all_of(list->items.begin(), list->items.end(), [](const Value &v) { return v.as<Value::Int>(); });
    const std::string text = show(arg);
    if (ints) return text;
  }
  return "";
}

void note_return(const Event &e, const std::string &line, LineState &state) {
  if (e.woke) add_remark(state.remark, "woken");
  if (const std::string result = unwritten_result(e, line); !result.empty()) add_remark(state.remark, result);
  const std::string numbers = numbers_filled_in(e);
  if (!numbers.empty() && line.find(numbers) == std::string::npos) add_remark(state.remark, numbers);
}

std::vector<LineState> states_of(const CaseResult &r) {
  std::vector<LineState> states(r.steps.size());
  for (const Event &e : r.history.events) {
    if (e.step >= states.size()) continue;
    LineState &state = states[e.step];
    const std::string &line = r.steps[e.step];
    if (completes(e.kind)) state.happened = true;
    if (e.kind == Event::Kind::call && (line.ends_with(" = ?") || line.ends_with(" ...?"))) state.happened = true;
    if (e.kind == Event::Kind::returned) note_return(e, line, state);
    if (e.kind == Event::Kind::blocked) add_remark(state.remark, "blocked" + (e.proof.empty() ? "" : ": " + e.proof));
    if (e.kind == Event::Kind::still)
      add_remark(state.remark, e.actor + " still blocked" + (e.proof.empty() ? "" : ": " + e.proof));
  }
  for (size_t i = 0; i + 1 < r.steps.size(); ++i)  // a group has happened when its members have
    if (r.steps[i].ends_with("any order")) states[i].happened = states[i + 1].happened;
  return states;
}

bool has_run(const CaseResult &r) { return r.verdict.cls != VerdictClass::skip && !r.history.events.empty(); }

void add_difference(const Verdict &v, std::vector<TranscriptLine> &lines) {
  const auto note = [&](const std::string &label, const std::string &text) {
    if (!text.empty()) lines.push_back({Mark::none, "    " + label + text, ""});
  };
  note("allowed:  ", v.allowed);
  note("actual:   ", v.actual);
}

void add_stress(const CaseResult &r, std::vector<TranscriptLine> &lines) {
  const bool reached = !r.history.stress.empty();
  const bool deviated = r.verdict.step == no_step && r.verdict.cls != VerdictClass::pass && reached;
  for (size_t i = 0; i < r.stress.size(); ++i) {
    const bool last = i + 1 == r.stress.size();
    lines.push_back({!has_run(r) && !reached ? Mark::none
                     : !reached              ? Mark::not_reached
                     : deviated && last      ? Mark::deviation
                                             : Mark::ok,
                     r.stress[i], ""});
  }
  if (deviated) add_difference(r.verdict, lines);
}

std::string requirement_text(const RequirementRef &r) {
  std::string out = fmt::format("  {} ({})", r.id, level_name(r.level));
  if (!r.rule.empty()) out += ": " + r.rule;
  if (!r.source.empty()) out += "\n    [" + r.source + "]";
  return out + "\n";
}

std::string gutter(Mark mark) {
  switch (mark) {
    case Mark::none:
      return "";
    case Mark::ok:
      return "ok";
    case Mark::deviation:
      return ">>";
    case Mark::not_reached:
      return "--";
  }
  return "";
}

std::string render(const std::vector<TranscriptLine> &lines) {
  size_t column = 0;
  for (const TranscriptLine &line : lines)
    if (!line.remark.empty()) column = std::max(column, std::min(line.text.size(), widest_column));
  std::string out;
  for (const TranscriptLine &line : lines) {
    std::string text = fmt::format("  {:>2}  {}", gutter(line.mark), line.text);
    if (!line.remark.empty()) text = fmt::format("{:<{}}  # {}", text, column + 6, line.remark);
    out += text + "\n";
  }
  return out;
}

std::string footer(const CaseResult &r) {
  std::string out;
  if (!r.history.sandbox.empty()) out += "  sandbox: " + r.history.sandbox + "\n";
  for (const Observation &o : r.verdict.observations)
    out += fmt::format("  observed: {} = {}\n", o.name, show(o.value));
  for (const std::string &leak : r.history.leaks) out += "  left behind: " + leak + "\n";
  return out;
}

}  // namespace

std::vector<TranscriptLine> transcript_lines(const CaseResult &r) {
  std::vector<TranscriptLine> lines;
  const std::vector<LineState> states = states_of(r);
  bool shown = r.verdict.cls == VerdictClass::pass;
  for (size_t i = 0; i < r.steps.size(); ++i) {
    const bool deviated = r.verdict.step == i && !shown;
    const Mark mark = !has_run(r)          ? Mark::none
                      : deviated           ? Mark::deviation
                      : states[i].happened ? Mark::ok
                                           : Mark::not_reached;
    // What a deviating line did is told below it.
    lines.push_back({mark, r.steps[i], deviated ? "" : states[i].remark});
    if (deviated) add_difference(r.verdict, lines);
    shown = shown || deviated;
  }
  if (!r.stress.empty()) add_stress(r, lines);
  const bool afterwards = r.verdict.step == no_step && r.stress.empty() && !r.verdict.actual.empty() && has_run(r);
  if (afterwards && !shown) {
    lines.push_back({Mark::deviation, "(after the last line)", ""});
    add_difference(r.verdict, lines);
  }
  return lines;
}

std::string transcript(const CaseResult &r) {
  std::string out = fmt::format("{}  {}\n  {}\n", verdict_name(r.verdict.cls), r.instance_id(), r.brief);
  if (!r.cells.empty()) {
    std::string cells;
    for (const Field &cell : r.cells) cells += (cells.empty() ? "" : ", ") + cell.name + " = " + print(cell.value);
    out += "  row " + std::to_string(r.row.value_or(0)) + ": " + cells + "\n";
  }
  for (const RequirementRef &requirement : r.requirements) out += requirement_text(requirement);
  if (!r.verdict.reason.empty()) out += "  reason: " + r.verdict.reason + "\n";
  out += "\n" + render(transcript_lines(r));
  const std::string below = footer(r);
  return below.empty() ? out : out + "\n" + below;
}

}  // namespace ipcvet
