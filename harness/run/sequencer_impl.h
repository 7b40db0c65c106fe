// The inside of the sequencer: one object a running instance. sequencer.cpp gives actors their calls,
// sequencer_claims.cpp takes in what comes of them later: wake-ups, signals, ends.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "harness/run/cast.h"
#include "harness/run/sequencer.h"

namespace ipcvet {

// The end of a case before its last line, other than by a deviation.
struct Stop {
  RunEnd end;
  std::string why;
};

class Sequencer {
 public:
  Sequencer(Server &server, const Case &instance, const SequencerOptions &options, RunStats &stats)
      : case_(instance),
        options_(options),
        stats_(stats),
        cast_(server, options.limits),
        walker_(instance, options.judge, area_constants(server.area()), time(nullptr)) {
    history_.started = time(nullptr);
  }

  History run();

 private:
  bool over() const { return deviated_ || stop_.has_value(); }
  void stop(RunEnd end, std::string why);
  // Records what happened and lets the walker look at it.
  void record(Event event);
  static Event event(Event::Kind kind, uint32_t step, const std::string &actor);
  // True if the wait ended well; else the case is over.
  bool went_well(Waited waited, uint32_t step, const std::string &actor, const std::string &what);
  void make_root();
  Actor *actor(const std::string &name);
  void perform(const Step &step, uint32_t index);
  // Before a step that causes something: whoever was blocked still is, or the line before let it go unannounced.
  void settle(uint32_t index);
  // A handler tells of its run before it ends, and until it has ended its mask counts.
  void leave_handler(Actor &a, uint32_t index);
  void returned_or_ended(Actor &a, uint32_t index);
  void issue(const Step &step, uint32_t index);
  // Encodes the call and wakes the actor with it.
  bool hand_over(Actor &a, const Step &step, uint32_t index, const Call &call);
  bool prepare_child(Actor &a, const Step &step, wire_call &request);
  void must_return(Actor &a, const Step &step, uint32_t index);
  void must_block(Actor &a, const Step &step, uint32_t index);
  // Takes the answer and records it as an event of line `index`.
  void finish_call(Actor &a, uint32_t index);
  bool birth(Actor &parent, uint32_t index);
  // After exec the actor may have another thread id: that of the process.
  void reborn(Actor &a);
  void wakes(const Step &step, uint32_t index);
  static void adopt_child_name(Actor &a, const Step &step);
  // One of several blocked actors completes; the rest are proven to be blocked still.
  void wakes_one_of(const Step &step, uint32_t index);
  void still(Actor &a, uint32_t index);
  void report_end(Actor &a, uint32_t index, Hoped hoped);
  void ended(Actor &a, const Step &step, uint32_t index);
  // The next handler run that wants claiming, if there is one yet.
  const wire_signal *next_signal(Actor &a);
  void record_signal(Actor &a, uint32_t index, const wire_signal &s);
  void handled(Actor &a, uint32_t index);
  // What of a group's members can happen now? Every bell, until all have.
  void any_order(const Step &group, uint32_t index);
  bool happened(const Step &group, const std::vector<bool> &done, size_t at);
  Call memory_call(const Step &step);
  void memory_step(Actor &a, uint32_t index);
  void stress();
  // At the end nothing may be left over: a handler run nobody claimed, a death nobody announced.
  void unclaimed();

  const Case &case_;
  const SequencerOptions &options_;
  RunStats &stats_;
  Cast cast_;
  Walker walker_;
  History history_;
  std::optional<Stop> stop_;
  bool deviated_ = false;
  uint64_t calls_ = 0;
  std::chrono::steady_clock::time_point posted_{};
  std::string faulted_actor_, fault_name_;
  wire_signal fault_{};
};

}  // namespace ipcvet
