// What Programs may name: short lists, so that nothing outside their directory is meant.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace ipcvet::fuzz {

struct Text {
  std::string_view one;
  int64_t times = 1;
  std::string_view rest{};
  std::string bytes() const {
    std::string out;
    for (int64_t i = 0; i < times; ++i) out += one;
    return out += rest;
  }
  bool is(std::string_view text) const {
    const auto n = static_cast<size_t>(times);
    if (text.size() != n * one.size() + rest.size() || !text.ends_with(rest)) return false;
    for (size_t i = 0; i < n; ++i)
      if (text.substr(i * one.size(), one.size()) != one) return false;
    return true;
  }
};

inline constexpr int64_t longest_text = 1 << 13;

// `d` and `l` are a directory and a link where a Program has made them; the long ones are at the limits of a name and
// of a path.
inline constexpr std::array<Text, 25> paths = {{{"f"},
                                                {"g"},
                                                {"f"},
                                                {"h"},
                                                {"d"},
                                                {"d/f"},
                                                {"d/g"},
                                                {"d"},
                                                {"f/"},
                                                {"f/g"},
                                                {"l"},
                                                {"l/f"},
                                                {"none/f"},
                                                {"."},
                                                {""},
                                                {"../f"},
                                                {"n", 255},
                                                {"n", 256},
                                                {"d/../g"},
                                                {"./", 2047, "f"},
                                                {"./", 2048, "f"},
                                                {"/dev/shm/s"},
                                                {"/dev/shm/l"},
                                                {"/dev/shm/obj"},
                                                {"x"}}};
// A link among shared memory objects.
inline constexpr std::array<Text, 1> links = {{{"/dev/shm/l"}}};
// What is only opened.
inline constexpr std::array<Text, 3> opened_paths = {{{"/dev/null"}, {"/proc/self/fd/3"}, {"/proc/self/fd/4"}}};
inline constexpr std::array<Text, 5> targets = {{{"f"}, {"d"}, {"l"}, {"none"}, {"d/f"}}};
inline constexpr std::array<Text, 10> posix_names = {
    {{"/s"}, {"/t"}, {"/obj"}, {"/s"}, {"/"}, {"/a/b"}, {"s"}, {"/l"}, {"n", 255}, {"n", 256}}};
inline constexpr std::array<Text, 6> memory_names = {{{"m"}, {"obj"}, {""}, {"a/b"}, {"n", 249}, {"n", 250}}};

}  // namespace ipcvet::fuzz
