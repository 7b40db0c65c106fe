// POSIX shared memory and memory files: what each call must do.
#include "harness/model/attempt.h"

namespace ipcvet::model {

std::span<const CallRule> shared_memory_rules() { return {}; }

}  // namespace ipcvet::model
