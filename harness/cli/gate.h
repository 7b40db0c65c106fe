// What a record means to a gate: with baselines, only an unexplained deviation fails it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/baseline.h"

namespace CLI {
class App;
}

namespace ipcvet::cli {

struct Gate {
  std::vector<std::string> baselines{};  // files, or names of those in the program
  std::string today{};                   // YYYY-MM-DD; empty: by the clock
};

// `--baseline FILE|NAME` and `--today DATE`.
void add_gate_options(CLI::App &command, Gate &gate);
// The layers; what is wrong is told on standard error.
std::optional<std::vector<Baseline>> load_baselines(const std::vector<std::string> &names);
std::string today_of(const Gate &gate);
// The exit status of a record under these layers; what they say of it is told on standard output.
int pass_gate(const Record &record, const std::vector<Baseline> &layers, const Gate &gate);

}  // namespace ipcvet::cli
