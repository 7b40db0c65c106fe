// Collects what lint finds in one case, at most one error a place.
#pragma once

#include <string>
#include <vector>

#include "harness/case/source.h"
#include "harness/case/value.h"

namespace ipcvet {

class Report {
 public:
  explicit Report(const Source &source) : source_(source) {}

  // About the word, or the text, at a place.
  void add(Pos pos, std::string message);
  void add(Pos pos, size_t length, std::string message);
  // About a value; underlines all of it where it stands as it is printed.
  void add(const Value &value, std::string message);
  // From here on errors are about this row of the table (0: none).
  void in_row(uint32_t row) { row_ = row; }
  // Underlines `word` where it stands at or after a place on its line.
  void add_at_word(Pos line, std::string_view word, std::string message);

  // Underlines the n-th word of a line, from 0; words are what blanks separate.
  void add_at_nth(Pos line, size_t n, std::string message);
  // Underlines `word` where it stands before a value.
  void add_before(const Value &value, std::string_view word, std::string message);

  std::vector<Diagnostic> take();  // in the order of the file

 private:
  const Source &source_;
  std::vector<Diagnostic> errors_;
  uint32_t row_ = 0;
};

}  // namespace ipcvet
