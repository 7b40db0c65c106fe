#include "reports/merge.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <unordered_map>

#include "reports/traits.h"

namespace ipcvet {
namespace {

constexpr size_t most_told = 20;

void add_differences(const Part &first, const Part &other, std::vector<std::string> &conflicts) {
  for (const TraitDifference &d : trait_differences(first.record.system, other.record.system))
    if (d.name != "sandbox")
      conflicts.push_back(d.name + ": " + d.before + " in " + first.name + ", " + d.after + " in " + other.name);
}

void add_doubles(const std::vector<Part> &parts, std::vector<std::string> &conflicts) {
  std::unordered_map<std::string, size_t> part_of;
  for (size_t p = 0; p < parts.size(); ++p)
    for (const CaseResult &r : parts[p].record.cases) {
      const auto [at, is_new] = part_of.try_emplace(r.instance_id(), p);
      if (is_new || at->second == p) continue;
      conflicts.push_back(at->first + " was run in " + parts[at->second].name + " and in " + parts[p].name);
      at->second = p;  // told once for this part
    }
}

// "2/5" of `--shard 2/5` or `--shard=2/5`, as the record tells the command; 0/0 without.
std::pair<size_t, size_t> shard_of(const SystemInfo &s) {
  std::string text;
  for (size_t i = 0; i < s.command.size(); ++i) {
    if (s.command[i] == "--shard" && i + 1 < s.command.size()) text = s.command[i + 1];
    if (s.command[i].starts_with("--shard=")) text = s.command[i].substr(8);
  }
  size_t index = 0, count = 0;
  const char *end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, index);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '/') return {};
  if (std::from_chars(first.ptr + 1, end, count).ec != std::errc()) return {};
  return {index, count};
}

// Where every part tells its shard: are they shards of the same run, and all of them?
void add_missing_shards(const std::vector<Part> &parts, std::vector<std::string> &conflicts) {
  const size_t count = shard_of(parts[0].record.system).second;
  std::set<size_t> seen;
  for (const Part &p : parts) {
    const auto [index, of] = shard_of(p.record.system);
    if (of == 0) return;
    if (of != count)
      return conflicts.push_back(parts[0].name + " is one of " + std::to_string(count) + " shards, " + p.name +
                                 " one of " + std::to_string(of));
    seen.insert(index);
  }
  for (size_t i = 1; i <= count && i <= seen.size() + most_told; ++i)
    if (!seen.contains(i))
      conflicts.push_back("shard " + std::to_string(i) + "/" + std::to_string(count) + " is missing");
}

template <typename T>
void add_missing(std::vector<T> &all, const std::vector<T> &more) {
  for (const T &one : more)
    if (std::none_of(all.begin(), all.end(), [&](const T &known) { return known.name == one.name; }))
      all.push_back(one);
  std::sort(all.begin(), all.end(), [](const T &a, const T &b) { return a.name < b.name; });
}

void join(SystemInfo &all, const SystemInfo &part) {
  add_missing(all.capabilities, part.capabilities);
  for (const std::string &s : part.sandbox)
    if (std::find(all.sandbox.begin(), all.sandbox.end(), s) == all.sandbox.end()) all.sandbox.push_back(s);
  if (!part.started.empty() && (all.started.empty() || part.started < all.started)) all.started = part.started;
  all.seconds = std::max(all.seconds, part.seconds);
  all.cpus = std::max(all.cpus, part.cpus);
  all.interrupted = all.interrupted || part.interrupted;
  if (!part.trouble.empty()) all.trouble += (all.trouble.empty() ? "" : "\n") + part.trouble;
  all.target_seconds = std::max(all.target_seconds, part.target_seconds);
}

// What the first part did not cite another one may.
void drop_cited(Record &all) {
  const std::set<std::string_view> cited = cited_requirements(all);
  std::erase_if(all.uncited, [&](const Uncited &u) { return cited.contains(u.requirement.id); });
}

}  // namespace

std::expected<Record, std::vector<std::string>> merge(std::vector<Part> parts) {
  std::vector<std::string> conflicts;
  if (parts.empty()) return std::unexpected(std::vector<std::string>{"there is nothing to merge"});
  for (size_t p = 1; p < parts.size(); ++p) add_differences(parts[0], parts[p], conflicts);
  add_doubles(parts, conflicts);
  add_missing_shards(parts, conflicts);
  if (conflicts.size() > most_told) {
    const size_t more = conflicts.size() - most_told;
    conflicts.resize(most_told);
    conflicts.push_back("and " + std::to_string(more) + " more");
  }
  if (!conflicts.empty()) return std::unexpected(std::move(conflicts));
  Record all = std::move(parts[0].record);
  for (size_t p = 1; p < parts.size(); ++p) {
    join(all.system, parts[p].record.system);
    std::move(parts[p].record.cases.begin(), parts[p].record.cases.end(), std::back_inserter(all.cases));
  }
  drop_cited(all);
  std::stable_sort(all.cases.begin(), all.cases.end(), [](const CaseResult &a, const CaseResult &b) {
    return std::tuple(std::string_view(a.id), a.row.value_or(0)) <
           std::tuple(std::string_view(b.id), b.row.value_or(0));
  });
  return all;
}

}  // namespace ipcvet
