// The actor programs that ipcvet carries inside itself; empty where the build had none.
#pragma once

#include <span>

namespace ipcvet {

std::span<const unsigned char> embedded_actor();
std::span<const unsigned char> embedded_actor_i386();
std::span<const unsigned char> embedded_actor_musl();

}  // namespace ipcvet
