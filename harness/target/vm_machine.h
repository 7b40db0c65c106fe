// The command line of a virtual machine: one that has a kernel, an initial file system, a console and a way out for the
// journal, and nothing else, no disk and no network. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/target/vm_kernel.h"

namespace ipcvet {

enum class Accel : uint8_t { kvm, tcg };

struct VmMachine {
  Arch arch = Arch::x86_64;
  Accel accel = Accel::tcg;
  unsigned processors = 1;
  std::string kernel{};  // files
  std::string initramfs{};
};

// "qemu-system-x86_64"
std::string_view emulator(Arch arch);
// The serial line that carries the journal where there is no better device, as it is called inside.
std::string_view second_line(Arch arch);

// The console is descriptor 1, the journal descriptor 3.
std::vector<std::string> machine_words(const VmMachine &machine);

}  // namespace ipcvet
