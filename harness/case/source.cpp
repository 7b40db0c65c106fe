#include "harness/case/source.h"

#include <algorithm>

#include "harness/case/text.h"

namespace ipcvet {
namespace {

constexpr size_t widest = 160;  // characters of a line that are shown

struct Shown {
  std::string text;
  std::vector<size_t> column_of_byte;  // where the character that holds this byte begins
};

// The line as a terminal can show it: one column a character, a mark in place of what cannot be shown.
Shown make_visible(std::string_view line) {
  Shown shown;
  size_t column = 0;
  for (size_t at = 0; at < line.size();) {
    auto c = code_point(line, at);
    uint32_t bytes = c ? c->bytes : 1;
    bool visible = c && (is_printable(c->value) || c->value == '\t');
    shown.text += !visible ? "\xef\xbf\xbd" : c->value == '\t' ? " " : std::string(line.substr(at, bytes));
    shown.column_of_byte.insert(shown.column_of_byte.end(), bytes, column);
    ++column;
    at += bytes;
  }
  shown.column_of_byte.push_back(column);
  return shown;
}

std::string characters(const std::string &text, size_t first, size_t count) {
  std::string out;
  size_t column = 0;
  for (size_t at = 0; at < text.size() && column < first + count; ++column) {
    uint32_t bytes = code_point(text, at)->bytes;
    if (column >= first) out.append(text, at, bytes);
    at += bytes;
  }
  return out;
}

std::string underlined(const Diagnostic &error) {
  // Long lines are cut around the place before anything is done with them: they may be a megabyte.
  constexpr size_t reach = 4 * widest;
  size_t place = error.pos.col ? error.pos.col - 1 : 0;
  size_t begin = place > reach ? place - reach : 0;
  while (begin > 0 && (static_cast<uint8_t>(error.line[begin]) & 0xc0) == 0x80) --begin;
  std::string_view near = std::string_view(error.line).substr(std::min(begin, error.line.size()), 2 * reach);
  Shown shown = make_visible(near);
  size_t last = shown.column_of_byte.size() - 1;
  size_t from = shown.column_of_byte[std::min(place - begin, last)];
  size_t to = std::max(from + 1, shown.column_of_byte[std::min(place - begin + error.length, last)]);

  size_t columns = shown.column_of_byte.back();
  size_t first = columns > widest && from > widest / 2 ? from - widest / 2 : 0;
  bool cut_before = first > 0 || begin > 0;
  bool cut_after = columns > first + widest;
  to = std::min(to, first + widest);
  std::string text = characters(shown.text, first, widest);
  std::string mark(from - first + (cut_before ? 3 : 0), ' ');
  mark += '^' + std::string(to > from ? to - from - 1 : 0, '~');
  return "  " + std::string(cut_before ? "..." : "") + text + (cut_after ? "..." : "") + "\n  " + mark + "\n";
}

}  // namespace

std::string render(const Diagnostic &error) {
  std::string out = error.file;
  if (error.pos.line) out += ":" + std::to_string(error.pos.line) + ":" + std::to_string(error.pos.col);
  out += ": error: " + error.message + "\n";
  if (!error.line.empty()) out += underlined(error);
  return out;
}

std::string render(const std::vector<Diagnostic> &errors) {
  std::string out;
  for (const Diagnostic &error : errors) out += render(error);
  return out;
}

Source::Source(std::string name, std::string_view text) : name_(std::move(name)), lines_(lines_of(text)) {}

std::string_view Source::line(uint32_t number) const {
  return number >= 1 && number <= lines() ? lines_[number - 1] : std::string_view{};
}

Diagnostic Source::error(Pos pos, std::string message, uint32_t length) const {
  return {name_, pos, std::max(1u, length), std::move(message), std::string(line(pos.line))};
}

}  // namespace ipcvet
