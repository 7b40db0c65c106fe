#include "reports/html.h"

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "reports/sample.h"

using namespace ipcvet;

namespace {

std::string written(const Record &record) {
  std::ostringstream out;
  write_html(out, record);
  return out.str();
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

std::vector<std::string> attributes(const std::string &html, const std::string &name) {
  std::vector<std::string> values;
  const std::string start = " " + name + "=\"";
  for (size_t at = 0; (at = html.find(start, at)) != std::string::npos;) {
    at += start.size();
    values.push_back(html.substr(at, html.find('"', at) - at));
  }
  return values;
}

}  // namespace

TEST_CASE("the page is well formed and needs nothing else") {
  const std::string html = written(sample_record());
  CHECK(unbalanced(html) == "");
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find("://") == std::string::npos);
  CHECK(attributes(html, "src").empty());
}

TEST_CASE("every link leads somewhere, and every anchor is there once") {
  const std::string html = written(sample_record());
  const std::vector<std::string> ids = attributes(html, "id");
  const std::set<std::string> anchors(ids.begin(), ids.end());
  CHECK(anchors.size() == ids.size());
  for (const std::string &link : attributes(html, "href")) CHECK(anchors.contains(link.substr(1)));
  for (const char *id : {"pipe/eof", "pipe/eof-broken", "pipe/whole[1]", "sysv-msg/copy", "fifo/stuck", "m-pipe"})
    CHECK(anchors.contains(id));
}

TEST_CASE("the page shows the deviation and its rule") {
  const std::string html = written(sample_record());
  CHECK(html.find("&gt;&gt;  P  ... read(r, &quot;&quot;, 16) = 0") != std::string::npos);
  CHECK(html.find("actual:   -1 EINTR") != std::string::npos);
  CHECK(html.find("read() returns 0 once no process") != std::string::npos);
  CHECK(html.find("POSIX.1-2024, read(), DESCRIPTION") != std::string::npos);
  CHECK(html.find("blocked: asleep in read") != std::string::npos);
  CHECK(html.find("sandbox: own user pid ipc mount") != std::string::npos);
}

TEST_CASE("requirements are counted") {
  const std::string html = written(sample_record());
  CHECK(html.find("5 requirements") != std::string::npos);
  CHECK(html.find("<span class=\"pass\">1 pass</span> <span class=\"fail\">1 fail</span>") != std::string::npos);
}

TEST_CASE("nothing from a record becomes markup") {
  Record record = sample_record();
  const std::string evil = "</pre><script>alert(\"1\")</script>&'\x1b\xff";
  CaseResult &r = record.cases[1];
  r.brief = r.verdict.reason = r.verdict.allowed = r.verdict.actual = r.text = r.steps[0] = evil;
  r.history.sandbox = r.requirements[0].rule = r.requirements[0].source = r.requirements[0].id = evil;
  r.history.leaks = {evil};
  r.verdict.observations = {{evil, Value::bytes(evil)}};
  r.cells = {{evil, Value::bytes(evil)}};
  r.id = r.mechanism = record.system.kernel = record.system.libc = evil;
  record.system.command = {evil};
  const std::string html = written(record);
  CHECK(html.find("<script") == std::string::npos);
  CHECK(unbalanced(html) == "");
  for (const char *raw : {"\x1b", "\xff", "alert(\"1\")"}) CHECK(html.find(raw) == std::string::npos);
}
