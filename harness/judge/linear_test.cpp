// Histories made by hand, good and bad, in histories/*.txt: each with the answer, and the bad ones with the words of
// their explanation. Set REWRITE_HISTORIES to write the words as they are now, and read them before they are committed.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "harness/judge/linear_text.h"
#include "harness/judge/linear_witness.h"
#include "harness/judge/linearise.h"

using namespace ipcvet::linear;

namespace {

struct Sample {
  std::string head, name, model, answer;  // head: the line itself, with the comment lines above it
  std::string events, says;
};

// Sections begin with `history NAME of MODEL: ANSWER`; their events, and after `says` the explanation, are indented.
std::vector<Sample> samples_in(const std::string &file) {
  std::ifstream in(file);
  INFO(file);
  REQUIRE(in.is_open());
  std::vector<Sample> samples;
  std::string before;
  bool says = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("history ")) {
      const size_t of = line.find(" of "), colon = line.find(": ");
      samples.push_back(
          {before + line, line.substr(8, of - 8), line.substr(of + 4, colon - of - 4), line.substr(colon + 2), "", ""});
      before.clear();
      says = false;
    } else if (line == "says") {
      says = true;
    } else if (line.starts_with("    ")) {
      (says ? samples.back().says : samples.back().events) += line.substr(4) + "\n";
    } else if (!line.empty() || samples.empty()) {
      before += line + "\n";
    }
  }
  return samples;
}

std::string indented(const std::string &text) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) out += "    " + line + "\n";
  return out;
}

void check_file(const std::string &file) {
  auto samples = samples_in(file);
  std::set<std::string> names;
  for (auto &sample : samples) {
    INFO(file << ": " << sample.name);
    CHECK(names.insert(sample.name).second);
    const SmallModel model = model_from(sample.model);
    const TextHistory history = history_from(sample.events);
    const auto found = linearise(model, {}, history);
    CHECK(answer_name(found.answer) == sample.answer);
    if (std::getenv("REWRITE_HISTORIES"))
      sample.says = found.explanation;
    else
      CHECK(found.explanation == sample.says);
    if (found.answer == Answer::yes) CHECK(witness_fault(model, {}, history, found.witness) == "");
  }
  if (!std::getenv("REWRITE_HISTORIES")) return;
  std::ofstream out(file);
  for (size_t i = 0; i < samples.size(); ++i) {
    const Sample &s = samples[i];
    out << (i ? "\n" : "") << s.head << "\n" << indented(s.events);
    if (!s.says.empty()) out << "says\n" << indented(s.says);
  }
}

}  // namespace

TEST_CASE("registers") { check_file("register.txt"); }
TEST_CASE("byte streams") { check_file("stream.txt"); }
TEST_CASE("message queues") { check_file("queue.txt"); }

TEST_CASE("no events have a linearisation") { CHECK(linearise(queue_model(), {}, {}).answer == Answer::yes); }

TEST_CASE("the budget ends a search without an answer") {
  const auto h = history_from("A  write(\"aaaaaa\") ...\nB  write(\"bbbbbb\") ...\nR  read(8) = \"abababac\"\n");
  const auto found = linearise(stream_model(), {}, h, {20});
  CHECK(found.answer == Answer::undecided);
  CHECK(found.explanation.starts_with("given up after 2"));
  CHECK(linearise(stream_model(), {}, h).answer == Answer::no);
}

TEST_CASE("what the specification has no rule for proves nothing") {
  struct Partial : SmallModel {
    Moves begin(const State &state, uint32_t actor, const TextCall &call) const {
      if (call.name == "read") return {{actor, std::nullopt, state, true, true}};
      return SmallModel::begin(state, actor, call);
    }
  };
  const Partial model{register_model()};
  const auto found = linearise(model, {}, history_from("W  write(1) = 0\nR  read() = 0\n"));
  CHECK(found.answer == Answer::undecided);
  CHECK(found.explanation.starts_with("the specification has no rule"));
}

TEST_CASE("objects are looked at apart") {
  const auto h = history_from("A  x.write(1) = 0\nB  y.write(1) = 0\nA  x.read() = 1\nrest\n");
  CHECK(linearise(register_model(), {}, h).parts == 2);
}

TEST_CASE("an actor's end cuts its call off") {
  struct Mortal : SmallModel {
    std::vector<State> claim(const State &state, uint32_t actor, const std::string &) const {
      State next = state;
      next.waiting.erase(actor);
      return {next};
    }
  };
  const Mortal model{queue_model()};
  auto h = history_from("A  recv(1) ...\nB  recv(1) ...\nrest A B\nS  send(1, \"x\") = 0\nB  blocked\n");
  h.events.back() = {TextEvent::Kind::ended, 0, {}, "+++ killed by SIGKILL"};
  h.events.push_back({TextEvent::Kind::rest, 0, {}, {}});
  // The message went to the one that was killed, or to nobody: then the other ought to have it.
  const auto found = linearise(model, {}, h);
  INFO(found.explanation);
  CHECK(found.answer == Answer::yes);
  h.events.push_back({TextEvent::Kind::call, 2, history_from("S  count() = 1\n").events[0].operation, {}});
  h.events.push_back({TextEvent::Kind::returned, 2, {}, "1"});
  CHECK(linearise(model, {}, h).answer == Answer::no);
}
