#include "reports/escape.h"

#include <fmt/format.h>

#include "harness/case/text.h"

namespace ipcvet {
namespace {

bool is_allowed(uint32_t value) {
  const bool control = value < 0x20 || (value >= 0x7f && value < 0xa0);
  return (!control || value == '\n' || value == '\t') && (value & 0xfffe) != 0xfffe;
}

// With the ASCII characters of `special` as numeric entities.
std::string with_entities(std::string_view text, std::string_view special) {
  std::string out;
  for (char c : text) {
    if (special.find(c) == std::string_view::npos)
      out += c;
    else
      out += fmt::format("&#{};", static_cast<int>(c));
  }
  return out;
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const auto c = code_point(text, at);
    const bool allowed = c && is_allowed(c->value);
    if (allowed)
      out += text.substr(at, c->bytes);
    else
      for (size_t i = 0; i < (c ? c->bytes : 1); ++i)
        out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at + i]));
    at += c ? c->bytes : 1;
  }
  return out;
}

std::string one_line(std::string_view text) {
  std::string out = printable(text);
  for (char &c : out)
    if (c == '\n' || c == '\t') c = ' ';
  return out;
}

std::string html_escaped(std::string_view text) { return with_entities(printable(text), "&<>\"'"); }

std::string markdown_escaped(std::string_view text) {
  return with_entities(one_line(text), "&<>\"'\\`*_{}[]()#+!|~:@$=^");
}

std::string shortened(std::string_view text, size_t bytes) {
  constexpr std::string_view note = "\n[...]\n";
  if (text.size() <= bytes) return std::string(text);
  if (bytes <= note.size()) return std::string(note.substr(0, bytes));
  size_t head = (bytes - note.size()) / 2, tail = text.size() - (bytes - note.size() - head);
  while (head > 0 && continues(text[head])) --head;
  while (tail < text.size() && continues(text[tail])) ++tail;
  return std::string(text.substr(0, head)) + std::string(note) + std::string(text.substr(tail));
}

}  // namespace ipcvet
