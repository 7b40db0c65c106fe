// What `ipcvet run` was asked to do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/case/loader.h"
#include "harness/cli/gate.h"
#include "harness/cli/outputs.h"

namespace ipcvet::cli {

struct RunOptions {
  std::string cases, shard, actor, journal;
  Outputs outputs;
  Gate gate;
  std::vector<std::string> filters, files;
  std::string profile = "linux";
  uint32_t jobs = 0, repeat = 1;
  uint64_t shuffle = 0;
  bool shuffled = false, fail_fast = false, quiet = false, raw = false, stats = false;
  double timeout = 60;
  // With --on.
  std::vector<std::string> on;
  std::string records, program;
  uint32_t targets_at_once = 0;
  double target_limit = 300;
};

}  // namespace ipcvet::cli
