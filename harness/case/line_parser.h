// Parses what one line of a case can hold: values, calls, outcomes, steps and stress roles.
//
// Recursive descent; a value is parsed by precedence (docs/language.md). Nesting and the length of operator chains are
// limited, so that no input can exhaust the stack of whoever walks the tree afterwards.
#pragma once

#include <optional>
#include <string>

#include "harness/case/case.h"
#include "harness/case/lexer.h"

namespace ipcvet {

class LineParser {
 public:
  static constexpr uint32_t deepest = 64;  // nested brackets, and operators in a row

  LineParser(std::string_view text, uint32_t line) : in(text), line_(line) {}

  std::optional<Value> value();
  std::optional<Value> falsifies_cell();  // `_`, or invariants joined by `|`
  std::optional<Outcome> outcome();
  std::optional<Call> call();
  std::optional<Step> step();  // a step, or the line `any order` without its members
  std::optional<Role> role();
  std::optional<std::vector<std::string>> holds();  // after the word `holds`
  bool end();                                       // nothing more on the line, else a problem

  Pos pos() const { return {line_, in.col()}; }

  Lexer in;

 private:
  std::optional<Value> binary(int weakest);
  std::optional<Value> primary();
  std::optional<Value> list();
  std::optional<Value> record();
  std::optional<Value> group();
  std::optional<Value> number();
  std::optional<Value> name();
  bool separator(char close, bool &done);
  bool enter();

  std::optional<std::string> actor();
  bool action(Step &step);
  bool resumed(Step &step);
  bool ended(Step &step);
  bool signalled(Step &step);
  bool memory(Step &step);
  bool called(Step &step);
  std::optional<Step> one_of(Step step);
  std::optional<Statement> statement();
  std::optional<std::string> invariant();

  uint32_t line_;
  uint32_t depth_ = 0;
};

}  // namespace ipcvet
