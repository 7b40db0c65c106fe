// Names and attributes of files.
#include "harness/model/attempt.h"

namespace ipcvet::model {

std::span<const CallRule> file_rules() { return {}; }

}  // namespace ipcvet::model
