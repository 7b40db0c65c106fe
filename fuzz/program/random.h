// Random choices that are the same on every system for the same seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace ipcvet::fuzz {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  // All that what comes next depends on; it is a seed, too.
  uint64_t state() const { return state_; }
  uint64_t next() {  // SplitMix64
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  uint32_t below(size_t n) { return n == 0 ? 0 : static_cast<uint32_t>(next() % n); }
  bool chance(uint32_t percent) { return below(100) < percent; }
  template <typename List>
  const auto &pick(const List &list) {
    return list[below(list.size())];
  }
  template <typename T>
  T one_of(std::initializer_list<T> list) {
    return list.begin()[below(list.size())];
  }

 private:
  uint64_t state_;
};

}  // namespace ipcvet::fuzz
