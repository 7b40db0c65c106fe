// Every way a running Program may have gone so far, by the model; and whether what was seen is one of them.
//
// Before a call is made the oracle is asked what can come of it; a call the model has no rule for is not made. When
// everybody is at rest, what was seen chooses among the ways; if it chooses none, that is a deviation. Pure: no system
// call, no clock.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/program/program.h"
#include "harness/model/accepts.h"
#include "harness/model/inputs.h"
#include "harness/model/track.h"

namespace ipcvet::fuzz {

// What one actor was seen to do since its last look: answered, ended, ran handlers; or nothing, then it is blocked or
// idle.
struct Seen {
  bool answered = false;
  Value result{};
  std::vector<Value> args{};
  bool faulted = false;  // a memory step raised the signal in `result`
  bool ended = false;
  std::string end_name{};  // "exited" or a signal's name; "unknown" or "" where it cannot be told
  int64_t end_status = 0;
  std::vector<Value> handlers{};  // records of siginfo, in order
};
using AllSeen = std::map<std::string, Seen>;  // by actor; those that are there at all

// What can come of a step: over all ways, what an actor may and must do.
struct Forecast {
  bool may_answer = false, must_answer = true;
  bool may_end = false, must_end = true;
  bool vanishes = true;  // nobody of the program can wait for its process
  bool must_stop = true;
  size_t least_handlers = SIZE_MAX, most_handlers = 0;
};

class Oracle {
 public:
  Oracle(const model::Setting &setting, model::World world);

  // The names of the Program: numbers they stand for. A name whose call failed is absent.
  Bindings names;

  // What may come of a step, kept until choose(). The error says why the step is not to be made.
  std::expected<void, std::string> ask(const Step &step);
  // The same; `args` is what the step's call is given.
  std::expected<void, std::string> ask(const Step &step, const CallSpec &spec,
                                       const model::Cow<std::vector<Value>> &args);
  void take_back();  // the step is not made after all
  Forecast forecast(const std::string &actor) const;
  // Do some ways agree with what was seen? They are chosen by choose(); until then all ways can still be told.
  bool agrees(const AllSeen &all);
  void choose();
  // True if `actor` lives and is in no call, in every way.
  bool idle(const std::string &actor) const;
  bool alive(const std::string &actor) const;
  // The numbers of processes that have ended and that only the sandbox's init can wait for.
  std::vector<int> orphans_that_ended() const;

  // For lines and messages. The prediction for an actor in each way; nullptr where it does not answer in that way.
  std::vector<const model::Prediction *> predictions(const std::string &actor) const;
  const std::vector<model::Track> &ways() const { return ways_; }
  std::optional<model::ActorId> id(const std::string &actor) const;
  const model::Setting &setting() const { return setting_; }
  // What sets this moment apart from others, as numbers: for coverage.
  void features(std::string_view call, std::vector<uint64_t> &out) const;

 private:
  // A way that agrees, and what that tells of its world.
  struct Agreement {
    size_t way;
    model::Cow<model::Numbers> numbers;
    model::Table<model::Thread> threads;
  };

  void know(const std::string &actor, model::ActorId id);
  bool holds(model::Track &way, const AllSeen &all) const;
  bool holds(model::Track &way, model::ActorId id, const Seen &seen) const;
  std::expected<model::GivenCall, Unresolved> given(const Step &step) const;

  const model::Setting &setting_;
  std::vector<std::pair<std::string, model::ActorId>> actors_;  // few
  std::vector<model::Track> ways_, before_;
  std::vector<Agreement> agreeing_;
  const Step *asked_ = nullptr;
  model::ActorId made_ = model::nobody;
};

}  // namespace ipcvet::fuzz
