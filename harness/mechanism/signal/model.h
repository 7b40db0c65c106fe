// Signals in the model: actions, masks, what is pending, and the runs of handlers.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace ipcvet::model {

using SignalSet = uint64_t;  // bit n-1: signal n
inline constexpr int last_signal = 64;
inline SignalSet signal_bit(int64_t signo) {
  return signo < 1 || signo > last_signal ? 0 : SignalSet{1} << (signo - 1);
}

enum class Handler : uint8_t { standard, ignore, log, count, jump };

struct Action {
  Handler handler = Handler::standard;
  SignalSet mask = 0;
  int64_t flags = 0;
  bool operator==(const Action &) const = default;
};
using Actions = std::array<Action, last_signal + 1>;

// What a signal tells; fields that do not apply are 0.
struct SignalInfo {
  int signo = 0;
  int64_t code = 0;
  int64_t pid = 0, uid = 0;  // of the sender; may be tokens
  int64_t status = 0;
  int64_t value = 0;
  int64_t address = 0;
  bool known = true;  // false: the system's own affair what it tells
  bool operator==(const SignalInfo &) const = default;
};

// The stack a thread has for handlers with SA_ONSTACK.
struct AlternateStack {
  bool enabled = false;
  int64_t address = 0, size = 0;
  bool operator==(const AlternateStack &) const = default;
};
enum class OnStack : uint8_t { open, usual, alternate };

// A run of a handler that has to be claimed.
struct SignalRun {
  SignalInfo info{};
  SignalSet mask = 0;  // while it ran
  OnStack stack = OnStack::open;
  bool operator==(const SignalRun &) const = default;
};

// In the order they came; a standard signal is in it once.
struct Pending {
  std::vector<SignalInfo> queue{};
  bool operator==(const Pending &) const = default;

  SignalSet set() const {
    SignalSet all = 0;
    for (const SignalInfo &s : queue) all |= signal_bit(s.signo);
    return all;
  }
};

}  // namespace ipcvet::model
