// The driver on this system: what holds is found to hold, in every mode; what the model is wrongly told is found.
#include <catch2/catch_test_macros.hpp>
#include <csignal>

#include "fuzz/drive/actors.h"
#include "fuzz/drive/runner.h"
#include "harness/case/printer.h"

using namespace ipcvet;
using namespace ipcvet::fuzz;

namespace {

Program program(const std::string &steps) {
  const auto parsed = parse_program("case  pipe/x\nbrief \"x\"\nspec  fuzz/program  observe\n\n" + steps);
  REQUIRE(parsed);
  return *parsed;
}

const char *const blocking = R"(P  pipe([r0, w0]) = _
P  fork() = A
P  fork() = B
A  read(r0, _, 16) = _
B  read(r0, _, 16) = _
P  write(w0, "bye", 3) = _
P  write(w0, "a"*65536, 65536) = _
P  kill(A, SIGKILL) = _
P  waitpid(A, _, 0) = _
P  close(w0) = _
)";

const char *const alone = R"(P  pipe2([r0, w0], O_NONBLOCK) = _
P  write(w0, "a"*65536, 65536) = _
P  write(w0, "a", 1) = _
P  read(r0, _, 4096) = _
P  close(r0) = _
P  write(w0, "a", 1) = _
)";

std::string told(const RunReport &report) {
  return report.broken + (report.found ? report.found->what + "\n" + print(report.found->story) : "");
}

}  // namespace

TEST_CASE("programs that hold are found to hold, in every mode") {
  for (const Mode mode : {Mode::sequential, Mode::actors, Mode::concurrent}) {
    CampaignOptions options{.mechanism = "pipe", .mode = mode};
    auto runner = make_runner(options, 1);
    if (!runner && mode == Mode::sequential) continue;  // no namespaces here
    REQUIRE(runner);
    const RunReport report = (*runner)->run(program(mode == Mode::sequential ? alone : blocking));
    CHECK(told(report) == "");
    CHECK(report.performed >= 6);
    CHECK(!report.features.empty());
  }
}

TEST_CASE("a process that ends is told of once, and the programs behind it are run in another") {
  CampaignOptions options{.mechanism = "pipe", .mode = Mode::sequential, .corpus = std::vector(70, program(alone))};
  auto runner = make_runner(options, 1);
  if (!runner) return;  // no namespaces here
  REQUIRE(kill((*runner)->process(), SIGKILL) == 0);
  const Stint first = (*runner)->fuzz(70);
  REQUIRE(first.told.size() == 1);
  CHECK(first.told[0].report.found->kind == "ended or hung");
  CHECK(first.told[0].program == options.corpus[0]);
  for (size_t ran = first.ran.size(); ran < 70;) {
    const Stint stint = (*runner)->fuzz(70 - ran);
    REQUIRE(!stint.ran.empty());
    ran += stint.ran.size();
    for (const Stint::Ran &one : stint.ran) CHECK(one.performed == 6);
    for (const Stint::Told &one : stint.told) CHECK(told(one.report) == "");
  }
}

TEST_CASE("what another process makes and learns is made and learned here, too") {
  const CampaignOptions options{.mechanism = "all", .mode = Mode::sequential};
  auto runner = make_runner(options, 3);
  if (!runner) return;  // no namespaces here
  Engine engine = make_engine(options, 3);
  for (size_t ran = 0; ran < 300;) {
    const Stint stint = (*runner)->fuzz(40);
    size_t run = 0;
    for (const Stint::Told &one : stint.told) {
      for (; run < one.run; ++run) engine.next();
      CHECK(engine.next() == one.program);
      ++run;
      CHECK(engine.learn(one.program, one.report.features) == one.fresh);
    }
    for (; run < stint.ran.size(); ++run) engine.next();
    CHECK((*runner)->run(program(alone)).performed == 6);  // of which no engine learns
    ran += stint.ran.size();
  }
  CHECK(engine.features() == (*runner)->engine().features());
  CHECK(engine.next().steps == Engine((*runner)->engine()).next().steps);
}

TEST_CASE("actors that do not wait for each other are judged by every order of their calls") {
  auto images = open_images("");
  REQUIRE(images);
  auto server = Server::start(*images);
  REQUIRE(server);
  auto setting = setting_of(*server);
  REQUIRE(setting);
  Stage stage{.server = *server, .setting = *setting, .mechanism = "pipe", .together = true};
  const RunReport right = run_with_actors(stage, program(blocking));
  CHECK(told(right) == "");
  CHECK(right.undecided == "");
  CHECK_FALSE(right.partly);
  stage.setting.limits.pipe_pages = 8;  // so that the model blocks a writer whom the system lets go
  const RunReport wrong = run_with_actors(stage, program(alone));
  REQUIRE(wrong.found);
  CHECK(wrong.found->what == "no order of the calls explains P's write n");
  CHECK(print(wrong.found->story).find("#     there P's write(4, ") != std::string::npos);
}

TEST_CASE("what the model is wrongly told is a deviation, with a case that says what was expected") {
  auto images = open_images("");
  REQUIRE(images);
  auto server = Server::start(*images);
  REQUIRE(server);
  auto setting = setting_of(*server);
  REQUIRE(setting);
  setting->limits.pipe_pages = 8;
  Stage stage{.server = *server, .setting = *setting, .mechanism = "pipe"};
  const RunReport report = run_with_actors(stage, program(alone));
  REQUIRE(report.found);
  CHECK(report.found->what == "after P's write(w0, \"a\"*65536, 65536): P = 65536; the model expects = 32768");
  CHECK(print(report.found->story)
            .ends_with("\nP  pipe2([r0, w0], O_NONBLOCK) = 0\nP  write(w0, \"a\"*65536, 65536) = 32768\n"));
}

TEST_CASE("a small corpus reaches what the large one did, by its shortest programs") {
  const auto kept = [](size_t steps, std::vector<uint64_t> features) {
    return Kept{{std::vector<SharedStep>(steps, call_step("P", {"getpid", {}, {}}))}, std::move(features)};
  };
  const Kept long_one = kept(5, {1, 2, 3}), needless = kept(1, {1}), short_one = kept(2, {3, 4}), same = kept(3, {4});
  const std::vector<Program> few = cover({long_one, needless, short_one, same});
  REQUIRE(few.size() == 2);
  CHECK(few[0].steps.size() == 5);
  CHECK(few[1].steps.size() == 2);
  CHECK(cover({}).empty());
}

TEST_CASE("rules that are reached inside another process are counted") {
  const CampaignOptions options{.mechanism = "pipe", .mode = Mode::sequential, .runs = 50, .seed = 9};
  const CampaignResult result = campaign(options, [](const Tally &, size_t) {});
  if (result.broken.empty()) CHECK(result.tally.rules > 20);  // else no namespaces here
}

TEST_CASE("a campaign ends after its runs, and is the same for the same seed") {
  const CampaignOptions options{.mechanism = "pipe", .mode = Mode::actors, .runs = 12, .seed = 9};
  const auto nothing = [](const Tally &, size_t) {};
  const CampaignResult one = campaign(options, nothing), two = campaign(options, nothing);
  CHECK(one.broken == "");
  CHECK(one.tally.executions == 12);
  CHECK(one.tally.calls == two.tally.calls);
  CHECK(one.corpus == two.corpus);
  CHECK(one.tally.rules > 20);
  CHECK(one.findings.empty());
}
