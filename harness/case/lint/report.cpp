#include "harness/case/lint/report.h"

#include <algorithm>

#include "harness/case/lexer.h"
#include "harness/case/printer.h"

namespace ipcvet {

void Report::add(Pos pos, size_t length, std::string message) {
  for (const Diagnostic &other : errors_)
    if (other.pos.line == pos.line && other.pos.col == pos.col) return;
  if (row_ > 1) message += " (in row " + std::to_string(row_) + ")";
  errors_.push_back(source_.error(pos, std::move(message), static_cast<uint32_t>(length)));
}

void Report::add(Pos pos, std::string message) {
  std::string_view rest = source_.line(pos.line);
  rest.remove_prefix(std::min<size_t>(rest.size(), pos.col ? pos.col - 1 : 0));
  size_t length = 0;
  while (length < rest.size() && is_word(rest[length])) ++length;
  add(pos, length, std::move(message));
}

void Report::add(const Value &value, std::string message) {
  std::string_view rest = source_.line(value.pos.line);
  rest.remove_prefix(std::min<size_t>(rest.size(), value.pos.col ? value.pos.col - 1 : 0));
  std::string text = print(value);
  if (rest.starts_with(text))
    add(value.pos, text.size(), std::move(message));
  else
    add(value.pos, std::move(message));
}

void Report::add_at_word(Pos line, std::string_view word, std::string message) {
  std::string_view text = source_.line(line.line);
  size_t at = text.find(word, line.col ? line.col - 1 : 0);
  Pos pos = at == std::string_view::npos ? line : Pos{line.line, static_cast<uint32_t>(at + 1)};
  add(pos, at == std::string_view::npos ? 1 : word.size(), std::move(message));
}

void Report::add_at_nth(Pos line, size_t n, std::string message) {
  std::string_view text = source_.line(line.line);
  size_t begin = 0, end = 0;
  for (size_t i = 0; i <= n && begin != std::string_view::npos; ++i) {
    begin = text.find_first_not_of(" \t", end);
    end = std::min(text.find_first_of(" \t#", begin), text.size());
  }
  if (begin == std::string_view::npos)
    add(line, std::move(message));
  else
    add({line.line, static_cast<uint32_t>(begin + 1)}, end - begin, std::move(message));
}

void Report::add_before(const Value &value, std::string_view word, std::string message) {
  std::string_view text = source_.line(value.pos.line).substr(0, value.pos.col ? value.pos.col - 1 : 0);
  size_t at = text.rfind(word);
  if (at == std::string_view::npos)
    add(value, std::move(message));
  else
    add({value.pos.line, static_cast<uint32_t>(at + 1)}, word.size(), std::move(message));
}

std::vector<Diagnostic> Report::take() {
  auto place = [](const Diagnostic &d) { return std::pair(d.pos.line, d.pos.col); };
  std::sort(errors_.begin(), errors_.end(),
            [&](const Diagnostic &a, const Diagnostic &b) { return place(a) < place(b); });
  return std::move(errors_);
}

}  // namespace ipcvet
