// A request written in one byte order reads the same in the other, lists in its data included, and so does an answer.
#include "harness/actor/order.h"

#include <catch2/catch_test_macros.hpp>
#include <cstring>
#include <vector>

bool swapped = false;  // the actor's, here the test's

namespace {

wire_value num(int64_t n) { return {WIRE_NUM, 0, n, 0, 0}; }

wire_value at(const std::vector<uint8_t> &data, uint32_t off) {
  wire_value v;
  std::memcpy(&v, data.data() + off, sizeof v);
  return v;
}

void put(std::vector<uint8_t> &data, uint32_t off, const wire_value &v) {
  std::memcpy(data.data() + off, &v, sizeof v);
}

// [7, [-1, "ab"]] as the first argument, the outer list at 0, the inner at 64.
wire_value nested(std::vector<uint8_t> &data) {
  put(data, 0, num(7));
  put(data, sizeof(wire_value), {WIRE_LIST, 2, 0, 64, 0});
  put(data, 64, num(-1));
  put(data, 64 + sizeof(wire_value), {WIRE_BYTES, 2, 0, 128, 0});
  std::memcpy(data.data() + 128, "ab", 2);
  return {WIRE_LIST, 2, 0, 0, 0};
}

}  // namespace

TEST_CASE("a request of the other byte order is turned with the lists in its data, and bytes stay") {
  std::vector<uint8_t> data(WIRE_IN_BYTES);
  wire_call call{};
  call.call = 0x0102;
  call.child = 3;
  call.nargs = 2;
  call.args[0] = nested(data);
  call.args[1] = num(0x1122334455667788);
  const std::vector<uint8_t> before = data;

  // As the other side would have written it: an answer's way goes from values to the wire.
  wire_answer written{};
  std::memcpy(written.out, call.args, sizeof written.out);
  REQUIRE(swap_answer(&written, data.data()));
  CHECK(at(data, 0).kind == __builtin_bswap32(WIRE_NUM));
  CHECK(written.out[1].num == static_cast<int64_t>(0x8877665544332211));
  CHECK(std::memcmp(data.data() + 128, "ab", 2) == 0);

  std::memcpy(call.args, written.out, sizeof call.args);
  call.call = __builtin_bswap32(call.call);
  call.child = __builtin_bswap32(call.child);
  call.nargs = __builtin_bswap32(call.nargs);
  REQUIRE(swap_request(&call, data.data()));
  CHECK(call.call == 0x0102);
  CHECK(call.child == 3);
  CHECK(call.nargs == 2);
  CHECK(call.args[1].num == 0x1122334455667788);
  CHECK(call.args[0].len == 2);
  CHECK(data == before);
}

TEST_CASE("the head of an answer is turned") {
  std::vector<uint8_t> data(WIRE_OUT_BYTES);
  wire_answer answer{};
  answer.result = -1;
  answer.error = 11;
  answer.flags = WIRE_FAULTED;
  answer.fault_signo = 7;
  answer.fault_code = 2;
  answer.fault_addr = 0x1000;
  const wire_answer before = answer;
  REQUIRE(swap_answer(&answer, data.data()));
  CHECK(answer.result == -1);
  CHECK(answer.error == 11 << 24);
  CHECK(answer.flags == static_cast<uint32_t>(WIRE_FAULTED) << 24);
  CHECK(answer.fault_addr == 0x0010000000000000);
  REQUIRE(swap_answer(&answer, data.data()));
  CHECK(std::memcmp(&answer, &before, sizeof answer) == 0);
}

TEST_CASE("lists outside the data, off their alignment or too deep are refused") {
  std::vector<uint8_t> data(WIRE_IN_BYTES);
  const auto refused = [&](wire_value list) {
    wire_answer written{};
    written.out[0] = list;
    return !swap_answer(&written, data.data());
  };
  CHECK(refused({WIRE_LIST, 1, 0, WIRE_OUT_BYTES - 8, 0}));
  CHECK(refused({WIRE_LIST, 1, 0, 0xfffffff8, 0}));
  CHECK(refused({WIRE_LIST, 0xffffffff, 0, 0, 0}));
  CHECK(refused({WIRE_LIST, 1, 0, 4, 0}));
  CHECK_FALSE(refused({WIRE_LIST, 0, 0, 0, 0}));

  // Lists within lists end somewhere: each of these holds the next.
  wire_call call{};
  const auto list_at = [](uint32_t off) {
    return wire_value{__builtin_bswap32(WIRE_LIST), __builtin_bswap32(1), 0, __builtin_bswap32(off), 0};
  };
  for (uint32_t off = 0; off < 64 * 16; off += 64) put(data, off, list_at(off + 64));
  call.args[0] = list_at(0);
  CHECK_FALSE(swap_request(&call, data.data()));
}

TEST_CASE("words of the area are read, written and counted in its order") {
  swapped = false;
  uint32_t word = 255;
  CHECK(wire_count(&word) == 255);
  CHECK(word == 256);
  swapped = true;
  word = __builtin_bswap32(255);
  CHECK(wire_count(&word) == 255);
  CHECK(word == __builtin_bswap32(256));
  CHECK(wire16(0x0102) == 0x0201);
  CHECK(wire32(1) == 1u << 24);
  CHECK(wire64(1) == uint64_t{1} << 56);
  CHECK(wire_int(wire_int(-2)) == -2);
  CHECK(wire_long(wire_long(-2)) == -2);
  swapped = false;
}
