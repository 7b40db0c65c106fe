#include "harness/target/init.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <vector>

#include "harness/target/first_process.h"
#include "harness/target/job.h"
#include "harness/target/vm_guest.h"

namespace ipcvet {
namespace {

std::string words_file() { return std::string(init_job) + "/words"; }

void mount_at(const char *type, const char *where, mode_t mode) {
  mkdir(where, 0755);
  // devtmpfs may be there already; what a kernel was built without, cases that need it say.
  if (mount(type, where, type, 0, nullptr) != 0 && errno != EBUSY)
    fmt::print(stderr, "ipcvet init: {} on {}: {}\n", type, where, std::strerror(errno));
  if (mode != 0) chmod(where, mode);
}

void mount_all() {
  mount_at("proc", "/proc", 0);
  mount_at("sysfs", "/sys", 0);
  mount_at("devtmpfs", "/dev", 0);
  mkdir("/dev/pts", 0755);
  mount_at("tmpfs", "/dev/shm", 01777);
  mount_at("mqueue", "/dev/mqueue", 01777);
  mount_at("tmpfs", "/tmp", 01777);
}

// A kernel that has no console for its first process gives it no descriptors.
void open_console() {
  const int fd = open("/dev/console", O_RDWR | O_NOCTTY);
  for (int i = 0; i <= 2; ++i)
    if (fd >= 0 && fd != i && fcntl(i, F_GETFD) == -1) dup2(fd, i);
  if (fd > 2) close(fd);
}

std::vector<std::string> read_words() {
  std::vector<std::string> words;
  std::ifstream file(words_file());
  for (std::string line; std::getline(file, line);) words.push_back(line);
  return words;
}

[[noreturn]] void start(std::vector<std::string> words) {
  setsid();
  std::vector<char *> argv;
  for (std::string &w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  const char *const environment[] = {"PATH=/usr/bin:/bin", "HOME=/", "CI=true", "NO_COLOR=1", nullptr};
  if (chdir(init_job) == 0 && words.size() > 1) execve(argv[0], argv.data(), const_cast<char *const *>(environment));
  fmt::print(stderr, "ipcvet init: {}: {}\n", words_file(), std::strerror(errno));
  _exit(127);
}

}  // namespace

bool is_init(std::string_view argv0) {
  return getpid() == 1 && argv0.ends_with("init") && access(words_file().c_str(), R_OK) == 0;
}

int init_main() {
  mount_all();
  open_console();
  prepare_guest();
  const auto status = leave_first_process();
  if (!status) start(read_words());
  fmt::print(stderr, "ipcvet init: the run ended with status {}\n", *status);
  std::fflush(nullptr);
  sync();
  reboot(RB_POWER_OFF);
  return 1;
}

std::expected<void, std::string> write_init_words(const Job &job, std::string_view journal) {
  std::string text;
  const std::string inside = init_job;
  for (const std::string &word : job.words(inside + "/ipcvet", journal, inside)) {
    if (word.find('\n') != std::string::npos)
      return std::unexpected("an argument with a line end cannot be carried inside");
    text += word + "\n";
  }
  return write_file(job.directory + "/words", text);
}

}  // namespace ipcvet
