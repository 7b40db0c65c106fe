// The smallest Program that still shows what a large one shows: over actors, steps, and bytes.
//
// `still_fails` is asked again and again; it must answer the same for the same Program. Greedy and bounded: after
// `most_questions` what has been reached is the answer.
#pragma once

#include <cstddef>
#include <functional>

#include "fuzz/program/program.h"

namespace ipcvet::fuzz {

using StillFails = std::function<bool(const Program &)>;
Program minimised(Program program, const StillFails &still_fails, size_t most_questions = 2000);

}  // namespace ipcvet::fuzz
