// The results as JUnit XML, which every CI system shows: a suite a mechanism, a test case an instance.
//
// `fail` is a failure with the transcript as its text, `skip` is skipped with its reason, and whatever else is not a
// pass is an error that names its verdict: nothing that did not pass looks green.
#pragma once

#include <ostream>

#include "reports/result.h"

namespace ipcvet {

void write_junit(std::ostream &out, const Record &record);

}  // namespace ipcvet
