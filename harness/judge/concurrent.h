// Histories of several actors at once, held against the model.
//
// While actors overlap nobody can say in which order their calls took effect; what can be said is whether there is an
// order in which the model does the same. The model becomes a specification for linear::linearise() here: its step() is
// a call's first point, each Wake of its ready() a later one. docs/linearisation.md tells the whole.
//
// The events are those of history.h in the order they were seen, all of the same clock: `call` before the actor could
// begin, `returned` after it had; `blocked` and `still` when it was proven to sleep in its call; and, when every call
// under way was proven to and nobody was doing anything else, a `note` named "rest". `signal` and `ended` may come at
// any time after they happened. A memory step is the call mem_load or mem_store that performs it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/history.h"
#include "harness/judge/linear_history.h"
#include "harness/model/model.h"

namespace ipcvet {

inline constexpr std::string_view rest_note = "rest";

struct ConcurrentHistory {
  std::vector<Event> events{};
  std::map<std::string, int64_t> ids{};  // of every actor: its process id, of a thread its thread id
};

// `starts`: the worlds possible before the first event, at least one. Of a call the model takes as one point though the
// system may take several (see `coarse` in concurrent.cpp), nothing bad is said: then `no` becomes `undecided`.
linear::Linearisation judge_concurrent(const ConcurrentHistory &history, const std::vector<model::World> &starts,
                                       const model::Setting &setting, linear::Budget budget = {});

}  // namespace ipcvet
