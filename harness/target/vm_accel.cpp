#include "harness/target/vm_accel.h"

#include <unistd.h>

#include <cstdlib>
#include <mutex>
#include <optional>
#include <string_view>

#include "harness/target/init.h"
#include "harness/target/job.h"
#include "harness/target/launch.h"
#include "harness/target/vm_root.h"

namespace ipcvet {
namespace {

// Emulation boots in this time: a machine that needs longer under KVM is none to wait for.
constexpr std::chrono::seconds trial_limit{6};

std::optional<Accel> asked_accel() {
  const char *text = std::getenv("IPCVET_ACCEL");
  if (!text) return std::nullopt;
  if (std::string_view(text) == "kvm") return Accel::kvm;
  if (std::string_view(text) == "tcg") return Accel::tcg;
  return std::nullopt;
}

bool native(Arch arch) {
#if defined(__x86_64__)
  return arch == Arch::x86_64;
#elif defined(__aarch64__)
  return arch == Arch::aarch64;
#else
  return arch != arch;
#endif
}

// In a directory of its own: the machine that says its name and switches itself off.
std::optional<Launch> trial_launch(const VmKernel &kernel, const std::string &program, const std::string &directory) {
  if (!place_file(program, directory + "/ipcvet")) return std::nullopt;
  const Job job{directory, {}, "", 1};
  if (!write_file(directory + "/words", std::string(init_job) + "/ipcvet\n--version\n")) return std::nullopt;
  const auto root = write_root(job, kernel);
  if (!root) return std::nullopt;
  return Launch{machine_words({kernel.arch, Accel::kvm, 1, kernel.image, *root}), {}};
}

bool reaches_init(const VmKernel &kernel, const std::string &program) {
  const auto directory = make_job_directory();
  if (!directory) return false;
  bool reached = false;
  if (const auto launch = trial_launch(kernel, program, *directory)) {
    LaunchLimits limits;
    limits.silence = trial_limit;
    const auto console = [&](std::string_view line) { reached = reached || line.starts_with(init_says); };
    [[maybe_unused]] const auto ended = run_launch(*launch, *directory, limits, {[](const Frame &) {}, console});
  }
  remove_tree(*directory);
  return reached;
}

}  // namespace

Accel usable_accel(const VmKernel &kernel, const std::string &program) {
  if (const auto asked = asked_accel()) return *asked;
  if (!native(kernel.arch) || access("/dev/kvm", R_OK | W_OK) != 0) return Accel::tcg;
  static std::mutex mutex;
  static std::optional<bool> works;
  const std::lock_guard lock(mutex);
  if (!works) works = reaches_init(kernel, program);
  return *works ? Accel::kvm : Accel::tcg;
}

}  // namespace ipcvet
