// What a run says while it goes on: one line that is rewritten on a terminal, elsewhere a line for each instance that
// did not pass, and nothing for those that did.
#pragma once

#include <cstddef>
#include <string>

#include "harness/judge/judge.h"

namespace ipcvet::cli {

class Progress {
 public:
  // `quiet`: nothing at all. Writes to standard error.
  Progress(size_t total, bool quiet);
  void done(const std::string &instance, const Verdict &verdict);
  void finish();

 private:
  void line(const std::string &text);
  size_t total_, done_ = 0, passed_ = 0, skipped_ = 0, other_ = 0;
  bool quiet_, terminal_;
};

}  // namespace ipcvet::cli
