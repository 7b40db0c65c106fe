// What happened when a case ran: the only thing verdicts, transcripts and diagrams are made of.
//
// Values in events are actual ones: integers, bytes, errors, lists and records. An event says which step of the
// instance it belongs to, so that the transcript can mark the case's own lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/case/value.h"

namespace ipcvet {

inline constexpr uint32_t no_step = UINT32_MAX;

struct Event {
  enum class Kind : uint8_t {
    call,      // an actor was given a call; `args` as resolved
    returned,  // it returned: `result`, `args` as they are afterwards, `woke` if it had been proven blocked
    blocked,   // proven blocked in it; `proof` says how
    still,     // proven anew
    signal,    // a handler ran: `name`, and `result` is a record of its siginfo
    ended,     // the actor's process or thread ended: `name` is "exited" or the signal's name, `result` the status
    memory,    // a memory step was done: `result` the bytes loaded, or an Error naming the signal it raised
    note,      // of the harness: `name` says what, not judged
  };
  Kind kind = Kind::note;
  uint32_t step = no_step;  // index of the line: steps counted depth first, members of a group after the group
  std::string actor{};
  std::string name{};  // the call's, signal's or note's
  std::vector<Value> args{};
  Value result{};
  std::string proof{};
  bool woke = false;
  bool guard_broken = false;  // the system wrote outside the actor's buffer
  int64_t clock = 0;          // wall-clock seconds when it was seen, for `now`; not used to order anything
};

// One record a stress role sent or received.
struct StressRecord {
  uint32_t what = 0;  // WIRE_REC_*
  uint32_t writer = 0, seq = 0, size = 0;
};
struct StressLog {
  std::string role;  // as written
  uint32_t copy = 0;
  uint32_t slot = 0;  // identifies the writer in records
  std::vector<StressRecord> records;
  int64_t calls = 0, added = 0;
  int64_t last_result = 0, last_error = 0;
  bool finished = false;
  std::vector<Event> trouble{};  // calls that failed where a success was needed
};

// How running it came to an end; the judge turns this and the events into a verdict.
enum class RunEnd : uint8_t {
  finished,   // every step was done, or the first deviation ended it
  skipped,    // a need is unmet: `why`
  timed_out,  // the limit ended it: `why` says who was where
  broken,     // the harness itself failed: `why`
};

struct Observation {
  std::string name;
  Value value;
  bool operator==(const Observation &) const = default;
};

struct History {
  std::vector<Event> events;
  std::vector<StressLog> stress;
  int64_t counter = 0;  // `sum`: what the shared counter held at the end
  bool has_counter = false;
  RunEnd end = RunEnd::finished;
  std::string why{};
  int64_t started = 0;  // wall-clock seconds
  std::string root{};   // the root actor, and its process id in the sandbox
  int64_t root_pid = 0;
  std::string sandbox{};  // "user pid ipc mount ..." or "none: unique names and a sweep"
  std::vector<std::string> leaks{};
  double seconds = 0;  // for reports only; no verdict reads it
};

}  // namespace ipcvet
