// The lines of a case by index: the numbering that events, verdicts and transcripts share.
//
// Steps count depth first in textual order: an `any order` group takes one index, its members the following ones. A
// position names its top-level step too, because order is kept between top-level steps only.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/case/case.h"

namespace ipcvet {

struct FlatStep {
  const Step *step = nullptr;  // into the case, which must outlive this
  uint32_t top = 0;            // index of the top-level step it is, or is a member of
};

std::vector<FlatStep> flatten(const Case &instance);

}  // namespace ipcvet
