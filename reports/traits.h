// What distinguishes one judged system from another, as named texts: for saying which of it may explain a change, and
// for baselines that hold on some systems only.
#pragma once

#include <string>
#include <vector>

#include "reports/result.h"

namespace ipcvet {

struct TraitDifference {
  enum class Kind : uint8_t { system, limit, capability, constant };
  Kind kind = Kind::system;
  std::string name{};             // "release", "msgmax", "userns", "PIPE_BUF"
  std::string before{}, after{};  // "absent" where one side does not know it
  std::string text() const { return name + " " + before + " -> " + after; }
  bool operator==(const TraitDifference &) const = default;
};

// A trait of the system itself by its name: kernel, release, version, machine, libc, abi, platform, sandbox, profile,
// ipcvet, target; empty for any other name.
std::string trait(const SystemInfo &system, std::string_view name);
const std::vector<std::string_view> &trait_names();

// When, how long and with which command it ran does not count.
std::vector<TraitDifference> trait_differences(const SystemInfo &before, const SystemInfo &after);

// Those that may explain why an instance came out otherwise: a capability its skip names, a limit of its mechanism, a
// constant its reason names. Indices into `differences`.
std::vector<size_t> explaining(const CaseResult *before, const CaseResult *after,
                               const std::vector<TraitDifference> &differences);

}  // namespace ipcvet
