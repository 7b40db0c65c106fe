// What was recorded is judged the same again, from the written record alone.
#include "reports/rejudge.h"

#include <catch2/catch_test_macros.hpp>
#include <sstream>

#include "harness/judge/history_text.h"
#include "reports/json.h"
#include "reports/sample.h"

using namespace ipcvet;

namespace {

Record through_json(const Record &record) {
  std::ostringstream out;
  write_json(out, record);
  auto back = read_json(out.str());
  REQUIRE(back.has_value());
  return *back;
}

}  // namespace

TEST_CASE("a verdict can be found again in the record") {
  const Record record = through_json(sample_record());
  for (const CaseResult &r : record.cases) {
    INFO(r.instance_id());
    const auto again = judge_again(r);
    REQUIRE(again.has_value());
    CHECK(verdict_text(*again) == verdict_text(r.verdict));
    CHECK(again->observations == r.verdict.observations);
  }
}

TEST_CASE("another history, another verdict") {
  Record record = through_json(sample_record());
  record.cases[0].history.events.pop_back();
  CHECK(verdict_text(*judge_again(record.cases[0])) == "error at 6: the history says nothing of \"P  close(r) = 0\"");
}

TEST_CASE("what cannot be judged again says so") {
  Record record = sample_record();
  record.cases[2].history.stress[0].records.assign(3000, {3, 1, 0, 16});
  record = through_json(record);
  CHECK(judge_again(record.cases[2]).error() == "the log of its stress part was too large to be recorded");
  record.cases[0].text = "no case";
  CHECK(judge_again(record.cases[0]).error().starts_with("its text is no case: "));
}
