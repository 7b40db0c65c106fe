// What a call put into its output arguments, against what its line expects there.
//
// The call table says which arguments are outputs. An argument the case gives and the system only reads, NULL, `bad`,
// `_`, or memory named by its address are not compared.
#pragma once

#include <optional>
#include <string>

#include "harness/case/case.h"
#include "harness/judge/match.h"

namespace ipcvet {

struct OutputMismatch {
  std::string reason, allowed, actual;
};

// `step` is the line that claims the return, `args` the arguments as they were afterwards. Binds into the matcher.
std::optional<OutputMismatch> match_outputs(const Step &step, const std::vector<Value> &args, Matcher &matcher);

}  // namespace ipcvet
