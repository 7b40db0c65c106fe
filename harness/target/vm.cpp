// A virtual machine of any kernel: QEMU boots the image with an initial file system that holds a static ipcvet as its
// first process and the job; no disk, no network. The journal comes out by a virtio port, or a serial line.
#include <fmt/format.h>

#include "harness/target/init.h"
#include "harness/target/target.h"
#include "harness/target/vm_accel.h"
#include "harness/target/vm_guest.h"
#include "harness/target/vm_kernel.h"
#include "harness/target/vm_machine.h"
#include "harness/target/vm_root.h"

namespace ipcvet {
namespace {

std::string lacks_emulator(Arch arch) {
  return fmt::format("{} is not there (package {})", emulator(arch),
                     arch == Arch::x86_64 ? "qemu-system-x86" : "qemu-system-arm");
}

Readiness vm_probe(const std::string &argument) {
  if (argument.empty()) {
    const auto names = fetched_kernels();
    if (names.empty()) return {false, "no kernel was fetched (ci/kernels fetches some); vm:PATH takes any"};
    return {find_program(emulator(Arch::x86_64)).has_value(), find_program(emulator(Arch::x86_64))
                                                                  ? fmt::format("{} kernels fetched", names.size())
                                                                  : lacks_emulator(Arch::x86_64)};
  }
  const auto kernel = find_kernel(argument);
  if (!kernel) return {false, kernel.error()};
  if (!find_program(emulator(kernel->arch))) return {false, lacks_emulator(kernel->arch)};
  return {true, fmt::format("{}{}{}", kernel->image, kernel->version.empty() ? "" : ": Linux ", kernel->version)};
}

std::expected<Launch, std::string> vm_prepare(const Job &job, const std::string &argument) {
  const auto kernel = find_kernel(argument);
  if (!kernel) return std::unexpected(kernel.error());
  if (!find_program(emulator(kernel->arch))) return std::unexpected(lacks_emulator(kernel->arch));
  const Accel accel = usable_accel(*kernel, job.directory + "/ipcvet");
  if (auto written = write_init_words(job, guest_journal); !written) return std::unexpected(written.error());
  const auto root = write_root(job, *kernel);
  if (!root) return std::unexpected(root.error());
  const unsigned processors = job.jobs == 0 ? 1 : job.jobs;
  return Launch{machine_words({kernel->arch, accel, processors, kernel->image, *root}), {}};
}

std::vector<std::string> vm_known() {
  auto names = fetched_kernels();
  if (names.empty()) names.emplace_back();
  return names;
}

}  // namespace

const TargetKind vm_kind = {.name = "vm",
                            .argument = "KERNEL",
                            .brief = "QEMU with a kernel: an image's path, or a name that ci/kernels fetched",
                            .program = Program::static_only,
                            .probe = vm_probe,
                            .prepare = vm_prepare,
                            .known = vm_known};

}  // namespace ipcvet
