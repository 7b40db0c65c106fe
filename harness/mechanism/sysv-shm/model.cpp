// System V shared memory: what each call must do.
#include "harness/model/attempt.h"

namespace ipcvet::model {

std::span<const CallRule> segment_rules() { return {}; }

}  // namespace ipcvet::model
