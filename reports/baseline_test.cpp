#include "reports/baseline.h"

#include <catch2/catch_test_macros.hpp>

#include "reports/baseline_update.h"
#include "reports/baselines.h"
#include "reports/sample.h"

using namespace ipcvet;

namespace {

Baseline parsed(const std::string &text) {
  auto baseline = parse_baseline(text, "b.toml");
  if (!baseline) FAIL(render(baseline.error()));
  return *baseline;
}

std::string error_of(const std::string &text) {
  const auto baseline = parse_baseline(text, "b.toml");
  return baseline ? "read" : render(baseline.error().front());
}

constexpr const char *entry = "[[expect]]\ncase = \"pipe/*\"\nverdict = \"fail\"\nreason = \"r\"\n";

Assessment assessed(const Record &record, const std::vector<Baseline> &layers) {
  return assess(record, layers, "2026-06-01");
}

}  // namespace

TEST_CASE("a baseline says where it holds and what it expects") {
  const Baseline b = parsed(
      "[system]\nplatform = \"gVisor*\"\nrelease = \">=4 <5\"\n\n[[expect]]\ncase = [\"pipe/a\", \"pipe/b[*\"]\n"
      "verdict = [\"fail\", \"timeout\"]\nreason = \"why\"\nlink = \"https://example.org\"\nexpires = 2027-06-30\n"
      "flaky = true\nlibc = \"musl*\"\n");
  CHECK(b.where == TraitPatterns{{"platform", "gVisor*"}, {"release", ">=4 <5"}});
  REQUIRE(b.expectations.size() == 1);
  const Expectation &e = b.expectations[0];
  CHECK(e.cases == std::vector<std::string>{"pipe/a", "pipe/b[*"});
  CHECK(e.verdicts == std::vector{VerdictClass::fail, VerdictClass::timeout});
  CHECK(e.expires == "2027-06-30");
  CHECK(e.flaky);
  CHECK(e.where == TraitPatterns{{"libc", "musl*"}});
  CHECK(e.pos.line == 5);
}

TEST_CASE("what is wrong in a baseline has its place") {
  CHECK(error_of(entry) == "read");
  CHECK(error_of("[system]\nrelase = \"x\"\n") ==
        "b.toml:2:1: error: unknown trait 'relase'; did you mean 'release'?\n  relase = \"x\"\n  ^\n");
  CHECK(error_of("[[expect]]\ncase = \"a\"\nverdict = \"fails\"\nreason = \"r\"\n")
            .starts_with("b.toml:3:11: error: unknown verdict 'fails'"));
  CHECK(error_of("[[expect]]\nverdict = \"fail\"\nreason = \"r\"\n").find("an expectation needs 'case'") !=
        std::string::npos);
  CHECK(error_of("[[expect]]\ncase = \"a\"\nverdict = \"fail\"\n").find("an expectation needs 'reason'") !=
        std::string::npos);
  CHECK(error_of("[[expect]]\ncase = 3\nverdict = \"fail\"\nreason = \"r\"\n").find("'case' is a text") !=
        std::string::npos);
  CHECK(error_of("[[expect]]\ncase = \"a\"\nverdict = \"fail\"\nreason = \"r\"\nexpires = \"soon\"\n")
            .find("is a date") != std::string::npos);
  CHECK(error_of("[other]\n").starts_with("b.toml:1:"));
  CHECK(error_of("[[").starts_with("b.toml:1:"));
}

TEST_CASE("releases are compared as numbers") {
  CHECK(release_matches(">=5.10 <6.2", "6.1.0-13-amd64"));
  CHECK_FALSE(release_matches(">=5.10 <6.2", "6.2.0"));
  CHECK_FALSE(release_matches(">=5.10", "5.9.16"));
  CHECK(release_matches("<=6.1.5", "6.1.5"));
  CHECK_FALSE(release_matches(">6.1", "6.1.0"));
  CHECK(release_matches("6.1*", "6.12.3"));
  CHECK_FALSE(release_matches(">=", "nothing at all"));
}

TEST_CASE("only what is not explained fails") {
  const Record record = sample_record();  // pipe/eof-broken and pipe/whole[1] fail, fifo/stuck timed out
  CHECK(assessed(record, {}).unexplained.size() == 3);
  const std::vector<Baseline> one{parsed(entry)};
  const Assessment a = assessed(record, one);
  CHECK(a.explained.size() == 2);
  REQUIRE(a.unexplained.size() == 1);
  CHECK(record.cases[a.unexplained[0].index].id == "fifo/stuck");
  CHECK(a.unexpected_passes.size() == 2);  // pipe/eof and pipe/capacity
}

TEST_CASE("an entry that expects something else explains nothing") {
  const std::vector<Baseline> layers{parsed("[[expect]]\ncase = \"fifo/stuck\"\nverdict = \"fail\"\nreason = \"r\"\n")};
  const Assessment a = assessed(sample_record(), layers);
  CHECK(a.unexplained.size() == 3);
  CHECK(a.explained.empty());
}

TEST_CASE("layers: the last entry counts, and only where its traits hold") {
  const Record record = sample_record();
  const Baseline all = parsed(entry);
  const Baseline back = parsed("[[expect]]\ncase = \"pipe/eof-broken\"\nverdict = \"pass\"\nreason = \"mended\"\n");
  const std::vector<Baseline> layers{all, back};
  CHECK(assessed(record, layers).unexplained.size() == 2);
  const std::vector<Baseline> elsewhere{parsed("[system]\nlibc = \"musl*\"\n" + std::string(entry))};
  const Assessment a = assessed(record, elsewhere);
  CHECK(a.unexplained.size() == 3);
  CHECK(a.not_applicable.size() == 1);
  const std::vector<Baseline> narrow{parsed(std::string(entry) + "release = \"<6\"\n")};
  CHECK(assessed(record, narrow).unexplained.size() == 3);
}

TEST_CASE("an expired entry is told and explains nothing any more") {
  const Record record = sample_record();
  const std::vector<Baseline> layers{parsed(std::string(entry) + "expires = 2026-05-31\n")};
  const Assessment late = assessed(record, layers);
  CHECK(late.expired.size() == 1);
  CHECK(late.unexplained.size() == 3);
  CHECK(late.unexpected_passes.empty());
  const Assessment in_time = assess(record, layers, "2026-05-31");
  CHECK(in_time.expired.empty());
  CHECK(in_time.unexplained.size() == 1);
}

TEST_CASE("a flaky entry may pass") {
  const std::vector<Baseline> layers{parsed(std::string(entry) + "flaky = true\n")};
  CHECK(assessed(sample_record(), layers).unexpected_passes.empty());
}

TEST_CASE("what baselines say is told") {
  const Record record = sample_record();
  const std::vector<Baseline> layers{
      parsed("[[expect]]\ncase = \"pipe/eof-broken\"\nverdict = \"fail\"\nreason = \"r\"\n\n[[expect]]\ncase = "
             "\"pipe/eof\"\nverdict = \"fail\"\nreason = \"r\"\n\n[[expect]]\ncase = \"fifo/*\"\nverdict = "
             "\"timeout\"\nreason = "
             "\"slow\"\nexpires = 2026-01-01\n"),
      parsed("[system]\nlibc = \"musl\"\n")};
  CHECK(describe(assessed(record, layers), record) ==
        "unexplained pipe/whole[1]: fail: none-lost does not hold: record 1 of W was sent and not received (1 of 2 "
        "sent are "
        "missing)\n"
        "unexplained fifo/stuck: timeout: P has not returned from open (b.toml:11 expired 2026-01-01 or expects "
        "something "
        "else)\n"
        "passes now  pipe/eof: no longer deviates as b.toml:6 says\n"
        "expired     b.toml:11 on 2026-01-01: slow\n"
        "not used    b.toml: this is another system\n"
        "baseline: 2 unexplained, 1 explained, 1 pass unexpectedly, 1 entries expired\n");
}

TEST_CASE("an update adds, removes and keeps comments") {
  const std::string old_text =
      "# Ours.\n\n[system]\nkernel = \"Linux\"  # any\n\n# Passes by now.\n[[expect]]\ncase = \"pipe/eof\"\nverdict = "
      "\"fail\"\nreason = \"old\"\n\n# Still so, see the list.\n[[expect]]  # kept\ncase = "
      "\"pipe/eof-broken\"\nverdict = \"fail\"\n"
      "reason = \"known\"\n\n# The end.\n";
  const Record record = sample_record();
  const BaselineUpdate update = update_baseline(old_text, parsed(old_text), {}, record, "2026-06-01");
  CHECK(update.added == 2);
  CHECK(update.removed == 1);
  CHECK(update.text ==
        "# Ours.\n\n[system]\nkernel = \"Linux\"  # any\n\n# Still so, see the list.\n[[expect]]  # kept\ncase = "
        "\"pipe/eof-broken\"\nverdict = \"fail\"\nreason = \"known\"\n\n# The end.\n"
        "\n[[expect]]\ncase = \"pipe/whole[1]\"\nverdict = \"fail\"\nreason = \"seen, not explained yet: none-lost "
        "does not "
        "hold: record 1 of W was sent and not received (1 of 2 sent are missing)\"\n"
        "\n[[expect]]\ncase = \"fifo/stuck\"\nverdict = \"timeout\"\nreason = \"seen, not explained yet: P has not "
        "returned "
        "from open\"\n");
  const std::vector<Baseline> again{parsed(update.text)};
  CHECK(assessed(record, again).unexplained.empty());
  const BaselineUpdate twice = update_baseline(update.text, again[0], {}, record, "2026-06-01");
  CHECK(twice.text == update.text);
}

TEST_CASE("a new baseline names its system") {
  const Record record = sample_record();
  const BaselineUpdate update = update_baseline("", {}, {}, record, "2026-06-01");
  CHECK(update.text.starts_with(
      "# What deviates on this system, and why.\n\n[system]\nkernel = \"Linux\"\nrelease = \"6.12.1\"\nmachine = "
      "\"x86_64\"\nlibc = \"glibc 2.41\"\nabi = \"lp64\"\n\n[[expect]]\n"));
  const std::vector<Baseline> layers{parsed(update.text)};
  CHECK(assessed(record, layers).unexplained.empty());
}

TEST_CASE("hostile reasons stay within their string") {
  Record record = sample_record();
  record.cases.resize(2);
  record.cases[1].verdict.reason = "\"\n[[expect]]\ncase = \"*\\\x01";
  record.cases[1].id = "pipe/\"x\n";
  const BaselineUpdate update = update_baseline("", {}, {}, record, "2026-06-01");
  CHECK(parsed(update.text).expectations.size() == 1);
}

TEST_CASE("the baselines in the program can be read") {
  for (const EmbeddedBaseline &one : embedded_baselines()) {
    INFO(one.name);
    CHECK_FALSE(parsed(one.text).where.empty());
  }
}
