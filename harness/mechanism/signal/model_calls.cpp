// The calls of signals.
#include "harness/model/attempt.h"

namespace ipcvet::model {

std::span<const CallRule> signal_rules() { return {}; }

}  // namespace ipcvet::model
