// A record out of a journal, however it ended. Pure.
//
// What was finished is kept; what went wrong becomes the record's `trouble`, in words and with the end of the target's
// console, and marks the run as interrupted: a target that died is never taken for one where all was well.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/target/journal.h"
#include "harness/target/launch.h"
#include "reports/result.h"

namespace ipcvet {

class Assembly {
 public:
  // The instances that were asked for, in their order, each `repeat` times; `may_end_early`: with --fail-fast.
  Assembly(std::vector<std::string> instances, size_t repeat, bool may_end_early);

  void frame(const Frame &frame);
  void console(std::string_view line);

  // `target` is its name.
  Record finish(const std::string &target, const Ending &ending);

 private:
  void take_result(const std::string &payload);
  std::string trouble(const Ending &ending) const;

  std::vector<std::string> instances_;
  size_t repeat_;
  bool may_end_early_;
  Record record_{};
  bool had_system_ = false;
  std::optional<JournalEnd> end_{};
  std::map<std::string, size_t> running_{}, told_{};
  std::vector<std::string> troubles_{};  // as they came
  std::deque<std::string> tail_{};       // of the console
  std::string panic_{};                  // the line in which a kernel gave up
};

// A record of a target that could not be started.
Record record_of_trouble(const std::string &target, const std::string &why);

}  // namespace ipcvet
