#include "reports/ktap.h"

#include <catch2/catch_test_macros.hpp>
#include <sstream>

#include "reports/golden.h"
#include "reports/sample.h"

using namespace ipcvet;

namespace {

std::string written(const Record &record) {
  std::ostringstream out;
  write_ktap(out, record);
  return out.str();
}

}  // namespace

TEST_CASE("mechanisms are tests, instances nested in them") {
  const std::string text = written(sample_record());
  CHECK(text == golden("sample.ktap", text));
}

TEST_CASE("nothing but a pass or a skip is ok") {
  Record record = sample_record();
  record.cases.resize(1);
  for (VerdictClass c : all_verdicts) {
    record.cases[0].verdict = {c, "why", no_step, "", "", {}};
    const std::string text = written(record);
    const bool ok = c == VerdictClass::pass || c == VerdictClass::skip;
    INFO(verdict_name(c));
    CHECK((text.find("\n  ok 1 pipe/eof") != std::string::npos) == ok);
    CHECK((text.find("\nok 1 pipe") != std::string::npos) == ok);
  }
}

TEST_CASE("a name cannot end its line or begin a directive") {
  Record record = sample_record();
  record.cases.resize(1);
  record.cases[0].id = "a\nnot ok 7 b # SKIP c";
  record.cases[0].mechanism = "m # XFAIL\nok 9";
  record.cases[0].verdict = {VerdictClass::fail, "line\nok 2 x", no_step, "", "", {}};
  const std::string text = written(record);
  CHECK(text.find("\n  not ok 1 a not ok 7 b \\x23 SKIP c # line ok 2 x\nnot ok 1 m \\x23 XFAIL ok 9\n") !=
        std::string::npos);
  for (size_t at = 0; at != std::string::npos; at = text.find('\n', at + 1)) {
    const std::string line = text.substr(at == 0 ? 0 : at + 1, text.find('\n', at + 1) - at - 1);
    INFO(line);
    CHECK((line.empty() || line.starts_with("KTAP") || line.starts_with("#") || line.starts_with("  #") ||
           line.starts_with("1..") || line.starts_with("  1..") || line.starts_with("  KTAP") ||
           line.starts_with("  not ok 1 ") || line.starts_with("not ok 1 ")));
  }
}
