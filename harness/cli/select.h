// Which instances a run runs, and in which order.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "harness/case/case.h"

namespace ipcvet::cli {

struct Shard {
  uint32_t index = 0, count = 1;  // from 0
};
// "2/5", counted from 1; the error is a sentence.
std::expected<Shard, std::string> parse_shard(const std::string &text);
// What a test runner asked for in its environment (TEST_SHARD_INDEX with TEST_TOTAL_SHARDS, and GTEST_...); counted
// from 0. An empty file TEST_SHARD_STATUS_FILE names is touched, as that protocol asks.
std::expected<std::optional<Shard>, std::string> environment_shard();

struct Selection {
  std::vector<std::string> filters;  // globs on ids; "!GLOB" takes away; "id[3]" one instance; none: all
  Shard shard{};
  std::optional<uint64_t> shuffle{};
};
// The instances of all cases that pass the filters, then the shard's part of them, then shuffled.
std::vector<Case> select(const std::vector<Case> &cases, const Selection &selection);

}  // namespace ipcvet::cli
