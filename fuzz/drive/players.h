// The actors of one running Program: calls are handed to them, and what they answer is taken from their slots.
//
// What the two ways of running a Program with actors have in common. Whoever drives them decides when to wait and what
// for.
#pragma once

#include <string>
#include <vector>

#include "fuzz/drive/actors.h"
#include "fuzz/drive/oracle.h"
#include "harness/run/cast.h"

namespace ipcvet::fuzz {

class Players {
 public:
  Players(Stage &stage, RunReport &report);

  Cast &cast() { return cast_; }
  Actor &root() { return cast_.add("P", "", cast_.free_slot(), false); }

  // A step as the call that performs it, with the names that are known; the error says that it cannot be made.
  std::expected<std::vector<Value>, std::string> encoded(Actor &a, const Step &step, const Bindings &names);
  void hand_over(Actor &a, const Step &step, std::vector<Value> resolved);
  // Of an actor that has answered: it is idle again.
  Seen take_answer(Actor &a);
  // The names that the answered step of an actor gives.
  static void bind(const Step &step, const Seen &seen, Bindings &names);
  // Of an actor that is gone. A thread's own end is not told.
  void take_end(Actor &a, Seen &seen);
  // The actor an answered fork or thread has made; nullptr if it made none.
  Actor *born(Actor &maker, const Seen &seen);

  // Runs of handlers since the last look.
  std::vector<Value> handlers(const Actor &a);
  void claim_handlers(Actor &a);

  void broken(std::string why);

 private:
  bool reaches_out(const Step &step);

 protected:
  Stage &stage_;
  RunReport &report_;
  Cast cast_;
};

// A step as the call it is performed by: memory lines are calls of the actor's own.
Call performed_call(const Step &step);

}  // namespace ipcvet::fuzz
