// Histories of overlapping real calls against the model of the system, good and bad. They are written as a case's
// lines: `R  read(3, _, 4) ...` is a call, `R  ... read(3, "ab", 4) = 2` its return, `R  ...` a proof that it sleeps,
// and `rest` stands for itself. W's and R's descriptors are those of the pipe that the root made.
#include "harness/judge/concurrent.h"

#include <catch2/catch_test_macros.hpp>
#include <sstream>

#include "harness/case/parser.h"
#include "harness/judge/concurrent_random.h"
#include "harness/judge/resolve.h"
#include "harness/model/accepts.h"
#include "harness/model/inputs.h"

using namespace ipcvet;

namespace {

const Bindings actors{{"P", Value::integer(100)},
                      {"R", Value::integer(101)},
                      {"W", Value::integer(102)},
                      {"V", Value::integer(103)},
                      {"Q", Value::integer(104)}};

Value value_in(const Value &written) {
  if (written.as<Value::Any>()) return written;
  auto r = resolve(written, actors, {});
  return r.value ? *r.value : written;
}

void add_line(const std::string &text, std::vector<Event> &events) {
  if (text.find_first_not_of(' ') == std::string::npos) return;
  Event e;
  if (text == rest_note) {
    e.kind = Event::Kind::note;
    e.name = rest_note;
    events.push_back(e);
    return;
  }
  const auto parsed = parse("case  pipe/t\nbrief \"t\"\nspec  posix/t  shall\n\n" + text + "\n", "t");
  INFO(text);
  REQUIRE(parsed);
  const Step &step = parsed->steps.at(0);
  e.actor = step.actors.at(0);
  e.name = step.call.name;
  if (step.kind == Step::Kind::returns || step.kind == Step::Kind::blocks) {
    const auto given = model::given_call(step.call, actors, {});
    REQUIRE(given);
    e.kind = Event::Kind::call;
    e.args = given->args;
    events.push_back(e);
  }
  if (step.kind == Step::Kind::returns || step.kind == Step::Kind::wakes) {
    e.kind = Event::Kind::returned;
    e.args.clear();
    for (const Value &v : step.call.args) e.args.push_back(value_in(v));
    e.result = value_in(step.outcome.at(0).value);
    events.push_back(e);
  }
  if (step.kind == Step::Kind::still) e.kind = Event::Kind::blocked;
  if (step.kind == Step::Kind::killed) {
    e.kind = Event::Kind::ended;
    e.name = step.signal;
  }
  if (e.kind == Event::Kind::blocked || e.kind == Event::Kind::ended) events.push_back(e);
}

std::vector<Event> events_of(const std::string &text) {
  std::vector<Event> events;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) add_line(line, events);
  return events;
}

model::Setting setting_here() {
  model::Setting setting = model::make_setting(Profile::linux_, {});
  setting.start = {100, 0, 0, 0};
  return setting;
}

ConcurrentHistory history_of(std::vector<Event> events) {
  ConcurrentHistory h{std::move(events), {}};
  for (const auto &[name, id] : actors) h.ids[name] = id.as<Value::Int>()->value;
  return h;
}

linear::Linearisation judged(const std::string &text) {
  const auto setting = setting_here();
  return judge_concurrent(history_of(events_of(text)), {model::initial_world(setting)}, setting);
}

// What `before` leads to, call by call, is the start of the history.
linear::Linearisation judged_from(const std::string &before, const std::string &text) {
  const auto setting = setting_here();
  model::World world = model::initial_world(setting);
  model::GivenCall given;
  for (const Event &e : events_of(before)) {
    if (e.kind == Event::Kind::call) given = {find_call(e.name), e.args};
    if (e.kind != Event::Kind::returned) continue;
    auto nexts = model::step(world, 0, given, setting);
    REQUIRE(nexts.size() == 1);
    world = nexts[0].world;
    REQUIRE(model::happened(nexts[0].prediction, e.result, e.args, world));
  }
  return judge_concurrent(history_of(events_of(text)), {world}, setting);
}

std::string answer(const std::string &text) {
  const auto found = judged(text);
  return std::string(linear::answer_name(found.answer)) +
         (found.answer == linear::Answer::yes ? "" : "\n" + found.explanation);
}

const std::string setup = R"(       2  P  pipe(_) = 0, fds [3, 4]
       4  P  fork() = 101
       6  P  fork() = 102
       8  P  fork() = 103
)";
const std::string begin = "P  pipe([3, 4]) = 0\nP  fork() = R\nP  fork() = W\nP  fork() = V\n";

}  // namespace

TEST_CASE("a read and a write that overlap") {
  CHECK(answer(begin + "R  read(3, _, 4) ...\nW  write(4, \"ab\", 2) ...\nR  ... read(3, \"ab\", 4) = 2\n"
                       "W  ... write(4, \"ab\", 2) = 2\nrest\n") == "yes");
}

TEST_CASE("a child acts before the fork that made it has returned") {
  CHECK(answer("P  pipe([3, 4]) = 0\nP  fork() ...\nR  write(4, \"a\", 1) = 1\nP  ... fork() = R\n") == "yes");
}

TEST_CASE("one of two readers is woken") {
  CHECK(answer(begin + "R  read(3, _, 1) ...\nV  read(3, _, 1) ...\nrest\nW  write(4, \"x\", 1) = 1\n"
                       "V  ... read(3, \"x\", 1) = 1\nrest\n") == "yes");
}

TEST_CASE("a large write goes on as room comes") {
  CHECK(answer(begin + "W  write(4, \"a\"*70000, 70000) ...\nW  ...\nrest\nR  read(3, \"a\"*8192, 8192) = 8192\n"
                       "W  ... write(4, \"a\"*70000, 70000) = 70000\n") == "yes");
}

TEST_CASE("end-of-file at the last close") {
  CHECK(answer("P  pipe([3, 4]) = 0\nP  fork() = R\nR  close(4) = 0\nR  read(3, _, 4) ...\nP  close(4) ...\n"
               "R  ... read(3, \"\", 4) = 0\nP  ... close(4) = 0\n") == "yes");
}

TEST_CASE("lost wake-up") {
  CHECK(answer(begin + "R  read(3, _, 4) ...\nrest\nW  write(4, \"ab\", 2) = 2\nrest\n") ==
        "no\nNo order of the calls explains event 13:\n" + setup + R"(       9  R  read(3, _, 4) ...
      10  rest R
      12  W  write(4, "ab", 2) = 2
  >   13  rest R
Before it there is one possibility:
  - pipe 1 holds "ab", 1 reader, 1 writer; R's read(3, _, 4) has begun and waits
    there R's read(3, _, 4) returns 2, buf "ab"
)");
}

TEST_CASE("bytes read twice") {
  CHECK(answer(begin + "R  read(3, _, 4) ...\nV  read(3, _, 4) ...\nW  write(4, \"ab\", 2) = 2\n"
                       "R  ... read(3, \"ab\", 4) = 2\nV  ... read(3, \"ab\", 4) = 2\n") ==
        "no\nNo order of the calls explains event 14:\n" + setup + R"(       9  R  read(3, _, 4) ...
      10  V  read(3, _, 4) ...
      12  W  write(4, "ab", 2) = 2
      13  R  ... read(3, _, 4) = 2, buf "ab"
  >   14  V  ... read(3, _, 4) = 2, buf "ab"
Before it there is one possibility:
  - pipe 1 holds "", 1 reader, 1 writer; V's read(3, _, 4) has not begun
    there V's read(3, _, 4) does not return
)");
}

TEST_CASE("torn record") {
  CHECK(answer(begin + "W  write(4, \"aa\", 2) ...\nV  write(4, \"bb\", 2) ...\nR  read(3, \"abab\", 4) = 4\n"
                       "W  ... write(4, \"aa\", 2) = 2\nV  ... write(4, \"bb\", 2) = 2\n") ==
        "no\nNo order of the calls explains event 12:\n" + setup + R"(       9  W  write(4, "aa", 2) ...
      10  V  write(4, "bb", 2) ...
  >   12  R  read(3, _, 4) = 4, buf "abab"
Before it there is one possibility:
  - pipe 1 holds "", 1 reader, 1 writer; R's read(3, _, 4) has not begun; V's write(4, "bb", 2) has not begun; W's write(4, "aa", 2) has not begun
    there R's read(3, _, 4) returns 2, buf "aa", 2, buf "bb", 4, buf "aabb", or 4, buf "bbaa"
)");
}

TEST_CASE("end-of-file while a writer exists") {
  CHECK(answer("P  pipe([3, 4]) = 0\nP  fork() = R\nR  close(4) = 0\nR  read(3, _, 4) = 0\n") ==
        R"(no
No order of the calls explains event 8:
       2  P  pipe(_) = 0, fds [3, 4]
       4  P  fork() = 101
       6  R  close(4) = 0
  >    8  R  read(3, _, 4) = 0
Before it there is one possibility:
  - pipe 1 holds "", 1 reader, 1 writer; R's read(3, _, 4) has not begun
    there R's read(3, _, 4) does not return
)");
}

TEST_CASE("pipes are looked at apart") {
  const auto found = judged_from("P  pipe([3, 4]) = 0\nP  pipe([5, 6]) = 0\nP  fork() = R\nP  fork() = W\n",
                                 "W  write(4, \"a\", 1) = 1\nW  write(6, \"b\", 1) ...\nR  read(3, \"a\", 1) = 1\n"
                                 "R  read(5, _, 1) ...\nW  ... write(6, \"b\", 1) = 1\nrest\n");
  CHECK(found.parts == 2);
  CHECK(found.explanation == R"(No order of the calls explains event 8:
       3  W  write(6, "b", 1) ...
       6  R  read(5, _, 1) ...
       7  W  ... write(6, "b", 1) = 1
  >    8  rest R
Before it there are 2 possibilities:
  - pipe 1 holds "", 1 reader, 1 writer; pipe 2 holds "b", 1 reader, 1 writer; R's read(5, _, 1) has not begun
    there R's read(5, _, 1) returns 1, buf "b"
  - pipe 1 holds "", 1 reader, 1 writer; pipe 2 holds "b", 1 reader, 1 writer; R's read(5, _, 1) has begun and waits
    there R's read(5, _, 1) returns 1, buf "b"
)");
}

TEST_CASE("a write without readers ends its actor") {
  const std::string text =
      "P  pipe([3, 4]) = 0\nP  fork() = R\nP  close(3) = 0\nR  close(3) = 0\nR  write(4, \"a\", 1) ...\n";
  CHECK(answer(text + "R  +++ killed by SIGPIPE\n") == "yes");
  CHECK(answer(text + "R  +++ killed by SIGTERM\n")
            .starts_with("undecided\nThe model takes the end of an actor as one point"));
  CHECK(answer(text + "rest\n").starts_with("no\nNo order of the calls explains event 10:"));
}

TEST_CASE("a handler runs before the call begins, and does not interrupt it") {
  const std::string text =
      "P  pipe([3, 4]) = 0\nP  sigaction(SIGUSR1, {sa_handler: count}, NULL) = 0\nP  fork() = R\n"
      "R  read(3, _, 1) ...\nP  kill(101, SIGUSR1) = 0\n";
  CHECK(answer(text + "rest\n") == "yes");
  CHECK(answer(text + "R  ... read(3, _, 1) = -1 EINTR\n") == "yes");
}

TEST_CASE("a signal that a call raises is acted upon before it returns") {
  const std::string text =
      "P  pipe([3, 4]) = 0\nP  sigaction(SIGPIPE, {sa_handler: count}, NULL) = 0\nP  close(3) = 0\n"
      "P  write(4, \"a\", 1) = -1 EPIPE\n";
  CHECK(answer(text + "P  counted(SIGPIPE) = 1\n") == "yes");
  CHECK(answer(text + "P  counted(SIGPIPE) = 0\n").starts_with("no\n"));
}

TEST_CASE("who is stopped is found at rest, whatever it does") {
  const std::string text = "P  fork() = R\nR  raise(SIGSTOP) ...\nrest\n";
  CHECK(answer(text) == "yes");
  CHECK(answer(text + "P  kill(101, SIGCONT) = 0\nR  ... raise(SIGSTOP) = 0\nR  getpid() = 101\nrest\n") == "yes");
  CHECK(answer("P  fork() = R\nR  getpid() ...\nrest\n").starts_with("no\n"));
}

TEST_CASE("who is killed may act for a while, and is there until it is reaped") {
  const std::string text = "P  pipe([3, 4]) = 0\nP  fork() = R\nR  write(4, \"a\", 1) ...\nP  kill(101, SIGKILL) = 0\n";
  CHECK(answer(text + "P  read(3, \"a\", 1) = 1\nR  +++ killed by SIGKILL\n") == "yes");
  CHECK(answer(text + "R  ... write(4, \"a\", 1) = 1\nR  write(4, \"b\", 1) ...\nR  +++ killed by SIGKILL\n") == "yes");
  const std::string orphan = "P  fork() = R\nR  kill(100, SIGKILL) = 0\nP  +++ killed by SIGKILL\n";
  CHECK(answer(orphan + "R  kill(100, 0) = 0\nR  kill(100, 0) = -1 ESRCH\n") == "yes");
  CHECK(answer(orphan + "R  kill(100, 0) = -1 ESRCH\nR  kill(100, 0) = 0\n") != "yes");
}

TEST_CASE("what the model has no rule for, or the history leaves out, is undecided") {
  CHECK(answer("P  pipe([3, 4]) = 0\nP  write(4, 4096, 2) = 1\n") ==
        "undecided\nthe specification has no rule for a call in it");
  ConcurrentHistory h;
  h.events.push_back({.kind = Event::Kind::call, .actor = "Z", .name = "getpid"});
  const model::Setting setting = model::make_setting(Profile::linux_, {});
  CHECK(judge_concurrent(h, {model::initial_world(setting)}, setting).explanation == "no number is known of actor Z");
}

TEST_CASE("what the model did can be explained, and what it did not cannot") {
  uint32_t found[3] = {}, spoiled[3] = {};
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    const PipeRuns runs(2 + seed % 3, 1 + seed % 2);
    auto h = runs.run({2 + seed % 3, 12, 20 + seed % 60}, random);
    const auto result = linear::linearise(runs.specification, runs.start, h);
    INFO("seed " << seed << "\n" << result.explanation);
    REQUIRE(result.answer != linear::Answer::no);
    ++found[static_cast<int>(result.answer)];
    // A byte nobody wrote.
    for (auto &e : h.events)
      if (e.result.was_seen && e.result.seen.name == "read")
        if (auto *bytes = e.result.seen.args[1].as<Value::Bytes>(); bytes && !bytes->bytes.empty()) {
          bytes->bytes = bytes->bytes.substr(0, bytes->bytes.size() - 1) + '!';
          ++spoiled[static_cast<int>(linear::linearise(runs.specification, runs.start, h).answer)];
          break;
        }
  }
  CHECK(found[2] == 0);
  CHECK(spoiled[0] == 0);
  CHECK(spoiled[1] > 20);
}
