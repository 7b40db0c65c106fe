// The results as one page that needs nothing but itself: no network, no script, readable in text browsers too.
#pragma once

#include <ostream>

#include "reports/result.h"

namespace ipcvet {

void write_html(std::ostream &out, const Record &record);

}  // namespace ipcvet
