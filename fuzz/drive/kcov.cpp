#include "fuzz/drive/kcov.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <algorithm>

namespace ipcvet::fuzz {
namespace {

constexpr size_t room = 1 << 14;                                   // addresses of one call
constexpr unsigned long init_trace = _IOR('c', 1, unsigned long);  // NOLINT: the kernel's macro
constexpr unsigned long enable = _IO('c', 100), disable = _IO('c', 101);
constexpr unsigned long trace_pc = 0;
constexpr int out_of_the_way = 1100;  // Programs have the descriptors below

}  // namespace

std::unique_ptr<KernelCoverage> KernelCoverage::open() {
  const Fd low(::open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC));
  if (!low) return nullptr;
  Fd fd(fcntl(low.get(), F_DUPFD_CLOEXEC, out_of_the_way));
  if (!fd || ioctl(fd.get(), init_trace, room) != 0) return nullptr;
  void *p = mmap(nullptr, room * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (p == MAP_FAILED) return nullptr;
  auto coverage = std::unique_ptr<KernelCoverage>(new KernelCoverage(std::move(fd), static_cast<uint64_t *>(p)));
  if (ioctl(coverage->fd_.get(), enable, trace_pc) != 0) return nullptr;
  return coverage;
}

KernelCoverage::~KernelCoverage() {
  ioctl(fd_.get(), disable, 0);
  munmap(area_, room * sizeof(uint64_t));
}

void KernelCoverage::begin() { __atomic_store_n(&area_[0], 0, __ATOMIC_RELAXED); }

void KernelCoverage::end(std::vector<uint64_t> &features) {
  const uint64_t n = std::min<uint64_t>(__atomic_load_n(&area_[0], __ATOMIC_RELAXED), room - 1);
  for (uint64_t i = 1; i <= n; ++i) features.push_back(area_[i] * 0x9e3779b97f4a7c15u);
}

}  // namespace ipcvet::fuzz
