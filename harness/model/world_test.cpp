// Worlds as values: what is shared, what a step leaves alone, what settling explores, what the profiles tell apart.
#include <catch2/catch_test_macros.hpp>

#include "harness/model/accepts.h"
#include "harness/model/model.h"
#include "harness/model/track.h"

using namespace ipcvet;
using namespace ipcvet::model;

namespace {

const Setting linux_setting = make_setting(Profile::linux_, {});
const Setting posix_setting = make_setting(Profile::posix, {});

Value n(int64_t i) { return Value::integer(i); }
Value word(const char *text) { return Value::name(text); }

// The only way a call can go, with its numbers invented.
Track after(const Track &track, ActorId actor, const char *call, std::vector<Value> args,
            const Setting &setting = linux_setting) {
  auto nexts = step(track.world, actor, {find_call(call), std::move(args)}, setting);
  REQUIRE(nexts.size() == 1);
  REQUIRE(nexts[0].prediction.kind != Prediction::Kind::unmodelled);
  Track next{std::move(nexts[0].world), track.answers};
  if (nexts[0].prediction.kind == Prediction::Kind::returns) next.add(actor, std::move(nexts[0].prediction));
  Settled settled = settle({std::move(next)}, setting, true);
  REQUIRE(settled.tracks.size() == 1);
  return settled.tracks[0];
}

Track claimed(Track track) {
  track.answers.clear();
  return track;
}

Track start(const Setting &setting = linux_setting) {
  Track t{initial_world(setting), {}};
  t.invent_numbers();
  return t;
}

std::string answer(const Track &t, ActorId actor) {
  const Prediction *p = t.answer(actor);
  return p ? show(*p, t.world) : "none";
}

}  // namespace

TEST_CASE("copies share until one is changed") {
  Cow<std::string> a(std::string("one"));
  Cow<std::string> b = a;
  CHECK(&*a == &*b);
  b.edit() += " more";
  CHECK(*a == "one");
  CHECK(*b == "one more");
  CHECK_FALSE(a == b);
  b.edit() = "one";
  CHECK(a == b);
}

TEST_CASE("a token stands for a number until it is bound") {
  Numbers numbers;
  const int64_t token = numbers.fresh(NumberKind::process);
  CHECK(is_token(token));
  CHECK(numbers.unbound(token));
  CHECK(numbers.value(token) == token);
  CHECK(numbers.first_unbound() == token);
  numbers.bind(token, 42);
  CHECK(numbers.value(token) == 42);
  CHECK(numbers.value(7) == 7);
  CHECK(numbers.first_unbound() == 0);
}

TEST_CASE("a step leaves the world it starts from alone, and is the same every time") {
  const Track t = claimed(after(start(), 0, "pipe", {Value::any()}));
  const World before = t.world;
  const GivenCall write{find_call("write"), {n(4), Value::bytes("abc"), n(3)}};
  const auto one = step(t.world, 0, write, linux_setting);
  const auto two = step(t.world, 0, write, linux_setting);
  CHECK(t.world == before);
  REQUIRE(one.size() == 1);
  CHECK(one[0].world == two[0].world);
  CHECK(one[0].prediction == two[0].prediction);
  CHECK_FALSE(one[0].world == before);
}

TEST_CASE("one of two waiters is taken, either of them; at rest nobody may go on") {
  Track t = claimed(after(start(), 0, "pipe", {Value::any()}));
  t = claimed(after(t, 0, "fork", {}));
  t = claimed(after(t, 0, "fork", {}));
  for (const ActorId actor : {1u, 2u}) t = after(t, actor, "read", {n(3), Value::any(), n(1)});
  CHECK(ready(t.world, linux_setting).empty());
  auto nexts = step(t.world, 0, {find_call("write"), {n(4), Value::bytes("x"), n(1)}}, linux_setting);
  REQUIRE(nexts.size() == 1);
  CHECK(ready(nexts[0].world, linux_setting).size() == 2);
  const Settled settled = settle({{nexts[0].world, {}}}, linux_setting, true);
  REQUIRE(settled.tracks.size() == 2);
  for (const Track &track : settled.tracks) {
    CHECK(track.answers.size() == 1);
    CHECK(ready(track.world, linux_setting).empty());
  }
}

TEST_CASE("handlers of signals that become deliverable together nest") {
  Track t = start();
  const Value signals = Value::list({n(10), n(12)});
  for (const int64_t signo : {10, 12})
    t = claimed(after(t, 0, "sigaction", {n(signo), Value::record({{"sa_handler", word("log")}}), word("NULL")}));
  t = claimed(after(t, 0, "sigprocmask", {n(linux_setting.k.SIG_BLOCK_), signals, word("NULL")}));
  t = claimed(after(t, 0, "raise", {n(10)}));
  t = claimed(after(t, 0, "raise", {n(12)}));
  CHECK(t.world.threads[0].runs.empty());
  t = claimed(after(t, 0, "sigprocmask", {n(linux_setting.k.SIG_UNBLOCK_), signals, word("NULL")}));
  const auto &runs = t.world.threads[0].runs;
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].info.signo == 12);  // set up last, so it runs first
  CHECK(runs[0].mask == (signal_bit(10) | signal_bit(12)));
  CHECK(runs[1].info.signo == 10);
  CHECK(t.world.threads[0].mask == 0);
}

TEST_CASE("POSIX takes a pending SIGCHLD away with the last status, Linux leaves it") {
  for (const Setting *setting : {&linux_setting, &posix_setting}) {
    Track t = start(*setting);
    const int64_t sigchld = setting->k.SIGCHLD_;
    t = claimed(
        after(t, 0, "sigaction", {n(sigchld), Value::record({{"sa_handler", word("count")}}), word("NULL")}, *setting));
    t = claimed(
        after(t, 0, "sigprocmask", {n(setting->k.SIG_BLOCK_), Value::list({n(sigchld)}), word("NULL")}, *setting));
    t = claimed(after(t, 0, "vfork_exit", {n(3)}, *setting));
    t = claimed(after(t, 0, "wait", {Value::any()}, *setting));
    t = after(t, 0, "sigpending", {Value::any()}, *setting);
    CHECK(answer(t, 0) == (setting == &posix_setting ? "= 0, set []" : "= 0, set [17]"));
  }
}

TEST_CASE("a large write goes on piece by piece") {
  Track t = claimed(after(start(), 0, "pipe", {Value::any()}));
  t = claimed(after(t, 0, "fork", {}));
  const int64_t size = 20 * 4096;
  t = after(t, 1, "write", {n(4), Value::bytes(std::string(static_cast<size_t>(size), 'a')), n(size)});
  CHECK(answer(t, 1) == "none");
  CHECK(t.world.threads[1].blocked->done == 16 * 4096);
  t = claimed(after(t, 0, "read", {n(3), Value::any(), n(4096)}));
  CHECK(t.world.threads[1].blocked->done == 17 * 4096);
  t = after(t, 0, "read", {n(3), Value::any(), n(16 * 4096)});
  CHECK(answer(t, 1) == "= 81920");
}

TEST_CASE("too many ways are given up, not guessed") {
  Track t = claimed(after(start(), 0, "pipe", {Value::any()}));
  for (ActorId actor = 1; actor <= 6; ++actor) t = claimed(after(t, 0, "fork", {}));
  for (ActorId actor = 1; actor <= 6; ++actor) t = after(t, actor, "read", {n(3), Value::any(), n(1)});
  auto nexts = step(t.world, 0, {find_call("write"), {n(4), Value::bytes("abcdef"), n(6)}}, linux_setting);
  CHECK_FALSE(settle({{nexts[0].world, {}}}, linux_setting, true, 100).unmodelled.empty());
}
