#include "harness/target/vm_root.h"

#include <fmt/format.h>

#include "harness/target/init.h"
#include "harness/target/initramfs.h"
#include "harness/target/job.h"
#include "harness/target/vm_guest.h"
#include "harness/target/vm_machine.h"

namespace ipcvet {
namespace {

constexpr const char *archive_name = "initramfs";

// A name in the archive, which knows no leading slash.
std::string_view below(std::string_view path) { return path.substr(path.find_first_not_of('/')); }

// The virtio port is the one there is. Its number among virtio devices is given by the bus.
std::string journal_lines(Arch arch) {
  std::string lines;
  for (int i = 0; i < 4; ++i) lines += fmt::format("/dev/vport{}p1\n", i);
  if (!second_line(arch).empty()) lines += std::string(second_line(arch)) + "\n";
  return lines;
}

}  // namespace

std::expected<std::string, std::string> write_root(const Job &job, const VmKernel &kernel) {
  Initramfs root;
  for (const char *name : {"dev", "proc", "sys", "tmp"}) root.directory(name);
  // The kernel opens it for the first process, before anything is mounted.
  root.character_device("dev/console", 0600, 5, 1);
  root.link("init", std::string(init_job) + "/ipcvet");
  root.file(below(guest_candidates), 0644, journal_lines(kernel.arch));
  if (!kernel.modules.empty())
    if (auto added = root.tree(below(guest_modules), kernel.modules); !added) return std::unexpected(added.error());
  if (auto added = root.tree(below(init_job), job.directory, archive_name); !added)
    return std::unexpected(added.error());
  const std::string path = job.directory + "/" + archive_name;
  if (auto written = write_file(path, root.finish()); !written) return std::unexpected(written.error());
  return path;
}

}  // namespace ipcvet
