// Walks along one line of a case file: words, numbers, strings and signs.
//
// What a character means depends on where in the line it stands (`-` in `none-lost`, in `cap-1` and in `---`), so the
// parser asks for what it expects next and there is no stream of tokens. The first problem of a line is kept; every
// function that fails returns nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/case/value.h"

namespace ipcvet {

struct Problem {
  uint32_t col = 1;  // in bytes, from 1
  uint32_t length = 1;
  std::string message;
};

class Lexer {
 public:
  explicit Lexer(std::string_view line) : line_(line) {}

  uint32_t col() const { return static_cast<uint32_t>(at_ + 1); }
  void go_back_to(uint32_t col) { at_ = col - 1; }
  bool skip_blanks();  // were there any?
  bool at_end();       // after blanks: at the end of the line or at a comment
  bool indented() const { return !line_.empty() && (line_[0] == ' ' || line_[0] == '\t'); }
  bool looking_at(std::string_view sign) const { return line_.substr(at_).starts_with(sign); }
  char here(size_t ahead = 0) const { return at_ + ahead < line_.size() ? line_[at_ + ahead] : '\0'; }
  std::string comment() const;  // what follows `#`, without blanks at its end; only at_end()

  bool accept(std::string_view sign);       // exactly here
  bool accept_next(std::string_view sign);  // after blanks
  bool accept_keyword(std::string_view word);
  std::string_view peek_word();  // after blanks; empty if there is none
  std::string_view word();       // the same, and goes past it
  std::string_view id();         // lower-case letters, digits and - _ . /
  std::optional<Value> integer();
  std::optional<std::string> string();

  std::nullopt_t fail(std::string message);  // about what stands here
  std::nullopt_t fail_at(uint32_t col, uint32_t length, std::string message);
  std::nullopt_t expected(std::string what);  // "expected WHAT, found ..."
  // The same for functions that answer with bool: always false.
  bool refuse(std::string message) { return fail(std::move(message)), false; }
  bool refuse_at(uint32_t col, uint32_t length, std::string message) {
    return fail_at(col, length, std::move(message)), false;
  }
  bool wants(std::string what) { return expected(std::move(what)), false; }
  const std::optional<Problem> &problem() const { return problem_; }

 private:
  std::optional<char> escape();
  std::string found() const;
  size_t length_here() const;

  std::string_view line_;
  size_t at_ = 0;
  std::optional<Problem> problem_;
};

bool is_digit(char c);
bool is_word(char c);  // may be inside a word

}  // namespace ipcvet
