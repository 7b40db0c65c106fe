// A stand-in for ipcvet in the actor's own tests: starts a fork server on a fresh area, hands calls to actors and waits
// for their answers. Nothing of the runner is used, so that the actor is tested by itself.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/actor/wire.h"

namespace ipcvet::test {

// A value to be put on the wire.
struct In {
  uint32_t kind = WIRE_NONE;
  int64_t number = 0;
  std::string bytes{};
  std::vector<In> items{};
};
inline In num(int64_t n) { return {.kind = WIRE_NUM, .number = n}; }
inline In bytes(std::string_view s) { return {.kind = WIRE_BYTES, .bytes = std::string(s)}; }
inline In list(std::vector<In> items) { return {.kind = WIRE_LIST, .items = std::move(items)}; }
inline In any() { return {.kind = WIRE_ANY}; }
inline In none() { return {}; }
inline In bad() { return {.kind = WIRE_BAD}; }
inline In payload() { return {.kind = WIRE_RECORD_PAYLOAD}; }

struct Images {
  std::string actor{}, i386{}, musl{};
};
// The images built here, the named one as the server: "native", "musl" or "i386".
Images images(std::string_view which);
std::vector<std::string> built();  // the names of those that run here

constexpr uint32_t everything = WIRE_SB_USER | WIRE_SB_PID | WIRE_SB_IPC | WIRE_SB_MOUNT | WIRE_SB_PROC | WIRE_SB_TMP |
                                WIRE_SB_SHM | WIRE_SB_MQUEUE | WIRE_SB_NULL;

class Driver {
 public:
  explicit Driver(const Images &images);
  ~Driver();
  Driver(const Driver &) = delete;
  Driver &operator=(const Driver &) = delete;

  wire_area &area() { return *area_; }
  pid_t server() const { return server_; }

  void command(uint32_t command);  // and wait for its answer
  void start(uint32_t want);       // a case
  void end();

  void raise_curtain();  // the stress roles that wait may begin

  // Posts a call and returns at once; answer() waits for it.
  void post(uint32_t slot, std::string_view call, const std::vector<In> &args, uint32_t child = 0, bool raw = false);
  const wire_answer &answer(uint32_t slot);
  const wire_answer &call(uint32_t slot, std::string_view call, const std::vector<In> &args, uint32_t child = 0,
                          bool raw = false);
  int64_t result(uint32_t slot, std::string_view name, const std::vector<In> &args, uint32_t child = 0);
  bool returned(uint32_t slot) const;

  std::vector<int64_t> numbers(uint32_t slot, unsigned arg);  // a list of numbers in an output position
  std::string out_bytes(uint32_t slot, unsigned arg);
  std::string out_bytes(uint32_t slot, const wire_value &value);
  const wire_value *out_list(uint32_t slot, const wire_value &value);
  int64_t constant(std::string_view name);

  // Waits until the condition holds, looking at it whenever the bell rings.
  template <typename Condition>
  void until(Condition condition) {
    for (;;) {
      const uint32_t bell = __atomic_load_n(&area_->bell, __ATOMIC_SEQ_CST);
      if (condition()) return;
      wait_for_bell(bell);
    }
  }

 private:
  void wait_for_bell(uint32_t seen);
  uint32_t encode(uint32_t slot, const In &in, wire_value &out, uint32_t used);

  wire_area *area_ = nullptr;
  pid_t server_ = -1;
};

}  // namespace ipcvet::test
