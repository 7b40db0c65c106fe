#include "harness/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace ipcvet::cli {

Progress::Progress(size_t total, bool quiet) : total_(total), quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0) {}

void Progress::done(const std::string &instance, const Verdict &verdict) {
  ++done_;
  const bool pass = verdict.cls == VerdictClass::pass, skip = verdict.cls == VerdictClass::skip;
  pass ? ++passed_ : skip ? ++skipped_ : ++other_;
  if (quiet_) return;
  if (terminal_) {
    if (!pass && !skip) fmt::print(stderr, "\r\x1b[K{:<10} {}\n", verdict_name(verdict.cls), instance);
    line(fmt::format("[{}/{}] {} passed, {} skipped, {} not: {}", done_, total_, passed_, skipped_, other_, instance));
  } else if (!pass && !skip) {
    fmt::print(stderr, "{:<10} {}\n", verdict_name(verdict.cls), instance);
  }
}

void Progress::finish() {
  if (!quiet_ && terminal_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::line(const std::string &text) {
  fmt::print(stderr, "\r\x1b[K{}", text.substr(0, 78));
  std::fflush(stderr);
}

}  // namespace ipcvet::cli
