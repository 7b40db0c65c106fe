// Open file descriptions, files and the tree of names.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "harness/mechanism/mmap/memory.h"

namespace ipcvet::model {

// An open file description. `pipe` and `inode` are indices in the world; -1: none.
struct File {
  enum class Kind : uint8_t { null, pipe, regular, directory, epoll, path, other };
  Kind kind = Kind::other;
  uint32_t references = 0;  // descriptors, and calls that wait on it
  bool reads = false, writes = false;
  int64_t flags = 0;  // status flags, without the access mode
  int64_t offset = 0;
  int32_t pipe = -1;
  int32_t inode = -1;
  int32_t epoll = -1;
  int32_t object = -1;           // of a mechanism's own kind
  int64_t owner = 0;             // F_SETOWN
  int64_t signal = 0;            // F_SETSIG
  uint32_t writers_at_open = 0;  // of a FIFO: writer opens then, by which POLLHUP is told
  bool operator==(const File &) const = default;
};

struct Inode {
  enum class Kind : uint8_t { regular, directory, fifo, link, device };
  Kind kind = Kind::regular;
  int64_t serial = 0;  // may be a token
  int64_t mode = 0, uid = 0, gid = 0, links = 1;
  std::string bytes{};  // a link's target
  Memory memory{};      // what a regular file, or a nameless one, holds
  int64_t seals = 0;
  bool sealable = false;                                  // a memory file
  int32_t pipe = -1;                                      // of a FIFO that is open
  uint32_t parent = 0;                                    // of a directory
  std::vector<std::pair<std::string, uint32_t>> names{};  // of a directory
  bool operator==(const Inode &) const = default;
};

struct Epoll {
  struct Watch {
    int32_t fd = 0, file = -1;  // -1: taken off
    int64_t events = 0, data = 0;
    bool armed = true;  // not disarmed by EPOLLONESHOT
    bool operator==(const Watch &) const = default;
  };
  std::vector<Watch> watches{};
  std::vector<uint32_t> ready{};  // indices of watches something happened to, in that order
  bool operator==(const Epoll &) const = default;
};

}  // namespace ipcvet::model
