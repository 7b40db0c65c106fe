// A baseline brought up to date with a record: what deviates and is not in it is added, an entry all of whose instances
// passed goes, everything else stays as it stands, comments and order included.
#pragma once

#include <string>

#include "reports/baseline.h"

namespace ipcvet {

struct BaselineUpdate {
  std::string text{};
  size_t added = 0, removed = 0;  // entries
};

// `old_text` is that of `old`, or empty for a new baseline, which gets a [system] from the record. Entries of a
// baseline that is not for the record's system are left alone. `others` are layers below it: what they explain needs no
// entry here.
BaselineUpdate update_baseline(const std::string &old_text, const Baseline &old, const std::vector<Baseline> &others,
                               const Record &record, const std::string &today);

}  // namespace ipcvet
