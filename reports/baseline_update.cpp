#include "reports/baseline_update.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "harness/case/text.h"
#include "reports/escape.h"
#include "reports/traits.h"

namespace ipcvet {
namespace {

// A basic string of TOML.
std::string quoted(const std::string &text) {
  std::string out = "\"";
  for (char c : one_line(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

bool begins_with(std::string_view line, std::string_view word) {
  const size_t at = line.find_first_not_of(" \t");
  return at != std::string_view::npos && line.substr(at).starts_with(word);
}

// The lines of an entry: from the comments right above it to the last line before the next entry's.
std::pair<size_t, size_t> lines_of_entry(const std::vector<std::string_view> &lines, size_t header) {
  size_t from = header;
  while (from > 0 && begins_with(lines[from - 1], "#")) --from;
  size_t end = header + 1;
  while (end < lines.size() && !begins_with(lines[end], "[") && !begins_with(lines[end], "#") &&
         lines[end].find_first_not_of(" \t") != std::string::npos)
    ++end;
  while (end < lines.size() && lines[end].find_first_not_of(" \t") == std::string::npos) ++end;
  return {from, end};
}

// Entries whose instances were run and all passed.
std::set<size_t> done_entries(const Baseline &baseline, const Record &record) {
  std::set<size_t> done;
  for (size_t i = 0; i < baseline.expectations.size(); ++i) {
    const Expectation &e = baseline.expectations[i];
    const bool takes_back = std::find(e.verdicts.begin(), e.verdicts.end(), VerdictClass::pass) != e.verdicts.end();
    if (e.flaky || takes_back || !applies(e.where, record.system)) continue;
    size_t passed = 0, other = 0;
    for (const CaseResult &r : record.cases)
      if (std::any_of(e.cases.begin(), e.cases.end(), [&](const auto &g) { return glob_matches(g, r.instance_id()); }))
        ++(r.verdict.cls == VerdictClass::pass ? passed : other);
    if (passed != 0 && other == 0) done.insert(i);
  }
  return done;
}

std::string without(const std::string &text, const Baseline &baseline, const std::set<size_t> &entries) {
  const std::vector<std::string_view> lines = lines_of(text);
  std::vector<bool> gone(lines.size());
  for (size_t i : entries) {
    const size_t header = baseline.expectations[i].pos.line - 1;
    if (header >= lines.size()) continue;
    const auto [from, end] = lines_of_entry(lines, header);
    std::fill(gone.begin() + static_cast<std::ptrdiff_t>(from), gone.begin() + static_cast<std::ptrdiff_t>(end), true);
  }
  std::string out;
  for (size_t i = 0; i < lines.size(); ++i)
    if (!gone[i]) out += std::string(lines[i]) + "\n";
  return out;
}

std::string header_for(const SystemInfo &s) {
  std::string out = "# What deviates on this system, and why.\n\n[system]\n";
  for (const char *name : {"kernel", "release", "machine", "platform", "libc", "abi"})
    if (const std::string value = trait(s, name); !value.empty()) out += fmt::format("{} = {}\n", name, quoted(value));
  return out;
}

// Instances of one case that came to the same for the same reason are one entry.
std::string new_entries(const Record &record, const std::vector<size_t> &indices, size_t &added) {
  using Key = std::tuple<std::string, VerdictClass, std::string>;
  std::map<Key, std::set<std::string>> groups;
  std::vector<Key> order;
  for (size_t i : indices) {
    const CaseResult &r = record.cases[i];
    const Key key{r.id, r.verdict.cls, r.verdict.reason};
    if (!groups.contains(key)) order.push_back(key);
    groups[key].insert(r.instance_id());
  }
  std::string out;
  for (const Key &key : order) {
    const auto &instances = groups[key];
    std::string cases;
    for (const std::string &id : instances) cases += (cases.empty() ? "" : ", ") + quoted(id);
    if (instances.size() > 1) cases = "[" + cases + "]";
    out +=
        fmt::format("\n[[expect]]\ncase = {}\nverdict = \"{}\"\nreason = {}\n", cases, verdict_name(std::get<1>(key)),
                    quoted("seen, not explained yet: " + shortened(std::get<2>(key), 300)));
    ++added;
  }
  return out;
}

}  // namespace

BaselineUpdate update_baseline(const std::string &old_text, const Baseline &old, const std::vector<Baseline> &others,
                               const Record &record, const std::string &today) {
  BaselineUpdate update;
  update.text = old_text.empty() ? header_for(record.system) : old_text;
  if (!applies(old.where, record.system)) return update;
  const std::set<size_t> done = done_entries(old, record);
  update.removed = done.size();
  if (!done.empty()) update.text = without(old_text, old, done);
  std::vector<Baseline> layers = others;
  layers.push_back(old);
  std::vector<size_t> indices;
  const Assessment assessment = assess(record, layers, today);
  for (const auto &j : assessment.unexplained)
    if (!j.expectation || j.expectation->expires.empty()) indices.push_back(j.index);
  if (!update.text.empty() && !update.text.ends_with('\n')) update.text += '\n';
  update.text += new_entries(record, indices, update.added);
  return update;
}

}  // namespace ipcvet
