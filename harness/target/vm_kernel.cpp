#include "harness/target/vm_kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace ipcvet {
namespace {

namespace fs = std::filesystem;

constexpr size_t head_size = 65536;

// Where ci/kernels puts kernels: below the build directory of this program, or where the environment says.
std::vector<fs::path> kernel_places() {
  if (const char *place = std::getenv("IPCVET_KERNELS"); place && *place) return {place};
  std::error_code error;
  const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path();
  return {beside / "../../kernels", beside / "../../../build/kernels", beside / "../build/kernels", beside / "kernels"};
}

std::optional<uint16_t> u16_at(std::string_view bytes, size_t offset) {
  if (offset + 2 > bytes.size()) return std::nullopt;
  return static_cast<uint16_t>(static_cast<unsigned char>(bytes[offset]) | static_cast<unsigned char>(bytes[offset + 1])
                                                                               << 8);
}

// Where the boot protocol puts the version: an offset from the end of the first sector.
std::string x86_version(std::string_view bytes) {
  const auto offset = u16_at(bytes, 0x20e);
  if (!offset || *offset == 0 || *offset + 0x200u >= bytes.size()) return "";
  const std::string_view text = bytes.substr(*offset + 0x200u, 128);
  const size_t end = std::min(text.find(' '), text.find('\0'));
  return end == std::string_view::npos ? "" : std::string(text.substr(0, end));
}

std::expected<VmKernel, std::string> open_kernel(const std::string &image, const std::string &modules) {
  std::ifstream file(image, std::ios::binary);
  std::string head(head_size, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  if (!file.is_open() || file.gcount() == 0) return std::unexpected(image + " cannot be read");
  head.resize(static_cast<size_t>(file.gcount()));
  const auto facts = image_facts(head);
  if (!facts) return std::unexpected(image + " is no kernel image (a bzImage, vmlinuz or arm64 Image)");
  if (!modules.empty() && !fs::is_directory(modules)) return std::unexpected(modules + " is no directory of modules");
  return VmKernel{fs::absolute(image), modules, facts->arch, facts->version};
}

}  // namespace

std::optional<ImageFacts> image_facts(std::string_view bytes) {
  constexpr size_t x86_magic_at = 0x202, arm_magic_at = 0x38;
  if (bytes.size() > x86_magic_at + 4 && bytes.substr(x86_magic_at, 4) == "HdrS")
    return ImageFacts{Arch::x86_64, x86_version(bytes)};
  if (bytes.size() > arm_magic_at + 4 && bytes.substr(arm_magic_at, 4) == "ARM\x64")
    return ImageFacts{Arch::aarch64, ""};
  return std::nullopt;
}

std::expected<VmKernel, std::string> find_kernel(const std::string &argument) {
  const size_t at = argument.find('@');
  const std::string name = argument.substr(0, at);
  const std::string modules = at == std::string::npos ? "" : argument.substr(at + 1);
  if (name.find('/') != std::string::npos) return open_kernel(name, modules);
  for (const fs::path &place : kernel_places()) {
    const fs::path directory = place / name;
    std::error_code error;
    if (!fs::exists(directory / "vmlinuz", error)) continue;
    const bool own = modules.empty() && fs::is_directory(directory / "modules", error);
    return open_kernel((directory / "vmlinuz").lexically_normal(),
                       own ? (directory / "modules").lexically_normal().string() : modules);
  }
  return std::unexpected(
      fmt::format("no kernel `{}` was fetched (ci/kernels fetches some; a file is named by a path "
                  "with a slash)",
                  name));
}

std::vector<std::string> fetched_kernels() {
  std::vector<std::string> names;
  for (const fs::path &place : kernel_places()) {
    std::error_code error;
    for (fs::directory_iterator it(place, error), end; !error && it != end; it.increment(error))
      if (fs::exists(it->path() / "vmlinuz", error)) names.push_back(it->path().filename());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace ipcvet
