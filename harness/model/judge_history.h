// Holds what happened against the model.
//
// The second of the two judges of a run: the first asks whether the case's lines came true, this one whether the model
// allows what the system did, whatever the lines say. Where only one of them objects, the case or the model is wrong.
// For histories in which one call follows the other; those of calls that overlap are searched for a linearisation.
#pragma once

#include <string>

#include "harness/case/case.h"
#include "harness/judge/history.h"
#include "harness/judge/judge.h"
#include "harness/model/model.h"

namespace ipcvet::model {

struct HistoryVerdict {
  enum class Kind : uint8_t { agrees, disagrees, undecided } kind = Kind::agrees;
  uint32_t step = no_step;    // the line of the event
  std::string why{};          // what the model predicts, or what it has no rule for
  std::string actual{};       // what happened instead
  std::string requirement{};  // of the rule that predicts otherwise
};

// `instance` is the one the history is of; a stress part is not looked at. `setting.start` is taken from the history.
HistoryVerdict judge_history(const Case &instance, const History &history, Setting setting);

}  // namespace ipcvet::model
