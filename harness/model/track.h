// One of the ways things may have gone so far: a world, and the answers of calls that nobody has claimed yet.
//
// Which of several waiters goes first, which thread takes a signal: where that is open, there are several tracks. All
// of them are followed until what happened, or what a case allows, leaves fewer.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/model/model.h"

namespace ipcvet::model {

struct Track {
  World world{};
  std::vector<std::pair<ActorId, Prediction>> answers{};  // by actor
  bool operator==(const Track &) const = default;

  // nullptr also while its process is stopped: the call returns when that goes on.
  const Prediction *answer(ActorId actor) const;
  void add(ActorId actor, Prediction prediction);
  void drop(ActorId actor);
  void leave_call(ActorId actor);
  void drop_ended();
  // Numbers the system would have chosen are invented.
  void invent_numbers();
};

struct Settled {
  std::vector<Track> tracks{};
  std::string unmodelled{};  // not empty: the model has no answer, or too many
};

// Every state of rest that can be reached without a new call.
Settled settle(std::vector<Track> from, const Setting &setting, bool invent, size_t budget = 2000);

}  // namespace ipcvet::model
