// `ipcvet run --on TARGET`: the same cases elsewhere, each target giving a record.
#pragma once

#include <atomic>
#include <vector>

#include "harness/cli/run_options.h"
#include "reports/baseline.h"

namespace ipcvet::cli {

// The instances are the selected ones, in order. Returns the exit status.
int run_on(const RunOptions &options, const std::vector<Case> &instances, const std::vector<Baseline> &layers,
           const std::atomic<bool> &stop);

}  // namespace ipcvet::cli
