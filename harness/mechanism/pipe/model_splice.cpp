// splice(), tee(), vmsplice() and sendfile().
#include "harness/model/attempt.h"

namespace ipcvet::model {

std::span<const CallRule> splice_rules() { return {}; }

}  // namespace ipcvet::model
