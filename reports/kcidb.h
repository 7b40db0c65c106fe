// The results as a KCIDB report (JSON of schema version 5.3), for a common database of kernel test results.
//
// One checkout and one build stand for the system that was judged; every instance is a test of that build. Ids are made
// from the system and the time, so that writing a record twice gives the same ids, and repeats different ones.
#pragma once

#include <ostream>

#include "reports/result.h"

namespace ipcvet {

void write_kcidb(std::ostream &out, const Record &record);
// "ipcvet.pipe.last-close.3": the place in the tree of tests, of letters the schema allows.
std::string kcidb_path(const CaseResult &result);

}  // namespace ipcvet
