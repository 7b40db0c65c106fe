// The baselines of reports/baselines, as part of the program.
#pragma once

#include <string>
#include <vector>

namespace ipcvet {

struct EmbeddedBaseline {
  std::string name;  // "gvisor"
  std::string text;
};
const std::vector<EmbeddedBaseline> &embedded_baselines();

}  // namespace ipcvet
