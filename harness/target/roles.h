// What else the ipcvet program may be, by the name it is started under: the keeper of a target's command, the first
// process of a virtual machine, or a run that first enters another root; and that of a container, as which it reaps.
#pragma once

#include <optional>

namespace ipcvet {

// The exit status, if this process is no ordinary ipcvet; else argc and argv are what the ordinary one is to take.
std::optional<int> play_role(int &argc, char **&argv);

}  // namespace ipcvet
