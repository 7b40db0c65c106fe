#include "reports/html_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "harness/judge/describe.h"
#include "harness/mechanism/table.h"
#include "reports/html_text.h"
#include "reports/transcript.h"

namespace ipcvet {
namespace {

using Kind = Event::Kind;
using Mark = TranscriptLine::Mark;

// The actors of a history in order of appearance, and whose process or thread has which number.
struct Cast {
  std::vector<std::string> names;
  std::map<std::string, size_t, std::less<>> by_name;
  std::map<int64_t, size_t> by_pid;

  size_t index(const std::string &name) {
    const auto [it, is_new] = by_name.try_emplace(name, names.size());
    if (is_new) names.push_back(name);
    return it->second;
  }
};

// `P  fork() = W` makes W.
std::string made_actor(const Event &e, const CaseResult &r) {
  const CallSpec *call = find_call(e.name);
  const auto *pid = e.result.as<Value::Int>();
  if (e.kind != Kind::returned || !call || call->returns != Ret::ACTOR || !pid || pid->value <= 0) return "";
  if (e.step >= r.steps.size()) return "";
  const std::string &line = r.steps[e.step];
  const size_t at = line.rfind(" = ");
  return at == std::string::npos ? "" : line.substr(at + 3);
}

int64_t sender_pid(const Event &e) {
  const auto *info = e.result.as<Value::Record>();
  if (!info) return 0;
  const auto field =
      std::find_if(info->fields.begin(), info->fields.end(), [](const Field &f) { return f.name == "si_pid"; });
  const auto *pid = field == info->fields.end() ? nullptr : field->value.as<Value::Int>();
  return pid ? pid->value : 0;
}

std::string ended_as(const Event &e) {
  const auto *status = e.result.as<Value::Int>();
  return e.name == "exited" && status ? "exited " + show(e.result) : e.name;
}

// Is this call told by the event after it?
bool is_told_by_next(const std::vector<Event> &events, size_t i) {
  if (events[i].kind != Kind::call || i + 1 >= events.size()) return false;
  const Event &next = events[i + 1];
  return next.actor == events[i].actor && next.step == events[i].step &&
         (next.kind == Kind::returned || next.kind == Kind::blocked);
}

std::string event_json(const Event &e, const CaseResult &r, Cast &cast) {
  const size_t actor = cast.index(e.actor);
  const auto plain = [&](char kind) { return fmt::format("[\"{}\",{},{}]", kind, e.step, actor); };
  const auto named = [&](char kind, const std::string &text) {
    return fmt::format("[\"{}\",{},{},{}]", kind, e.step, actor, json_text(text));
  };
  switch (e.kind) {
    case Kind::call:
      return plain('c');
    case Kind::blocked:
      return plain('b');
    case Kind::still:
      return plain('s');
    case Kind::memory:
      return plain('m');
    case Kind::ended:
      return named('x', ended_as(e));
    case Kind::note:
      return named('n', e.name);
    case Kind::signal: {
      const auto sender = cast.by_pid.find(sender_pid(e));
      const std::string from = sender == cast.by_pid.end() ? "-1" : std::to_string(sender->second);
      return fmt::format("[\"g\",{},{},{},{}]", e.step, actor, json_text(e.name), from);
    }
    case Kind::returned:
      break;
  }
  if (const std::string made = made_actor(e, r); !made.empty()) {
    const size_t child = cast.index(made);
    cast.by_pid[e.result.as<Value::Int>()->value] = child;
    return fmt::format("[\"f\",{},{},{}]", e.step, actor, child);
  }
  return plain(e.woke ? 'w' : 'r');
}

char letter(Mark mark) {
  switch (mark) {
    case Mark::ok:
      return 'o';
    case Mark::deviation:
      return 'x';
    case Mark::not_reached:
      return '-';
    case Mark::none:
      return ' ';
  }
  return ' ';
}

// An actor's process id says nothing, and is another one on every system and in every run.
std::vector<std::string> uninteresting_remarks(const CaseResult &r) {
  std::vector<std::string> remarks(r.steps.size());
  for (const Event &e : r.history.events)
    if (!made_actor(e, r).empty()) remarks[e.step] = "= " + show(e.result);
  return remarks;
}

}  // namespace

std::string events_json(const CaseResult &r) {
  Cast cast;
  if (!r.history.root.empty() && !r.history.events.empty())
    cast.by_pid[r.history.root_pid] = cast.index(r.history.root);
  std::string out = "\"events\":[";
  Comma comma;
  const auto &events = r.history.events;
  for (size_t i = 0; i < events.size(); ++i) {
    const bool has_line = events[i].step < r.steps.size();
    if (!has_line || events[i].actor.empty() || is_told_by_next(events, i)) continue;
    out += comma();
    out += event_json(events[i], r, cast);
  }
  return out + "],\"actors\":" + json_list(cast.names, json_text);
}

std::string marks_json(const CaseResult &r) {
  const std::vector<TranscriptLine> lines = transcript_lines(r);
  const size_t notes = (r.verdict.allowed.empty() ? 0u : 1u) + (r.verdict.actual.empty() ? 0u : 1u);
  const size_t own_lines = r.steps.size() + r.stress.size();
  const std::vector<std::string> uninteresting = uninteresting_remarks(r);
  std::string marks, remarks;
  Comma comma;
  for (size_t at = 0; at < lines.size(); ++at) {
    const TranscriptLine &line = lines[at];
    const size_t n = marks.size();
    const bool interesting = !line.remark.empty() && (n >= uninteresting.size() || line.remark != uninteresting[n]);
    if (interesting && n < own_lines) remarks += fmt::format("{}\"{}\":{}", comma(), n, json_text(line.remark));
    marks += letter(line.mark);
    if (line.mark == Mark::deviation) at += notes;  // told by `allowed` and `actual`
  }
  return "\"marks\":\"" + marks + "\",\"remarks\":{" + remarks + "}";
}

}  // namespace ipcvet
