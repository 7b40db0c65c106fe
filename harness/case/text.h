// Small questions about text that several parts of the language ask: is it UTF-8, can a reader see it, and
// which known name did the writer probably mean. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipcvet {

struct CodePoint {
  char32_t value = 0;
  uint32_t bytes = 1;
};

// The code point that starts at `at`; nothing if the bytes there are not well-formed UTF-8.
std::optional<CodePoint> code_point(std::string_view text, size_t at);

// Would a reader see it? False for controls, and for characters that are invisible or reorder what is around them.
bool is_printable(char32_t c);

// The candidate within a few edits of `name`, if there is one that is nearer than pure chance.
std::string nearest(std::string_view name, const std::vector<std::string_view> &candidates);

// "; did you mean 'x'?" or nothing.
std::string suggestion(std::string_view name, const std::vector<std::string_view> &candidates);

// The lines of a text without their newlines; the last one need not end in one.
std::vector<std::string_view> lines_of(std::string_view text);

// Does a text match a pattern in which `*` stands for any characters, `?` for one?
bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace ipcvet
