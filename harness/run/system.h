// Facts about the system under test that explain results: told in every record, read by no verdict.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ipcvet {

struct SystemFacts {
  std::string kernel, release, version, machine, libc;
  uint32_t cpus = 1;
  std::vector<std::pair<std::string, int64_t>> limits;  // of IPC (from /proc/sys) and of resources
};
SystemFacts system_facts();

}  // namespace ipcvet
