// This kernel, used by a program of another ABI or C library: ipcvet itself stays where it is and performs the calls
// with that actor (images.h), by qemu's user emulator where the machine is another one.
#include <fmt/format.h>

#include "harness/run/images.h"
#include "harness/target/target.h"

namespace ipcvet {
namespace {

Readiness abi_probe(const std::string &name) {
  const Abi *abi = find_abi(name);
  if (!abi) {
    std::string known;
    for (const Abi &one : abis()) known += (known.empty() ? "" : ", ") + std::string(one.name);
    return {false, fmt::format("no such ABI; there are {}", known)};
  }
  const std::string lack = lack_of(*abi);
  return lack.empty() ? Readiness{true, std::string(abi->what)} : Readiness{false, lack};
}

std::expected<Launch, std::string> abi_launch(const Job &job, const std::string &name) {
  if (!job.actor.empty())
    return std::unexpected("target abi:" + name + " brings an actor of its own: leave --actor out");
  Launch launch{job.words("/proc/self/exe", "3", job.directory), {}};
  launch.argv.insert(launch.argv.end(), {"--actor", name});
  return launch;
}

std::vector<std::string> abi_names() {
  std::vector<std::string> names;
  for (const Abi &abi : abis()) names.emplace_back(abi.name);
  return names;
}

}  // namespace

const TargetKind abi_kind = {.name = "abi",
                             .argument = "NAME",
                             .brief = "this kernel for programs of another ABI or C library",
                             .probe = abi_probe,
                             .prepare = abi_launch,
                             .known = abi_names};

}  // namespace ipcvet
