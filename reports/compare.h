// What changed from one record to another.
//
// Instances are compared by id, all repeats of one together. A regression is what was not bad before and is now: a case
// that passed or was skipped and now does anything but these, or one that fails clearly more often than it did. A new
// case that is bad counts like one. Lost coverage (vanished, newly skipped) is told, and fails a gate only where that
// is asked.
#pragma once

#include <string>
#include <vector>

#include "reports/traits.h"

namespace ipcvet {

struct Change {
  enum class Kind : uint8_t { regression, fix, other, appeared, vanished, observation, skip };
  Kind kind = Kind::other;
  std::string id{};
  std::string mechanism{};
  std::string what{};                  // of an observation: its name
  std::string before{}, after{};       // as one would say it: "pass", "fail: read returned ...", "skip: needs ..."
  bool bad = false;                    // appeared, and did not pass
  std::vector<size_t> explained_by{};  // indices into the comparison's traits
};

struct Comparison {
  std::string before{}, after{};  // the systems, in a few words
  std::vector<TraitDifference> traits{};
  std::vector<Change> changes{};  // regressions first, then the other kinds in their order
  size_t same = 0;                // instances on both sides without any change

  size_t count(Change::Kind kind) const;
  bool has_regressions() const;    // bad new cases included
  bool has_lost_coverage() const;  // vanished or newly skipped
};

const char *kind_name(Change::Kind kind);
// "Linux 6.12.1 x86_64, glibc 2.41"
std::string system_name(const SystemInfo &system);

Comparison compare(const Record &before, const Record &after);

}  // namespace ipcvet
