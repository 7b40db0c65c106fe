// What actors do, for every image built here: the same checks run against glibc, musl and 32-bit actors.
#include <sys/types.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <cerrno>
#include <csignal>

#include "harness/actor/test_driver.h"

using namespace ipcvet::test;

namespace {

constexpr uint32_t everything = WIRE_SB_USER | WIRE_SB_PID | WIRE_SB_IPC | WIRE_SB_MOUNT | WIRE_SB_PROC | WIRE_SB_TMP |
                                WIRE_SB_SHM | WIRE_SB_MQUEUE;

Images images(std::string_view which) {
  const Images all{ACTOR_NATIVE, ACTOR_I386, ACTOR_MUSL};
  Images chosen = all;
  if (which == "musl") chosen.actor = all.musl;
  if (which == "i386") chosen.actor = all.i386;
  return chosen;
}

std::vector<std::string> built() {
  std::vector<std::string> names{"native"};
  if (*ACTOR_MUSL != 0) names.emplace_back("musl");
  if (*ACTOR_I386 != 0) names.emplace_back("i386");
  return names;
}

}  // namespace

TEST_CASE("a pipe between a parent and a forked child") {
  const std::string image = GENERATE(from_range(built()));
  CAPTURE(image);
  Driver d(images(image));
  d.start(everything);
  CAPTURE(d.area().server.text, d.area().server.got);
  REQUIRE(d.area().server.error == 0);
  REQUIRE(d.area().slots[0].word_bytes == (image == "i386" ? 4 : 8));

  REQUIRE(d.result(0, "pipe", {any()}) == 0);
  const auto fds = d.numbers(0, 0);
  REQUIRE(fds.size() == 2);
  const int64_t child = d.result(0, "fork", {}, 1);
  REQUIRE(child == d.area().slots[1].pid);
  REQUIRE(d.result(0, "close", {num(fds[1])}) == 0);
  d.post(0, "read", {num(fds[0]), any(), num(16)});
  REQUIRE(d.result(1, "write", {num(fds[1]), bytes("bye"), num(3)}) == 3);
  REQUIRE(d.answer(0).result == 3);
  REQUIRE(d.out_bytes(0, 1) == "bye");
  REQUIRE(d.area().slots[0].reply.flags == 0);

  d.post(1, "exit", {num(7)});
  REQUIRE(d.result(0, "waitpid", {num(child), any(), num(0)}) == child);
  REQUIRE(d.area().slots[0].reply.out[1].num == 7 << 8);
  d.end();
  REQUIRE(d.area().server.leaks == 0);
}

TEST_CASE("a null pointer and a bad address reach the system") {
  const std::string image = GENERATE(from_range(built()));
  CAPTURE(image);
  Driver d(images(image));
  d.start(everything);
  REQUIRE(d.call(0, "pipe", {bad()}, 0, true).error == EFAULT);
  REQUIRE(d.result(0, "pipe", {any()}) == 0);
  const auto fds = d.numbers(0, 0);
  REQUIRE(d.call(0, "write", {num(fds[1]), num(0), num(1)}).error == EFAULT);
  REQUIRE(d.call(0, "write", {num(fds[1]), bad(), num(1)}).error == EFAULT);
  REQUIRE(d.call(0, "read", {num(99), any(), num(1)}).error == EBADF);
  d.end();
}
