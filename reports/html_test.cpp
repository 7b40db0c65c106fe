#include "reports/html.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "reports/html_events.h"
#include "reports/html_text.h"
#include "reports/sample.h"
#include "reports/viewer/assets.h"

using namespace ipcvet;
using nlohmann::json;

namespace {

std::string written(std::span<const Record> records) {
  std::ostringstream out;
  write_page(out, records);
  return out.str();
}
std::string written(const Record &record) { return written({&record, 1}); }

// What stands between the tags of the element with this id.
std::string inside(const std::string &html, const std::string &id) {
  const size_t tag = html.find("id=\"" + id + "\">");
  if (tag == std::string::npos) return "";
  const size_t from = html.find('>', tag) + 1;
  return html.substr(from, html.find("</script>", from) - from);
}

json index_of(const std::string &html) { return json::parse(inside(html, "index")); }

// The page without the viewer's own script and style: what a record had a say in.
std::string without_viewer(std::string html) {
  for (std::string_view own : {page_script, page_style}) {
    const size_t at = html.find(own);
    REQUIRE(at != std::string::npos);
    html.erase(at, own.size());
  }
  return html;
}

// The first tag that does not close what is open; empty if all are balanced.
std::string unbalanced(const std::string &html) {
  const std::set<std::string> empty = {"meta", "br", "!DOCTYPE"};
  std::vector<std::string> open;
  for (size_t at = 0; (at = html.find('<', at)) != std::string::npos; ++at) {
    const size_t end = html.find_first_of(" >", at);
    const std::string name = html.substr(at + 1, end - at - 1);
    if (empty.contains(name)) continue;
    if (name[0] != '/') {
      open.push_back(name);
    } else {
      if (open.empty() || open.back() != name.substr(1)) return name;
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

size_t times(const std::string &text, const std::string &part) {
  size_t n = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++n;
  return n;
}

// The first case of the sample, whose second line is a fork.
CaseResult forking() {
  CaseResult r = sample_record().cases[0];
  for (Event &e : r.history.events)
    if (e.step == 1) e.name = "fork";
  return r;
}

json events_of(const CaseResult &r) { return json::parse("{" + events_json(r) + "}"); }
json marks_of(const CaseResult &r) { return json::parse("{" + marks_json(r) + "}"); }

}  // namespace

TEST_CASE("the page is well formed, needs nothing else and lets only its own script in") {
  const std::string html = written(sample_record());
  CHECK(unbalanced(without_viewer(html)) == "");
  CHECK(times(html, "<script>") == 1);
  CHECK(html.find("script-src '" + std::string(page_script_hash) + "';") != std::string::npos);
  CHECK(html.find("style-src '" + std::string(page_style_hash) + "';") != std::string::npos);
  CHECK(html.find("default-src 'none'") != std::string::npos);
  CHECK(html.find(" src=") == std::string::npos);
  CHECK(times(html, "://") == 1);
  CHECK(html.find("http://www.w3.org/2000/svg") != std::string::npos);  // a name, never fetched
}

TEST_CASE("without a script there is a summary") {
  const std::string html = written(sample_record());
  const std::string plain = html.substr(0, html.find("</main>"));
  CHECK(plain.find("<th scope=\"row\">pipe</th><td>2</td><td>2</td>") != std::string::npos);
  CHECK(plain.find("<b>fail</b> <code>pipe/eof-broken</code>") != std::string::npos);
  CHECK(plain.find("6 instances in 1.5 s, profile linux") != std::string::npos);
}

TEST_CASE("the index holds systems, instances, verdicts, reasons, requirements and observations") {
  const json index = index_of(written(sample_record()));
  CHECK(index["systems"][0]["libc"] == "glibc 2.41");
  CHECK(index["systems"][0]["sandboxes"] == json::parse(R"([["own user pid ipc mount",3]])"));
  CHECK(index["systems"][0]["proofs"][0] ==
        json::parse(R"(["asleep in the call, not scheduled between two looks",2])"));
  CHECK(index["verdicts"] == json::parse(R"(["pffstp"])"));
  CHECK(index["instances"].size() == 6);
  CHECK(index["instances"][2] == json::parse(R"([2,1,1,"size = PIPE_BUF, falsifies = _"])"));
  CHECK(index["mechanisms"] == json::parse(R"(["pipe","sysv-msg","fifo"])"));
  CHECK(index["reasons"][0].size() == 8);
  CHECK(index["observations"] == json::parse(R"([[5,"cap",["65536"]]])"));
  bool rule = false;
  for (const json &q : index["requirements"])
    rule = rule || q[2] == "read() returns 0 once no process has the pipe open for writing.";
  CHECK(rule);
  CHECK(index["uncited"][0][0][0] == "linux/pipe/packet-room");
  CHECK(index["uncited"][1][1] == "no case can cut the power");
}

TEST_CASE("what one system's record does not cite another's may") {
  std::vector<Record> records = {sample_record(), sample_record()};
  records[0].cases.erase(records[0].cases.begin(), records[0].cases.begin() + 2);
  records[0].uncited.push_back({records[1].cases[0].requirements[0], ""});
  const json index = index_of(written(records));
  CHECK(index["uncited"].size() == 2);
}

TEST_CASE("details hold the case's own lines, their marks and what happened") {
  const json chunk = json::parse(inside(written(sample_record()), "chunk-0"));
  REQUIRE(chunk.size() == 6);
  const json &broken = chunk[1];
  const json &detail = broken["details"][0];
  CHECK(detail["marks"] == "ooooox-");
  CHECK(detail["step"] == 5);
  CHECK(detail["actual"] == "-1 EINTR");
  CHECK(detail["leaks"] == json::parse(R"(["1 objects removed after the case"])"));
  const json &text = broken["texts"][0];
  CHECK(text["lines"][text["at"][3].get<size_t>()] == "P  read(r, _, 16) ...  # W still holds a write end");
  CHECK(chunk[2]["details"][0]["stress"][0] == json::parse(R"(["W",0,2,0,0,0,0,true])"));
}

TEST_CASE("events say who did what on which line") {
  const Record record = sample_record();
  const json told = events_of(forking());
  CHECK(told["actors"] == json::parse(R"(["P","W"])"));
  CHECK(told["events"] == json::parse(R"([["r",0,0],["f",1,0,1],["r",2,0],["b",3,0],["r",4,1],["r",5,0],["w",6,0]])"));
  CHECK(events_of(record.cases[3])["events"].empty());
  CHECK(events_of(record.cases[4])["events"] == json::parse(R"([["c",0,0]])"));
}

TEST_CASE("a signal names its sender, an end says how") {
  CaseResult r = forking();
  Event signal{.kind = Event::Kind::signal, .step = 5, .actor = "P", .name = "SIGUSR1"};
  signal.result = Value::record({{"si_pid", Value::integer(77)}});
  Event end{.kind = Event::Kind::ended, .step = 6, .actor = "W", .name = "exited", .result = Value::integer(3)};
  std::erase_if(r.history.events, [](const Event &e) { return e.step > 4; });
  r.history.events.push_back(signal);
  r.history.events.push_back(end);
  const json events = events_of(r)["events"];
  REQUIRE(events.size() == 7);
  CHECK(events[5] == json::parse(R"(["g",5,0,"SIGUSR1",1])"));
  CHECK(events[6] == json::parse(R"(["x",6,1,"exited 3"])"));
}

TEST_CASE("an actor's process id is no remark, a descriptor is") {
  const json remarks = marks_of(forking())["remarks"];
  CHECK(remarks.contains("0"));
  CHECK(!remarks.contains("1"));
}

TEST_CASE("two systems that agree share their details, and the page says which is which") {
  std::vector<Record> records = {sample_record(), sample_record(), sample_record()};
  records[1].system.release = "6.1.0";
  records[2].system.libc = "musl 1.2";
  records[2].cases[1].verdict.actual = "-1 EIO";
  records[2].cases.pop_back();
  const std::string html = written(records);
  const json index = index_of(html);
  CHECK(index["systems"][0]["name"] == "Linux 6.12.1, glibc 2.41");
  CHECK(index["systems"][1]["name"] == "Linux 6.1.0, glibc 2.41");
  CHECK(index["systems"][2]["name"] == "Linux 6.12.1, musl 1.2");
  CHECK(index["verdicts"] == json::parse(R"(["pffstp","pffstp","pffst."])"));
  const json chunk = json::parse(inside(html, "chunk-0"));
  CHECK(chunk[0]["by"] == json::parse("[0,0,0]"));
  CHECK(chunk[1]["by"] == json::parse("[0,0,1]"));
  CHECK(chunk[5]["by"] == json::parse("[0,0,-1]"));
  CHECK(chunk[1]["texts"].size() == 1);
}

TEST_CASE("the repeats of an instance in a record are rows of their own") {
  Record record = sample_record();
  record.cases.push_back(record.cases[0]);
  const json index = index_of(written(record));
  CHECK(index["instances"][0] == json::parse(R"([0,null,1,""])"));
  CHECK(index["instances"][6] == json::parse(R"([0,null,2,""])"));
}

TEST_CASE("nothing from a record becomes markup, and nothing turns the text around it") {
  Record record = sample_record();
  const std::string evil = "</script><script>alert(\"1\")</script><!-- &'\x1b\xff\xe2\x80\xae\xe2\x80\xa8";
  CaseResult &r = record.cases[1];
  r.brief = r.verdict.reason = r.verdict.allowed = r.verdict.actual = r.text = r.steps[0] = evil;
  r.history.sandbox = r.requirements[0].rule = r.requirements[0].source = r.requirements[0].id = evil;
  r.history.leaks = {evil};
  r.history.events[0].actor = r.history.events[0].name = r.history.events[0].proof = r.history.root = evil;
  r.history.seconds = 1e308;
  r.verdict.observations = {{evil, Value::bytes(evil)}};
  r.cells = {{evil, Value::bytes(evil)}};
  r.id = r.mechanism = record.system.kernel = record.system.libc = evil;
  record.system.command = {evil};
  record.system.sandbox = {evil};
  record.system.limits = {{evil, 1}};
  record.system.capabilities = {{evil, true, evil}};
  const std::string html = without_viewer(written(record));
  CHECK(times(html, "<script") == 3);  // the chunk, the index, the viewer
  CHECK(unbalanced(html) == "");
  for (const char *raw : {"\x1b", "\xff", "alert(\"1\")", "<!--", "\xe2\x80\xae", "\xe2\x80\xa8"})
    CHECK(html.find(raw) == std::string::npos);
  CHECK(index_of(html)["instances"].size() == 6);
  CHECK(json::parse(inside(html, "chunk-0")).size() == 6);
}

TEST_CASE("text is shown as it is, or byte by byte") {
  CHECK(shown("a\nb") == "a\nb");
  CHECK(shown("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
  CHECK(shown("\r\t\x7f") == "\\x0d\\x09\\x7f");
  CHECK(shown("\xe2\x80\xae") == "\\xe2\\x80\\xae");
  CHECK(html_text("<a b='&\">") == "&lt;a b=&#39;&amp;&quot;&gt;");
  CHECK(json_text("<\"\\\n&>") == "\"\\u003c\\\"\\\\\\n\\u0026\\u003e\"");
}
