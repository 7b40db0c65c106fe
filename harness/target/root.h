// Another distribution's root directory, for its C library: the run enters namespaces of its own, makes the directory
// its root and goes on there. ipcvet itself is loaded by then, so that the root needs neither it nor its libraries; the
// actor, where it is dynamically linked, is started inside and takes the C library it finds there.
#pragma once

#include <expected>
#include <string>

namespace ipcvet {

inline constexpr const char *enter_root_word = "--enter-root";

// ipcvet --enter-root DIRECTORY JOB WORDS...: enters, and leaves argc and argv at what is to be run there. The process
// that returns is a child; its parent waits for it and ends as it did. The error is a sentence.
std::expected<void, std::string> enter_root(int &argc, char **&argv);

}  // namespace ipcvet
