// Histories against the model: good ones, and ones of systems with a fault each.
//
// A history is written as a case: what its lines say is taken for what happened, whatever the lines allow. `W` stands
// for process 7, the first fork's child, `V` for 8.
#include "harness/model/judge_history.h"

#include <catch2/catch_test_macros.hpp>

#include "harness/case/parser.h"
#include "harness/judge/steps.h"
#include "harness/model/accepts.h"
#include "harness/model/inputs.h"

using namespace ipcvet;
using Kind = Step::Kind;

namespace {

const Bindings names{{"P", Value::integer(2)}, {"W", Value::integer(7)}, {"V", Value::integer(8)}};

Event event(Event::Kind kind, uint32_t step, const std::string &actor) {
  Event e;
  e.kind = kind;
  e.step = step;
  e.actor = actor;
  return e;
}

Value actual(const Value &written) {
  if (written.as<Value::Error>() || written.as<Value::Any>()) return written;
  const Resolved r = resolve(written, names, {});
  return r.value ? *r.value : written;
}

void add_return(const Step &s, Event e, History &h) {
  e.name = s.call.name;
  e.result = actual(s.outcome[0].value);
  for (const Value &arg : s.call.args) e.args.push_back(actual(arg));
  h.events.push_back(std::move(e));
}

void add_call(const Step &s, Event e, History &h) {
  e.name = s.call.name;
  const auto given = model::given_call(s.call, names, {});
  REQUIRE(given);
  e.args = given->args;
  h.events.push_back(std::move(e));
}

void add_line(const Step &s, uint32_t i, History &h) {
  const std::string &actor = s.actors[0];
  if (s.kind == Kind::returns || s.kind == Kind::blocks || s.kind == Kind::may_block)
    add_call(s, event(Event::Kind::call, i, actor), h);
  if (s.kind == Kind::returns || s.kind == Kind::wakes) add_return(s, event(Event::Kind::returned, i, actor), h);
  if (s.kind == Kind::blocks) h.events.push_back(event(Event::Kind::blocked, i, actor));
  if (s.kind == Kind::still) h.events.push_back(event(Event::Kind::still, i, actor));
  if (s.kind == Kind::signal || s.kind == Kind::killed || s.kind == Kind::exited) {
    Event e = event(s.kind == Kind::signal ? Event::Kind::signal : Event::Kind::ended, i, actor);
    e.name = s.kind == Kind::exited ? "exited" : s.signal;
    e.result = actual(s.value);
    h.events.push_back(std::move(e));
  }
}

std::string judged(const std::string &steps) {
  const auto c = parse("case  pipe/test\nbrief \"t\"\nspec  posix/test  shall\n\n" + steps, "test.ipc");
  REQUIRE(c);
  History h;
  h.root = "P";
  h.root_pid = 2;
  h.sandbox = "own pid ipc mount";
  for (uint32_t i = 0; i < c->steps.size(); ++i) add_line(c->steps[i], i, h);
  const auto v = model::judge_history(*c, h, model::make_setting(Profile::linux_, {}));
  if (v.kind == model::HistoryVerdict::Kind::agrees) return "agrees";
  if (v.kind == model::HistoryVerdict::Kind::undecided) return "undecided: " + v.why;
  const std::string line = v.step == no_step ? "end" : std::to_string(v.step);
  return line + ": " + v.why + " / " + v.actual + (v.requirement.empty() ? "" : " / " + v.requirement);
}

const std::string two = "P  pipe([3, 4]) = 0\nP  fork() = W\n";

}  // namespace

TEST_CASE("what a pipe does is agreed to") {
  CHECK(judged(two + R"(P  close(4) = 0
P  read(3, _, 16) ...
W  write(4, "bye", 3) = 3
P  ... read(3, "bye", 16) = 3
P  read(3, _, 16) ...
W  close(4) = 0
P  ... read(3, "", 16) = 0
)") == "agrees");
}

TEST_CASE("a lost wake-up shows at the next call, and where a wait is proven anew") {
  CHECK(judged(two + "W  read(3, _, 1) ...\nP  write(4, \"x\", 1) = 1\nP  getpid() = 2\n") ==
        "4: W completes = 1, buf \"x\" / W is blocked / posix/read/returns-what-is-there");
  CHECK(judged(two + "W  read(3, _, 1) ...\nP  write(4, \"x\", 1) = 1\nW  ...\n") ==
        "4: = 1, buf \"x\" / W is blocked / posix/read/returns-what-is-there");
  CHECK(judged(two + "W  read(3, _, 1) ...\nP  write(4, \"x\", 1) = 1\n") ==
        "end: W completes = 1, buf \"x\" / W is blocked / posix/read/returns-what-is-there");
}

TEST_CASE("bytes that were not written, or not all of them") {
  CHECK(judged(two + "P  write(4, \"abc\", 3) = 3\nW  read(3, \"abd\", 8) = 3\n") ==
        "3: = 3, buf \"abc\" / = 3, buf \"abd\" / posix/read/returns-what-is-there");
  CHECK(judged(two + "P  write(4, \"abc\", 3) = 3\nW  read(3, \"ab\", 8) = 2\n") ==
        "3: = 3, buf \"abc\" / = 2, buf \"ab\" / posix/read/returns-what-is-there");
  CHECK(judged(two + "P  write(4, \"abc\", 3) = 2\n") == "2: = 3 / = 2 / posix/write/full-blocks");
}

TEST_CASE("end-of-file too early, and too late") {
  CHECK(judged(two + "P  close(4) = 0\nP  read(3, \"\", 8) = 0\n") == "3: P is blocked in it / = 0, buf \"\"");
  CHECK(judged(two + "P  close(4) = 0\nW  close(4) = 0\nP  read(3, _, 8) ...\n") ==
        "4: = 0, buf \"\" / P is blocked / posix/read/pipe-no-writer-eof");
}

TEST_CASE("the wrong errno, and a descriptor that is not the lowest") {
  CHECK(judged("P  pipe2([3, 4], O_NONBLOCK) = 0\nP  read(3, _, 8) = -1 EINVAL\n") ==
        "1: = -1 EAGAIN / = -1 EINVAL / posix/read/pipe-empty-eagain");
  CHECK(judged("P  pipe([3, 5]) = 0\n") == "0: = 0, fds [3, 4] / = 0, fds [3, 5] / posix/pipe/creates-both-ends");
}

TEST_CASE("SIGPIPE that is missing, and one too many") {
  const std::string start =
      "P  pipe([3, 4]) = 0\nP  sigaction(SIGPIPE, {sa_handler: count}, NULL) = 0\nP  close(3) = 0\n"
      "P  write(4, \"x\", 1) = -1 EPIPE\n";
  CHECK(judged(start + "P  counted(SIGPIPE) = 1\n") == "agrees");
  CHECK(judged(start + "P  counted(SIGPIPE) = 0\n") == "4: = 1 / = 0 / posix/sigaction/handler-runs");
  CHECK(judged(start + "P  counted(SIGPIPE) = 2\n") == "4: = 1 / = 2 / posix/sigaction/handler-runs");
}

TEST_CASE("which of two waiters goes first is open, that both go is not") {
  const std::string start =
      "P  pipe([3, 4]) = 0\nP  fork() = W\nP  fork() = V\nW  read(3, _, 1) ...\n"
      "V  read(3, _, 1) ...\nP  write(4, \"x\", 1) = 1\n";
  CHECK(judged(start + "W  ... read(3, \"x\", 1) = 1\nV  ...\n") == "agrees");
  CHECK(judged(start + "V  ... read(3, \"x\", 1) = 1\nW  ...\n") == "agrees");
  CHECK(judged(start + "W  ... read(3, \"x\", 1) = 1\nV  ... read(3, \"x\", 1) = 1\n") ==
        "7: V is blocked in it / = 1, buf \"x\"");
}

TEST_CASE("how a process ends, and what its parent is told") {
  CHECK(judged("P  fork() = W\nP  kill(7, SIGTERM) = 0\nW  +++ killed by SIGTERM\n"
               "P  waitpid(7, {killed: SIGTERM, core: 0}, 0) = 7\n") == "agrees");
  CHECK(judged("P  fork() = W\nP  kill(7, SIGTERM) = 0\nW  +++ exited 0\n") ==
        "2: +++ killed by SIGTERM / +++ exited 0");
  CHECK(judged("P  fork() = W\nP  kill(7, SIGTERM) = 0\nP  waitpid(7, {exited: 0}, 0) = 7\n") ==
        "2: = 7, status {killed: 15, core: 0} / = 7, status {exited: 0} / posix/wait/killed-status");
}

TEST_CASE("a handler that did not run, ran for nothing, or was told something else") {
  const std::string start = "P  sigaction(SIGUSR1, {sa_handler: log}, NULL) = 0\nP  fork() = W\n";
  const std::string told =
      "{si_signo: SIGUSR1, si_code: SI_USER, si_pid: W, si_uid: 0, si_status: 0, si_value: 0, "
      "mask: [SIGUSR1]}\n";
  CHECK(judged(start + "W  kill(2, SIGUSR1) = 0\nP  --- SIGUSR1 " + told) == "agrees");
  CHECK(judged(start + "P  --- SIGUSR1 " + told).starts_with("2: no handler of P runs / --- SIGUSR1"));
  CHECK(judged(start + "P  kill(2, SIGUSR1) = 0\nP  --- SIGUSR1 " + told).ends_with("mask: [10]}"));
}

TEST_CASE("a handler that has told need not have returned when the next one starts") {
  const std::string told = "si_code: SI_USER, si_pid: W, si_uid: 0, si_status: 0, si_value: 0, ";
  const std::string start =
      "P  sigaction(SIGUSR1, {sa_handler: log}, NULL) = 0\nP  sigaction(SIGUSR2, {sa_handler: log}, "
      "NULL) = 0\nP  fork() = W\nW  kill(2, SIGUSR1) = 0\nP  --- SIGUSR1 {si_signo: SIGUSR1, " +
      told + "mask: [SIGUSR1]}\nW  kill(2, SIGUSR2) = 0\n";
  const std::string second = "P  --- SIGUSR2 {si_signo: SIGUSR2, " + told;
  CHECK(judged(start + second + "mask: [SIGUSR2]}\n") == "agrees");
  CHECK(judged(start + second + "mask: [SIGUSR1, SIGUSR2]}\n") == "agrees");
  CHECK(judged(start + second + "mask: [SIGUSR1]}\n") != "agrees");
}

TEST_CASE("of a call that was not seen to wait nothing bad is said") {
  CHECK(judged(two + "W  read(3, _, 1) ...?\nP  write(4, \"x\", 1) = 1\nW  ... read(3, \"\", 1) = 0\n") ==
        "undecided: a call that was not seen to wait may have begun later");
  CHECK(judged(two + "W  read(3, _, 1) ...?\nP  write(4, \"x\", 1) = 1\nW  ... read(3, \"x\", 1) = 1\n") == "agrees");
}

TEST_CASE("numbers the system chose are held to afterwards") {
  CHECK(judged("P  fork() = W\nW  getpid() = 7\nW  getppid() = 2\n") == "agrees");
  CHECK(judged("P  fork() = W\nW  getpid() = 9\n") == "1: = 7 / = 9 / posix/pthread_create/same-process");
}

TEST_CASE("what the model has no rule for is undecided") {
  CHECK(judged("P  lseek(0, 0, SEEK_SET) = 0\n").starts_with("undecided: lseek() of this kind of file"));
}
