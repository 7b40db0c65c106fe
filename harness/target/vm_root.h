// The root of a virtual machine: ipcvet as its first process and the job's directory (init.h), the drivers that came
// with the kernel, and the names of the devices the journal may take.
#pragma once

#include <expected>
#include <string>

#include "harness/target/target.h"
#include "harness/target/vm_kernel.h"

namespace ipcvet {

// Writes it as an archive into the job's directory; the file. The error is a sentence.
std::expected<std::string, std::string> write_root(const Job &job, const VmKernel &kernel);

}  // namespace ipcvet
