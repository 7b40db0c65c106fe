// Capabilities that are facts of the sandbox or of the build; every other one is a probe case, cases/needs/NAME.ipc.
#pragma once

#include <string_view>

namespace ipcvet {

inline constexpr std::string_view built_in_capabilities[] = {
    "private-user",  // user, pid, IPC, mount and network namespaces of its own
    "private-pid",   //
    "private-ipc",   //
    "private-mount", "private-net",
    "private-tmp",  // a fresh /tmp, /dev/shm, /dev/mqueue
    "private-shm",   "private-mqueue",
    "cap-ipc-owner",  // the permission bits of System V objects do not bind the sandbox's root
    "actor-i386",     // actors for other ABIs and C libraries, carried by this build
    "actor-musl",    "actor-aarch64",  "actor-s390x", "actor-riscv64",
};
// Actors a case can have, threads and the performers of stress roles counted.
inline constexpr unsigned most_actors = 48;

}  // namespace ipcvet
