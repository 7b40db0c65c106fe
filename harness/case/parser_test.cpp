#include "harness/case/parser.h"

#include <catch2/catch_test_macros.hpp>

#include "harness/case/printer.h"

using namespace ipcvet;

namespace {

Case parsed(std::string_view text) {
  auto result = parse(text);
  if (!result) FAIL(render(result.error()));
  return *result;
}

Value value_of(std::string_view text) {
  auto result = parse_value(text);
  if (!result) FAIL(render(result.error()));
  return *result;
}

Step step_of(std::string_view line) { return parsed("case  a/b\n\n" + std::string(line) + "\n").steps.at(0); }

}  // namespace

TEST_CASE("a whole case is read") {
  Case c = parsed(R"(# about it
case  pipe/last-close
brief "The last close decides"
spec  posix/read/pipe-no-writer-eof  shall
spec  linux/pipe/other  linux        # why
needs sysv-msg userns

where  n         flags       result
       1         0           1
       PIPE_BUF  O_NONBLOCK  -1 EAGAIN

P  pipe([r, w]) = 0
P  read(r, _, n) ...
one of A B  ... read(r, "x", 1) = 1 (linux) or -1 EINTR
any order
  A  ...
  B  +++ killed by SIGKILL

stress
  W*8  close(r); write(w, record, n) * 200
  P    read(r, record, n) until 0
  holds whole, none-lost
)");
  CHECK(c.id == "pipe/last-close");
  CHECK(c.case_trivia.before == std::vector<std::string>{" about it"});
  REQUIRE(c.specs.size() == 2);
  CHECK(c.specs[1].level == Level::linux_);
  CHECK(c.specs[1].trivia.after == " why");
  CHECK(c.needs.size() == 2);
  REQUIRE(c.where);
  CHECK(c.where->columns == std::vector<std::string>{"n", "flags", "result"});
  CHECK(c.where->rows.at(1).cells.at(2) == Value::error("EAGAIN"));
  REQUIRE(c.steps.size() == 4);
  CHECK(c.steps[1].kind == Step::Kind::blocks);
  CHECK(c.steps[1].pos.line == 13);
  CHECK(c.steps[2].actors == std::vector<std::string>{"A", "B"});
  CHECK(c.steps[2].outcome.at(0).profile == Profile::linux_);
  CHECK(c.steps[3].members.size() == 2);
  REQUIRE(c.stress);
  CHECK(c.stress->roles.at(0).statements.size() == 2);
  CHECK(c.stress->holds == std::vector<std::string>{"whole", "none-lost"});

  auto rows = expand(c);
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].instance_id() == "pipe/last-close[2]");
  CHECK(print(rows[1].steps[1]) == "P  read(r, _, PIPE_BUF) ...");
  CHECK(print(rows[1].stress->roles[0].statements[1]) == "write(w, record, PIPE_BUF) * 200");
}

TEST_CASE("every kind of step prints as it was written") {
  for (const char *line :
       {"P  fork() = W", "P  read(r, _, 16) ...", "P  open(\"f\", O_RDONLY) ...?", "P  ... read(r, \"x\", 1) = 1",
        "P  ...", "P  +++ killed by SIGKILL", "P  +++ exited 3", "P  --- SIGCHLD",
        "P  --- SIGUSR1 {si_code: SI_USER, si_pid: W}", "P  m[0] := \"hello\"", "P  m[4096] == \"\\0\"*4096",
        "one of A B C  ... read(r, _, 1) = 1", "P  write(w, \"a\"*n, n) = n or -1 EAGAIN (linux) or 1..10 (posix)",
        "W  exit(3) = ?", "P  msgsnd(id, {mtype: 1, mtext: \"hi\"}, 2, 0) = ?what"})
    CHECK(print(step_of(line)) == line);
}

TEST_CASE("operators bind as documented, and parentheses appear where they must") {
  for (const char *text : {"\"a\"*4096+\"b\"",
                           "cap-1",
                           "a-b-c",
                           "a-(b-c)",
                           "O_CREAT|O_EXCL",
                           "\"a\"*(n+1)",
                           "1..n*2",
                           "(1..2)*3",
                           "-1",
                           "3--1",
                           "-9223372036854775808",
                           "0x1f",
                           "0600",
                           "00",
                           "{}",
                           "[]",
                           "[r, {a: 1, b: _}]",
                           "\"\\\"\\\\\\n\\x80\\x01\xc3\xa9\"",
                           "-0x8000000000000000",
                           "-0600"})
    CHECK(print(value_of(text)) == text);
  Value sum = value_of("\"a\"*3+\"b\"");
  REQUIRE(sum.as<Value::Binary>());
  CHECK(sum.as<Value::Binary>()->op == Value::Op::add);
}

TEST_CASE("what happened is printed with its runs, and whole") {
  CHECK(compact("") == "\"\"");
  CHECK(compact("hello") == "\"hello\"");
  CHECK(compact(std::string(4096, 'a') + "b") == "\"a\"*4096+\"b\"");
  CHECK(compact("x" + std::string(20, '\0') + "y") == "\"x\"+\"\\0\"*20+\"y\"");
  CHECK(print_actual(Value::list({Value::bytes(std::string(99, 'z')), Value::error("EPIPE")})) ==
        "[\"z\"*99, -1 EPIPE]");
}
