// The results in the Kernel Test Anything Protocol, version 1: a test for each mechanism, its instances nested in it.
//
// Verdicts other than pass, fail and skip are `not ok` with a directive, TIMEOUT or ERROR: nothing but a pass is ok.
// The transcript of what deviated stands above its line as diagnostics.
#pragma once

#include <ostream>

#include "reports/result.h"

namespace ipcvet {

void write_ktap(std::ostream &out, const Record &record);

}  // namespace ipcvet
