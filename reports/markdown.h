// A summary for the page of a CI run: the counts, then what deviated, ranked and put together, with the transcript of
// the first of each; what could not be judged; what was skipped and why.
//
// GitHub takes 1 MiB of summary from a step and shows ten errors and ten warnings of it; both writers stay below that
// and say what they left out. Nothing of a record becomes markup, a link or a mention.
#pragma once

#include <ostream>

#include "reports/result.h"

namespace ipcvet {

inline constexpr size_t largest_summary = 1000 * 1000;  // bytes; the limit is 1024 KiB, and others may add to the page
inline constexpr size_t most_annotations = 10;          // of each kind

void write_markdown(std::ostream &out, const Record &record);
// Workflow commands for standard output: `::error::` for what failed, `::warning::` for what came to no verdict.
void write_annotations(std::ostream &out, const Record &record);

}  // namespace ipcvet
