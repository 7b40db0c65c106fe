#include "reports/rejudge.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/case/parser.h"

namespace ipcvet {

RecordedConstants::RecordedConstants(const SystemInfo &system) {
  for (const SystemConstant &c : system.constants) sorted_.emplace_back(c.name, c.value);
  std::stable_sort(sorted_.begin(), sorted_.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
}

Constants RecordedConstants::lookup() const {
  if (sorted_.empty()) return {};
  return {[](const void *context, std::string_view name) -> std::optional<int64_t> {
            const auto &sorted = static_cast<const RecordedConstants *>(context)->sorted_;
            const auto at = std::lower_bound(sorted.begin(), sorted.end(), name,
                                             [](const auto &entry, std::string_view n) { return entry.first < n; });
            return at != sorted.end() && at->first == name ? at->second : std::nullopt;
          },
          this};
}

std::expected<Verdict, std::string> judge_again(const CaseResult &recorded, JudgeOptions options, Constants constants) {
  auto parsed = parse(recorded.text, recorded.instance_id());
  if (!parsed) return std::unexpected("its text is no case: " + parsed.error().front().message);
  if (!recorded.stress_counts.empty())
    return std::unexpected("the log of its stress part was too large to be recorded");
  parsed->row = recorded.row;
  parsed->cells = recorded.cells;
  return judge(*parsed, recorded.history, options, constants);
}

namespace {

bool differ(const Verdict &a, const Verdict &b) {
  return a.cls != b.cls || a.step != b.step || a.reason != b.reason || a.observations != b.observations;
}

std::string told(const Verdict &v) {
  const std::string line = v.step == no_step ? "" : fmt::format(" at line {}", v.step + 1);
  return verdict_name(v.cls) + line + (v.reason.empty() ? "" : " (" + v.reason + ")");
}

}  // namespace

Rejudged judge_again(Record &record, Profile profile) {
  const RecordedConstants constants(record.system);
  Rejudged out;
  out.own_constants = !record.system.constants.empty();
  record.system.profile = profile;
  for (size_t i = 0; i < record.cases.size(); ++i) {
    CaseResult &one = record.cases[i];
    auto verdict = judge_again(one, {profile}, constants.lookup());
    if (!verdict) {
      out.kept.push_back({i, verdict.error()});
      continue;
    }
    ++out.judged;
    if (differ(one.verdict, *verdict)) out.changed.push_back({i, one.verdict});
    one.verdict = std::move(*verdict);
  }
  return out;
}

std::string describe(const Rejudged &rejudged, const Record &record) {
  std::string out;
  for (const Rejudged::Change &c : rejudged.changed) {
    const CaseResult &now = record.cases[c.index];
    const bool only_observed = told(c.before) == told(now.verdict);
    out += fmt::format("changed     {}: {}\n", now.instance_id(),
                       only_observed ? "observes something else" : told(c.before) + " -> " + told(now.verdict));
  }
  for (const Rejudged::Kept &k : rejudged.kept)
    out += fmt::format("kept        {}: {}\n", record.cases[k.index].instance_id(), k.why);
  out += fmt::format("{} judged again by profile {} with the constants of {}: {} changed, {} could not be judged\n",
                     rejudged.judged, profile_name(record.system.profile),
                     rejudged.own_constants ? "the recorded system" : "this program, as the record holds none",
                     rejudged.changed.size(), rejudged.kept.size());
  return out;
}

}  // namespace ipcvet
