// Values and lines in words a kernel maintainer reads: what is allowed with its names resolved, what happened
// in the same terms.
//
// An actual value is a bare number; shown beside `POLLIN` it is better as `POLLHUP (16)`, beside `0644` as `0600`. So
// `show_like` takes the expectation it failed, and `show_allowed` puts the value of every name behind it. Long
// runs of bytes are folded (`"a"*4096`), as the language itself would write them.
#pragma once

#include <string>
#include <string_view>

#include "harness/judge/judge.h"
#include "harness/judge/resolve.h"

namespace ipcvet {

std::string show_bytes(std::string_view bytes);
std::string show(const Value &value);                                 // as written
std::string show(const Call &call);                                   // name(arguments), as written
std::string show_end(const Event &ended);                             // "+++ killed by SIGTERM"
std::string show_allowed(const Value &expected, const Scope &scope);  // names followed by (value)
std::string show_allowed(const Outcome &outcome, Profile profile, const Scope &scope);
// `actual` in the terms of `expected`: its base, its constants, and of a record the fields it names.
std::string show_like(const Value &expected, const Value &actual, const Scope &scope);

}  // namespace ipcvet
