// What went wrong, ranked and put together: the rows of a table that fail alike are one finding, and a violated `shall`
// stands above everything else. For summaries that have little room.
#pragma once

#include <string>
#include <vector>

#include "reports/result.h"

namespace ipcvet {

struct Finding {
  VerdictClass cls = VerdictClass::fail;
  Level level = Level::shall;     // the strongest of the requirements it cites
  std::vector<size_t> members{};  // indices of the record's cases, in its order; never empty
};

// The strongest level a result cites: shall, linux, may, observe.
Level level_of(const CaseResult &result);
// Everything that neither passed nor was skipped.
std::vector<Finding> findings(const Record &record);
// Skipped instances by their reason, the most frequent first.
std::vector<Finding> skips(const Record &record);
// "pipe/eof", "pipe/eof[3]", "pipe/eof[1, 2, 5]"; from the 9th row on they are counted.
std::string members_name(const Record &record, const Finding &finding);

}  // namespace ipcvet
