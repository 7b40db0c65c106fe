// Judges what a record holds once more, by this program, whatever system it was recorded on.
//
// The case's text, its history and the constants of the recorded system are all that is needed. A record of an earlier
// ipcvet holds no constants: then those of this program count. One may leave out the log of a large stress part: then
// there is nothing to judge, and the recorded verdict stays.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/result.h"

namespace ipcvet {

// The constants of a recorded system, for the judge. Must outlive what it answers.
class RecordedConstants {
 public:
  explicit RecordedConstants(const SystemInfo &system);
  Constants lookup() const;

 private:
  std::vector<std::pair<std::string, std::optional<int64_t>>> sorted_;
};

std::expected<Verdict, std::string> judge_again(const CaseResult &recorded, JudgeOptions options = {},
                                                Constants constants = {});

struct Rejudged {
  struct Change {
    size_t index = 0;  // in the record's cases
    Verdict before{};
  };
  struct Kept {
    size_t index = 0;
    std::string why{};
  };
  size_t judged = 0;
  std::vector<Change> changed{};  // another class, another line, or other observations
  std::vector<Kept> kept{};       // could not be judged: the recorded verdict stays
  bool own_constants = false;     // the record's, not this program's
};

// Replaces every verdict of the record. The profile becomes that of the record.
Rejudged judge_again(Record &record, Profile profile);
// What changed, for a terminal.
std::string describe(const Rejudged &rejudged, const Record &record);

}  // namespace ipcvet
