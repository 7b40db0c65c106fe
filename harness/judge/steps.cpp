#include "harness/judge/steps.h"

namespace ipcvet {
namespace {

void add(const Step &step, uint32_t top, std::vector<FlatStep> &flat) {
  flat.push_back({&step, top});
  for (const Step &member : step.members) add(member, top, flat);
}

}  // namespace

std::vector<FlatStep> flatten(const Case &instance) {
  std::vector<FlatStep> flat;
  flat.reserve(instance.steps.size());
  for (const Step &step : instance.steps) add(step, static_cast<uint32_t>(flat.size()), flat);
  return flat;
}

}  // namespace ipcvet
