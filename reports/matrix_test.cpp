#include "reports/matrix.h"

#include <catch2/catch_test_macros.hpp>
#include <sstream>

#include "reports/golden.h"
#include "reports/merge.h"
#include "reports/sample.h"

using namespace ipcvet;

namespace {

Matrix matrix_of(MatrixRows kind, bool differing, const std::vector<Record> &records) {
  std::vector<std::string> columns;
  for (size_t i = 0; i < records.size(); ++i) columns.push_back("system " + std::to_string(i + 1));
  MatrixBuilder builder(kind, columns);
  for (size_t i = 0; i < records.size(); ++i) builder.add(i, records[i]);
  return builder.take(differing);
}

std::vector<Record> three() {
  std::vector<Record> records(3, sample_record());
  records[1].cases[1].verdict = records[1].cases[0].verdict;
  records[1].cases[5].verdict.observations = {{"cap", Value::integer(4096)}};
  records[2].cases.erase(records[2].cases.begin() + 3, records[2].cases.end());
  records[2].cases.push_back(records[2].cases[0]);
  records[2].cases.back().verdict.cls = VerdictClass::fail;
  return records;
}

std::string text_of(const Matrix &m) {
  std::ostringstream out;
  write_text(out, m);
  return out.str();
}

std::vector<std::string> conflicts(const Record &a, const Record &b) {
  auto merged = merge({{"a.json", a}, {"b.json", b}});
  return merged ? std::vector<std::string>{} : merged.error();
}

}  // namespace

TEST_CASE("systems side by side") {
  for (const auto &[kind, name] :
       {std::pair{MatrixRows::requirement, "requirement"}, std::pair{MatrixRows::case_, "case"},
        std::pair{MatrixRows::observation, "observation"}}) {
    const std::string text = text_of(matrix_of(kind, false, three()));
    CHECK(text == golden(std::string("matrix.") + name, text));
  }
}

TEST_CASE("only rows that differ") {
  const Matrix m = matrix_of(MatrixRows::case_, true, three());
  CHECK(m.rows.size() == 5);
  CHECK(m.left_out == 1);
  CHECK(text_of(m).ends_with("1 more do not differ\n"));
  const Record one = sample_record();
  CHECK(matrix_of(MatrixRows::case_, true, {one, one}).rows.empty());
}

TEST_CASE("CSV keeps commas and quotes, and gives spreadsheets no formula") {
  std::vector<Record> records = three();
  records[0].cases[0].id = "a,\"b\"";
  records[0].cases[1].id = "=1+1";
  std::ostringstream out;
  write_csv(out, matrix_of(MatrixRows::case_, false, {records[0]}));
  CHECK(out.str().find("\"a,\"\"b\"\"\",pass\r\n") != std::string::npos);
  CHECK(out.str().find("\r\n'=1+1,fail\r\n") != std::string::npos);
  CHECK(out.str().starts_with("case,system 1\r\n"));
}

TEST_CASE("the page shows what a record holds and runs none of it") {
  std::vector<Record> records = three();
  records[0].cases[0].id = "<script>alert(1)</script>";
  std::ostringstream out;
  write_html(out, matrix_of(MatrixRows::case_, false, records));
  CHECK(out.str().find("<script") == std::string::npos);
  CHECK(out.str().find("<td class=\"bad\">fail</td>") != std::string::npos);
}

TEST_CASE("shards become one record") {
  Record whole = sample_record(), a = whole, b = whole;
  a.cases = {whole.cases[1], whole.cases[4]};
  b.cases = {whole.cases[0], whole.cases[2], whole.cases[3], whole.cases[5], whole.cases[0]};
  b.system.started = "2025-01-01T00:00:00Z";
  b.system.seconds = 9;
  b.system.interrupted = true;
  a.uncited.push_back({whole.cases[0].requirements[0], ""});  // cited in the other part
  const auto merged = merge({{"a.json", a}, {"b.json", b}});
  REQUIRE(merged.has_value());
  CHECK(merged->cases.size() == 7);
  CHECK(merged->cases[0].id == "fifo/stuck");
  CHECK((merged->cases[2].id == "pipe/eof" && merged->cases[3].id == "pipe/eof"));  // a repeat within a shard stays
  CHECK(merged->system.started == "2025-01-01T00:00:00Z");
  CHECK(merged->system.seconds == 9);
  CHECK(merged->system.interrupted);
  CHECK(merged->uncited == whole.uncited);
}

TEST_CASE("what cannot be one run is a conflict") {
  Record a = sample_record(), b = sample_record();
  a.cases.resize(2);
  b.cases.erase(b.cases.begin(), b.cases.begin() + 2);
  CHECK(conflicts(a, b).empty());
  Record other = b;
  other.system.release = "6.1";
  other.system.limits[0].value = 1;
  other.system.capabilities[0].had = false;
  CHECK(conflicts(a, other) == std::vector<std::string>{"release: 6.12.1 in a.json, 6.1 in b.json",
                                                        "msgmax: 8192 in a.json, 1 in b.json",
                                                        "sysv-msg: there in a.json, missing in b.json"});
  CHECK(conflicts(a, a) == std::vector<std::string>{"pipe/eof was run in a.json and in b.json",
                                                    "pipe/eof-broken was run in a.json and in b.json"});
  CHECK(merge({}).error().size() == 1);
}

TEST_CASE("a missing shard is a conflict") {
  Record a = sample_record(), b = sample_record();
  a.cases.resize(2);
  b.cases.erase(b.cases.begin(), b.cases.begin() + 2);
  a.system.command = {"ipcvet", "run", "--shard", "1/3"};
  b.system.command = {"ipcvet", "run", "--shard=2/3"};
  CHECK(conflicts(a, b) == std::vector<std::string>{"shard 3/3 is missing"});
  b.system.command = {"ipcvet", "run", "--shard", "2/2"};
  CHECK(conflicts(a, b) == std::vector<std::string>{"a.json is one of 3 shards, b.json one of 2"});
  a.system.command[3] = "1/2";
  CHECK(conflicts(a, b).empty());
}
