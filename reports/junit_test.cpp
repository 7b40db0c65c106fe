#include "reports/junit.h"

#include <catch2/catch_test_macros.hpp>
#include <pugixml.hpp>
#include <sstream>
#include <string>

#include "reports/sample.h"

using namespace ipcvet;

namespace {

std::string written(const Record &record) {
  std::ostringstream out;
  write_junit(out, record);
  return out.str();
}

std::string select(const pugi::xml_document &document, const char *path) {
  const pugi::xpath_node node = document.select_node(path);
  return node.attribute() ? node.attribute().value() : node.node().child_value();
}

}  // namespace

TEST_CASE("suites are mechanisms, tests are instances") {
  pugi::xml_document document;
  REQUIRE(document.load_string(written(sample_record()).c_str()));
  CHECK(select(document, "/testsuites/@tests") == "6");
  CHECK(select(document, "/testsuites/@failures") == "2");
  CHECK(select(document, "/testsuites/@errors") == "1");
  CHECK(select(document, "/testsuites/@skipped") == "1");
  CHECK(document.select_nodes("//testsuite").size() == 3);
  CHECK(select(document, "//testsuite[@name='pipe']/@tests") == "4");
  CHECK(document.select_nodes("//testcase").size() == 6);
  CHECK(select(document, "//testcase[@name='pipe/whole[1]']/@classname") == "pipe");
  CHECK(select(document, "//testcase[@name='pipe/eof']/properties/property[@name='requirement']/@value") ==
        "posix/read/pipe-no-writer-eof shall");
}

TEST_CASE("only a pass is green") {
  pugi::xml_document document;
  REQUIRE(document.load_string(written(sample_record()).c_str()));
  CHECK_FALSE(document.select_node("//testcase[@name='pipe/eof']/*[not(self::properties)]"));
  CHECK(select(document, "//testcase[@name='pipe/eof-broken']/failure/@message") == "read returned -1 EINTR, not 0");
  CHECK(select(document, "//testcase[@name='pipe/eof-broken']/failure").find("actual:   -1 EINTR") !=
        std::string::npos);
  CHECK(select(document, "//testcase[@name='sysv-msg/copy']/skipped/@message") ==
        "needs msg-copy: msgrcv with MSG_COPY is -1 ENOSYS");
  CHECK(select(document, "//testcase[@name='fifo/stuck']/error/@type") == "timeout");
  Record record = sample_record();
  for (VerdictClass c : {VerdictClass::unresolved, VerdictClass::undecided, VerdictClass::error}) {
    record.cases[0].verdict.cls = c;
    REQUIRE(document.load_string(written(record).c_str()));
    CHECK(select(document, "//testcase[@name='pipe/eof']/error/@type") == verdict_name(c));
  }
}

TEST_CASE("what XML cannot hold is escaped") {
  Record record = sample_record();
  record.cases[1].verdict.reason =
      std::string("nul \0 escape \x1b bad \xff <&\"']]> gr\xc3\xbc\xc3\x9f \xef\xbf\xbf", 39);
  const std::string text = written(record);
  for (char c : text) CHECK_FALSE((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t'));
  pugi::xml_document document;
  REQUIRE(document.load_string(text.c_str()));
  CHECK(select(document, "//testcase[@name='pipe/eof-broken']/failure/@message") ==
        "nul \\x00 escape \\x1b bad \\xff <&\"']]> gr\xc3\xbc\xc3\x9f \\xef\\xbf\\xbf");
}
