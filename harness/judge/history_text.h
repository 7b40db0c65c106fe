// Histories from short text, for tests. One event a line: step, actor, kind, then what the kind has.
//
//     0 P returned 0 | [3, 4]          # result, then the arguments afterwards
//     1 P blocked
//     - P signal SIGUSR1 {si_code: 0}  # claimed by no line
//     2 W ended SIGKILL 9
//     3 P memory "abc"
//
// Before the first `returned` or `blocked` of a line that makes a call, its `call` event is added.
#pragma once

#include <string_view>

#include "harness/case/case.h"
#include "harness/judge/judge.h"

namespace ipcvet {

// The only instance of a case text, or of row `row` (from 1). A text without header gets one.
Case instance_of(std::string_view text, size_t row = 1);
History history_of(const Case &instance, std::string_view text);
Value value_of(std::string_view text);  // also "-1 EAGAIN"; "missing" is Any
// "pass", or "fail at 2: reason / allowed / actual".
std::string verdict_text(const Verdict &v);

}  // namespace ipcvet
