// Small cases run on this system by real actors: each verdict, and the words of each way a case can deviate.
#include <sched.h>

#include <catch2/catch_test_macros.hpp>

#include "harness/case/parser.h"
#include "harness/run/encode.h"
#include "harness/run/scheduler.h"

using namespace ipcvet;

namespace {

std::vector<CaseRun> run(const std::string &steps, const std::string &needs = "", std::vector<Case> *keep = nullptr) {
  static std::vector<std::vector<Case>> kept;  // results point to their instances
  const std::string text = "case  pipe/test\nbrief \"a test\"\nspec  posix/read/test  shall\n" + needs + "\n" + steps;
  auto parsed = parse(text);
  if (!parsed) FAIL(render(parsed.error()));
  kept.push_back(expand(*parsed));
  if (keep) *keep = kept.back();
  ScheduleOptions options;
  options.sequencer.limits.rest = std::chrono::milliseconds(100);
  auto result = run_cases(kept.back(), {}, options, [](const CaseRun &) {});
  if (!result) FAIL(result.error());
  return std::move(result->results);
}

Verdict verdict(const std::string &steps, const std::string &needs = "") { return run(steps, needs).at(0).verdict; }

std::string reason(VerdictClass cls, const std::string &steps) {
  const Verdict v = verdict(steps);
  INFO(v.reason);
  CHECK(v.cls == cls);
  return v.reason;
}

}  // namespace

TEST_CASE("a case that holds passes, and its history says how blocking was proven") {
  const auto results = run(R"(P  pipe([r, w]) = 0
P  fork() = W
P  read(r, _, 16) ...
W  write(w, "bye", 3) = 3
P  ... read(r, "bye", 16) = 3
W  exit(3) = ?
W  +++ exited 3
P  waitpid(W, {exited: 3}, 0) = W
)");
  CHECK(results[0].verdict.cls == VerdictClass::pass);
  bool proven = false;
  for (const Event &e : results[0].history.events)
    if (e.kind == Event::Kind::blocked) proven = e.proof.find("not scheduled between two looks") != std::string::npos;
  CHECK(proven);
}

TEST_CASE("without process ids of its own a case signals nobody but itself") {
  const auto alone = [](const std::string &steps) {
    const auto parsed = parse("case  signal/test\nbrief \"a test\"\nspec  posix/kill/test  shall\n\n" + steps);
    REQUIRE(parsed.has_value());
    const std::vector<Case> instances = expand(*parsed);
    ScheduleOptions options;
    options.sequencer.sandbox = 0;
    auto result = run_cases(instances, {}, options, [](const CaseRun &) {});
    REQUIRE(result.has_value());
    const Verdict &v = result->results[0].verdict;
    return std::string(verdict_name(v.cls)) + ": " + v.reason;
  };
  CHECK(alone("P  fork() = W\nP  kill(W, 0) = 0\nP  kill(0, 0) = 0\nP  kill(999999999, 0) = -1 ESRCH\n") == "pass: ");
  CHECK(alone("P  kill(-1, 0) = 0\n") ==
        "skip: kill is aimed at every process, and the case has no process ids of its own");
  CHECK(alone("P  kill(1, 0) = 0\n") == "skip: kill is aimed at process 1, and the case has no process ids of its own");
  CHECK(alone("P  pipe([r, w]) = 0\nP  fork() = W\nP  fcntl(r, F_SETOWN, W) = 0\n") == "pass: ");
  CHECK(alone("P  pipe([r, w]) = 0\nP  fcntl(r, F_SETOWN, 1) = 0\n") ==
        "skip: fcntl is aimed at process 1, and the case has no process ids of its own");
  CHECK(alone("stress\n  W  kill(-1, 0) * 2\n  holds none-lost\n").starts_with("skip: "));
}

TEST_CASE("a recorded history is judged as it was while it ran") {
  const auto results = run("P  pipe([r, w]) = 0\nP  fork() = W\nP  getpid() = P\nP  write(w, \"x\", 1) = 2\n");
  const Verdict again = judge(*results[0].instance, results[0].history);
  CHECK(again.cls == results[0].verdict.cls);
  CHECK(again.reason == results[0].verdict.reason);
  CHECK(again.reason == "write returned 1, not 2");
}

TEST_CASE("deviations are told in words") {
  using enum VerdictClass;
  CHECK(reason(fail, "P  pipe([r, w]) = 0\nP  write(w, \"x\", 1) = 1\nP  read(r, _, 1) ...\n") ==
        "read returned 1, must block");
  CHECK(reason(fail, "P  pipe([r, w]) = 0\nP  close(r) = 0\nP  write(w, \"x\", 1) = -1 EPIPE\n") ==
        "P was killed by SIGPIPE in write(w, \"x\", 1), though no line says so");
  CHECK(reason(
            fail,
            "P  pipe([r, w]) = 0\nP  fork() = W\nP  read(r, _, 1) ...\nW  write(w, \"x\", 1) = 1\nW  getpid() = W\n") ==
        "P returned from read(r, _, 1) = 1, though nothing lets it");
  CHECK(reason(fail, "P  sigaction(SIGUSR1, {sa_handler: log}, _) = 0\nP  raise(SIGUSR1) = 0\n") ==
        "P's handler for SIGUSR1 ran, though no line claims it");
}

TEST_CASE("a wake-up that never comes is a timeout, never a pass") {
  const Verdict v = verdict("P  pipe([r, w]) = 0\nP  fork() = W\nP  read(r, _, 1) ...\nP  ... read(r, \"x\", 1) = 1\n");
  CHECK(v.cls == VerdictClass::timeout);
  CHECK(v.reason.find("P was not woken from read") != std::string::npos);
  CHECK(v.step == 3);
}

TEST_CASE("a handler that does not run is a timeout that names the line") {
  const Verdict v = verdict("P  sigaction(SIGUSR1, {sa_handler: log}, _) = 0\nP  --- SIGUSR1\n");
  CHECK(v.cls == VerdictClass::timeout);
  CHECK(v.step == 1);
}

TEST_CASE("a handler has ended before the next signal is sent") {
  // On one processor the bell that a handler rings takes the processor from it.
  cpu_set_t before, one;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  CPU_ZERO(&one);
  for (size_t cpu = 0; CPU_COUNT(&one) == 0; ++cpu)
    if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  // The first run of a handler is the longest, so each instance has a fresh actor. About one in a hundred failed.
  std::string table = "\nwhere  a        b\n";
  for (int i = 0; i < 400; ++i) table += "       SIGUSR1  SIGUSR2\n";
  const auto results = run(R"(P  sigaction(a, {sa_handler: log}, _) = 0
P  sigaction(b, {sa_handler: log}, _) = 0
P  fork() = W
W  kill(P, a) = 0
P  --- a {mask: [a]}
W  kill(P, b) = 0
P  --- b {mask: [b]}
)",
                           table);
  CHECK(results.size() == 400);
  for (const CaseRun &r : results) {
    INFO(r.verdict.reason);
    CHECK(r.verdict.cls == VerdictClass::pass);
  }
  REQUIRE(sched_setaffinity(0, sizeof before, &before) == 0);
}

TEST_CASE("an unmet need skips, and says which") {
  const Verdict v = verdict("P  getpid() = P\n", "needs no-such-thing\n");
  CHECK(v.cls == VerdictClass::skip);
  CHECK(v.reason == "needs no-such-thing: nothing is known of this capability");
}

TEST_CASE("memory faults are outcomes") {
  CHECK(reason(VerdictClass::pass, R"(P  mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = m
P  m[0] == "\0"
P  m[0] := "x"
P  --- SIGSEGV {si_code: SEGV_ACCERR}
)")
            .empty());
}

TEST_CASE("one of several waiters is woken, the other proven to wait on") {
  CHECK(reason(VerdictClass::pass, R"(P  pipe([r, w]) = 0
P  fork() = A
P  fork() = B
A  read(r, _, 1) ...
B  read(r, _, 1) ...
P  write(w, "x", 1) = 1
one of A B  ... read(r, "x", 1) = 1
)")
            .empty());
}

TEST_CASE("threads and new program images are actors too") {
  CHECK(reason(VerdictClass::pass, R"(P  pipe([r, w]) = 0
P  thread() = T
T  read(r, _, 4) ...
P  write(w, "four", 4) = 4
T  ... read(r, "four", 4) = 4
P  fork() = W
W  exec(actor) = 0
W  write(w, "x", 1) = 1
P  read(r, "x", 1) = 1
)")
            .empty());
}

TEST_CASE("a stress part holds its invariant, and its falsifier shows teeth") {
  const auto results = run(R"(where size         falsifies
      PIPE_BUF     _
      PIPE_BUF*5   whole

P  pipe([r, w]) = 0

stress
  W*4  close(r); write(w, record, size) * 1000
  P    close(w); read(r, record, size) until 0
  holds whole
)");
  CHECK(results[0].verdict.reason == "");
  CHECK(results[0].verdict.cls == VerdictClass::pass);
  CHECK(results[1].verdict.reason == "");
  CHECK(results[1].verdict.cls == VerdictClass::pass);
}

TEST_CASE("many at once come to the verdicts of one at a time") {
  std::vector<Case> instances;
  for (int i = 0; i < 40; ++i) {
    auto c = parse("case  pipe/n" + std::to_string(i) +
                   "\nbrief \"b\"\nspec  posix/read/test  shall\n\nP  pipe([r, w]) = 0\nP  write(w, \"x\", 1) = " +
                   std::to_string(1 + i % 2) + "\n");
    REQUIRE(c);
    instances.push_back(*c);
  }
  ScheduleOptions options;
  options.jobs = 6;
  const auto result = run_cases(instances, {}, options, [](const CaseRun &) {});
  REQUIRE(result);
  for (size_t i = 0; i < instances.size(); ++i)
    CHECK(result->results[i].verdict.cls == (i % 2 ? VerdictClass::fail : VerdictClass::pass));
}
