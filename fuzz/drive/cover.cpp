#include "fuzz/drive/cover.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace ipcvet::fuzz {

std::vector<Program> cover(const std::vector<Kept> &all) {
  std::unordered_map<uint64_t, std::vector<const Kept *>> who_reaches;
  std::vector<uint64_t> features;
  for (const Kept &kept : all)
    for (const uint64_t f : kept.features) {
      auto &list = who_reaches[f];
      if (list.empty()) features.push_back(f);
      if (list.empty() || list.back() != &kept) list.push_back(&kept);
    }
  std::stable_sort(features.begin(), features.end(),
                   [&](uint64_t a, uint64_t b) { return who_reaches[a].size() < who_reaches[b].size(); });
  std::unordered_set<uint64_t> reached;
  std::vector<Program> out;
  for (const uint64_t f : features) {
    if (reached.contains(f)) continue;
    const auto &list = who_reaches[f];
    const Kept &shortest = **std::min_element(list.begin(), list.end(), [](const Kept *a, const Kept *b) {
      return a->program.steps.size() < b->program.steps.size();
    });
    reached.insert(shortest.features.begin(), shortest.features.end());
    out.push_back(shortest.program);
  }
  return out;
}

}  // namespace ipcvet::fuzz
