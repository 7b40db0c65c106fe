// Each invariant with logs that keep it and logs that break it, and what falsifier rows make of them.
#include "harness/judge/invariants.h"

#include <catch2/catch_test_macros.hpp>

#include "harness/actor/wire.h"
#include "harness/judge/history_text.h"

using namespace ipcvet;

namespace {

// Logs in short: "W1 s1 s2" sent records 1 and 2 as writer 1; "P r1.1 t1.2" received record 1 of writer 1 and
// a torn one. Every record has 16 bytes.
StressLog log_of(std::string_view text) {
  StressLog log;
  log.finished = true;
  log.role = text.substr(0, 1);
  size_t at = 1;
  if (at < text.size() && text[at] != ' ') log.slot = static_cast<uint32_t>(text[at++] - '0');
  log.copy = log.slot;
  for (; at + 2 < text.size() + 1 && at < text.size(); ++at) {
    if (text[at] == ' ') continue;
    const char what = text[at];
    StressRecord r{WIRE_REC_SENT, log.slot, static_cast<uint32_t>(text[at + 1] - '0'), 16};
    if (what != 's' && what != 'f') {
      r = {what == 'r'   ? 0u + WIRE_REC_WHOLE
           : what == 't' ? 0u + WIRE_REC_TORN
                         : 0u + WIRE_REC_SHORT,
           static_cast<uint32_t>(text[at + 1] - '0'), static_cast<uint32_t>(text[at + 3] - '0'), 16};
      at += 2;
    }
    if (what == 'f') r = {WIRE_REC_FAILED, log.slot, r.seq, 32};
    ++at;
    log.records.push_back(r);
  }
  return log;
}

History logs(std::vector<std::string_view> texts) {
  History h;
  for (std::string_view text : texts) h.stress.push_back(log_of(text));
  return h;
}

std::string broken(std::string_view name, std::vector<std::string_view> texts) {
  return check_invariant(name, logs(std::move(texts))).broken.value_or("holds");
}

}  // namespace

TEST_CASE("whole") {
  CHECK(broken("whole", {"W1 s1 s2", "P r1.1 r1.2"}) == "holds");
  CHECK(broken("whole", {"W1 s1 s2", "P r1.1 t1.2"}) ==
        "P received 16 bytes that are not one record, though they begin as record 2 of W");
  CHECK(broken("whole", {"W1 s1 s2", "P r1.1 h1.2"}) ==
        "P received only 16 bytes, too few for the record they belong to");
  CHECK(broken("whole", {"W1 s1", "W2 s1", "P r2.1 r2.7"}) == "P received record 7 of W[2], which was not sent");
}

TEST_CASE("none-lost") {
  CHECK(broken("none-lost", {"W1 s1 s2", "P r1.2 r1.1"}) == "holds");
  CHECK(broken("none-lost", {"W1 s1 s2 s3", "W2 s1", "P r1.1 r2.1"}) ==
        "record 2 of W[1] was sent and not received (2 of 4 sent are missing)");
  CHECK(broken("none-lost", {"W1 s1", "P t1.1"}) ==
        "record 1 of W was sent and not received (1 of 1 sent are missing)");
}

TEST_CASE("none-duplicated") {
  CHECK(broken("none-duplicated", {"W1 s1 s2", "P r1.1", "Q r1.2"}) == "holds");
  CHECK(broken("none-duplicated", {"W1 s1 s2", "P r1.1", "Q r1.1"}) == "record 1 of W was received 2 times");
}

TEST_CASE("fifo-per-writer is per receiver") {
  CHECK(broken("fifo-per-writer", {"W1 s1 s2", "W2 s1 s2", "P r2.1 r1.1 r2.2 r1.2"}) == "holds");
  CHECK(broken("fifo-per-writer", {"W1 s1 s2", "P r1.2", "Q r1.1"}) == "holds");
  CHECK(broken("fifo-per-writer", {"W1 s1 s2", "W2 s1", "P r1.2 r2.1 r1.1"}) ==
        "P received record 1 of W[1] after its record 2");
}

TEST_CASE("conserved counts bytes, torn or not") {
  CHECK(broken("conserved", {"W1 s1 s2", "P t1.1 r1.2"}) == "holds");
  CHECK(broken("conserved", {"W1 s1 s2", "P r1.1"}) == "32 bytes went in and 16 came out");
}

TEST_CASE("sum") {
  History h = logs({"W1", "W2"});
  h.stress[0].added = 100;
  h.stress[1].added = 100;
  h.has_counter = true;
  h.counter = 200;
  CHECK_FALSE(check_invariant("sum", h).broken);
  h.counter = 163;
  CHECK(check_invariant("sum", h).broken == "the counter holds 163 after increments of 200 in all");
}

TEST_CASE("what could not have been broken says so") {
  CHECK(check_invariant("whole", logs({"W1", "P"})).vacuous);
  CHECK_FALSE(check_invariant("whole", logs({"W1 s1", "P"})).vacuous);
  CHECK(check_invariant("sum", logs({"W1"})).vacuous);
  CHECK(is_invariant("none-lost"));
  CHECK_FALSE(is_invariant("no-such"));
}

TEST_CASE("trouble in a role") {
  CHECK_FALSE(stress_trouble(logs({"W1 s1", "P r1.1"})));
  CHECK(stress_trouble(logs({"W1 s1 f2", "P r1.1"})) == "W could not send or receive record 2: EPIPE");
  History h = logs({"W1 s1", "W2 s1"});
  h.stress[1].finished = false;
  h.stress[1].calls = 12;
  CHECK(stress_trouble(h) == "W[2] did not finish (12 calls made)");
  Event e;
  e.name = "close";
  e.args = {Value::integer(3)};
  e.result = Value::error("EBADF");
  h.stress[0].trouble.push_back(e);
  CHECK(stress_trouble(h) == "W[1]: close(3) = -1 EBADF");
}

namespace {

constexpr const char *stress_case =
    "case  pipe/test\nbrief \"test\"\nspec  posix/a  shall\n"
    "where  size  falsifies\n"
    "       16    _\n"
    "       32    whole\n\n"
    "P  pipe([r, w]) = 0\n"
    "\nstress\n  W*2  write(w, record, size) * 2\n  P    read(r, record, size) until 0\n"
    "  holds whole, none-lost, fifo-per-writer, conserved\n";

std::string judged(size_t row, std::vector<std::string_view> texts) {
  const Case instance = instance_of(stress_case, row);
  History h = history_of(instance, "0 P returned 0 | [3, 4]");
  h.stress = logs(std::move(texts)).stress;
  return verdict_text(judge(instance, h));
}

}  // namespace

TEST_CASE("an ordinary row must keep every invariant") {
  CHECK(judged(1, {"W1 s1", "W2 s1", "P r1.1 r2.1"}) == "pass");
  CHECK(
      judged(1, {"W1 s1", "W2 s1", "P r1.1"}) ==
      "fail: none-lost does not hold: record 1 of W[2] was sent and not received (1 of 2 sent are missing) / none-lost "
      "holds / record 1 of W[2] was sent and not received (1 of 2 sent are missing)");
  CHECK(judged(1, {"W1", "W2", "P"}) == "unresolved: whole holds, but nothing was sent or added that could break it");
}

TEST_CASE("a falsifier row must break what it names and nothing else") {
  CHECK(judged(2, {"W1 s1", "W2 s1", "P t1.1 t2.1"}) == "pass");
  CHECK(judged(2, {"W1 s1", "W2 s1", "P r1.1 r2.1"}) ==
        "unresolved: the falsifier broke nothing: whole held, so its check shows no teeth here");
  CHECK(judged(2, {"W1 s1", "W2 s1", "P t1.1"}) ==
        "fail: conserved does not hold: 32 bytes went in and 16 came out / conserved holds / 32 bytes went in and 16 "
        "came out");
}

TEST_CASE("a role in trouble fails the case also in a falsifier row") {
  CHECK(judged(2, {"W1 s1 f2", "W2 s1", "P t1.1 t2.1"}) ==
        "fail: W[1] could not send or receive record 2: EPIPE / every role finishes and every call of it succeeds / "
        "W[1] could not send or receive record 2: EPIPE");
}
