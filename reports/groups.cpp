#include "reports/groups.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace ipcvet {
namespace {

int rank(Level level) {
  switch (level) {
    case Level::shall:
      return 0;
    case Level::linux_:
      return 1;
    case Level::may:
      return 2;
    case Level::observe:
      return 3;
  }
  return 3;
}

int rank(VerdictClass c) {
  switch (c) {
    case VerdictClass::fail:
      return 0;
    case VerdictClass::error:
      return 1;
    case VerdictClass::timeout:
      return 2;
    case VerdictClass::undecided:
      return 3;
    default:
      return 4;
  }
}

}  // namespace

Level level_of(const CaseResult &result) {
  Level strongest = Level::observe;
  for (const RequirementRef &r : result.requirements)
    if (rank(r.level) < rank(strongest)) strongest = r.level;
  return strongest;
}

std::vector<Finding> findings(const Record &record) {
  using Key = std::tuple<VerdictClass, std::string_view, std::string_view>;
  std::map<Key, size_t> known;
  std::vector<Finding> out;
  for (size_t i = 0; i < record.cases.size(); ++i) {
    const CaseResult &r = record.cases[i];
    if (r.verdict.cls == VerdictClass::pass || r.verdict.cls == VerdictClass::skip) continue;
    const auto [at, is_new] = known.emplace(Key{r.verdict.cls, r.id, r.verdict.reason}, out.size());
    if (is_new) out.push_back({r.verdict.cls, level_of(r), {}});
    out[at->second].members.push_back(i);
  }
  std::stable_sort(out.begin(), out.end(), [](const Finding &a, const Finding &b) {
    return std::tuple(rank(a.cls), rank(a.level), b.members.size()) <
           std::tuple(rank(b.cls), rank(b.level), a.members.size());
  });
  return out;
}

std::vector<Finding> skips(const Record &record) {
  std::map<std::string_view, size_t> known;
  std::vector<Finding> out;
  for (size_t i = 0; i < record.cases.size(); ++i) {
    const CaseResult &r = record.cases[i];
    if (r.verdict.cls != VerdictClass::skip) continue;
    const auto [at, is_new] = known.emplace(r.verdict.reason, out.size());
    if (is_new) out.push_back({VerdictClass::skip, level_of(r), {}});
    out[at->second].members.push_back(i);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Finding &a, const Finding &b) { return a.members.size() > b.members.size(); });
  return out;
}

std::string members_name(const Record &record, const Finding &finding) {
  constexpr size_t most_rows = 8;
  const CaseResult &first = record.cases[finding.members[0]];
  if (finding.members.size() == 1) return first.instance_id();
  std::string rows;
  for (size_t i = 0; i < finding.members.size() && i < most_rows; ++i) {
    const auto &row = record.cases[finding.members[i]].row;
    rows += (i ? ", " : "") + (row ? std::to_string(*row) : "-");
  }
  if (finding.members.size() > most_rows)
    rows += " and " + std::to_string(finding.members.size() - most_rows) + " more";
  return first.id + "[" + rows + "]";
}

}  // namespace ipcvet
