// Finds what a user names on the command line, or says what is near.
#pragma once

#include <string>
#include <vector>

#include "harness/case/loader.h"

namespace ipcvet::cli {

// The case or probe with this id (a row in brackets is left off), or that of a file that ends in .ipc; its errors are
// written to standard error.
const Case *find_case(const std::string &name, Cases &cases);
// "id" of "id[3]", and 3; 0 without brackets.
std::pair<std::string, uint32_t> split_row(const std::string &name);
// The case a row's name is of, for commands that take nothing else; where there is none, that is told.
const Case *find_case_or_tell(const std::string &id, Cases &cases);
// Tells that there is no `what` called so, and what was perhaps meant.
void tell_unknown(const std::string &what, const std::string &name, const std::vector<std::string_view> &known);

}  // namespace ipcvet::cli
