// The rules of KCIDB's schema 5.3 that concern what is written here, restated as checks.
#include "reports/kcidb.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "reports/golden.h"
#include "reports/sample.h"

using namespace ipcvet;
using Json = nlohmann::json;

namespace {

std::string written(const Record &record) {
  std::ostringstream out;
  write_kcidb(out, record);
  return out.str();
}

bool fits(const Json &text, const char *pattern) {
  return text.is_string() && std::regex_match(text.get<std::string>(), std::regex(pattern)) &&
         text.get<std::string>().find('\0') == std::string::npos;
}

// Members an object may have, and must have; none may be null.
std::string members(const Json &object, const std::set<std::string> &may, const std::set<std::string> &must) {
  if (!object.is_object()) return "is no object";
  for (const auto &[name, value] : object.items()) {
    if (!may.contains(name)) return "unknown member " + name;
    if (value.is_null()) return name + " is null";
  }
  for (const std::string &name : must)
    if (!object.contains(name)) return "lacks " + name;
  return "";
}

constexpr const char *object_id = "[a-z0-9_]+:[^]*";

std::string wrong_test(const Json &t, const std::set<std::string> &builds) {
  static const std::set<std::string> may = {"build_id",    "id",     "origin",     "environment", "path", "comment",
                                            "log_excerpt", "status", "start_time", "duration",    "misc"};
  if (const std::string why = members(t, may, {"build_id", "id", "origin"}); !why.empty()) return why;
  if (!fits(t["id"], object_id) || !fits(t["origin"], "[a-z0-9_]+")) return "id or origin";
  if (!builds.contains(t["build_id"])) return "refers to no build";
  if (!fits(t["path"], "[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*")) return "path " + t["path"].dump();
  if (t.contains("log_excerpt") && t["log_excerpt"].get<std::string>().size() > 16384) return "excerpt too long";
  if (!std::set<std::string>{"FAIL", "ERROR", "MISS", "PASS", "DONE", "SKIP"}.contains(t["status"])) return "status";
  if (t.contains("start_time") && !fits(t["start_time"], "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+00:00"))
    return "start_time";
  if (t.contains("duration") && !t["duration"].is_number()) return "duration";
  return members(t["environment"], {"compatible", "comment", "misc"}, {});
}

std::string wrong(const Json &report) {
  if (const std::string why =
          members(report, {"version", "checkouts", "builds", "tests", "issues", "incidents"}, {"version"});
      !why.empty())
    return why;
  if (report["version"] != Json{{"major", 5}, {"minor", 3}}) return "version";
  std::set<std::string> checkouts, builds, tests;
  for (const Json &c : report["checkouts"]) {
    if (const std::string why = members(c, {"id", "origin", "comment", "valid"}, {"id", "origin"}); !why.empty())
      return why;
    checkouts.insert(c["id"]);
  }
  for (const Json &b : report["builds"]) {
    static const std::set<std::string> may = {"checkout_id", "id", "origin", "architecture", "comment", "status"};
    if (const std::string why = members(b, may, {"checkout_id", "id", "origin"}); !why.empty()) return why;
    if (!checkouts.contains(b["checkout_id"]) || !fits(b["architecture"], "[a-z0-9_]*")) return "build";
    builds.insert(b["id"]);
  }
  for (const Json &t : report["tests"]) {
    if (const std::string why = wrong_test(t, builds); !why.empty()) return why;
    if (!tests.insert(t["id"]).second) return "two tests with one id";
  }
  return "";
}

}  // namespace

TEST_CASE("a report for KCIDB") {
  Record record = sample_record();
  record.cases.push_back(record.cases[1]);  // a repeat
  const std::string text = written(record);
  CHECK(text == golden("sample.kcidb", text));
  CHECK(wrong(Json::parse(text)) == "");
}

TEST_CASE("the checks see what the schema forbids") {
  const Json good = Json::parse(written(sample_record()));
  const auto broken = [&](const char *pointer, const Json &value) {
    Json report = good;
    report[Json::json_pointer(pointer)] = value;
    return wrong(report);
  };
  CHECK(broken("/tests/0/path", "ipcvet.pipe/eof") != "");
  CHECK(broken("/tests/0/status", "OK") == "status");
  CHECK(broken("/tests/0/build_id", "ipcvet:0") == "refers to no build");
  CHECK(broken("/tests/0/id", good["tests"][1]["id"]) == "two tests with one id");
  CHECK(broken("/tests/0/comment", nullptr) == "comment is null");
  CHECK(broken("/tests/0/mood", "good") == "unknown member mood");
  CHECK(broken("/tests/1/log_excerpt", std::string(16385, 'x')) == "excerpt too long");
  CHECK(broken("/builds/0/architecture", "X86") == "build");
}

TEST_CASE("each verdict has its status") {
  Record record = sample_record();
  record.cases.resize(1);
  const char *expected[] = {"PASS", "FAIL", "SKIP", "ERROR", "ERROR", "ERROR", "MISS"};
  for (VerdictClass c : all_verdicts) {
    record.cases[0].verdict.cls = c;
    CHECK(Json::parse(written(record))["tests"][0]["status"] == expected[static_cast<size_t>(c)]);
  }
  record.cases[0].verdict.cls = VerdictClass::pass;
  record.cases[0].requirements[0].level = Level::observe;
  CHECK(Json::parse(written(record))["tests"][0]["status"] == "DONE");
}

TEST_CASE("hostile names stay within the schema") {
  Record record = sample_record();
  record.cases[1].id = "../\xff a//b.c/";
  record.cases[1].brief = std::string("nul \0 \xff", 7);
  record.cases[1].verdict.reason = std::string(100000, 'x') + "\xc3";
  record.cases[1].history.seconds = 1e300;
  record.cases[1].history.started = INT64_MAX;
  record.cases[2].id = "";
  record.system.machine = "X86-64\n";
  CHECK(wrong(Json::parse(written(record))) == "");
  CHECK(kcidb_path(record.cases[1]) == "ipcvet.__.__a._.b_c._");
}
