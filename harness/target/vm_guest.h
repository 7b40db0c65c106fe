// What the first process of a virtual machine does there besides: it loads the drivers that came along, and finds the
// device the journal goes out by.
#pragma once

namespace ipcvet {

inline constexpr const char *guest_modules = "/modules";           // a directory of *.ko
inline constexpr const char *guest_journal = "/dev/journal";       // the name made here
inline constexpr const char *guest_candidates = "/journal-lines";  // devices to take, the best first, one a line

// Does nothing in a root without guest_candidates.
void prepare_guest();

}  // namespace ipcvet
