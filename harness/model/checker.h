// Holds a case against the model, without a system.
//
// The case is walked line by line with every way things may go. A line disagrees if the model predicts, in any of
// these ways, what the line would call a deviation: either the case would accuse a system that does as the model says,
// or the model is wrong. The first disagreement ends the case, as the first deviation ends a run.
#pragma once

#include <string>

#include "harness/case/case.h"
#include "harness/model/model.h"

namespace ipcvet::model {

struct CheckResult {
  enum class Kind : uint8_t { agrees, disagrees, unmodelled } kind = Kind::agrees;
  Pos pos{};
  std::string line{};         // as printed
  std::string why{};          // what the model predicts, or has no rule for
  std::string requirement{};  // of the rule that predicts it
};

// `instance` is one that expand() made (or a case without a table). A stress part is not looked at.
CheckResult check(const Case &instance, const Setting &setting);

}  // namespace ipcvet::model
