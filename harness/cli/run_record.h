// The record of a run on this system, from what the scheduler brings.
#pragma once

#include <ctime>
#include <string>
#include <vector>

#include "harness/case/catalogue.h"
#include "harness/cli/run_options.h"
#include "harness/run/scheduler.h"
#include "reports/result.h"

namespace ipcvet::cli {

// When and how ipcvet was called.
struct Called {
  std::vector<std::string> command{};
  std::time_t started = 0;
  double seconds = 0;
};
// As this process was called.
std::vector<std::string> command_line();
std::string utc(std::time_t t);

// `run` may be of a run that goes on still: what is not known yet is empty.
SystemInfo describe_system(const RunOptions &options, const ScheduleResult &run, const Called &called);
// One result; every requirement it cites with its rule and source from the catalogue.
CaseResult result_of(CaseRun run, const Catalogue &catalogue);
// What nothing in this record cites, by the catalogue.
std::vector<Uncited> uncited(const Record &record, const Catalogue &catalogue);
Record make_record(SystemInfo system, ScheduleResult &run, const Catalogue &catalogue);

}  // namespace ipcvet::cli
