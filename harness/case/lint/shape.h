// Checks what does not depend on the rows: the header, the table as a table, and which invariants a stress part holds.
#pragma once

#include "harness/case/case.h"
#include "harness/case/lint/lint.h"
#include "harness/case/lint/report.h"

namespace ipcvet {

// What other cases may refer to because this one is there.
void add_to(Surroundings &around, const Case &c);

void lint_shape(const Case &c, const Surroundings &around, Report &report);

}  // namespace ipcvet
