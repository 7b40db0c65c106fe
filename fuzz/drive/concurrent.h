// Runs a Program on real actors that do not wait for each other, and looks for an order that explains what was seen.
//
// Each actor makes its steps one after the other, as fast as its calls return; only makers of actors wait until
// everybody is at rest. What was seen is a history with overlapping calls, which judge_concurrent() holds against the
// model. docs/linearisation.md tells what that means.
#pragma once

#include "fuzz/drive/actors.h"

namespace ipcvet::fuzz {

void run_concurrently(Stage &stage, const model::Setting &setting, const Program &program, RunReport &report);

}  // namespace ipcvet::fuzz
