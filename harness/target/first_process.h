// ipcvet as process 1 of a container or pid namespace: orphans of actors become its children there, and would stay
// zombies that every later look at the system's processes has to pass.
#pragma once

#include <optional>

namespace ipcvet {

// Forks: in the child it returns nothing, and ipcvet goes on there. The parent stays behind as process 1, reaps, hands
// signals on, and gets the child's exit status (128 + N for signal N). Nothing, too, where no child could be made.
std::optional<int> leave_first_process();

}  // namespace ipcvet
