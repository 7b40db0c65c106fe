// Runs one instance of a case on this system: a Case in, a History out.
//
// Steps are given to actors one after the other, each when the one before has returned or is proven blocked. Every
// event is recorded and fed to the judge's walker at once, which binds names and stops the case at its first deviation.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

#include "harness/case/case.h"
#include "harness/judge/history.h"
#include "harness/judge/judge.h"
#include "harness/run/cast.h"
#include "harness/run/server.h"

namespace ipcvet {

struct SequencerOptions {
  Limits limits{};
  JudgeOptions judge{};
  uint32_t sandbox = ~0u;  // WIRE_SB_* to try; a network of its own only for cases that need it
  bool raw = false;        // perform calls as bare system calls where there is one
};

// What running cost, for ci/bench; no verdict reads it.
struct RunStats {
  uint64_t cases = 0, calls = 0, forks = 0, proofs = 0, checks = 0;
  std::vector<uint32_t> proof_ns{};  // from handing over a call to the proof that it blocks
  void add(const RunStats &other);
};

// `instance` has no table (see expand()). Never fails: what goes wrong is in the history's end.
History run_case(Server &server, const Case &instance, const SequencerOptions &options, RunStats &stats);

// "user pid ipc mount ..." for a WIRE_SB_* mask.
std::string sandbox_text(uint32_t got);

}  // namespace ipcvet
