// Many cases at once: workers, each with a fork server of its own, take the next case until none is left.
//
// A verdict never depends on how many run at once; each case has its own sandbox, actors and limits.
#pragma once

#include <atomic>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "harness/judge/judge.h"
#include "harness/run/needs.h"
#include "harness/run/sequencer.h"
#include "harness/run/system.h"

namespace ipcvet {

struct CaseRun {
  const Case *instance = nullptr;
  uint32_t repeat = 0;  // which of --repeat, from 0
  History history;
  Verdict verdict;
  bool ran = false;  // false: the run ended before its turn came
};

struct ScheduleResult;

struct ScheduleOptions {
  SequencerOptions sequencer{};
  uint32_t jobs = 1;
  uint32_t repeat = 1;
  bool fail_fast = false;
  std::string actor_path{};  // instead of the embedded actor
  // Called when needs are probed and the actor is known, and before each case, by one thread at a time.
  std::function<void(const ScheduleResult &)> probed{};
  std::function<void(const Case &)> begins{};
};

struct ScheduleResult {
  std::vector<CaseRun> results;  // in the order of the instances, whatever order they ran in
  Capabilities capabilities;
  ActorFacts actor{};
  RunStats stats;
  std::string sandbox{};
  bool interrupted = false;
  uint32_t workers_lost = 0;
};

// `done` is called after each case, by one thread at a time. The error is a sentence: nothing could be run at all.
std::expected<ScheduleResult, std::string> run_cases(const std::vector<Case> &instances,
                                                     const std::vector<Case> &probes, const ScheduleOptions &options,
                                                     const std::function<void(const CaseRun &)> &done);

}  // namespace ipcvet
