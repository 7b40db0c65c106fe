// A fuzzing run for people: several workers, one list of findings, an end within its time.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fuzz/drive/cover.h"
#include "fuzz/drive/report.h"
#include "fuzz/program/program.h"

namespace ipcvet::fuzz {

enum class Mode : uint8_t { sequential, actors, concurrent };
std::optional<Mode> mode_of(std::string_view name);
const char *mode_name(Mode mode);

struct CampaignOptions {
  std::string mechanism = "all";
  Mode mode = Mode::actors;
  std::chrono::milliseconds time{60000};
  uint64_t runs = UINT64_MAX;
  uint32_t jobs = 1;
  bool fail_fast = false;  // the first deviation ends it, as it was found: none is made small
  uint64_t seed = 1;
  std::string actor_path{};  // instead of the embedded actor
  std::vector<Program> corpus{};
  const std::atomic<bool> *stop = nullptr;
};

struct Finding {
  Found found;                       // of the smallest Program
  Program program;                   // the smallest
  uint64_t seed = 0, execution = 0;  // which run of which worker showed it first
  uint32_t again = 0, of = 0;        // seen again in so many of so many runs of the Program as it was found
  uint64_t times = 1;                // how often deviations of this kind were seen
};

struct Tally {
  uint64_t executions = 0, calls = 0, skipped = 0, features = 0;
  uint64_t undecided = 0, partly = 0;  // histories with overlapping calls: see RunReport
  size_t rules = 0, all_rules = 0;
  double seconds = 0, cpu_seconds = 0;  // the latter of all that took part
};

struct CampaignResult {
  Tally tally;
  std::vector<Finding> findings;
  std::vector<Kept> corpus;                   // that reached something new
  std::map<std::string, uint64_t> undecided;  // why, and how often
  std::string broken;                         // the harness failed: how
};

// `progress` is called about once a second, by one thread at a time.
CampaignResult campaign(const CampaignOptions &options,
                        const std::function<void(const Tally &, size_t findings)> &progress);

}  // namespace ipcvet::fuzz
