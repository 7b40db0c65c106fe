// The record survives writing and reading, and nothing that is no record is taken for one.
#include "reports/json.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <sstream>

#include "reports/sample.h"

using namespace ipcvet;

namespace {

std::string written(const Record &record) {
  std::ostringstream out;
  write_json(out, record);
  return out.str();
}

Record with_value(Value value) {
  Record r;
  Event e;
  e.kind = Event::Kind::returned;
  e.actor = "P";
  e.result = std::move(value);
  r.cases.push_back({.id = "pipe/x", .mechanism = "pipe"});
  r.cases[0].verdict.cls = VerdictClass::pass;
  r.cases[0].history.events.push_back(e);
  return r;
}

Value round_trip(const Value &value) {
  const auto back = read_json(written(with_value(value)));
  REQUIRE(back.has_value());
  return back->cases.at(0).history.events.at(0).result;
}

std::string error_of(std::string_view text) {
  const auto read = read_json(text);
  return read ? "read" : read.error().text();
}

// A record of one case, with `fields` put in.
std::string record_text(const std::string &fields) {
  return R"({"schema":"ipcvet/record/1","system":{},"cases":[{"id":"a/b","row":null,"mechanism":"a","verdict":"pass","requirements":[])" +
         fields + "}]}";
}

std::string replaced(std::string text, const std::string &from, const std::string &to) {
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a record reads back as it was written") {
  const Record record = sample_record();
  const auto back = read_json(written(record));
  REQUIRE(back.has_value());
  CHECK(written(*back) == written(record));
  CHECK(back->system == record.system);
  REQUIRE(back->cases.size() == record.cases.size());
  CHECK(back->cases[1].verdict.reason == "read returned -1 EINTR, not 0");
  CHECK(back->cases[1].verdict.step == 5);
  CHECK(back->cases[2].row == 1);
  CHECK(back->cases[2].cells == record.cases[2].cells);
  CHECK(back->cases[2].history.stress.size() == 2);
  CHECK(back->cases[3].history.end == RunEnd::skipped);
  CHECK(back->cases[5].verdict.observations == record.cases[5].verdict.observations);
  CHECK(back->uncited == record.uncited);
}

TEST_CASE("one case is one line") {
  const std::string text = written(sample_record());
  CHECK(std::count(text.begin(), text.end(), '\n') == 5 + 6 + 1);
}

TEST_CASE("every kind of value survives") {
  const std::string all_bytes = [] {
    std::string s;
    for (int i = 0; i < 256; ++i) s += static_cast<char>(i);
    return s;
  }();
  const std::vector<Value> values = {
      Value::any(),
      Value::integer(INT64_MAX),
      Value::integer(INT64_MIN),
      {Value::Int{0600, Value::Base::oct}, {}},
      {Value::Int{-1, Value::Base::hex}, {}},
      Value::bytes(""),
      Value::bytes("bye \"q\" \\ \n"),
      Value::bytes("gr\xc3\xbc\xc3\x9f"),
      Value::bytes(all_bytes),
      Value::bytes("\xff"),
      Value::bytes(std::string(65536, 'a')),
      Value::bytes("x" + std::string(4096, '\0') + "yz" + std::string(300, '\xff')),
      Value::name("jumped"),
      Value::error("EAGAIN"),
      {Value::Observe{"cap"}, {}},
      {Value::Observe{""}, {}},
      Value::list({}),
      Value::list({Value::integer(3), Value::bytes("x"), Value::list({Value::any()})}),
      Value::record({{"mtype", Value::integer(1)}, {"mtext", Value::bytes("hi")}}),
      {Value::Binary{Value::Op::range, {Value::integer(1), Value::name("PIPE_BUF")}}, {}},
      {Value::Binary{Value::Op::mul, {Value::bytes("a"), Value::integer(9)}}, {}},
  };
  for (const Value &v : values) CHECK(round_trip(v) == v);
}

TEST_CASE("long runs are folded in the file") {
  CHECK(written(with_value(Value::bytes(std::string(1 << 20, 'a')))).size() < 2000);
}

TEST_CASE("every field of an event survives") {
  Record r = with_value(Value::integer(0));
  Event &e = r.cases[0].history.events[0];
  e = {Event::Kind::returned, 7, "W", "read", {Value::integer(3)}, Value::integer(1), "asleep", true, true, 99};
  const auto back = read_json(written(r));
  REQUIRE(back.has_value());
  const Event &b = back->cases[0].history.events[0];
  CHECK(b.kind == Event::Kind::returned);
  CHECK(b.step == 7);
  CHECK(b.actor == "W");
  CHECK(b.name == "read");
  CHECK(b.args == e.args);
  CHECK(b.result == e.result);
  CHECK(b.proof == "asleep");
  CHECK(b.woke);
  CHECK(b.guard_broken);
  CHECK(b.clock == 99);
}

TEST_CASE("text that is not UTF-8 survives everywhere") {
  Record r = with_value(Value::any());
  r.system.command = {"ipcvet", "\xff\xfe"};
  r.cases[0].verdict.reason = "bad \x80 byte";
  r.cases[0].history.leaks = {"\xc3"};
  const auto back = read_json(written(r));
  REQUIRE(back.has_value());
  CHECK(back->system.command == r.system.command);
  CHECK(back->cases[0].verdict.reason == r.cases[0].verdict.reason);
  CHECK(back->cases[0].history.leaks == r.cases[0].history.leaks);
}

TEST_CASE("long stress logs are written as runs, and nothing is lost") {
  Record r = with_value(Value::any());
  StressLog log;
  log.role = "W";
  for (uint32_t i = 0; i < 3000; ++i) log.records.push_back({3, 1, i % 1500, 16});
  r.cases[0].history.stress.push_back(log);
  const std::string text = written(r);
  CHECK(text.find("\"runs\":[[3,1,0,16,1500],[3,1,0,16,1500]]") != std::string::npos);
  const auto back = read_json(text);
  REQUIRE(back.has_value());
  const auto &records = back->cases[0].history.stress[0].records;
  REQUIRE(records.size() == 3000);
  for (uint32_t i = 0; i < 3000; ++i) REQUIRE((records[i].seq == i % 1500 && records[i].what == 3));
  CHECK(back->cases[0].stress_counts.empty());
  CHECK(written(*back) == text);
  CHECK(error_of(replaced(text, "16,1500]", "16,4294967295]")) ==
        "cases[0].stress[0].runs[0]: unfolds to too many bytes");
  CHECK(error_of(replaced(text, "16,1500]", "16]")) == "cases[0].stress[0].runs[0]: is no run of five numbers");
}

TEST_CASE("stress logs too large for that are summarised, and say how much there was") {
  Record r = with_value(Value::any());
  StressLog log;
  log.role = "W";
  log.records.assign(50001, {3, 1, 0, 16});
  r.cases[0].history.stress.push_back(log);
  const std::string text = written(r);
  CHECK(text.find("\"sent\":50001") != std::string::npos);
  CHECK(text.find("\"records\"") == std::string::npos);
  CHECK(text.find("\"runs\"") == std::string::npos);
  const auto back = read_json(text);
  REQUIRE(back.has_value());
  CHECK(back->cases[0].stress_counts == std::vector<StressCounts>{{0, 0, 0, 50001, 0}});
  CHECK(written(*back) == text);
}

TEST_CASE("a record of a later program with more fields is read") {
  CHECK(error_of(record_text(R"(,"new":{"a":[1]})")) == "read");
  CHECK(error_of(R"({"schema":"ipcvet/record/1","new":1,"system":{"new":2},"cases":[]})") == "read");
}

TEST_CASE("what is no record says why") {
  CHECK(error_of("") == "is empty");
  CHECK(error_of(" \n") == "is empty");
  CHECK(error_of("[]") == "is no record: the outermost value is no object");
  CHECK(error_of("7") == "is no record: the outermost value is no object");
  CHECK(error_of("{}") == "schema: is not that of an ipcvet record");
  CHECK(error_of(R"({"schema":"other"})") == "schema: is not that of an ipcvet record");
  CHECK(error_of(R"({"schema":3})") == "schema: is not that of an ipcvet record");
  CHECK(error_of(R"({"schema":"ipcvet/record/2"})") ==
        "schema: the record is of version 2, this program reads version 1");
  CHECK(error_of(R"({"schema":"ipcvet/record/1"})") == "system: is missing");
  CHECK(error_of(R"({"schema":"ipcvet/record/1","system":{}})") == "cases: is missing");
  CHECK(error_of(R"({"schema":"ipcvet/record/1","system":[],"cases":[]})") == "system: is no object");
  CHECK(error_of(R"({"schema":"ipcvet/record/1","system":{},"cases":{}})") == "cases: is no array");
  CHECK(error_of("{\"schema\" 1}") == "byte 11: is no JSON");
  CHECK(error_of("\xff\xfe") == "byte 1: is no JSON");
  CHECK(error_of("{\"a\": \"\xff\"}") == "byte 8: is no JSON");
}

TEST_CASE("errors name the place") {
  CHECK(error_of(replaced(record_text(""), R"("id":"a/b",)", "")) == "cases[0].id: is missing");
  CHECK(error_of(replaced(record_text(""), "\"pass\"", "\"passed\"")) ==
        "cases[0].verdict: has the unknown value \"passed\"");
  CHECK(error_of(replaced(record_text(""), "null", "-1")) == "cases[0].row: is out of range");
  CHECK(error_of(replaced(record_text(""), "null", "\"1\"")) == "cases[0].row: is no integer");
  CHECK(error_of(record_text(R"(,"history":[{"kind":"call"},{"kind":"x"}])")) ==
        "cases[0].history[1].kind: has the unknown value \"x\"");
  CHECK(error_of(record_text(R"(,"history":[3])")) == "cases[0].history[0].kind: is missing");
  CHECK(error_of(record_text(R"(,"history":[{"kind":"call","step":4294967296}])")) ==
        "cases[0].history[0].step: is out of range");
  CHECK(error_of(record_text(R"(,"history":[{"kind":"call","args":[{}]}])")) ==
        "cases[0].history[0].args[0]: is no value");
  CHECK(error_of(record_text(R"(,"history":[{"kind":"call","result":true}])")) ==
        "cases[0].history[0].result: is no value");
  CHECK(error_of(record_text(R"(,"history":[{"kind":"call","result":18446744073709551615}])")) ==
        "cases[0].history[0].result: is too large");
  CHECK(error_of(record_text(R"(,"history":[{"kind":"call","result":{"hex":"0g"}}])")) ==
        "cases[0].history[0].result.hex: is no hexadecimal text");
  CHECK(error_of(record_text(R"(,"history":[{"kind":"call","result":{"op":"*","sides":[1]}}])")) ==
        "cases[0].history[0].result: has not two sides");
  CHECK(error_of(record_text(R"(,"leaks":[7])")) == "cases[0].leaks[0]: is no text");
  CHECK(error_of(record_text(R"(,"seconds":"1")")) == "cases[0].seconds: is no number");
}

TEST_CASE("the parts may come in any order") {
  CHECK(error_of(R"({"cases":[],"system":{},"schema":"ipcvet/record/1"})") == "read");
  CHECK(error_of(R"({"cases":[{"new":1}],"system":{},"schema":"ipcvet/record/3"})") ==
        "schema: the record is of version 3, this program reads version 1");
  CHECK(error_of(R"({"cases":[],"cases":[],"system":{},"schema":"ipcvet/record/1"})") == "cases: stands twice");
  CHECK(error_of(R"({"cases":null,"system":null,"schema":"ipcvet/record/1"})") == "system: is missing");
}

TEST_CASE("without histories what is compared is still there") {
  Record record = sample_record();
  const auto light = read_json(written(record), {.histories = false});
  REQUIRE(light.has_value());
  REQUIRE(light->cases.size() == record.cases.size());
  for (size_t i = 0; i < record.cases.size(); ++i) {
    const CaseResult &r = light->cases[i];
    CHECK(r.instance_id() == record.cases[i].instance_id());
    CHECK(r.verdict.reason == record.cases[i].verdict.reason);
    CHECK(r.verdict.observations == record.cases[i].verdict.observations);
    CHECK(r.cells == record.cases[i].cells);
    CHECK((r.history.events.empty() && r.history.stress.empty() && r.text.empty() && r.steps.empty()));
  }
}

TEST_CASE("the system's constants survive, also those it does not know") {
  Record record = sample_record();
  const auto back = read_json(written(record));
  REQUIRE(back.has_value());
  CHECK(back->system.constants == record.system.constants);
  CHECK(back->system.abi == "lp64");
}

TEST_CASE("hostile input is refused") {
  CHECK(error_of(std::string(100000, '[')) == "nests more than 64 levels");
  CHECK(error_of(record_text(R"(,"history":[{"kind":"call","result":{"runs":[["a",4294967296]]}}])")) ==
        "cases[0].history[0].result.runs[0][1]: is out of range");
  CHECK(error_of(record_text(R"(,"history":[{"kind":"call","result":{"runs":[["aa",2000000]]}}])")) ==
        "cases[0].history[0].result.runs[0]: makes too many bytes");
  std::string many;
  for (int i = 0; i < 300; ++i) many += (i ? "," : "") + std::string(R"({"runs":[["a",2097152]]})");
  CHECK(error_of(record_text(R"(,"history":[{"kind":"call","args":[)" + many + "]}]")) ==
        "cases[0].history[0].args[256].runs[0]: unfolds to too many bytes");
}

TEST_CASE("every truncation is an error") {
  const std::string text = written(sample_record());
  for (size_t n = 0; n + 3 < text.size(); n += 7) {
    const auto read = read_json(std::string_view(text).substr(0, n));
    REQUIRE_FALSE(read.has_value());
    if (n > 0) REQUIRE(read.error().what == "the record ends too early");
  }
}
