#include "harness/judge/match.h"

#include <catch2/catch_test_macros.hpp>

#include "harness/judge/history_text.h"

using namespace ipcvet;

namespace {

struct Try {
  Bindings bound{{"r", Value::integer(3)}, {"W", Value::integer(77)}, {"data", Value::bytes("xy")}};
  std::vector<Observation> seen{};

  // The expectation is an outcome, so that every form of the language can be tried.
  bool operator()(std::string_view expected, std::string_view actual) {
    const Case c = instance_of("P  getpid() = " + std::string(expected) + "\n");
    return matches(c.steps[0].outcome[0].value, value_of(actual), Constants{}, bound, seen, 1000, 1010);
  }
};

}  // namespace

TEST_CASE("literals match themselves only") {
  Try matched;
  CHECK(matched("3", "3"));
  CHECK_FALSE(matched("3", "4"));
  CHECK(matched("0600", "384"));
  CHECK_FALSE(matched("3", "\"3\""));
  CHECK_FALSE(matched("3", "-1 EAGAIN"));
  CHECK(matched("\"ab\"", "\"ab\""));
  CHECK_FALSE(matched("\"ab\"", "\"abc\""));
  CHECK_FALSE(matched("\"ab\"", "\"a\""));
  CHECK(matched("\"a\"*4096", "\"a\"*4096"));
  CHECK_FALSE(matched("\"a\"*4096", "\"a\"*4095"));
}

TEST_CASE("don't care takes anything") {
  Try matched;
  for (const char *actual : {"3", "-1 EAGAIN", "\"x\"", "[1]", "{a: 1}", "missing"}) CHECK(matched("_", actual));
}

TEST_CASE("ranges include both ends") {
  Try matched;
  CHECK(matched("1..10", "1"));
  CHECK(matched("1..10", "10"));
  CHECK_FALSE(matched("1..10", "0"));
  CHECK_FALSE(matched("1..10", "11"));
  CHECK(matched("PIPE_BUF..PIPE_BUF*2", "4096"));
  CHECK_FALSE(matched("PIPE_BUF..PIPE_BUF*2", "8193"));
  CHECK_FALSE(matched("1..10", "-1 EINTR"));
  CHECK_FALSE(matched("1..unknown", "5"));
}

TEST_CASE("errors match by the system's number") {
  Try matched;
  CHECK(matched("-1 EAGAIN", "-1 EAGAIN"));
  CHECK_FALSE(matched("-1 EAGAIN", "-1 EINTR"));
  CHECK(matched("-1 EOPNOTSUPP", "-1 ENOTSUP"));
  CHECK_FALSE(matched("-1 EAGAIN", "0"));
  CHECK_FALSE(matched("-1 EAGAIN", "11"));
  CHECK(matched("-1", "-1 EAGAIN"));
  CHECK_FALSE(matched("0", "-1 EAGAIN"));
}

TEST_CASE("an unbound name binds, a bound one must match") {
  Try matched;
  CHECK(matched("id", "42"));
  CHECK(matched.bound.at("id") == Value::integer(42));
  CHECK(matched("id", "42"));
  CHECK_FALSE(matched("id", "43"));
  CHECK(matched("r", "3"));
  CHECK_FALSE(matched("r", "4"));
  CHECK(matched("W", "77"));
  CHECK(matched("data", "\"xy\""));
  CHECK_FALSE(matched("data", "\"xz\""));
}

TEST_CASE("a failure binds nothing") {
  Try matched;
  CHECK_FALSE(matched("id", "-1 EMFILE"));
  CHECK_FALSE(matched("id", "missing"));
  CHECK_FALSE(matched.bound.contains("id"));
}

TEST_CASE("constants and expressions match by value and never bind") {
  Try matched;
  CHECK(matched("PIPE_BUF", "4096"));
  CHECK_FALSE(matched("PIPE_BUF", "512"));
  CHECK_FALSE(matched.bound.contains("PIPE_BUF"));
  CHECK(matched("O_RDWR|O_NONBLOCK", "2050"));
  CHECK_FALSE(matched("O_RDWR|O_NONBLOCK", "2"));
  CHECK(matched("r+1", "4"));
  CHECK_FALSE(matched("r+1", "3"));
  CHECK_FALSE(matched("other+1", "3"));
}

TEST_CASE("binding waits for the whole match") {
  Try matched;
  CHECK_FALSE(matched("[a, 9]", "[1, 2]"));
  CHECK_FALSE(matched.bound.contains("a"));
  CHECK_FALSE(matched("{x: a, y: 9}", "{x: 1, y: 2}"));
  CHECK_FALSE(matched.bound.contains("a"));
  CHECK_FALSE(matched("[?o, 9]", "[1, 2]"));
  CHECK(matched.seen.empty());
  CHECK(matched("[a, a]", "[5, 5]"));
  CHECK(matched.bound.at("a") == Value::integer(5));
}

TEST_CASE("one name must have one value within a match") {
  Try matched;
  CHECK_FALSE(matched("[a, a]", "[1, 2]"));
  CHECK_FALSE(matched.bound.contains("a"));
}

TEST_CASE("lists match element by element and in length") {
  Try matched;
  CHECK(matched("[3, _]", "[3, 4]"));
  CHECK_FALSE(matched("[3]", "[3, 4]"));
  CHECK_FALSE(matched("[3, 4, 5]", "[3, 4]"));
  CHECK(matched("[]", "[]"));
  CHECK_FALSE(matched("[]", "0"));
}

TEST_CASE("of a record only what is written is compared") {
  Try matched;
  CHECK(matched("{qnum: 1}", "{qnum: 1, cbytes: 3}"));
  CHECK_FALSE(matched("{qnum: 1}", "{qnum: 2, cbytes: 3}"));
  CHECK_FALSE(matched("{qnum: 1}", "{cbytes: 3}"));
  CHECK_FALSE(matched("{qnum: 1}", "1"));
  CHECK(matched("{si_pid: W, si_code: SI_USER}", "{si_code: 0, si_pid: 77}"));
  CHECK_FALSE(matched("{si_pid: W}", "{si_pid: 78}"));
}

TEST_CASE("a wait status has exactly one tag") {
  Try matched;
  CHECK(matched("{exited: 3}", "{exited: 3}"));
  CHECK_FALSE(matched("{exited: 3}", "{killed: 3}"));
  CHECK(matched("{killed: SIGKILL}", "{killed: 9, core: 0}"));
}

TEST_CASE("observing takes anything and says what it was") {
  Try matched;
  CHECK(matched("?cap", "65536"));
  CHECK(matched("?how", "-1 EPERM"));
  REQUIRE(matched.seen.size() == 2);
  CHECK(matched.seen[0] == Observation{"cap", Value::integer(65536)});
  CHECK(matched.seen[1] == Observation{"how", Value::error("EPERM")});
  CHECK(matched("cap", "65536"));  // may be used afterwards
  CHECK_FALSE(matched("cap", "1"));
  CHECK_FALSE(matched.bound.contains("how"));
}

TEST_CASE("now lies between the start of the case and this moment") {
  Try matched;
  CHECK(matched("now", "999"));
  CHECK(matched("now", "1011"));
  CHECK_FALSE(matched("now", "998"));
  CHECK_FALSE(matched("now", "1012"));
  CHECK_FALSE(matched("now", "0"));
}

TEST_CASE("reserved words") {
  Try matched;
  CHECK(matched("NULL", "0"));
  CHECK_FALSE(matched("NULL", "4096"));
  CHECK(matched("jumped", "jumped"));
  CHECK_FALSE(matched("jumped", "-1 EINTR"));
  CHECK(matched("SIG_IGN", "1"));
  CHECK_FALSE(matched("SIG_DFL", "1"));
}

TEST_CASE("signal sets compare as sets") {
  const Bindings bound;
  const Constants host;
  const auto set = [&](std::string_view expected, std::string_view actual) {
    const Case c = instance_of("P  getpid() = " + std::string(expected) + "\n");
    Matcher m(bound, host, 0, 0);
    return m.match_set(c.steps[0].outcome[0].value, value_of(actual));
  };
  CHECK(set("[SIGUSR1, SIGUSR2]", "[12, 10]"));
  CHECK(set("[SIGUSR1, SIGUSR1]", "[10]"));
  CHECK_FALSE(set("[SIGUSR1]", "[10, 12]"));
  CHECK_FALSE(set("[SIGUSR1, SIGHUP]", "[10, 12]"));
  CHECK(set("[]", "[]"));
  CHECK(set("_", "[1]"));
}

TEST_CASE("of a buffer at no address nothing is told") {
  Try matched;
  CHECK(matched("[{base: bad, len: 0}, {base: \"a\", len: 1}]", "[{len: 0}, {base: \"a\", len: 1}]"));
  CHECK(matched("{base: NULL, len: 0}", "{len: 0}"));
  CHECK_FALSE(matched("{base: bad, len: 0}", "{base: \"a\", len: 0}"));
  CHECK_FALSE(matched("{base: \"a\", len: 0}", "{len: 0}"));
}
