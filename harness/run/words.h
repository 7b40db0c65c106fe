// The words of the language that travel to and from the actor as numbers.
#pragma once

#include <cstdint>
#include <string_view>

namespace ipcvet {

struct Word {
  std::string_view text;
  int64_t code;
};
// The codes by which words travel; harness/actor decodes the same.
inline constexpr Word handler_words[] = {{"SIG_DFL", 0}, {"SIG_IGN", 1}, {"log", -2}, {"count", -3}, {"jump", -4}};
inline constexpr Word image_words[] = {{"actor", 0},         {"actor_i386", 1},  {"actor_musl", 2},
                                       {"actor_aarch64", 3}, {"actor_s390x", 4}, {"actor_riscv64", 5}};
inline constexpr Word spawn_words[] = {{"process", 0}, {"thread", 1}};
inline constexpr Word channel_words[] = {{"pipe", 0}, {"fifo", 1}};

}  // namespace ipcvet
