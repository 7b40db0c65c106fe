// System V message queues: what each call must do.
#include "harness/model/attempt.h"

namespace ipcvet::model {

std::span<const CallRule> message_rules() { return {}; }

}  // namespace ipcvet::model
