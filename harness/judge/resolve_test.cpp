#include "harness/judge/resolve.h"

#include <catch2/catch_test_macros.hpp>

#include "harness/case/printer.h"
#include "harness/judge/history_text.h"

using namespace ipcvet;

namespace {

const Bindings bound = {
    {"r", Value::integer(3)}, {"W", Value::integer(77)}, {"cap", Value::integer(65536)}, {"data", Value::bytes("xy")}};

Value parsed(std::string_view text) {
  return instance_of("P  exit(" + std::string(text) + ") = 0\n").steps[0].call.args[0];
}

std::string resolved(std::string_view text) {
  const Resolved r = resolve(parsed(text), bound, Constants{});
  return r.value ? print_actual(*r.value) : r.problem.name + " " + r.problem.why;
}

}  // namespace

TEST_CASE("what is written out stays as it is") {
  CHECK(resolved("42") == "42");
  CHECK(resolved("0600") == "0600");
  CHECK(resolved("\"hi\"") == "\"hi\"");
  CHECK(resolved("_") == "_");
}

TEST_CASE("names stand for what was bound, then for constants") {
  CHECK(resolved("r") == "3");
  CHECK(resolved("W") == "77");
  CHECK(resolved("data") == "\"xy\"");
  CHECK(resolved("PIPE_BUF") == "4096");
  CHECK(resolved("[r, W]") == "[3, 77]");
  CHECK(resolved("{fd: r, events: POLLIN|POLLHUP}") == "{fd: 3, events: 17}");
}

TEST_CASE("reserved words stay names") {
  for (const char *word : {"NULL", "bad", "record", "now", "past", "soon", "far", "count", "actor", "process"})
    CHECK(resolved(word) == word);
}

TEST_CASE("an unknown name is named") {
  CHECK(resolved("nope") == "nope is not bound");
  CHECK(resolved("r+nope") == "nope is not bound");
  CHECK(resolved("[r, nope]") == "nope is not bound");
  CHECK(resolved("{fd: nope}") == "nope is not bound");
}

TEST_CASE("constants are the judged system's") {
  const auto lookup = [](const void *, std::string_view name) -> std::optional<int64_t> {
    return name == "PIPE_BUF" ? std::optional<int64_t>(512) : std::nullopt;
  };
  const Constants other{lookup, nullptr};
  CHECK(*resolve(parsed("PIPE_BUF*2"), bound, other).value == Value::integer(1024));
  const Resolved missing = resolve(parsed("O_NONBLOCK"), bound, other);
  CHECK(missing.problem.name == "O_NONBLOCK");
  CHECK(missing.problem.why == "is not known on this system");
}

TEST_CASE("operators") {
  CHECK(resolved("PIPE_BUF*3") == "12288");
  CHECK(resolved("cap-1") == "65535");
  CHECK(resolved("cap+PIPE_BUF") == "69632");
  CHECK(resolved("O_CREAT|O_EXCL") == "192");
  CHECK(resolved("\"ab\"*3") == "\"ababab\"");
  CHECK(resolved("\"a\"*0") == "\"\"");
  CHECK(resolved("\"a\"*cap+\"b\"") == "\"a\"*65536+\"b\"");
  CHECK(resolved("data+\"z\"") == "\"xyz\"");
}

TEST_CASE("operators that cannot be done say so") {
  CHECK(resolved("LONG_MAX+1") == "9223372036854775807+1 does not fit in 64 bits");
  CHECK(resolved("LONG_MAX*2") == "9223372036854775807*2 does not fit in 64 bits");
  CHECK(resolved("LONG_MIN-1") == "-9223372036854775808-1 does not fit in 64 bits");
  CHECK(resolved("\"a\"*2097153") == "* makes more than 2 MiB of bytes");
  CHECK(resolved("\"ab\"*LONG_MAX") == "* makes more than 2 MiB of bytes");
  CHECK(resolved("\"a\"*2097152+\"b\"") == "+ makes more than 2 MiB of bytes");
  CHECK(resolved("data*LONG_MIN") == "* repeats bytes -9223372036854775808 times");
  CHECK(resolved("data+1") == "+ has operands that do not go together");
  CHECK(resolved("1..3") == ".. is a range, which no call can be given");
  CHECK(resolved("?n") == "n is observed and not given");
}

TEST_CASE("the null pointer counts as address zero") { CHECK(resolved("NULL+4096") == "4096"); }
