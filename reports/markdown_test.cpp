#include "reports/markdown.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <sstream>

#include "reports/escape.h"
#include "reports/golden.h"
#include "reports/groups.h"
#include "reports/sample.h"

using namespace ipcvet;

namespace {

std::string written(const Record &record) {
  std::ostringstream out;
  write_markdown(out, record);
  return out.str();
}

std::string annotated(const Record &record) {
  std::ostringstream out;
  write_annotations(out, record);
  return out.str();
}

// A record in which everything fails, each for its own reason.
Record failing(size_t n) {
  Record record = sample_record();
  const CaseResult one = record.cases[1];
  record.cases.assign(n, one);
  for (size_t i = 0; i < n; ++i) record.cases[i].id = "pipe/case-" + std::to_string(i);
  return record;
}

size_t lines_with(const std::string &text, const std::string &start) {
  std::istringstream in(text);
  size_t n = 0;
  for (std::string line; std::getline(in, line);) n += line.starts_with(start);
  return n;
}

}  // namespace

TEST_CASE("a summary for a CI run") {
  const std::string text = written(sample_record());
  CHECK(text == golden("sample.markdown", text));
  const std::string annotations = annotated(sample_record());
  CHECK(annotations == golden("sample.annotations", annotations));
}

TEST_CASE("rows that fail alike are one finding, and a violated shall stands first") {
  Record record = failing(5);
  for (size_t i = 0; i < 3; ++i) {
    record.cases[i].id = "pipe/may";
    record.cases[i].row = static_cast<uint32_t>(i + 1);
    record.cases[i].requirements[0].level = Level::may;
  }
  const auto all = findings(record);
  REQUIRE(all.size() == 3);
  CHECK(members_name(record, all[0]) == "pipe/case-3");
  CHECK(members_name(record, all[2]) == "pipe/may[1, 2, 3]");
  record.cases[0].verdict.cls = VerdictClass::timeout;
  CHECK(members_name(record, findings(record).back()) == "pipe/may[1]");
}

TEST_CASE("many rows are counted") {
  Record record = failing(12);
  for (size_t i = 0; i < 12; ++i) {
    record.cases[i].id = "pipe/x";
    record.cases[i].row = static_cast<uint32_t>(i + 1);
  }
  CHECK(members_name(record, findings(record).at(0)) == "pipe/x[1, 2, 3, 4, 5, 6, 7, 8 and 4 more]");
}

TEST_CASE("the summary stays below the limit and says what it left out") {
  const std::string text = written(failing(5000));
  CHECK(text.size() <= largest_summary);
  CHECK(text.size() > largest_summary / 2);
  const size_t shown = lines_with(text, "**fail** ");
  CHECK(
      text.ends_with(std::to_string(5000 - shown) + " more findings are in the record; this page has no more room.\n"));
  Record huge = failing(3);
  for (CaseResult &r : huge.cases) r.verdict.reason = std::string(2 << 20, '<');
  CHECK(written(huge).size() <= largest_summary);
}

TEST_CASE("at most ten annotations of a kind, and the tenth tells of the rest") {
  Record record = failing(25);
  record.cases[0].verdict.cls = VerdictClass::timeout;
  const std::string text = annotated(record);
  CHECK(lines_with(text, "::error ") == 10);
  CHECK(lines_with(text, "::warning ") == 1);
  CHECK(text.find("(and 14 more findings like this line, not shown)") != std::string::npos);
}

TEST_CASE("nothing of a record becomes markup, a mention or a command") {
  Record record = failing(1);
  record.cases[0].id = "a\n::error::b|`c`";
  record.cases[0].verdict.reason = "<script>alert(1)</script> @user [x](http://y) **b** %0A\n::stop-commands::x";
  record.cases[0].requirements[0].rule = "![i](j)";
  std::string text = written(record);
  CHECK(text.find("<script") == std::string::npos);
  const size_t pre = text.find("<pre>");  // what stands in there is text already, line by line
  text.erase(pre, text.find("</pre>") - pre);
  for (const char *never : {"<script", "@user", "](http", "http://", "**b**", "`c`", "![i]", "\n::"})
    CHECK(text.find(never) == std::string::npos);
  const std::string annotations = annotated(record);
  CHECK(annotations.find("%250A") != std::string::npos);
  CHECK(std::count(annotations.begin(), annotations.end(), '\n') == 1);
}

TEST_CASE("text on its way elsewhere") {
  CHECK(printable("a\x1b[2J\x80\n\t\xc2\x9b") == "a\\x1b[2J\\x80\n\t\\xc2\\x9b");
  CHECK(one_line("a\nb\tc") == "a b c");
  CHECK(html_escaped("<&\"'>") == "&#60;&#38;&#34;&#39;&#62;");
  CHECK(shortened("short", 5) == "short");
  CHECK(shortened("a long text indeed", 15) == "a lo\n[...]\ndeed");
  CHECK(shortened("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", 14) ==
        "\xc3\xbc\n[...]\n\xc3\xbc\xc3\xbc");
  CHECK(shortened("anything that is long", 3) == "\n[.");
}
