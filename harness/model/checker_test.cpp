// The checker on small cases, right ones and ones with a planted wrong expectation.
#include "harness/model/checker.h"

#include <catch2/catch_test_macros.hpp>

#include "harness/case/parser.h"

using namespace ipcvet;

namespace {

std::string checked(const std::string &steps, Profile profile = Profile::linux_) {
  const std::string text = "case  pipe/test\nbrief \"test\"\nspec  posix/pipe/first-in-first-out  shall\n\n" + steps;
  const auto c = parse(text, "test.ipc");
  REQUIRE(c);
  const auto setting = model::make_setting(profile, {});
  std::string out;
  for (const Case &instance : expand(*c)) {
    const model::CheckResult r = model::check(instance, setting);
    if (r.kind == model::CheckResult::Kind::agrees) out += "agrees\n";
    if (r.kind == model::CheckResult::Kind::unmodelled) out += "not modelled: " + r.why + "\n";
    if (r.kind == model::CheckResult::Kind::disagrees) out += r.line + ": " + r.why + " (" + r.requirement + ")\n";
  }
  return out;
}

constexpr const char *last_close = R"(P  pipe([r, w]) = 0
P  fork() = W
P  close(w) = 0
P  read(r, _, 16) ...
W  write(w, "bye", 3) = 3
P  ... read(r, "bye", 16) = 3
P  read(r, _, 16) ...
W  close(w) = 0
P  ... read(r, "", 16) = 0
)";

std::string with(std::string text, const std::string &what, const std::string &by) {
  const size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("a right case agrees") { CHECK(checked(last_close) == "agrees\n"); }

TEST_CASE("a wrong result is told with what the model predicts and why") {
  CHECK(checked(with(last_close, "3) = 3", "3) = 2")) ==
        "W  write(w, \"bye\", 3) = 2: the model predicts = 3, and the line allows 2 (posix/write/full-blocks)\n");
}

TEST_CASE("wrong bytes are told") {
  CHECK(checked(with(last_close, "\"bye\", 16", "\"bya\", 16")) ==
        "P  ... read(r, \"bya\", 16) = 3: the model predicts buf: \"bye\", and the line allows buf: \"bya\" "
        "(posix/read/returns-what-is-there)\n");
}

TEST_CASE("blocking where the model returns, and returning where it blocks") {
  CHECK(checked("P  pipe([r, w]) = 0\nP  write(w, \"x\", 1) = 1\nP  read(r, _, 1) ...\n") ==
        "P  read(r, _, 1) ...: the model predicts = 1, buf \"x\" (posix/read/returns-what-is-there)\n");
  CHECK(checked("P  pipe([r, w]) = 0\nP  read(r, _, 1) = 0\n") ==
        "P  read(r, _, 1) = 0: the model predicts that P is blocked in it ()\n");
}

TEST_CASE("a wake-up that no line claims, and one that does not come") {
  CHECK(checked(
            "P  pipe([r, w]) = 0\nP  fork() = W\nW  read(r, _, 1) ...\nP  write(w, \"x\", 1) = 1\nP  getpid() = _\n") ==
        "P  getpid() = _: the model predicts that W completes = 1, buf \"x\", and no line claims it "
        "(posix/read/returns-what-is-there)\n");
  CHECK(
      checked(
          "P  pipe([r, w]) = 0\nP  fork() = W\nW  read(r, _, 1) ...\nP  close(w) = 0\nW  ... read(r, \"\", 1) = 0\n") ==
      "W  ... read(r, \"\", 1) = 0: the model predicts that W is blocked in it ()\n");
}

TEST_CASE("one of two waiters is as good as the other, but not a certain one") {
  const std::string start =
      "P  pipe([r, w]) = 0\nP  fork() = A\nP  fork() = B\nA  read(r, _, 1) ...\nB  read(r, _, 1) ...\n"
      "P  write(w, \"x\", 1) = 1\n";
  CHECK(checked(start + "one of A B  ... read(r, \"x\", 1) = 1\n") == "agrees\n");
  CHECK(checked(start + "A  ... read(r, \"x\", 1) = 1\n") ==
        "A  ... read(r, \"x\", 1) = 1: the model predicts that A is blocked in it ()\n");
  CHECK(checked(start + "P  write(w, \"y\", 1) = 1\n") ==
        "P  write(w, \"y\", 1) = 1: the model predicts that A completes = 1, buf \"x\", and no line claims it "
        "(posix/read/returns-what-is-there)\n");
}

TEST_CASE("what has no rule is not agreement") {
  CHECK(checked("P  lseek(0, 0, SEEK_SET) = 0\n") == "not modelled: lseek() of this kind of file\n");
}
