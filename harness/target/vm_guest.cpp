#include "harness/target/vm_guest.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "harness/run/fd.h"

namespace ipcvet {
namespace {

namespace fs = std::filesystem;

bool load(const fs::path &module) {
  const Fd fd(open(module.c_str(), O_RDONLY | O_CLOEXEC));
  return fd && (syscall(SYS_finit_module, fd.get(), "", 0) == 0 || errno == EEXIST);
}

// One that needs another fails until that is there: so again, as long as each round gets some further.
void load_modules() {
  std::error_code error;
  std::vector<fs::path> left;
  for (fs::directory_iterator it(guest_modules, error), end; !error && it != end; it.increment(error))
    left.push_back(it->path());
  for (size_t before = left.size() + 1; left.size() < before && !left.empty();) {
    before = left.size();
    std::erase_if(left, load);
  }
  for (const fs::path &path : left) fmt::print(stderr, "ipcvet init: {} cannot be loaded\n", path.string());
}

void name_journal(std::ifstream &lines) {
  for (std::string line; std::getline(lines, line);) {
    const Fd fd(open(line.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (fd && symlink(line.c_str(), guest_journal) == 0) return;
  }
  fmt::print(stderr, "ipcvet init: there is no device for the journal\n");
}

}  // namespace

void prepare_guest() {
  std::ifstream lines(guest_candidates);
  if (!lines) return;
  load_modules();
  name_journal(lines);
}

}  // namespace ipcvet
