// The details of the page: of each instance its texts, and on each system what became of their lines.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/actor/wire.h"
#include "harness/case/text.h"
#include "harness/judge/describe.h"
#include "reports/html_data.h"
#include "reports/html_events.h"
#include "reports/html_text.h"

namespace ipcvet {
namespace {

constexpr size_t chunk_size = size_t{256} << 10;  // parsed in a few milliseconds

// Is this line of the file that step, perhaps with a comment behind it?
bool is_line_of(const std::string &line, const std::string &step) {
  if (!line.starts_with(step)) return false;
  const size_t rest = line.find_first_not_of(' ', step.size());
  return rest == std::string::npos || (rest > step.size() && line[rest] == '#');
}

// Where in the text each step and each line of the stress part stands; empty if the text is not theirs.
std::vector<size_t> places(const std::vector<std::string> &lines, const CaseResult &r) {
  std::vector<std::string> own = r.steps;
  own.insert(own.end(), r.stress.begin(), r.stress.end());
  std::vector<size_t> found;
  size_t at = 0;
  for (const std::string &step : own) {
    while (at < lines.size() && !is_line_of(lines[at], step)) ++at;
    if (at == lines.size()) return {};
    found.push_back(at++);
  }
  return found;
}

// {"lines": [...], "at": [the line of each step, then of each stress line]}.
std::string text_json(const CaseResult &r) {
  const std::vector<std::string_view> text = lines_of(r.text);
  std::vector<std::string> lines(text.begin(), text.end());
  std::vector<size_t> at = places(lines, r);
  if (at.empty()) {  // a text that does not fit its steps: the steps are what ran
    lines = r.steps;
    lines.insert(lines.end(), r.stress.begin(), r.stress.end());
    for (size_t i = 0; i < lines.size(); ++i) at.push_back(i);
  }
  return fmt::format("{{\"lines\":{},\"at\":{}}}", json_list(lines, json_text),
                     json_list(at, [](size_t line) { return std::to_string(line); }));
}

StressCounts counts_of(const CaseResult &r, size_t log) {
  if (log < r.stress_counts.size()) return r.stress_counts[log];
  StressCounts counts{};
  for (const StressRecord &s : r.history.stress[log].records)
    if (s.what < counts.size()) ++counts[s.what];
  return counts;
}

// [role, copy, sent, received, torn, short, failed, finished].
std::string stress_json(const CaseResult &r) {
  std::string out = "[";
  for (size_t i = 0; i < r.history.stress.size(); ++i) {
    const StressLog &log = r.history.stress[i];
    const StressCounts c = counts_of(r, i);
    out += fmt::format("{}[{},{},{},{},{},{},{},{}]", i ? "," : "", json_text(log.role), log.copy, c[WIRE_REC_SENT],
                       c[WIRE_REC_WHOLE], c[WIRE_REC_TORN], c[WIRE_REC_SHORT], c[WIRE_REC_FAILED], log.finished);
  }
  return out + "]";
}

// What is the same on two systems gives the same text here, and is written once. Times are not part of it.
std::string detail_json(const CaseResult &r, size_t text) {
  const Verdict &v = r.verdict;
  std::string out = fmt::format("{{\"text\":{},{},{}", text, marks_json(r), events_json(r));
  const auto add = [&](const char *name, const std::string &value) {
    if (!value.empty()) out += fmt::format(",\"{}\":{}", name, json_text(value));
  };
  if (v.step != no_step) out += fmt::format(",\"step\":{}", v.step);
  add("allowed", v.allowed);
  add("actual", v.actual);
  add("sandbox", r.history.sandbox);
  if (!r.history.leaks.empty()) out += ",\"leaks\":" + json_list(r.history.leaks, json_text);
  if (!r.history.stress.empty()) out += ",\"stress\":" + stress_json(r);
  return out + "}";
}

// A record may hold any number; JSON knows no infinity.
std::string milliseconds(double seconds) {
  const double ms = seconds * 1000;
  return std::isfinite(ms) ? fmt::format("{:.3g}", ms) : "null";
}

// The place of `text` in `texts`, where it is put if it is new. The lists are as long as there are systems.
size_t place_in(std::vector<std::string> &texts, std::string text) {
  const auto it = std::find(texts.begin(), texts.end(), text);
  if (it != texts.end()) return static_cast<size_t>(it - texts.begin());
  texts.push_back(std::move(text));
  return texts.size() - 1;
}

std::string row_json(const PageRow &row) {
  std::vector<std::string> texts, details;
  std::string by_system, times;
  Comma comma;
  for (const CaseResult *r : row.by_system) {
    const char *separator = comma();
    const std::string which =
        r ? std::to_string(place_in(details, detail_json(*r, place_in(texts, text_json(*r))))) : "-1";
    by_system += separator + which;
    times += separator + (r ? milliseconds(r->history.seconds) : "null");
  }
  const auto as_is = [](const std::string &json) { return json; };
  return fmt::format("{{\"texts\":{},\"details\":{},\"by\":[{}],\"ms\":[{}]}}", json_list(texts, as_is),
                     json_list(details, as_is), by_system, times);
}

}  // namespace

Chunk page_chunk(const std::vector<PageRow> &rows, size_t from) {
  Chunk chunk{from, "["};
  while (chunk.to < rows.size() && (chunk.to == from || chunk.json.size() < chunk_size)) {
    if (chunk.to != from) chunk.json += ",\n";
    chunk.json += row_json(rows[chunk.to++]);
  }
  chunk.json += ']';
  return chunk;
}

}  // namespace ipcvet
