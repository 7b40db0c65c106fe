// A record with one instance of every kind that matters to a report, for tests.
#pragma once

#include "reports/result.h"

namespace ipcvet {

Record sample_record();

}  // namespace ipcvet
