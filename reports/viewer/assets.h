// The viewer's own script and style as they were when ipcvet was built, and their SHA-256 for the page's policy.
// Their definition is made by pack.py.
#pragma once

#include <string_view>

namespace ipcvet {

extern const std::string_view page_script, page_script_hash;
extern const std::string_view page_style, page_style_hash;

}  // namespace ipcvet
