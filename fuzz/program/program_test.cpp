// Programs: whatever makes them, they are valid, keep their two forms, and shrink to what matters.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "fuzz/program/generate.h"
#include "fuzz/program/menu.h"
#include "fuzz/program/minimise.h"
#include "fuzz/program/phrases.h"
#include "fuzz/program/pool.h"
#include "harness/case/lint/lint.h"
#include "harness/case/parser.h"
#include "harness/case/printer.h"

using namespace ipcvet;
using namespace ipcvet::fuzz;

namespace {

std::span<const uint8_t> bytes_of(const std::string &s) {
  return {reinterpret_cast<const uint8_t *>(s.data()), s.size()};
}

void check_valid(const Program &program) {
  INFO(text(program, "pipe/x"));
  CHECK(text(repaired(program), "pipe/x") == text(program, "pipe/x"));
  CHECK(repaired(program) == program);
  CHECK(decode(bytes_of(encode(program))) == program);
  CHECK(decode_own(encode(program)) == program);
  CHECK(program.steps.size() <= most_steps);
  const auto parsed = parse(text(program, "pipe/x"), "pipe/x.ipc");
  CHECK((parsed ? "" : render(parsed.error())) == "");
}

// What lint says of the Program as a case.
std::string lint_says(const Program &program) {
  if (program.steps.empty()) return "";  // a case has steps
  const std::string written = text(program, "pipe/x");
  const auto parsed = parse(written, "pipe/x.ipc");
  if (!parsed) return render(parsed.error());
  return render(lint(*parsed, written, {}));
}

Taste taste_of(std::string_view mechanism) { return {.mechanism = mechanism}; }

}  // namespace

TEST_CASE("generated programs are valid, make sense to lint, and are the same for the same seed") {
  for (const std::string_view mechanism : mechanisms()) {
    for (uint64_t seed = 0; seed < 60; ++seed) {
      Random one(seed), two(seed);
      const Program program = generate(taste_of(mechanism), one);
      REQUIRE(program == generate(taste_of(mechanism), two));
      REQUIRE(program.steps.size() >= 1);
      check_valid(program);
      INFO(text(program, "pipe/x"));
      CHECK(lint_says(program) == "");
    }
  }
}

TEST_CASE("mutation and crossover keep programs valid") {
  Random random(7);
  Program program = generate(taste_of("all"), random), other = generate(taste_of("pipe"), random);
  for (int i = 0; i < 600; ++i) {
    program = random.chance(20) ? crossed(program, other, taste_of("all"), random)
                                : mutated(program, taste_of("all"), random);
    check_valid(program);
    CHECK(lint_says(program) == "");
    if (random.chance(20)) other = program;
  }
}

TEST_CASE("a program that the binary form cannot hold is decoded as another one that is valid") {
  Program program;
  program.steps.push_back(
      call_step("P", {"write", {Value::integer(-1), Value::bytes(std::string(9000, 'x')), Value::integer(1)}, {}}));
  check_valid(decode_own(encode(repaired(program))));
}

TEST_CASE("any bytes are a program") {
  Random random(3);
  for (int i = 0; i < 600; ++i) {
    std::string bytes;
    for (uint32_t n = random.below(400); n > 0; --n) bytes += static_cast<char>(random.next() >> 11);
    check_valid(decode(bytes_of(bytes)));
  }
  Program program = generate(taste_of("all"), random);
  for (int i = 0; i < 600; ++i) {  // nearly right bytes
    std::string bytes = encode(program);
    if (!bytes.empty()) bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    check_valid(decode(bytes_of(bytes)));
    program = mutated(program, taste_of("all"), random);
  }
}

TEST_CASE("the text form is read as the same program") {
  Random random(31);
  for (int i = 0; i < 200; ++i) {
    const Program program = generate(taste_of("all"), random);
    const auto parsed = parse_program(text(program, "pipe/x"));
    REQUIRE(parsed);
    CHECK(*parsed == program);
  }
}

TEST_CASE("programs for one process have one actor and no call that needs others") {
  Random random(11);
  for (const std::string_view mechanism : mechanisms())
    for (int i = 0; i < 40; ++i) {
      const Program program = mutated(generate({mechanism, true, 64}, random), {mechanism, true, 64}, random);
      for (const Step &step : program.steps) {
        CHECK(step.actors[0] == "P");
        CHECK(fits_one_process(spec_of(step)->name));
      }
    }
}

TEST_CASE("most calls name what an earlier step made") {
  Random random(5);
  size_t live = 0, all = 0;
  for (int i = 0; i < 200; ++i)
    for (const Step &step : generate(taste_of("pipe"), random).steps)
      if (step.call.name == "read" || step.call.name == "write") {
        ++all;
        live += step.call.args[0].as<Value::Name>() ? 1u : 0u;
      }
  CHECK(all > 200);
  CHECK(live * 100 >= all * 90);
}

TEST_CASE("what is dangerous is taken out or made harmless") {
  const auto program = [](const std::string &steps) {
    const auto parsed = parse("case  pipe/x\nbrief \"x\"\nspec  posix/x/y  shall\n\n" + steps, "pipe/x.ipc");
    REQUIRE(parsed);
    return print(as_case(from_case(*parsed), "pipe/x"));
  };
  CHECK(program("P  sigqueue(-1, SIGKILL, 0) = 0\n").find("-1") == std::string::npos);
  CHECK(program("P  setrlimit(RLIMIT_CPU, {cur: 0, max: 0}) = 0\n").find("RLIMIT_CPU") == std::string::npos);
  CHECK(program("P  setrlimit(RLIMIT_AS, {cur: 0, max: 0}) = 0\n").find("cur: 0") == std::string::npos);
  CHECK(program("P  setresuid(5, 5, 5) = 0\n").find("5") == std::string::npos);
  CHECK(program("P  close(1000) = 0\n").find("1000") == std::string::npos);
  CHECK(program("P  close_range(3, INT_MAX, 0) = 0\n").find("INT_MAX") == std::string::npos);
  CHECK(program("P  msgctl(1, IPC_RMID, NULL) = 0\n").find("IPC_RMID") == std::string::npos);
  CHECK(program("P  unlink(\"/etc/passwd\") = 0\n").find("passwd") == std::string::npos);
  CHECK(program("P  munmap(bad, 4096) = 0\n").find("bad") == std::string::npos);
  CHECK(program("P  mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED, -1, 0) = m0\n").find("MAP_FIXED") ==
        std::string::npos);
  CHECK(program("P  mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = m0\n"
                "P  mmap(m0, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = m1\n")
            .find("8192") == std::string::npos);
  CHECK(program("P  poll([], 0, 60000) = 0\n").find("60000") == std::string::npos);
  CHECK(program("P  mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = m0\nP  munmap(m0, 1048576) = 0\n")
            .find("munmap(m0, 1048576)") == std::string::npos);
}

TEST_CASE("phrases are steps that a Program keeps") {
  for (const Phrase &phrase : phrases) {
    const std::string head = "case  pipe/x\nbrief \"x\"\nspec  posix/x/y  shall\n\n";
    const auto parsed = parse(head + std::string(phrase.steps), "pipe/x.ipc");
    INFO(phrase.steps);
    REQUIRE(parsed);
    const Program kept = from_case(*parsed);
    CHECK(kept.steps.size() == parsed->steps.size());
    for (size_t i = 0; i < kept.steps.size() && i < parsed->steps.size(); ++i) {
      const Call &call = kept.steps[i]->call, &written = parsed->steps[i].call;
      INFO(written.name);
      REQUIRE(call.args.size() == written.args.size());
      for (size_t k = 0; k < call.args.size(); ++k)  // but for names, which follow what a call makes
        if (!written.args[k].as<Value::Name>() && !written.args[k].as<Value::List>())
          CHECK(call.args[k] == written.args[k]);
    }
  }
}

TEST_CASE("the smallest program keeps what matters") {
  Random random(23);
  const auto fails = [](const Program &p) {  // a write of at least 100 bytes after a fork
    bool forked = false;
    for (const Step &s : p.steps) {
      forked = forked || s.call.name == "fork";
      if (!forked || s.call.name != "write" || s.call.args.size() != 3) continue;
      if (number_of(s.call.args[2]).value_or(0) >= 100) return true;
    }
    return false;
  };
  int shrunk = 0;
  for (int i = 0; i < 300 && shrunk < 12; ++i) {
    const Program program = generate(taste_of("pipe"), random);
    if (!fails(program)) continue;
    const Program least = minimised(program, fails);
    INFO(text(least, "pipe/x"));
    CHECK(fails(least));
    CHECK(least.steps.size() == 2);
    CHECK(number_of(least.steps[1]->call.args[2]) == 100);
    ++shrunk;
  }
  CHECK(shrunk == 12);
}
