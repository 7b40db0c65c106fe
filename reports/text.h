// The summary for a terminal: counts by mechanism, then everything that is not a pass and why, then where to read on.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "reports/result.h"

namespace ipcvet {

struct TextOptions {
  bool color = false;
  bool transcripts = true;             // of what failed
  size_t max_transcripts = 20;         // the rest is in the reports
  std::vector<std::string> reports{};  // files written, to point at
};

void write_text(std::ostream &out, const Record &record, const TextOptions &options = {});

}  // namespace ipcvet
