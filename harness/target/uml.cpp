// User-Mode Linux: a kernel that is an ordinary process, so that neither root nor virtualisation is needed. Its root is
// a directory of this machine (hostfs); the journal comes out of a serial line tied to a descriptor.
#include <filesystem>

#include "harness/target/init.h"
#include "harness/target/job.h"

namespace ipcvet {
namespace {

std::string kernel_of(const std::string &argument) { return argument.empty() ? "linux" : argument; }

Readiness uml_probe(const std::string &argument) { return probe_program(kernel_of(argument), "user-mode-linux"); }

std::expected<Launch, std::string> uml_launch(const Job &job, const std::string &argument) {
  const auto kernel = find_program(kernel_of(argument));
  if (!kernel) return std::unexpected(uml_probe(argument).text);
  const std::filesystem::path root = job.directory;
  std::error_code error;
  for (const char *name : {"dev", "proc", "sys", "tmp"}) {
    std::filesystem::create_directory(root / name, error);
    if (error) return std::unexpected((root / name).string() + ": " + error.message());
  }
  // The job's directory is the whole root, and also its own /job.
  std::filesystem::create_symlink(".", root / "job", error);
  std::filesystem::create_symlink("ipcvet", root / "init", error);
  if (error) return std::unexpected((root / "init").string() + ": " + error.message());
  if (auto written = write_init_words(job, "/dev/ttyS0"); !written) return std::unexpected(written.error());
  Launch launch;
  launch.argv = {
      *kernel,    "mem=1G",         "rootfstype=hostfs", "rootflags=" + job.directory, "rw", "init=/init", "panic=-1",
      "con=null", "con0=null,fd:1", "ssl0=null,fd:3"};
  return launch;
}

}  // namespace

const TargetKind uml_kind = {.name = "uml",
                             .argument = "[KERNEL]",
                             .brief = "User-Mode Linux, the program `linux` or another",
                             .program = Program::static_only,
                             .probe = uml_probe,
                             .prepare = uml_launch};

}  // namespace ipcvet
