#include "harness/run/area.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>

namespace ipcvet {

void futex_wake(const uint32_t *word, uint32_t waiters) {
  syscall(SYS_futex, word, FUTEX_WAKE, waiters, nullptr, nullptr, 0);
}

void futex_wait(const uint32_t *word, uint32_t seen, std::chrono::nanoseconds most) {
  const timespec limit{static_cast<time_t>(most.count() / 1'000'000'000),
                       static_cast<long>(most.count() % 1'000'000'000)};
  syscall(SYS_futex, word, FUTEX_WAIT, seen, &limit, nullptr, 0);
}

std::expected<Area, std::string> Area::make() {
  Fd fd(memfd_create("ipcvet", MFD_CLOEXEC));
  if (!fd) return std::unexpected("memfd_create: " + std::string(std::strerror(errno)));
  if (ftruncate(fd.get(), static_cast<off_t>(WIRE_TOTAL)) != 0)
    return std::unexpected("ftruncate of the shared area: " + std::string(std::strerror(errno)));
  void *base = mmap(nullptr, WIRE_TOTAL, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd.get(), 0);
  if (base == MAP_FAILED) return std::unexpected("mmap of the shared area: " + std::string(std::strerror(errno)));
  Area area(std::move(fd), base);
  area.head().magic = WIRE_MAGIC;
  area.head().version = WIRE_VERSION;
  return area;
}

Area::Area(Area &&other) noexcept : fd_(std::move(other.fd_)), base_(std::exchange(other.base_, nullptr)) {}

Area::~Area() {
  if (base_) munmap(base_, WIRE_TOTAL);
}

void Area::post(uint32_t i) {
  wire_slot &s = slot(i);
  const uint32_t next = __atomic_load_n(&s.request, __ATOMIC_RELAXED) + 1;
  __atomic_store_n(&s.phase, static_cast<uint32_t>(WIRE_IDLE), __ATOMIC_RELAXED);
  __atomic_store_n(&s.request, next, __ATOMIC_RELEASE);
  futex_wake(&s.request, 1);
}

bool Area::answered(uint32_t i) const {
  const wire_slot &s = head().slots[i];
  return __atomic_load_n(&s.answer, __ATOMIC_ACQUIRE) == __atomic_load_n(&s.request, __ATOMIC_RELAXED);
}

uint32_t Area::bell() const { return __atomic_load_n(&head().bell, __ATOMIC_ACQUIRE); }

void Area::wait_bell(uint32_t seen, std::chrono::nanoseconds most) const { futex_wait(&head().bell, seen, most); }

}  // namespace ipcvet
