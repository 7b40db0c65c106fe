// How a run's end, the case's levels and the profile turn into a verdict.
#include "harness/judge/judge.h"

#include <catch2/catch_test_macros.hpp>

#include "harness/judge/history_text.h"

using namespace ipcvet;

namespace {

std::string header(std::string_view specs) { return "case  pipe/test\nbrief \"test\"\n" + std::string(specs) + "\n\n"; }

std::string judged(const std::string &text, std::string_view events, JudgeOptions options = {}) {
  const Case instance = instance_of(text);
  return verdict_text(judge(instance, history_of(instance, events), options));
}

std::string ended(RunEnd end, const std::string &why, std::string_view events = "") {
  const Case instance = instance_of("P  read(3, _, 1) = 1\nP  getpid() = _\n");
  History h = history_of(instance, events);
  h.end = end;
  h.why = why;
  return verdict_text(judge(instance, h));
}

constexpr JudgeOptions posix{Profile::posix};
constexpr const char *one = "P  read(3, _, 1) = 1\n";

}  // namespace

TEST_CASE("how a run ended decides first") {
  CHECK(ended(RunEnd::skipped, "needs mqueue: not there") == "skip: needs mqueue: not there");
  CHECK(ended(RunEnd::broken, "no fork server") == "error: no fork server");
  CHECK(ended(RunEnd::broken, "no fork server", "0 P returned 2") == "error: no fork server");
  CHECK(ended(RunEnd::timed_out, "P is in read", "0 P call") ==
        "timeout at 0: P is in read / read returns / P is in read");
}

TEST_CASE("a deviation before the limit is a failure and no time-out") {
  CHECK(ended(RunEnd::timed_out, "P is in read", "0 P returned 2") == "fail at 0: read returned 2, not 1 / 1 / 2");
}

TEST_CASE("a finished run must have reached every line") {
  CHECK(ended(RunEnd::finished, "", "0 P returned 1 | 3 | \"a\" | 1\n1 P returned 5") == "pass");
  CHECK(ended(RunEnd::finished, "", "0 P returned 1 | 3 | \"a\" | 1") ==
        "error at 1: the history says nothing of \"P  getpid() = _\"");
  CHECK(ended(RunEnd::finished, "") == "error at 0: the history says nothing of \"P  read(3, _, 1) = 1\"");
}

TEST_CASE("what only Linux promises is not judged under the posix profile") {
  const std::string linux_only = header("spec  linux/a  linux") + one;
  CHECK(judged(linux_only, "0 P returned 2") == "fail at 0: read returned 2, not 1 / 1 / 2");
  CHECK(judged(linux_only, "0 P returned 2", posix) == "skip: only Linux promises this; the profile is posix");
  const std::string both = header("spec  linux/a  linux\nspec  posix/a  shall") + one;
  CHECK(judged(both, "0 P returned 2", posix) == "fail at 0: read returned 2, not 1 / 1 / 2");
}

TEST_CASE("an alternative of another profile is not allowed") {
  const std::string text = header("spec  posix/a  shall") + "P  close(3) = 0 (linux) or -1 EINTR (posix) or -1 EIO\n";
  CHECK(judged(text, "0 P returned 0") == "pass");
  CHECK(judged(text, "0 P returned 0", posix) ==
        "fail at 0: close returned 0, not -1 EINTR or -1 EIO / -1 EINTR or -1 EIO / 0");
  CHECK(judged(text, "0 P returned -1 EINTR", posix) == "pass");
  CHECK(judged(text, "0 P returned -1 EINTR") ==
        "fail at 0: close returned -1 EINTR, not 0 or -1 EIO / 0 or -1 EIO / -1 EINTR");
  CHECK(judged(text, "0 P returned -1 EIO") == "pass");
}

TEST_CASE("a case that only observes never fails") {
  const std::string text = header("spec  linux/a  observe") + "P  fcntl(3, F_GETPIPE_SZ) = ?cap\n" + one;
  const Case instance = instance_of(text);
  const Verdict seen = judge(instance, history_of(instance, "0 P returned 65536\n1 P returned 1 | 3 | \"a\" | 1"));
  CHECK(verdict_text(seen) == "pass");
  CHECK(seen.observations == std::vector<Observation>{{"cap", Value::integer(65536)}});
  const Verdict missed = judge(instance, history_of(instance, "0 P returned 65536\n1 P returned 0 | 3 | \"\" | 1"));
  CHECK(verdict_text(missed) == "unresolved at 1: read returned 0, not 1 / 1 / 0");
  CHECK(missed.observations == std::vector<Observation>{{"cap", Value::integer(65536)}});
  const std::string mixed = header("spec  linux/a  observe\nspec  posix/a  shall") + one;
  CHECK(judged(mixed, "0 P returned 2") == "fail at 0: read returned 2, not 1 / 1 / 2");
}

TEST_CASE("the root actor is known before its first line") {
  const Case instance = instance_of("P  getpid() = P\n");
  History h = history_of(instance, "0 P returned 5");
  h.root = "P";
  h.root_pid = 5;
  CHECK(verdict_text(judge(instance, h)) == "pass");
  h.root_pid = 6;
  CHECK(verdict_text(judge(instance, h)) == "fail at 0: getpid returned 5, not P (6) / P (6) / 5");
}

TEST_CASE("judging is repeatable: the same history, the same verdict") {
  const Case instance = instance_of("P  pipe([r, w]) = 0\nP  read(r, _, 1) = 0\n");
  const History h = history_of(instance, "0 P returned 0 | [3, 4]\n1 P returned 1 | 3 | \"a\" | 1");
  CHECK(verdict_text(judge(instance, h)) == verdict_text(judge(instance, h)));
}

TEST_CASE("the words of the verdict classes") {
  CHECK(std::string(verdict_name(VerdictClass::pass)) == "pass");
  CHECK(std::string(verdict_name(VerdictClass::undecided)) == "undecided");
  CHECK(std::string(verdict_name(VerdictClass::timeout)) == "timeout");
}
