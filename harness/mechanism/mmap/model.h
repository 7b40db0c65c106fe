// The address spaces of processes: which pages show which memory, and what may be done to them.
//
// A memory object is an inode (`World::inodes`): a file, a shared memory object, a memory file, and without any name
// anonymous shared memory and System V segments. A mapping is a row of whole pages that shows a part of an object, or
// nothing but its own pages. Where it lies the system chooses: the address is a token, bound later, and a mapping
// remembers how far behind the chosen address it begins, so that parts of one stay comparable.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/mechanism/mmap/memory.h"
#include "harness/model/cow.h"

namespace ipcvet::model {

struct Mapping {
  int64_t base = 0;    // the address as it was chosen; may be a token
  int64_t shift = 0;   // bytes from there to the first page
  int64_t size = 0;    // whole pages
  int32_t inode = -1;  // the object; -1: private pages only, which begin as zeros
  int64_t offset = 0;  // of the first page in the object, and in `own`
  bool shared = false;
  int64_t protection = 0;
  int64_t most_protection = 0;  // what mprotect() may give
  bool forks = true;            // MADV_DONTFORK
  int32_t segment = -1;         // of System V: which one is attached here; see segment_detached() in rules.h
  Memory own{};                 // private pages that were stored to, by their offset
  Memory first{};               // of a private mapping: what the object held when it was mapped
  bool operator==(const Mapping &) const = default;
};

struct AddressRange {
  int64_t base = 0, shift = 0, size = 0;
  bool operator==(const AddressRange &) const = default;
};

struct AddressSpace {
  std::vector<Mapping> mappings{};   // never overlapping; in no order of addresses
  std::vector<AddressRange> once{};  // where the case had something mapped, and removed it
  bool operator==(const AddressSpace &) const = default;
};

struct Mappings {
  std::vector<Cow<AddressSpace>> spaces{};  // by process; a process without one has none yet
  bool operator==(const Mappings &) const = default;

  const AddressSpace &of(uint32_t process) const {
    static const AddressSpace none{};
    return process < spaces.size() ? *spaces[process] : none;
  }
  AddressSpace &edit(uint32_t process) {
    if (spaces.size() <= process) spaces.resize(process + 1);
    return spaces[process].edit();
  }
};

}  // namespace ipcvet::model
