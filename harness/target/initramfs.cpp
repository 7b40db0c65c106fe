#include "harness/target/initramfs.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cassert>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace ipcvet {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view trailer = "TRAILER!!!";

void pad(std::string &archive) { archive.append((4 - archive.size() % 4) % 4, '\0'); }

std::expected<std::string, std::string> bytes_of(const fs::path &path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) return std::unexpected(path.string() + " cannot be read");
  return bytes;
}

}  // namespace

void Initramfs::entry(std::string_view name, const Node &node, std::string_view bytes) {
  assert(bytes.size() <= UINT32_MAX);
  const uint32_t links = S_ISDIR(node.mode) ? 2 : 1;
  ++inode_;
  // inode, mode, user, group, links, time, size, the device it lies on, the device it is, length of the name, checksum
  archive_ +=
      fmt::format("070701{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}", inode_,
                  node.mode, 0, 0, links, 0, bytes.size(), 0, 0, node.major, node.minor, name.size() + 1, 0);
  archive_.append(name).push_back('\0');
  pad(archive_);
  archive_.append(bytes);
  pad(archive_);
}

void Initramfs::parents(std::string_view name) {
  for (size_t slash = name.find('/'); slash != std::string_view::npos; slash = name.find('/', slash + 1))
    directory(name.substr(0, slash));
}

void Initramfs::directory(std::string_view name) {
  if (directories_.contains(name)) return;
  parents(name);
  directories_.emplace(name);
  entry(name, {.mode = S_IFDIR | 0755}, {});
}

void Initramfs::file(std::string_view name, uint32_t permissions, std::string_view bytes) {
  parents(name);
  entry(name, {.mode = S_IFREG | permissions}, bytes);
}

void Initramfs::link(std::string_view name, std::string_view target) {
  parents(name);
  entry(name, {.mode = S_IFLNK | 0777}, target);
}

void Initramfs::character_device(std::string_view name, uint32_t permissions, uint32_t major, uint32_t minor) {
  parents(name);
  entry(name, {.mode = S_IFCHR | permissions, .major = major, .minor = minor}, {});
}

std::expected<void, std::string> Initramfs::tree(std::string_view name, const std::string &from,
                                                 std::string_view without) {
  directory(name);
  std::error_code error;
  std::set<fs::path> sorted;
  for (fs::directory_iterator it(from, error), end; !error && it != end; it.increment(error)) sorted.insert(it->path());
  if (error) return std::unexpected(from + ": " + error.message());
  for (const fs::path &path : sorted) {
    const std::string leaf = path.filename();
    if (leaf == without) continue;
    const std::string inside = std::string(name) + "/" + leaf;
    const fs::file_status status = fs::symlink_status(path, error);
    if (fs::is_directory(status)) {
      if (auto done = tree(inside, path); !done) return done;
    } else if (fs::is_symlink(status)) {
      link(inside, fs::read_symlink(path, error).string());
    } else if (fs::is_regular_file(status)) {
      auto bytes = bytes_of(path);
      if (!bytes) return std::unexpected(bytes.error());
      file(inside, static_cast<uint32_t>(status.permissions()) & 07777, *bytes);
    }
  }
  return {};
}

std::string Initramfs::finish() {
  entry(trailer, {}, {});
  return std::move(archive_);
}

}  // namespace ipcvet
