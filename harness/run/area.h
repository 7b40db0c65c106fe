// The shared memory a worker and its actors meet in, seen from ipcvet's side: posting requests and waiting for
// answers, births and deaths on the one bell. harness/actor/wire.h has the format and the hand-off rule.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>

#include "harness/actor/wire.h"
#include "harness/run/fd.h"

namespace ipcvet {

class Area {
 public:
  // A fresh, zeroed area; the error is a sentence.
  static std::expected<Area, std::string> make();
  Area(Area &&other) noexcept;
  Area &operator=(Area &&) = delete;
  ~Area();

  wire_area &head() { return *static_cast<wire_area *>(base_); }
  const wire_area &head() const { return *static_cast<const wire_area *>(base_); }
  wire_slot &slot(uint32_t i) { return head().slots[i]; }
  unsigned char *in(uint32_t slot) { return static_cast<unsigned char *>(base_) + WIRE_IN(slot); }
  const unsigned char *out(uint32_t slot) const { return static_cast<const unsigned char *>(base_) + WIRE_OUT(slot); }
  int fd() const { return fd_.get(); }

  // Hands the request in `slot` (already written) to its actor.
  void post(uint32_t slot);
  bool answered(uint32_t slot) const;

  // The bell: read it, test a condition, then wait until it has rung since. Wakes at the latest after `most`.
  uint32_t bell() const;
  void wait_bell(uint32_t seen, std::chrono::nanoseconds most) const;

 private:
  Area(Fd fd, void *base) : fd_(std::move(fd)), base_(base) {}
  Fd fd_;
  void *base_ = nullptr;
};

// A futex of the wire: process-shared words, so no private flag.
void futex_wake(const uint32_t *word, uint32_t waiters);
void futex_wait(const uint32_t *word, uint32_t seen, std::chrono::nanoseconds most);

}  // namespace ipcvet
