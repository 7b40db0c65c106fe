// Of a call that is made again and again: the arguments that are numbers whatever names stand for.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>

#include "harness/mechanism/table.h"

namespace ipcvet {

struct KnownNumbers {
  uint8_t which = 0;  // a bit each
  std::array<int64_t, std::size(CallSpec{}.args)> number{};

  void add(uint32_t i, int64_t n) { which |= static_cast<uint8_t>(1u << i), number[i] = n; }
  bool has(size_t i) const { return (which >> i & 1) != 0; }
};

}  // namespace ipcvet
