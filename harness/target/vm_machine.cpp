#include "harness/target/vm_machine.h"

#include <fmt/format.h>

namespace ipcvet {
namespace {

struct Board {
  Arch arch;
  std::string_view emulator, machine, emulated_cpu, console, second_line;
};

// cmpxchg16b off: QEMU 7.2 emulates it so that guests crash in it. The arm64 board has one line only.
constexpr Board boards[] = {
    {Arch::x86_64, "qemu-system-x86_64", "q35", "max,-cx16", "ttyS0", "/dev/ttyS1"},
    {Arch::aarch64, "qemu-system-aarch64", "virt", "max", "ttyAMA0", ""},
};

const Board &board_of(Arch arch) { return boards[static_cast<size_t>(arch)]; }

// quiet: the console is a slow device. panic=-1: a panic ends the machine at once. no_timer_check: on a busy machine an
// emulated timer may tick too late for the kernel's check of it, which then gives it up. mitigations=off: they guard
// against neighbours, of whom there are none, and cost an emulated processor much.
std::string command_line(const Board &board) {
  return fmt::format("console={} quiet panic=-1 no_timer_check mitigations=off rdinit=/init", board.console);
}

}  // namespace

std::string_view emulator(Arch arch) { return board_of(arch).emulator; }
std::string_view second_line(Arch arch) { return board_of(arch).second_line; }

std::vector<std::string> machine_words(const VmMachine &machine) {
  const Board &board = board_of(machine.arch);
  const bool kvm = machine.accel == Accel::kvm;
  std::vector<std::string> words = {std::string(board.emulator)};
  const auto add = [&](std::string_view option, std::string value) {
    words.emplace_back(option);
    if (!value.empty()) words.push_back(std::move(value));
  };
  add("-M", std::string(board.machine));
  add("-accel", kvm ? "kvm" : "tcg,thread=multi");
  add("-cpu", kvm ? "host" : std::string(board.emulated_cpu));
  add("-smp", std::to_string(machine.processors));
  add("-m", "1G");
  add("-no-user-config", "");
  add("-nodefaults", "");
  add("-nic", "none");
  add("-display", "none");
  add("-no-reboot", "");
  add("-kernel", machine.kernel);
  add("-initrd", machine.initramfs);
  add("-append", command_line(board));
  add("-serial", "stdio");
  // Added before it is used; a file given by its descriptor is neither opened anew nor cut.
  add("-add-fd", "fd=3,set=1");
  add("-chardev", "file,id=journal,path=/dev/fdset/1,append=on");
  if (!board.second_line.empty()) {
    add("-chardev", "file,id=line,path=/dev/fdset/1,append=on");
    add("-serial", "chardev:line");
  }
  add("-device", "virtio-serial-pci");
  add("-device", "virtserialport,chardev=journal,name=journal");
  return words;
}

}  // namespace ipcvet
