// The text of a case file to a Case, or to every error in it.
//
// Errors are found a line at a time: one a line, and the rest of the file is still read. What the parser accepts is
// well formed; whether it makes sense is for lint (harness/case/lint).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "harness/case/case.h"
#include "harness/case/source.h"

namespace ipcvet {

inline constexpr size_t largest_case = 1 << 20;  // bytes of a case file
inline constexpr size_t most_errors = 50;        // of a file; what follows is not reported

// `file` is what errors call the text.
std::expected<Case, std::vector<Diagnostic>> parse(std::string_view text, std::string file = "case");

// A value by itself, all of `text`.
std::expected<Value, std::vector<Diagnostic>> parse_value(std::string_view text);

const char *level_name(Level level);  // "shall"

}  // namespace ipcvet
