// Which parts of the kernel a call reached, on kernels that tell (CONFIG_KCOV): a further source of coverage.
//
// The kernel writes the addresses the calling thread passes into a shared area while tracing is on
// (Documentation/dev-tools/kcov.rst). Where /sys/kernel/debug/kcov is not there, nothing of this is.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "harness/run/fd.h"

namespace ipcvet::fuzz {

class KernelCoverage {
 public:
  static std::unique_ptr<KernelCoverage> open();  // nullptr where the kernel has none
  ~KernelCoverage();
  void begin();
  void end(std::vector<uint64_t> &features);

 private:
  KernelCoverage(Fd fd, uint64_t *area) : fd_(std::move(fd)), area_(area) {}
  Fd fd_;
  uint64_t *area_;  // how many addresses there are, then the addresses
};

}  // namespace ipcvet::fuzz
