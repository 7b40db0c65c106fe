// What the page draws of one case on one system: its history in short, and what became of each line.
//
// The page needs who did what at which line, not the arguments: those stand in the line, and what they were beyond it
// in the remark. A call that returned at once is one event, a call that blocked is a `blocked` and a `woken` one.
#pragma once

#include <string>

#include "reports/result.h"

namespace ipcvet {

// {"actors": [name...], "events": [[kind, line, actor, ...]...]} without the braces. By kind:
//   "c" a call that is left open   "r" returned      "f" returned and made actor [3]    "b" proven blocked
//   "s" proven anew                "w" woken         "g" handler of signal [3] ran, sent by actor [4] or -1
//   "x" ended as [3] says          "m" memory step   "n" note [3] of the harness
std::string events_json(const CaseResult &result);

// {"marks": "ox-...", "remarks": {line: text}} without the braces: a letter a line of `steps`, then of `stress`, then
// `x` if something deviated after the last line. `o` as the line says, `x` deviated, `-` not reached, ` ` did not run.
std::string marks_json(const CaseResult &result);

}  // namespace ipcvet
