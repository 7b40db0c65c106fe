// Which kernel `vm:KERNEL` means: a file by its path, or one of those that ci/kernels has fetched by its name.
//
// A fetched kernel is a directory, NAME/vmlinuz with NAME/modules/*.ko beside it where its drivers are modules; a path
// may have its own modules behind an @, as in vm:/boot/vmlinuz@/srv/modules. All that is needed of them is the way out
// for results (virtio_pci, virtio_console and what they stand on); without them results take a serial line, slower.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipcvet {

enum class Arch : uint8_t { x86_64, aarch64 };

struct VmKernel {
  std::string image{};    // a file
  std::string modules{};  // a directory, or empty
  Arch arch = Arch::x86_64;
  std::string version{};  // as the image tells it; empty where it does not
};

// From the image's first bytes; nothing if it is no kernel that could be booted.
struct ImageFacts {
  Arch arch = Arch::x86_64;
  std::string version{};
};
std::optional<ImageFacts> image_facts(std::string_view bytes);

std::expected<VmKernel, std::string> find_kernel(const std::string &argument);
// The names of the fetched ones.
std::vector<std::string> fetched_kernels();

}  // namespace ipcvet
