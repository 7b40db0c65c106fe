// Mapped memory: what each call must do.
#include "harness/model/attempt.h"

namespace ipcvet::model {

std::span<const CallRule> mapping_rules() { return {}; }

}  // namespace ipcvet::model
