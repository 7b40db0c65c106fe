// FIFOs: making and opening them.
#include "harness/model/attempt.h"

namespace ipcvet::model {

std::span<const CallRule> fifo_rules() { return {}; }

}  // namespace ipcvet::model
