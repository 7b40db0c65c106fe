// Holds what the model predicts against what a line allows, and against what happened.
#pragma once

#include <optional>
#include <string>

#include "harness/case/case.h"
#include "harness/judge/judge.h"
#include "harness/model/model.h"

namespace ipcvet::model {

// Does the line allow everything the prediction stands for? Then `names` gets what the line binds; otherwise
// the answer says what it does not allow.
std::optional<std::string> objection(const Step &line, const Prediction &prediction, const Setting &setting,
                                     Bindings &names);

// Did it happen as predicted? Tokens in the prediction are bound to what was seen.
bool happened(const Prediction &prediction, const Value &result, const std::vector<Value> &args, World &world);
bool accepts(const Value &predicted, const Value &seen, World &world);

// A prediction as the language would write it: "= 3, buf \"abc\"", "blocks"; `_` is a number the system may choose.
std::string show(const Prediction &prediction, const World &world);
// A predicted value with the numbers its tokens stand for; what nobody knows is left open.
Value known(const Value &predicted, const World &world);
// What a run of a handler tells.
Value siginfo_record(const SignalRun &run, const World &world);
std::string signal_name(const Setting &setting, int64_t signo);

}  // namespace ipcvet::model
