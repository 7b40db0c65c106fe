// System V shared memory: what each call must do.
#include "harness/mechanism/mmap/rules.h"

namespace ipcvet::model {

void segment_attached(World &, const Setting &, ProcessId, int32_t) {}
void segment_detached(World &, const Setting &, ProcessId, int32_t) {}

std::span<const CallRule> segment_rules() { return {}; }

}  // namespace ipcvet::model
