// The canonical text of a tree, and of values for messages, transcripts and reports.
//
// `parse(print(c)) == c`; what `ipcvet fmt` writes is print(), so it is idempotent. Nothing is ever cut: a long run
// of one byte becomes `"a"*4096`, everything else is written out.
#pragma once

#include <string>
#include <string_view>

#include "harness/case/case.h"

namespace ipcvet {

// A file, with comments and blank lines; ends with a newline.
std::string print(const Case &c);

// As in a case: bytes as one string, operators without spaces, parentheses where the tree needs them.
std::string print(const Value &value);
std::string print(const Alternative &alternative);
std::string print(const Outcome &outcome);
std::string print(const Call &call);
std::string print(const Statement &statement);
// One line without comments and without newline; of `any order` its members on further lines.
std::string print(const Step &step);

// What happened: as print(), but runs within bytes are written `"a"*4096+"b"`.
std::string print_actual(const Value &value);
std::string compact(std::string_view bytes);
std::string quoted(std::string_view bytes);  // one string literal

}  // namespace ipcvet
