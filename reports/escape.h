// Text of a record on its way into another format: a record may hold any bytes, and none of them may become markup, a
// line of its own or a control sequence where they are shown.
#pragma once

#include <string>
#include <string_view>

namespace ipcvet {

// UTF-8 without control characters but newline and tab; every other byte as \xNN.
std::string printable(std::string_view text);
// The same on one line: newlines and tabs become spaces.
std::string one_line(std::string_view text);
// printable, with what is markup in HTML and XML as entities.
std::string html_escaped(std::string_view text);
// one_line, with everything that has a meaning in Markdown (as GitHub reads it) as entities.
std::string markdown_escaped(std::string_view text);
// At most `bytes` of UTF-8: its beginning and its end, with a note between them.
std::string shortened(std::string_view text, size_t bytes);

}  // namespace ipcvet
