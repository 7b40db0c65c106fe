// The process between ipcvet and a target's command, so that nothing of a target outlives its use: whatever the command
// leaves behind becomes the keeper's child, and is killed with it. It does so when the command ends, when it is asked
// to (SIGTERM), and when ipcvet itself is gone, by whatever signal; last it removes the job's directory.
//
// It is this program under another name, since a process of several threads can do next to nothing between fork and
// exec.
#pragma once

#include <sys/types.h>

#include <expected>
#include <string>
#include <vector>

#include "harness/target/target.h"

namespace ipcvet {

inline constexpr const char *keeper_name = "ipcvet:keeper";

struct KeeperStreams {
  int journal, out, err;  // of the command: 3, 1, 2
};
// Starts the command under a keeper; its process id. The thread that calls must outlive it.
std::expected<pid_t, std::string> start_keeper(const Launch &launch, const std::string &directory,
                                               const KeeperStreams &streams);

// main() of the keeper. It ends as the command did.
int keeper_main(int argc, char **argv);

}  // namespace ipcvet
