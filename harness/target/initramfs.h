// The initial file system of a virtual machine: an archive in the kernel's `newc` form of cpio, uncompressed, because
// unpacking costs an emulated processor more than reading.
//
// Written here and not by a tool, so that it needs none, no root for its device nodes, and is the same bytes for the
// same contents. Pure; the description is the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
#pragma once

#include <cstdint>
#include <expected>
#include <set>
#include <string>
#include <string_view>

namespace ipcvet {

// Names are relative to the root; the directories they lie in are made by themselves.
class Initramfs {
 public:
  void directory(std::string_view name);
  void file(std::string_view name, uint32_t permissions, std::string_view bytes);
  void link(std::string_view name, std::string_view target);
  void character_device(std::string_view name, uint32_t permissions, uint32_t major, uint32_t minor);

  // Everything below a directory of this machine, links as links, `without` one name at its top; sockets and the like
  // are left out. The error is a sentence.
  std::expected<void, std::string> tree(std::string_view name, const std::string &from, std::string_view without = {});

  // The archive; nothing may be added afterwards.
  std::string finish();

 private:
  struct Node {
    uint32_t mode = 0, major = 0, minor = 0;
  };
  void parents(std::string_view name);
  void entry(std::string_view name, const Node &node, std::string_view bytes);

  std::string archive_{};
  std::set<std::string, std::less<>> directories_{};
  uint32_t inode_ = 0;
};

}  // namespace ipcvet
