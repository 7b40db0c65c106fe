// The text of a shell script for `git bisect run`, to be started in a kernel's source tree.
//
// Each kernel is configured, built and booted with a static ipcvet as its only program. A kernel that does not build or
// boot, a case that is skipped or comes to no verdict: status 125, which tells git to try another commit. A status of 1
// is given for a deviation alone, so that a broken build is never taken for the first bad commit.
#pragma once

#include <cstdint>
#include <string>

namespace ipcvet {

struct BisectOptions {
  std::string filter{};      // the case
  std::string boot = "uml";  // or "qemu"
  uint32_t repeat = 1;
  bool bad_is_pass = false;  // looking for a fix
};

std::string bisect_script(const BisectOptions &options);

}  // namespace ipcvet
