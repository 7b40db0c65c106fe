// Processes and threads in the model.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/mechanism/signal/model.h"
#include "harness/model/cow.h"
#include "harness/model/number.h"
#include "harness/model/operation.h"

namespace ipcvet::model {

using ProcessId = uint32_t;  // their index in the world; an actor is a thread
using ActorId = uint32_t;
inline constexpr uint32_t nobody = UINT32_MAX;  // outside: who made the root actor

inline bool contains(const std::vector<ActorId> &list, ActorId actor) {
  return std::find(list.begin(), list.end(), actor) != list.end();
}

struct Credentials {
  int64_t ruid = 0, euid = 0, suid = 0;
  int64_t rgid = 0, egid = 0, sgid = 0;
  bool operator==(const Credentials &) const = default;
  bool privileged() const { return euid == 0 || is_token(euid); }  // who began the case, whatever its number
};

struct Descriptor {
  int32_t file = -1;  // index of the open file description; -1: the number is free
  bool close_on_exec = false;
  bool operator==(const Descriptor &) const = default;
};

struct ResourceLimit {
  int64_t resource = 0, soft = 0, hard = 0;
  bool operator==(const ResourceLimit &) const = default;
};

// How a process ended, or that it stopped or went on: what a parent is told.
struct Status {
  enum class Kind : uint8_t { exited, killed, dumped, stopped, continued };
  Kind kind = Kind::exited;
  int64_t value = 0;  // exit status or signal
  bool operator==(const Status &) const = default;
};

struct Process {
  enum class State : uint8_t { runs, stopped, zombie, gone };
  State state = State::runs;
  int64_t pid = 0;  // may be a token, as ppid of the root is
  ProcessId parent = nobody;
  ActorId maker = nobody;      // the thread of the parent that made it; nobody: another parent has it now
  int64_t outer_parent = 0;    // the number of the parent, where that is nobody
  ProcessId group = 0;         // the process whose id names it, and which may have ended
  ProcessId session = nobody;  // likewise; nobody: one that began outside
  bool has_execed = false;
  bool subreaper = false;
  Credentials who{};
  int64_t umask = 022;
  std::vector<Descriptor> descriptors{};
  Cow<Actions> actions{};
  Pending pending{};
  std::vector<ResourceLimit> limits{};
  uint32_t directory = 0;          // inode
  Status end{};                    // of a zombie
  std::optional<Status> report{};  // a stop or continuation nobody has waited for
  std::vector<ActorId> threads{};  // that live; the first made it, unless that has ended
  bool operator==(const Process &) const = default;
};

struct Thread {
  ProcessId process = 0;
  int64_t tid = 0;
  bool lives = true;
  bool first = false;     // the one the process began with
  bool joinable = false;  // made by thread(), and not joined yet
  SignalSet mask = 0;
  AlternateStack stack{};
  Pending pending{};
  std::optional<Operation> blocked{};             // the call it waits in
  std::vector<SignalRun> runs{};                  // of logging handlers, not claimed yet
  std::vector<std::pair<int, int64_t>> counts{};  // handler runs so far, by signal
  std::vector<SignalSet> lingering{};             // masks of handlers that have told, and perhaps not returned yet
  bool lingers_on_stack = false;                  // one of them on the alternate stack
  std::optional<Status> end{};
  bool operator==(const Thread &) const = default;
};

}  // namespace ipcvet::model
