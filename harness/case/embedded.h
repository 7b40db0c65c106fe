// The case files and the catalogue as they were when ipcvet was built, so that the program works from anywhere.
// Their definition is made by embed.py.
#pragma once

#include <span>
#include <string_view>

namespace ipcvet {

struct EmbeddedText {
  std::string_view path;  // under the cases directory: "pipe/last-close.ipc"
  std::string_view text;
};

// In the order of their paths.
std::span<const EmbeddedText> embedded_texts();

}  // namespace ipcvet
