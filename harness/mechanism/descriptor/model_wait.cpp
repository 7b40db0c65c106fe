// poll(), select() and epoll.
#include "harness/model/attempt.h"

namespace ipcvet::model {

std::span<const CallRule> wait_rules() { return {}; }

}  // namespace ipcvet::model
