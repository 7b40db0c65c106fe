#include "harness/cli/select.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

using namespace ipcvet;
using namespace ipcvet::cli;

namespace {

std::vector<Case> some_cases() {
  std::vector<Case> cases;
  for (const char *id : {"fifo/open", "pipe/eof", "pipe/full", "sysv-msg/type"}) {
    Case c;
    c.id = id;
    cases.push_back(c);
  }
  Table table;
  table.columns = {"n"};
  for (int64_t n : {1, 2, 3}) {
    Table::Row row;
    row.cells = {Value::integer(n)};
    table.rows.push_back(row);
  }
  cases[2].where = table;
  return cases;
}

std::vector<std::string> ids(const std::vector<Case> &cases) {
  std::vector<std::string> out;
  for (const Case &c : cases) out.push_back(c.instance_id());
  return out;
}

std::vector<std::string> chosen(Selection selection) { return ids(select(some_cases(), selection)); }

}  // namespace

TEST_CASE("filters choose, take away, and name one instance") {
  CHECK(chosen({}).size() == 6);
  CHECK(chosen({.filters = {"pipe/*"}}) ==
        std::vector<std::string>{"pipe/eof", "pipe/full[1]", "pipe/full[2]", "pipe/full[3]"});
  CHECK(chosen({.filters = {"pipe/*", "!pipe/full"}}) == std::vector<std::string>{"pipe/eof"});
  CHECK(chosen({.filters = {"pipe/full[2]"}}) == std::vector<std::string>{"pipe/full[2]"});
  CHECK(chosen({.filters = {"!pipe/*"}}) == std::vector<std::string>{"fifo/open", "sysv-msg/type"});
  CHECK(chosen({.filters = {"nothing"}}).empty());
}

TEST_CASE("shards part the instances: each in exactly one") {
  std::vector<std::string> all;
  for (uint32_t i = 0; i < 4; ++i)
    for (const std::string &id : chosen({.filters = {}, .shard = {i, 4}})) all.push_back(id);
  std::sort(all.begin(), all.end());
  auto whole = chosen({});
  std::sort(whole.begin(), whole.end());
  CHECK(all == whole);
}

TEST_CASE("a seed gives one order") {
  CHECK(chosen({.filters = {}, .shard = {}, .shuffle = 7}) == chosen({.filters = {}, .shard = {}, .shuffle = 7}));
}

TEST_CASE("a shard is I/N from 1") {
  CHECK(parse_shard("2/5")->index == 1);
  CHECK(parse_shard("2/5")->count == 5);
  for (const char *wrong : {"", "0/5", "6/5", "a/b", "1", "1/", "/2", "1/2/3", "-1/2"})
    CHECK(parse_shard(wrong).error() == std::string("--shard takes I/N with 1 <= I <= N, not '") + wrong + "'");
}
