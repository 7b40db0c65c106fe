// Whom a case may signal.
//
// In a sandbox with process ids of its own a case sees nobody but itself, and may aim at any number, -1 included.
// Where there is none, a number names a process of the machine, and kill(-1) as root ends everything on it. There
// a case reaches its own processes only; a call aimed beyond them is not made, and the case is skipped.
#pragma once

#include <optional>
#include <string>

#include "harness/case/case.h"
#include "harness/mechanism/table.h"
#include "harness/run/area.h"

namespace ipcvet {

// Why argument `index` of this call may not be handed over; nothing if it may. The owner of a descriptor is aimed at
// too: what happens to the descriptor signals it.
std::optional<std::string> aims_too_far(Area &area, const CallSpec &spec, const Call &call, size_t index,
                                        const wire_value &argument);

}  // namespace ipcvet
