// parse(print(c)) == c, over random trees; and the same for everything that is written down already.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>

#include "harness/case/loader.h"
#include "harness/case/parser.h"
#include "harness/case/printer.h"
#include "harness/case/random_case.h"

using namespace ipcvet;

namespace {

void check_round_trip(const Case &c) {
  std::string text = print(c);
  INFO(text);
  auto again = parse(text);
  if (!again) FAIL(render(again.error()));
  CHECK(print(*again) == text);
  CHECK(*again == c);
}

// The examples of the language page: every block that is fenced as `ipc`.
std::vector<std::string> examples(const std::string &page) {
  std::vector<std::string> blocks;
  constexpr std::string_view fence = "```ipc";
  for (size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at + 1)) {
    size_t begin = page.find('\n', at) + 1;
    blocks.push_back(page.substr(begin, page.find("```", begin) - begin));
  }
  return blocks;
}

}  // namespace

TEST_CASE("what is printed parses to the same tree, whatever the tree") {
  const char *given = std::getenv("IPCVET_SEED");
  uint64_t first = given ? std::strtoull(given, nullptr, 10) : 1;
  for (uint64_t seed = first; seed < first + 2000; ++seed) {
    INFO("IPCVET_SEED=" << seed);
    check_round_trip(RandomCase(seed).make());
  }
}

TEST_CASE("the rows of random tables expand to cases that print and parse") {
  for (uint64_t seed = 1; seed < 300; ++seed)
    for (const Case &instance : expand(RandomCase(seed).make())) check_round_trip(instance);
}

TEST_CASE("the cases of the program are canonical") {
  for (const TextFile &file : embedded_case_texts().cases) {
    auto c = parse(file.text, file.path);
    if (!c) FAIL(render(c.error()));
    INFO(file.path << ": run ipcvet fmt");
    CHECK(print(*c) == file.text);
  }
}

TEST_CASE("every example of the language page parses, and is canonical") {
  auto page = read_text(std::string(IPCVET_SOURCE_ROOT) + "/docs/language.md", largest_case);
  REQUIRE(page);
  std::vector<std::string> blocks = examples(*page);
  CHECK(blocks.size() >= 10);
  for (const std::string &block : blocks) {
    auto c = parse(block, "docs/language.md");
    if (!c) FAIL(render(c.error()));
    CHECK(print(*c) == block);
  }
}
