// Runs a target's command to its end and hands on what it says. Limits are here: a target that says nothing for too
// long, or goes on after it has said everything, is ended.
#pragma once

#include <atomic>
#include <chrono>
#include <expected>
#include <functional>
#include <string>

#include "harness/target/journal.h"
#include "harness/target/target.h"

namespace ipcvet {

struct LaunchLimits {
  std::chrono::duration<double> silence{300};  // without a frame of the journal
  std::chrono::duration<double> leaving{10};   // from the journal's end to the command's
  size_t bytes = size_t{2} << 30;              // of everything it writes
  const std::atomic<bool> *stop = nullptr;
};

// How the command ended.
struct Ending {
  enum class By : uint8_t { itself, silence, flood, stop };
  By by = By::itself;
  int status = 0;      // as wait() tells it
  size_t broken = 0;   // damaged frames
  double first = 0;    // seconds to the first frame
  double seconds = 0;  // altogether
};

std::expected<Ending, std::string> run_launch(const Launch &launch, const std::string &directory,
                                              const LaunchLimits &limits, const JournalReader::Receiver &receiver);

}  // namespace ipcvet
