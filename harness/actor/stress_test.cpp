// Stress roles: what is sent comes out whole, and a planted fault shows in the log.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <cerrno>
#include <cstring>
#include <map>

#include "harness/actor/test_driver.h"
#include "harness/mechanism/table.h"

using namespace ipcvet;
using namespace ipcvet::test;

namespace {

In statement(std::string_view call, int64_t mode, int64_t n, std::vector<In> args) {
  return list({num(find_call(call)->id), num(mode), num(n), list(std::move(args))});
}

std::vector<wire_record> records(Driver &d, uint32_t slot) {
  const std::string bytes = d.out_bytes(slot, 0);
  std::vector<wire_record> all(bytes.size() / sizeof(wire_record));
  if (!all.empty()) std::memcpy(all.data(), bytes.data(), bytes.size());
  return all;
}

void go(Driver &d, uint32_t roles) {
  d.until([&] { return __atomic_load_n(&d.area().stress_ready, __ATOMIC_SEQ_CST) == roles; });
  d.raise_curtain();
}

size_t count(const std::vector<wire_record> &all, uint32_t what) {
  size_t n = 0;
  for (const wire_record &r : all) n += r.what == what;
  return n;
}

}  // namespace

TEST_CASE("records of eight writers arrive whole at one reader") {
  const std::string image = GENERATE(from_range(built()));
  CAPTURE(image);
  Driver d(images(image));
  d.start(everything);
  REQUIRE(d.result(0, "pipe", {any()}) == 0);
  const auto fds = d.numbers(0, 0);
  constexpr uint32_t writers = 8;
  constexpr int64_t each = 300;
  for (uint32_t w = 1; w <= writers; ++w) REQUIRE(d.result(0, "fork", {}, w) > 0);
  for (uint32_t w = 1; w <= writers; ++w)
    d.post(w, "stress",
           {list({statement("close", 0, 1, {num(fds[0])}),
                  statement("write", 1, each, {num(fds[1]), payload(), num(100)})}),
            num(1)});
  d.post(0, "stress",
         {list({statement("close", 0, 1, {num(fds[1])}), statement("read", 2, 0, {num(fds[0]), payload(), num(333)})}),
          num(0)});
  go(d, writers + 1);
  for (uint32_t w = 1; w <= writers; ++w) {
    REQUIRE(d.answer(w).result == each);
    REQUIRE(count(records(d, w), WIRE_REC_SENT) == each);
  }
  REQUIRE(d.answer(0).flags == 0);
  const auto received = records(d, 0);
  REQUIRE(count(received, WIRE_REC_WHOLE) == received.size());
  REQUIRE(received.size() == writers * each);
  std::map<uint32_t, uint32_t> next;
  for (const wire_record &r : received) REQUIRE(r.seq == next[r.writer]++);
  REQUIRE(d.numbers(0, 1)[3] == 0);
  d.end();
}

TEST_CASE("interleaved writes above PIPE_BUF are seen as torn") {
  Driver d(images("native"));
  d.start(everything);
  REQUIRE(d.result(0, "pipe", {any()}) == 0);
  const auto fds = d.numbers(0, 0);
  for (uint32_t w = 1; w <= 2; ++w) REQUIRE(d.result(0, "fork", {}, w) > 0);
  for (uint32_t w = 1; w <= 2; ++w)
    d.post(w, "stress", {list({statement("write", 1, 100, {num(fds[1]), payload(), num(100000)})}), num(1)});
  d.post(
      0, "stress",
      {list({statement("close", 0, 1, {num(fds[1])}), statement("read", 2, 0, {num(fds[0]), payload(), num(65536)})}),
       num(0)});
  go(d, 3);
  REQUIRE(d.answer(0).flags == 0);
  const auto received = records(d, 0);
  REQUIRE(count(received, WIRE_REC_TORN) > 0);
  uint64_t bytes = 0;
  for (const wire_record &r : received) bytes += r.size;
  REQUIRE(bytes == 2ull * 100 * 100000);
  d.end();
}

TEST_CASE("messages are judged one by one, and a failure ends the role") {
  Driver d(images("native"));
  d.start(everything);
  const int64_t id = d.result(0, "msgget", {num(0), num(0600 | d.constant("IPC_CREAT"))});
  REQUIRE(d.result(0, "fork", {}, 1) > 0);
  d.post(1, "stress",
         {list({statement("msgsnd", 1, 500, {num(id), list({num(1), payload()}), num(64), num(0)})}), num(1)});
  d.post(0, "stress",
         {list({statement("msgrcv", 1, 499, {num(id), payload(), num(64), num(0), num(0)}),
                statement("msgrcv", 1, 1, {num(id), payload(), num(20), num(0), num(d.constant("MSG_NOERROR"))}),
                statement("msgrcv", 1, 1, {num(-1), payload(), num(20), num(0), num(0)}),
                statement("sched_yield", 1, 1, {})}),
          num(0)});
  go(d, 2);
  d.answer(0);
  const auto received = records(d, 0);
  REQUIRE(count(received, WIRE_REC_WHOLE) == 499);
  REQUIRE(count(received, WIRE_REC_SHORT) == 1);
  REQUIRE(received.back().what == WIRE_REC_FAILED);
  REQUIRE(received.back().size == EINVAL);
  REQUIRE(d.numbers(0, 1)[0] == 501);
  d.end();
}

TEST_CASE("the careless counter loses what the atomic one keeps") {
  const std::string image = GENERATE(from_range(built()));
  CAPTURE(image);
  Driver d(images(image));
  d.start(everything);
  const int64_t page = d.result(0, "mmap",
                                {num(0), num(4096), num(d.constant("PROT_READ") | d.constant("PROT_WRITE")),
                                 num(d.constant("MAP_SHARED") | d.constant("MAP_ANONYMOUS")), num(-1), num(0)});
  for (uint32_t w = 1; w <= 4; ++w) REQUIRE(d.result(0, "fork", {}, w) > 0);
  for (uint32_t w = 1; w <= 4; ++w)
    d.post(w, "stress",
           {list({statement("add", 1, 5000, {num(page), num(3)}), statement("bump", 1, 5000, {num(page + 8), num(1)})}),
            num(1)});
  go(d, 4);
  for (uint32_t w = 1; w <= 4; ++w) {
    d.answer(w);
    REQUIRE(d.numbers(w, 1)[1] == 20000);
  }
  REQUIRE(d.result(0, "add", {num(page), num(0)}) == 60000);
  REQUIRE(d.result(0, "add", {num(page + 8), num(0)}) < 20000);
  d.end();
}
