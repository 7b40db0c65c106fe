// A written call as the model is given it: names replaced, outputs reduced to where they point.
//
// The same values that the encoder sends to an actor and the history records; here they come from the text alone, so
// that a case can be held against the model without a system.
#pragma once

#include <expected>

#include "harness/judge/judge.h"
#include "harness/model/model.h"

namespace ipcvet::model {

std::expected<GivenCall, Unresolved> given_call(const Call &call, const Bindings &names, const Constants &constants);
// A memory step as the call it is performed by.
Call memory_call(const Step &step, int64_t size);

}  // namespace ipcvet::model
