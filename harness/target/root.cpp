#include "harness/target/root.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "harness/target/target.h"

namespace ipcvet {
namespace {

// Where the job is seen inside: in a tmpfs over the root's /tmp, so that nothing of the root is written to.
constexpr const char *inside = "/tmp/ipcvet-job";

using Done = std::expected<void, std::string>;

Done done(int result, const std::string &what) {
  if (result == 0) return {};
  return std::unexpected(what + ": " + std::strerror(errno));
}

bool is_directory(const std::string &path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

Done map_user(uid_t uid, gid_t gid) {
  const auto write = [](const char *path, const std::string &text) { std::ofstream(path) << text << std::flush; };
  write("/proc/self/setgroups", "deny");
  write("/proc/self/uid_map", fmt::format("0 {} 1", uid));
  write("/proc/self/gid_map", fmt::format("0 {} 1", gid));
  return done(geteuid() == 0 ? 0 : -1, "mapping the user to the root's");
}

// Own namespaces; without privileges in a user namespace.
Done leave_host() {
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  constexpr int spaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC;
  if (unshare(spaces) == 0) return done(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "private mounts");
  if (auto ok = done(unshare(spaces | CLONE_NEWUSER), "namespaces for the root"); !ok) return ok;
  if (auto ok = map_user(uid, gid); !ok) return ok;
  return done(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "private mounts");
}

Done mount_in(const std::string &root, const std::string &job) {
  const auto bind = [](const std::string &from, const std::string &to) {
    return done(mount(from.c_str(), to.c_str(), nullptr, MS_BIND | MS_REC, nullptr), from + " on " + to);
  };
  if (auto ok = bind(root, root); !ok) return ok;
  for (const char *name : {"/dev", "/sys"})
    if (is_directory(root + name))
      if (auto ok = bind(name, root + name); !ok) return ok;
  for (const char *name : {"/proc", "/tmp"})
    if (!is_directory(root + name)) return std::unexpected(root + " has no directory " + name + ": it is no root");
  if (auto ok = done(mount("proc", (root + "/proc").c_str(), "proc", 0, nullptr), "proc in the root"); !ok) return ok;
  if (auto ok = done(mount("tmpfs", (root + "/tmp").c_str(), "tmpfs", 0, "mode=1777"), "/tmp in the root"); !ok)
    return ok;
  if (is_directory(root + "/dev/shm")) mount("tmpfs", (root + "/dev/shm").c_str(), "tmpfs", 0, "mode=1777");
  if (auto ok = done(mkdir((root + inside).c_str(), 0755), inside); !ok) return ok;
  return bind(job, root + inside);
}

Done change_root(const std::string &root) {
  if (auto ok = done(chdir(root.c_str()), root); !ok) return ok;
  if (auto ok = done(static_cast<int>(syscall(SYS_pivot_root, ".", ".")), "pivot_root to " + root); !ok) return ok;
  if (auto ok = done(umount2(".", MNT_DETACH), "leaving the old root"); !ok) return ok;
  return done(chdir("/"), "/");
}

[[noreturn]] void wait_outside(pid_t init) {
  int status = 0;
  while (waitpid(init, &status, 0) < 0 && errno == EINTR) {
  }
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

Readiness root_probe(const std::string &argument) {
  if (argument.empty()) return {true, "any directory with another system's files in it"};
  for (const char *name : {"/proc", "/tmp"})
    if (!is_directory(argument + name)) return {false, argument + " has no directory " + name + ": it is no root"};
  return {true, argument};
}

std::expected<Launch, std::string> root_launch(const Job &job, const std::string &root) {
  const Readiness ready = root_probe(root);
  if (!ready.usable) return std::unexpected(ready.text);
  Launch launch;
  launch.argv = {"/proc/self/exe", enter_root_word, root, job.directory};
  for (std::string &word : job.words("ipcvet", "3", inside)) launch.argv.push_back(std::move(word));
  return launch;
}

}  // namespace

std::expected<void, std::string> enter_root(int &argc, char **&argv) {
  const std::string root = argv[2], job = argv[3];
  argc -= 4;
  argv += 4;
  if (auto ok = leave_host(); !ok) return ok;
  const pid_t init = fork();
  if (init < 0) return done(-1, "fork");
  if (init > 0) wait_outside(init);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (auto ok = mount_in(root, job); !ok) return ok;
  return change_root(root);
}

const TargetKind root_kind = {.name = "root",
                              .argument = "DIR",
                              .brief = "another system's root directory, for its C library",
                              .probe = root_probe,
                              .prepare = root_launch};

}  // namespace ipcvet
