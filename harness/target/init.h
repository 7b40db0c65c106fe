// The first process of a virtual machine whose root holds little more than ipcvet: mounts what a system has, runs
// ipcvet as its job says, and switches the machine off.
//
// The root has this program as its init and the job's directory (target.h) at /job, with the words to start in
// /job/words, one a line, the program first. Descriptors 0 to 2 are the console the kernel gives; the journal goes
// where the words say, such as to a serial line.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "harness/target/target.h"

namespace ipcvet {

inline constexpr const char *init_job = "/job";
inline constexpr const char *init_says = "ipcvet init: ";  // how its own lines begin

// Process 1, called init, of a root with a job: nothing else may switch a machine off.
bool is_init(std::string_view argv0);
int init_main();

// For kinds: writes the words into the job's directory. `journal` is a device or file inside.
std::expected<void, std::string> write_init_words(const Job &job, std::string_view journal);

}  // namespace ipcvet
