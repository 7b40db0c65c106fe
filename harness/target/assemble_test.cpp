// What becomes of a journal: a target that ended well, and every way in which one may not.
#include "harness/target/assemble.h"

#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <string>
#include <vector>

#include "reports/json.h"

using namespace ipcvet;

namespace {

const std::vector<std::string> asked = {"pipe/one", "pipe/two[1]", "pipe/two[2]"};

std::string result_text(const std::string &id, std::optional<uint32_t> row) {
  CaseResult r;
  r.id = id;
  r.row = row;
  r.mechanism = "pipe";
  r.verdict.cls = VerdictClass::pass;
  return json_of(r);
}

std::string system_text() {
  SystemInfo system;
  system.kernel = "Linux";
  system.release = "6.1";
  return json_of(system);
}

struct Telling {
  Assembly assembly{asked, 1, true};
  Telling &frame(Frame::Kind kind, const std::string &payload) {
    assembly.frame({kind, payload});
    return *this;
  }
  Telling &system() { return frame(Frame::Kind::system, system_text()); }
  Telling &result(const std::string &id, std::optional<uint32_t> row = {}) {
    return frame(Frame::Kind::result, result_text(id, row));
  }
  Telling &end(int status, size_t results) { return frame(Frame::Kind::end, end_text({status, results})); }
  Record finish(const Ending &ending = {}) { return assembly.finish("vm:6.1", ending); }
};

Telling begun() {
  Telling t;
  t.system().frame(Frame::Kind::begin, "pipe/two[1]").frame(Frame::Kind::begin, "pipe/one").result("pipe/one");
  return t;
}

bool has(const Record &record, const std::string &text) {
  return record.system.trouble.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a journal that came whole is a record without trouble, its cases in the order asked for") {
  Telling t;
  t.system().result("pipe/two", 2).result("pipe/one").result("pipe/two", 1).end(0, 3);
  const Record record = t.finish({.first = 1.5, .seconds = 4});
  CHECK(record.system.trouble.empty());
  CHECK_FALSE(record.system.interrupted);
  CHECK(record.system.target == "vm:6.1");
  CHECK(record.system.release == "6.1");
  CHECK(record.system.boot_seconds == 1.5);
  CHECK(record.system.target_seconds == 4);
  REQUIRE(record.cases.size() == 3);
  CHECK(record.cases[0].instance_id() == "pipe/one");
  CHECK(record.cases[1].instance_id() == "pipe/two[1]");
  CHECK(record.cases[2].instance_id() == "pipe/two[2]");
}

TEST_CASE("a target that dies midway keeps what was finished and says what was running") {
  Telling t = begun();
  t.assembly.console("Kernel panic - not syncing: \x1b[31mFatal");
  for (int i = 0; i < 100; ++i) t.assembly.console("a trace of calls");
  const Record record = t.finish({.status = 0});
  CHECK(record.system.interrupted);
  CHECK(record.cases.size() == 1);
  CHECK(has(record, "its command ended with status 0 before the run was finished: 1 of 3 results came"));
  CHECK(has(record, "running at that time: pipe/two[1]"));
  CHECK(has(record, "; Kernel panic - not syncing: ?[31mFatal"));
}

TEST_CASE("how a target ended is told") {
  CHECK(has(begun().finish({.status = SIGSEGV}), "killed by SEGV"));
  CHECK(has(begun().finish({.by = Ending::By::silence, .seconds = 300}), "was ended after 300 s"));
  CHECK(has(begun().finish({.by = Ending::By::flood}), "wrote without end"));
  CHECK(has(begun().finish({.by = Ending::By::stop}), "was interrupted"));
  CHECK(has(Telling().finish({.status = 127 << 8}), "its command ended with status 127 before the run began"));
}

TEST_CASE("damaged, missing, unreadable and too many results are trouble although the run ended well") {
  Telling missing = begun();
  CHECK(has(missing.end(0, 2).finish(), "2 results were told and 1 came"));
  Telling damaged = begun();
  CHECK(has(damaged.end(0, 1).finish({.broken = 3}), "3 lines of the journal came damaged"));
  Telling unreadable = begun();
  unreadable.frame(Frame::Kind::result, "{\"id\": 7}").end(0, 2);
  CHECK(has(unreadable.finish(), "a result that cannot be read"));
  Telling many = begun();
  many.result("pipe/one").result("pipe/one").result("pipe/one").end(0, 4);
  CHECK(has(many.finish(), "a result that was not asked for, of pipe/one"));
  Telling after = begun();
  CHECK(has(after.end(0, 1).result("pipe/one").finish(), "went on after its end"));
  Telling nobody;
  CHECK(has(nobody.end(0, 0).finish(), "the system was not described"));
}

TEST_CASE("fewer results than were asked for are trouble, but where a run may end early") {
  Telling all;
  all.assembly = Assembly(asked, 1, false);
  CHECK(has(all.system().result("pipe/one").end(0, 1).finish(), "it ran 1 of 3 instances"));
  CHECK(begun().end(1, 1).finish().system.trouble.empty());
}

TEST_CASE("what the run inside says of itself is told") {
  Telling t = begun();
  CHECK(has(t.frame(Frame::Kind::trouble, "no sandbox").end(3, 1).finish(), "no sandbox"));
  Telling silent = begun();
  CHECK(has(silent.end(3, 1).finish(), "the run inside ended with status 3"));
  Telling broken = begun();
  CaseResult error;
  error.id = "pipe/two";
  error.row = 1;
  error.mechanism = "pipe";
  error.verdict.cls = VerdictClass::error;
  CHECK(broken.frame(Frame::Kind::result, json_of(error)).end(3, 2).finish().system.trouble.empty());
  Telling deviating = begun();
  CHECK(deviating.end(1, 1).finish().system.trouble.empty());
}

TEST_CASE("a target that could not be started is a record, too") {
  const Record record = record_of_trouble("uml", "linux is not there");
  CHECK(record.system.interrupted);
  CHECK(record.system.trouble == "linux is not there");
  CHECK(record.cases.empty());
}

TEST_CASE("what a target adds to a record survives being written and read") {
  SystemInfo system;
  system.target = "vm:6.1";
  system.trouble = "it \"died\"\n  here";
  system.boot_seconds = 1.25;
  system.target_seconds = 7;
  const auto read = read_json_system(json_of(system));
  REQUIRE(read);
  CHECK(*read == system);
  CHECK_FALSE(read_json_system("{} , \"more\": {}"));
  CHECK_FALSE(read_json_case(result_text("pipe/one", {}) + ", " + result_text("pipe/one", {})));
}
