// What the model says of the histories in a record, beside what the cases' own lines say.
#pragma once

#include <string>

#include "reports/result.h"

namespace ipcvet::cli {

// A paragraph for each case that the two judges see differently, and for each failure whether the model objects, too;
// nothing where they agree that all is well.
std::string model_verdicts(const Record &record);

}  // namespace ipcvet::cli
