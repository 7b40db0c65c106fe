// The model: given a world and a call, what may happen; given a world, who may go on.
//
// An executable specification in the form of pure functions. Each function answers with every possibility the
// standards leave, each with the world after it; one element is the common case. Nothing here makes a system call,
// reads a clock or draws a random number.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/model/rule.h"
#include "harness/model/setting.h"
#include "harness/model/world.h"

namespace ipcvet::model {

// A call with its arguments as values: names are replaced, positions the call fills are `_`, NULL, bad or an address.
struct GivenCall {
  const CallSpec *spec = nullptr;
  std::vector<Value> args{};
};

struct Prediction {
  enum class Kind : uint8_t {
    returns,     // with `result` (Int, Error, or the word `jumped`) and what it fills in
    blocks,      // waits; ready() tells when it goes on
    ends,        // does not return: its actor has ended
    fault,       // a memory step raises the signal `result` names (an Error), `run` tells what it tells
    unmodelled,  // the model has no rule for this: `reason`
  };
  Kind kind = Kind::returns;
  const CallSpec *call = nullptr;
  Value result{};
  std::vector<std::pair<uint32_t, Value>> outputs{};  // argument and what is in it afterwards
  const Rule *rule = nullptr;
  std::string reason{};
  SignalInfo fault{};
  ActorId made = nobody;  // fork, thread, spawn: the new actor
  bool operator==(const Prediction &) const = default;
};

struct Next {
  Prediction prediction{};
  World world{};
};

// Something that happens without a new call: a blocked call completes (`completes`), or anything else by which the
// world moves on: a handler runs, a large write goes on, a process ends of a signal.
struct Wake {
  ActorId actor = nobody;
  bool completes = false;
  bool jumps = false;  // a handler leaves the call that is about to return
  Prediction prediction{};
  World world{};
};

World initial_world(const Setting &setting);
std::vector<Next> step(const World &world, ActorId actor, const GivenCall &call, const Setting &setting);
// The same with arguments that are shared, by calls in several worlds.
std::vector<Next> step(const World &world, ActorId actor, const CallSpec &call, Cow<std::vector<Value>> args,
                       const Setting &setting);
// Empty: the world is at rest, and whoever is blocked stays so.
std::vector<Wake> ready(const World &world, const Setting &setting);

}  // namespace ipcvet::model
