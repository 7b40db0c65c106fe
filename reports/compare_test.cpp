#include "reports/compare.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reports/compare_write.h"
#include "reports/golden.h"
#include "reports/sample.h"
#include "reports/tally.h"

using namespace ipcvet;

namespace {

using Kind = Change::Kind;

CaseResult result(const std::string &id, VerdictClass cls, const std::string &reason = "") {
  CaseResult r;
  r.id = id;
  r.mechanism = id.substr(0, id.find('/'));
  r.verdict.cls = cls;
  r.verdict.reason = reason;
  return r;
}

Record record_of(std::vector<CaseResult> results) {
  Record r = sample_record();
  r.cases = std::move(results);
  return r;
}

// The kinds of all changes from one verdict to another, one instance.
std::vector<Kind> kinds(const CaseResult &before, const CaseResult &after) {
  std::vector<Kind> out;
  for (const Change &c : compare(record_of({before}), record_of({after})).changes) out.push_back(c.kind);
  return out;
}

std::vector<CaseResult> repeats(size_t passes, size_t fails) {
  std::vector<CaseResult> out(passes, result("pipe/x", VerdictClass::pass));
  out.insert(out.end(), fails, result("pipe/x", VerdictClass::fail, "read returned 0, not 1"));
  return out;
}

// Two systems that differ in everything a comparison tells.
std::pair<Record, Record> two_systems() {
  Record before = sample_record(), after = sample_record();
  after.system.release = "6.13.0";
  after.system.limits = {{"msgmax", 4096}, {"msgmnb", 16384}, {"pipe-max-size", 65536}};
  after.system.capabilities[1].had = true;
  before.system.limits.push_back({"pipe-max-size", 1048576});
  before.cases.push_back(result("pipe/gone", VerdictClass::pass));
  after.cases.push_back(result("sysv-msg/new", VerdictClass::fail, "msgsnd returned -1 EINVAL, not 0"));
  after.cases.push_back(result("sysv-msg/newer", VerdictClass::pass));
  after.cases[0].verdict = {VerdictClass::timeout, "P has not returned from read", no_step, "", "", {}};
  after.cases[1].verdict.cls = VerdictClass::pass;
  after.cases[1].verdict.reason = "";
  after.cases[3].verdict = {VerdictClass::pass, "", no_step, "", "", {}};
  after.cases[4].verdict.reason = "P has not returned from open(\"f\")";
  after.cases[5].verdict.observations = {{"cap", Value::integer(4096)}};
  return {before, after};
}

template <typename Write>
std::string written(Write write) {
  std::ostringstream out;
  const auto [before, after] = two_systems();
  write(out, compare(before, after));
  return out.str();
}

}  // namespace

TEST_CASE("what counts as a regression, a fix, a skip") {
  const auto pass = result("a/b", VerdictClass::pass), skip = result("a/b", VerdictClass::skip, "needs x: none"),
             fail = result("a/b", VerdictClass::fail, "read returned 0, not 1");
  CHECK(kinds(pass, pass).empty());
  CHECK(kinds(pass, fail) == std::vector{Kind::regression});
  CHECK(kinds(skip, fail) == std::vector{Kind::regression});
  CHECK(kinds(fail, pass) == std::vector{Kind::fix});
  CHECK(kinds(fail, fail).empty());
  CHECK(kinds(pass, skip) == std::vector{Kind::skip});
  CHECK(kinds(skip, pass) == std::vector{Kind::skip});
  CHECK(kinds(fail, skip) == std::vector{Kind::skip});
  CHECK(kinds(skip, result("a/b", VerdictClass::skip, "needs y: none")) == std::vector{Kind::skip});
  CHECK(kinds(fail, result("a/b", VerdictClass::fail, "read returned 2, not 1")) == std::vector{Kind::other});
  CHECK(kinds(fail, result("a/b", VerdictClass::timeout)) == std::vector{Kind::other});
  for (VerdictClass c : {VerdictClass::unresolved, VerdictClass::undecided, VerdictClass::timeout, VerdictClass::error})
    CHECK(kinds(pass, result("a/b", c)) == std::vector{Kind::regression});
}

TEST_CASE("a gate sees regressions, bad new cases, and lost coverage where it asks") {
  const auto pass = result("a/b", VerdictClass::pass), other = result("a/c", VerdictClass::pass);
  CHECK_FALSE(compare(record_of({pass}), record_of({pass, other})).has_regressions());
  CHECK(compare(record_of({pass}), record_of({pass, result("a/c", VerdictClass::error)})).has_regressions());
  const Comparison gone = compare(record_of({pass, other}), record_of({pass}));
  CHECK_FALSE(gone.has_regressions());
  CHECK(gone.has_lost_coverage());
  CHECK(compare(record_of({pass}), record_of({result("a/b", VerdictClass::skip)})).has_lost_coverage());
  CHECK_FALSE(compare(record_of({result("a/b", VerdictClass::skip)}), record_of({pass})).has_lost_coverage());
}

TEST_CASE("repeats are one instance, and a clearly other rate is a change") {
  const auto kinds_of = [](const std::vector<CaseResult> &before, const std::vector<CaseResult> &after) {
    const Comparison c = compare(record_of(before), record_of(after));
    return c.changes.empty() ? std::nullopt : std::optional(c.changes.at(0).kind);
  };
  CHECK(kinds_of(repeats(100, 0), repeats(99, 1)) == Kind::regression);
  CHECK(kinds_of(repeats(99, 1), repeats(100, 0)) == Kind::fix);
  CHECK(kinds_of(repeats(98, 2), repeats(97, 3)) == std::nullopt);
  CHECK(kinds_of(repeats(98, 2), repeats(50, 50)) == Kind::regression);
  CHECK(kinds_of(repeats(50, 50), repeats(98, 2)) == Kind::fix);
}

TEST_CASE("the Wilson interval") {
  const auto near = [](double a, double b) { return a - b < 0.0005 && b - a < 0.0005; };
  // Compared with values of the published formula for 95 %.
  CHECK(near(wilson(0, 10).high, 0.2775));
  CHECK(wilson(0, 10).low == 0);
  CHECK(near(wilson(1, 10).low, 0.0179));
  CHECK(near(wilson(1, 10).high, 0.4042));
  CHECK(near(wilson(5, 10).low, 0.2366));
  CHECK(near(wilson(50, 100).high, 0.5962));
  CHECK(wilson(10, 10).high == 1);
  CHECK((wilson(0, 0).low == 0 && wilson(0, 0).high == 1));
  CHECK(rate_text(3, 100) == "3 of 100 (3.0 %, 95 % confidence: 1.0 to 8.5 %)");
}

TEST_CASE("flaky is what passed and did not") {
  Record record = record_of(repeats(2, 1));
  record.cases.push_back(result("pipe/y", VerdictClass::fail));
  record.cases.push_back(result("pipe/y", VerdictClass::fail));
  const Tallies tallies(record);
  const auto found = flaky(tallies);
  REQUIRE(found.size() == 1);
  CHECK(found[0]->id == "pipe/x");
  CHECK((found[0]->bad() == 1 && found[0]->ran() == 3));
}

TEST_CASE("differences of the systems that may explain a change stand beside it") {
  const auto [before, after] = two_systems();
  const Comparison c = compare(before, after);
  const auto explained = [&](const std::string &id, Kind kind) {
    std::vector<std::string> names;
    for (const Change &change : c.changes)
      if (change.id == id && change.kind == kind)
        for (size_t i : change.explained_by) names.push_back(c.traits[i].name);
    return names;
  };
  CHECK(explained("sysv-msg/copy", Kind::skip) == std::vector<std::string>{"msgmax", "msg-copy"});
  CHECK(explained("sysv-msg/new", Kind::appeared) == std::vector<std::string>{"msgmax"});
  CHECK(explained("fifo/stuck", Kind::other) == std::vector<std::string>{"pipe-max-size"});
  CHECK(explained("pipe/eof", Kind::regression) == std::vector<std::string>{"pipe-max-size"});
  CHECK(c.traits[0].text() == "release 6.12.1 -> 6.13.0");
}

TEST_CASE("a comparison in words, for a summary and as a page") {
  using Writer = void (*)(std::ostream &, const Comparison &);
  const std::string text = written([](std::ostream &out, const Comparison &c) { write_text(out, c); });
  CHECK(text == golden("diff.text", text));
  const std::string markdown = written(static_cast<Writer>(write_markdown));
  CHECK(markdown == golden("diff.markdown", markdown));
  const std::string html = written(static_cast<Writer>(write_html));
  CHECK(html.substr(html.find("<main>")) == golden("diff.html", html.substr(html.find("<main>"))));
}

TEST_CASE("a comparison for programs") {
  const std::string text = written([](std::ostream &out, const Comparison &c) { write_json(out, c); });
  const auto json = nlohmann::json::parse(text);
  CHECK(json["schema"] == "ipcvet/diff/1");
  CHECK(json["changes"][0]["kind"] == "regression");
  CHECK(json["changes"][0]["id"] == "pipe/eof");
  CHECK(json["traits"][0]["name"] == "release");
  CHECK(json["same"] == 1);
}

TEST_CASE("nothing of a record becomes markup or a line of its own in a comparison") {
  Record before = record_of({result("a/b", VerdictClass::pass)});
  Record after = record_of({result("a/b", VerdictClass::fail, "<script>x</script>\x1b[2J\nRegressions")});
  after.system.release = "<img src=x>";
  const Comparison c = compare(before, after);
  std::ostringstream text, html, markdown, json;
  write_text(text, c);
  write_html(html, c);
  write_markdown(markdown, c);
  write_json(json, c);
  CHECK(text.str().find('\x1b') == std::string::npos);
  CHECK(text.str().find("\nRegressions\nRegressions") == std::string::npos);
  for (const std::string &out : {html.str(), markdown.str()}) {
    CHECK(out.find("<script") == std::string::npos);
    CHECK(out.find("<img") == std::string::npos);
  }
  CHECK(nlohmann::json::accept(json.str()));
}
