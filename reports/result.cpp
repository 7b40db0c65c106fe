#include "reports/result.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "harness/case/loader.h"
#include "harness/case/printer.h"
#include "harness/case/text.h"

namespace ipcvet {

size_t Counts::total() const { return std::accumulate(by.begin(), by.end(), size_t{0}); }

std::set<std::string_view> cited_requirements(const Record &record) {
  std::set<std::string_view> cited;
  for (const CaseResult &r : record.cases)
    for (const RequirementRef &q : r.requirements) cited.insert(q.id);
  return cited;
}

const char *profile_name(Profile profile) {
  switch (profile) {
    case Profile::any:
      return "any";
    case Profile::linux_:
      return "linux";
    case Profile::posix:
      return "posix";
  }
  return "any";
}

Counts count(const Record &record) {
  Counts counts;
  for (const CaseResult &r : record.cases) ++counts.by[static_cast<size_t>(r.verdict.cls)];
  return counts;
}

std::vector<std::pair<std::string, Counts>> count_by_mechanism(const Record &record) {
  std::vector<std::pair<std::string, Counts>> groups;
  std::unordered_map<std::string_view, size_t> places;  // a hostile record has a mechanism a case
  for (const CaseResult &r : record.cases) {
    const auto [place, is_new] = places.try_emplace(r.mechanism, groups.size());
    if (is_new) groups.emplace_back(r.mechanism, Counts{});
    ++groups[place->second].second.by[static_cast<size_t>(r.verdict.cls)];
  }
  return groups;
}

namespace {

void add_lines(const Step &step, const std::string &indent, std::vector<std::string> &lines) {
  lines.push_back(indent + (step.kind == Step::Kind::any_order ? "any order" : print(step)));
  for (const Step &member : step.members) add_lines(member, indent + "  ", lines);
}

// The stress part is the end of the printed case: from the line that is the word alone.
std::vector<std::string> stress_lines(const std::string &text) {
  const size_t before = text.rfind("\nstress\n");
  if (before == std::string::npos) return {};
  const std::vector<std::string_view> lines = lines_of(std::string_view(text).substr(before + 1));
  return {lines.begin(), lines.end()};
}

}  // namespace

CaseResult make_result(const Case &instance, History history, Verdict verdict) {
  CaseResult r;
  r.id = instance.id;
  r.row = instance.row;
  r.cells = instance.cells;
  r.mechanism = mechanism_of(instance);
  r.brief = instance.brief;
  r.verdict = std::move(verdict);
  for (const Spec &spec : instance.specs) r.requirements.push_back({spec.requirement, spec.level, "", ""});
  r.history = std::move(history);
  r.text = print(instance);
  for (const Step &step : instance.steps) add_lines(step, "", r.steps);
  if (instance.stress) r.stress = stress_lines(r.text);
  return r;
}

}  // namespace ipcvet
