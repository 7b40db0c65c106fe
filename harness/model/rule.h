// Where the model says what must happen, and why: each place names the requirement it follows.
//
// `RULE("posix/read/pipe-no-writer-eof")` is such a place. All places of the program are known from its start, so that
// what no case and no fuzzing ever reached can be listed. Reaching one only marks it: the mark is for coverage and no
// rule reads it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ipcvet::model {

struct Rule {
  std::string_view requirement;
  std::string_view file;
  uint32_t line = 0;
  uint64_t hash = 0;  // of the requirement, see hash_of()
  std::atomic<bool> reached{false};

  Rule(std::string_view id, std::string_view where, uint32_t at);
  Rule(const Rule &) = delete;
  Rule &operator=(const Rule &) = delete;
  const Rule &reach() {
    if (!reached.load(std::memory_order_relaxed)) mark();
    return *this;
  }

 private:
  void mark();
};

// Of a text that is hashed again and again, or that must hash alike in every run.
inline uint64_t hash_of(std::string_view text) {
  uint64_t hash = 1469598103934665603u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

// Every rule of the program, in no order.
std::span<Rule *const> rules();
// How many of them have been reached.
size_t reached_rules();

template <size_t N>
struct RuleText {
  char text[N]{};
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is meant to become one
  constexpr RuleText(const char (&literal)[N]) { std::copy_n(literal, N, text); }
  constexpr std::string_view view() const { return {text, N - 1}; }
};

// Made before main() for every place that names it.
template <RuleText Id, RuleText File, uint32_t Line>
struct RuleSite {
  static inline Rule rule{Id.view(), File.view(), Line};
};

}  // namespace ipcvet::model

#define RULE(id) (::ipcvet::model::RuleSite<id, __FILE__, __LINE__>::rule.reach())
