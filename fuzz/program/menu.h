// Which calls a fuzz target makes: per mechanism, how often each. Calls that could reach outside a sandbox, use
// up a resource others need, or wait for the clock are on no menu.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "harness/mechanism/table.h"

namespace ipcvet::fuzz {

struct Dish {
  std::string_view call;  // mem_store and mem_load stand for the memory lines
  uint32_t weight = 1;
};

// pipe, fifo, sysv-msg, sysv-shm, posix-shm, process and all.
std::span<const std::string_view> mechanisms();
// Empty for a mechanism there is no target for.
const std::vector<Dish> &menu(std::string_view mechanism);
// Is the call on any menu, and so allowed in a Program?
bool on_a_menu(std::string_view call);
bool on_a_menu(const CallSpec &call);
// Can the only actor of a program make it inside the fuzzing process itself?
bool fits_one_process(std::string_view call);
bool fits_one_process(const CallSpec &call);

}  // namespace ipcvet::fuzz
