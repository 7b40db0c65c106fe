// Facts about the system under test that explain results: told in every record, read by no verdict.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/run/area.h"

namespace ipcvet {

struct SystemFacts {
  std::string kernel, release, version, machine, platform;
  uint32_t cpus = 1;
  std::vector<std::pair<std::string, int64_t>> limits;  // of IPC (from /proc/sys) and of resources
};
SystemFacts system_facts();

// What the actor tells of itself: it, and not this program, is what uses the system under test.
struct ActorFacts {
  std::string libc{};      // "glibc 2.36", "musl"; empty if it does not tell
  std::string abi{};       // "lp64" or "ilp32"; empty likewise
  std::string machine{};   // what uname() tells it
  std::string platform{};  // the emulator that runs it, if any
  std::vector<std::pair<std::string, std::optional<int64_t>>> constants{};  // in the order of constants.def
};
ActorFacts actor_facts(const Area &area);

}  // namespace ipcvet
