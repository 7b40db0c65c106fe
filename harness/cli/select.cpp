#include "harness/cli/select.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <random>

#include "harness/case/text.h"

namespace ipcvet::cli {
namespace {

std::optional<uint32_t> number(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

bool matches_filter(const std::string &glob, const Case &instance) {
  return glob == instance.instance_id() || glob_matches(glob, instance.id);
}

bool chosen(const std::vector<std::string> &filters, const Case &instance) {
  bool any_wanted = false, wanted = false;
  for (const std::string &filter : filters) {
    if (filter.starts_with('!')) {
      if (matches_filter(filter.substr(1), instance)) return false;
      continue;
    }
    any_wanted = true;
    wanted = wanted || matches_filter(filter, instance);
  }
  return wanted || !any_wanted;
}

}  // namespace

std::expected<Shard, std::string> parse_shard(const std::string &text) {
  const size_t slash = text.find('/');
  const uint32_t index = number(std::string_view(text).substr(0, slash)).value_or(0);
  const uint32_t count = slash == std::string::npos ? 0 : number(std::string_view(text).substr(slash + 1)).value_or(0);
  if (index < 1 || index > count) return std::unexpected("--shard takes I/N with 1 <= I <= N, not '" + text + "'");
  return Shard{index - 1, count};
}

std::expected<std::optional<Shard>, std::string> environment_shard() {
  static constexpr std::pair<const char *, const char *> names[] = {{"TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS"},
                                                                    {"GTEST_SHARD_INDEX", "GTEST_TOTAL_SHARDS"}};
  for (const auto &[index_name, count_name] : names) {
    const char *index_text = std::getenv(index_name), *count_text = std::getenv(count_name);
    if (!index_text || !count_text) continue;
    const auto index = number(index_text), count = number(count_text);
    if (!index || !count || *index >= *count)
      return std::unexpected(std::string(index_name) + "=" + index_text + " and " + count_name + "=" + count_text +
                             " are no shard");
    if (const char *status = std::getenv("TEST_SHARD_STATUS_FILE")) std::ofstream touch(status, std::ios::app);
    return Shard{*index, *count};
  }
  return std::nullopt;
}

std::vector<Case> select(const std::vector<Case> &cases, const Selection &selection) {
  std::vector<Case> out;
  size_t position = 0;
  for (const Case &c : cases)
    for (Case &instance : expand(c))
      if (chosen(selection.filters, instance) && position++ % selection.shard.count == selection.shard.index)
        out.push_back(std::move(instance));
  if (selection.shuffle) std::shuffle(out.begin(), out.end(), std::mt19937_64(*selection.shuffle));
  return out;
}

}  // namespace ipcvet::cli
