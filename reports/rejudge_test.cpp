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
  record.cases[2].history.stress[0].records.assign(50001, {3, 1, 0, 16});
  record = through_json(record);
  CHECK(judge_again(record.cases[2]).error() == "the log of its stress part was too large to be recorded");
  record.cases[0].text = "no case";
  CHECK(judge_again(record.cases[0]).error().starts_with("its text is no case: "));
}

TEST_CASE("the constants of the recorded system decide, not those of this program") {
  const Case instance = instance_of(
      "case  pipe/buf\nbrief \"b\"\nspec  posix/pipe/x  shall\n\nP  pipe([r, w]) = 0\nP  write(w, \"a\"*16, 16) = "
      "PIPE_BUF\n");
  History h = history_of(instance, "0 P returned 0 | [3, 4]\n1 P returned 16 | 4\n");
  Record record;
  record.cases.push_back(make_result(instance, std::move(h), {}));
  record.system.constants = {{"PIPE_BUF", 16}};
  record = through_json(record);
  Rejudged again = judge_again(record, Profile::linux_);
  CHECK(again.own_constants);
  CHECK(verdict_text(record.cases[0].verdict) == "pass");
  record.system.constants = {{"PIPE_BUF", 4096}};
  again = judge_again(record, Profile::linux_);
  CHECK(record.cases[0].verdict.cls == VerdictClass::fail);
  record.system.constants.clear();
  CHECK_FALSE(judge_again(record, Profile::linux_).own_constants);
}

TEST_CASE("a constant the recorded system did not know is not looked up here") {
  SystemInfo system;
  system.constants = {{"EINTR", 4}, {"MSG_COPY", std::nullopt}};
  const RecordedConstants recorded(system);
  const Constants value = recorded.lookup();
  CHECK(value("EINTR") == 4);
  CHECK_FALSE(value("MSG_COPY").has_value());
  CHECK_FALSE(value("EAGAIN").has_value());
}

TEST_CASE("what changed is told") {
  Record record = through_json(sample_record());
  record.cases[0].history.events.pop_back();
  record.cases[2].stress_counts = {{}, {}};
  record.cases[5].verdict.observations.clear();
  const Rejudged again = judge_again(record, Profile::posix);
  CHECK(
      describe(again, record) ==
      "changed     pipe/eof: pass -> error at line 7 (the history says nothing of \"P  close(r) = 0\")\n"
      "changed     pipe/capacity: observes something else\n"
      "kept        pipe/whole[1]: the log of its stress part was too large to be recorded\n"
      "5 judged again by profile posix with the constants of the recorded system: 2 changed, 1 could not be judged\n");
  CHECK(record.system.profile == Profile::posix);
}
