// Whether a machine can be accelerated here. Not asked from a file's presence or mode, nor from a few instructions that
// run: nested virtualisation has been seen to open, to run firmware, and to hang in every kernel. So a machine with
// next to nothing in it is started, and is to reach its first process. How long that may take decides nothing but
// speed.
#pragma once

#include <string>

#include "harness/target/vm_kernel.h"
#include "harness/target/vm_machine.h"

namespace ipcvet {

// What the environment's IPCVET_ACCEL says ("kvm" or "tcg"), or else what the trial shows; it is made once a process.
// `program` is a static ipcvet.
Accel usable_accel(const VmKernel &kernel, const std::string &program);

}  // namespace ipcvet
