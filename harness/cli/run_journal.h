// The journal of a run (harness/target/journal.h), written as it goes on: each frame is handed to the system before the
// run continues, so that nothing that was finished is lost when the system under test is.
#pragma once

#include <expected>
#include <mutex>
#include <string>

#include "harness/cli/run_record.h"
#include "harness/run/fd.h"
#include "harness/target/journal.h"

namespace ipcvet::cli {

class JournalWriter {
 public:
  // A descriptor's number, or a file to append to: a serial line, a pipe. The error is a sentence.
  static std::expected<JournalWriter, std::string> open(const std::string &where);

  void write(Frame::Kind kind, const std::string &payload);
  void end(int status);
  bool failed() const { return failed_; }

 private:
  explicit JournalWriter(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;
  size_t results_ = 0;
  bool failed_ = false;
};

}  // namespace ipcvet::cli
