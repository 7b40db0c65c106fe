// One call of a case as statements of C: what it is given, the call itself, and what is checked afterwards.
#pragma once

#include <expected>
#include <string>

#include "fuzz/export/c_values.h"
#include "harness/case/case.h"
#include "harness/mechanism/table.h"

namespace ipcvet::fuzz {

// The body of a function. `checks` is the line that says what is expected of the call: the line itself, or the one that
// completes it; `line` its number. The error says what cannot be written in C.
std::expected<std::string, std::string> c_call(const Step &given, const Step *checks, int line, CNames &names);
// The same for a memory line; `fault`: the signal the next line expects, or "".
std::expected<std::string, std::string> c_memory(const Step &step, int line, const std::string &fault, CNames &names);

}  // namespace ipcvet::fuzz
