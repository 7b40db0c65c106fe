// The stress part of a case: roles performed natively and at full speed inside the actors.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/judge/history.h"
#include "harness/judge/judge.h"
#include "harness/run/cast.h"

namespace ipcvet {

struct StressRun {
  Cast &cast;
  const Case &instance;
  const Bindings &bindings;
};

struct StressProblem {
  RunEnd end;
  std::string why;
};

struct StressResult {
  std::vector<StressLog> logs;
  int64_t counter = 0;
  bool has_counter = false;
  uint64_t forks = 0;
  Waited waited = Waited::done;
  std::optional<StressProblem> problem;
};

// Makes the roles' actors as children of the root actor, lets all start together, waits for all and collects their
// logs.
StressResult run_stress(StressRun &run);

// The root actor of a case that has a stress part only.
std::string root_name_of_stress(const Case &instance);

}  // namespace ipcvet
