// Which results of several records belong together, and what to call the systems.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "reports/html_data.h"

namespace ipcvet {
namespace {

std::vector<std::string> traits(const SystemInfo &s) {
  std::string sandbox;
  for (const std::string &part : s.sandbox) sandbox += (sandbox.empty() ? "" : ", ") + part;
  return {s.kernel + " " + s.release,
          s.machine,
          s.libc,
          s.abi,
          fmt::format("profile {}", profile_name(s.profile)),
          s.version,
          sandbox,
          "ipcvet " + s.ipcvet,
          s.started};
}

bool all_different(const std::vector<std::string> &names) {
  return std::set<std::string>(names.begin(), names.end()).size() == names.size();
}

bool tells_apart(const std::vector<std::vector<std::string>> &traits, size_t which) {
  return std::any_of(traits.begin(), traits.end(), [&](const auto &t) { return t[which] != traits[0][which]; });
}

}  // namespace

const CaseResult &PageRow::first() const {
  return **std::find_if(by_system.begin(), by_system.end(), [](const CaseResult *r) { return r != nullptr; });
}

char verdict_letter(VerdictClass c) {
  constexpr std::array<char, all_verdicts.size()> letters = {'p', 'f', 's', 'u', 'd', 't', 'e'};
  return letters[static_cast<size_t>(c)];
}

std::vector<PageRow> page_rows(std::span<const Record> records) {
  std::vector<PageRow> rows;
  std::unordered_map<std::string, size_t> index;  // by id and run
  for (size_t system = 0; system < records.size(); ++system) {
    std::unordered_map<std::string, uint32_t> runs;
    for (const CaseResult &r : records[system].cases) {
      const std::string id = r.instance_id();
      const uint32_t run = ++runs[id];
      const auto [it, is_new] = index.try_emplace(id + '\n' + std::to_string(run), rows.size());
      if (is_new) rows.push_back({id, run, std::vector<const CaseResult *>(records.size(), nullptr)});
      rows[it->second].by_system[system] = &r;
    }
  }
  return rows;
}

std::vector<std::string> system_names(std::span<const Record> records) {
  std::vector<std::vector<std::string>> known;
  for (const Record &r : records) known.push_back(traits(r.system));
  std::vector<std::string> names;
  for (const auto &t : known) names.push_back(t[0]);
  for (size_t which = 1; !known.empty() && which < known[0].size() && !all_different(names); ++which)
    if (tells_apart(known, which))
      for (size_t i = 0; i < names.size(); ++i) names[i] += ", " + known[i][which];
  if (!all_different(names))
    for (size_t i = 0; i < names.size(); ++i) names[i] += fmt::format(" (record {})", i + 1);
  return names;
}

}  // namespace ipcvet
