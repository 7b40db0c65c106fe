// POSIX shared memory and memory files: what each call must do.
#include "harness/mechanism/descriptor/files.h"

namespace ipcvet::model {

void seals(Attempt &a, int32_t, int64_t) { a.unmodelled("seals"); }

std::span<const CallRule> shared_memory_rules() { return {}; }

}  // namespace ipcvet::model
