// Address spaces, for the rules of every mechanism.
#pragma once

#include <optional>
#include <string>

#include "harness/model/attempt.h"

namespace ipcvet::model {

// Where an address lies: nothing (-1) or a mapping of the process, and how far into it.
struct Location {
  int32_t mapping = -1;
  int64_t into = 0;   // bytes from the mapping's first page
  bool once = false;  // something was mapped there before: surely nothing is now
};
Location locate(const World &world, ProcessId process, int64_t address);
int64_t address_of(const World &world, const Mapping &m);
int64_t whole_pages(const Setting &setting, int64_t bytes);
int64_t mapped_bytes(const World &world, ProcessId process);
// Does any mapping of the process have a byte of the range?
bool any_mapped(const World &world, ProcessId process, int64_t address, int64_t size);
// The first address from `address` on that no mapping has; `end` if there is none before it.
int64_t mapped_until(const World &world, ProcessId process, int64_t address, int64_t end);
// Is every byte of the range the case's own, mapped now or before? Else the actor may have something there.
bool known_range(const World &world, ProcessId process, int64_t address, int64_t size);

// What was mapped before may be somebody else's now.
void forget_free_ranges(World &world, ProcessId process);

// Adds a mapping; `m.base` is a given address, or a new token of world.fresh(NumberKind::address, m.size).
void map(World &world, ProcessId process, Mapping m);
// Removes whole pages; segments that lose their last page are told of.
void unmap(World &world, const Setting &setting, ProcessId process, int64_t address, int64_t size);
// Cuts mappings at both ends of the range, so that it consists of whole mappings.
void split_at(World &world, const Setting &setting, ProcessId process, int64_t address, int64_t size);
// Joins neighbours that nothing tells apart, as the system does; segments stay as they are.
void join_mappings(World &world, ProcessId process);

// For fork(), exec() and the end of a process.
void copy_mappings(World &world, const Setting &setting, ProcessId parent, ProcessId child);
void drop_mappings(World &world, const Setting &setting, ProcessId process);

// A nameless object of this size: anonymous shared memory, a segment.
int32_t new_memory(World &world, int64_t size);

// System V tells of it in sysv-shm/model.cpp: another mapping of the segment came to be (fork, a split), or went.
void segment_attached(World &world, const Setting &setting, ProcessId process, int32_t segment);
void segment_detached(World &world, const Setting &setting, ProcessId process, int32_t segment);
// How many mappings of all processes show it.
int64_t count_attached(const World &world, int32_t segment);

// What an access to memory met, byte by byte from the lowest address on.
struct Access {
  enum class Stop : uint8_t { none, unmapped, forbidden, beyond_end, stray } stop = Stop::none;
  int64_t done = 0;     // bytes before it stopped
  bool known = true;    // false: what was read is open
  std::string bytes{};  // read
};
// stray: an address of which the model does not know what the actor has there.
Access load(const World &world, const Setting &setting, ProcessId process, int64_t address, int64_t size);
Access store(World &world, const Setting &setting, ProcessId process, int64_t address, std::string_view bytes);
// How many bytes from the address on could be stored.
Access storable(const World &world, const Setting &setting, ProcessId process, int64_t address, int64_t size);

// Memory that a call reads or fills: the bytes at an address of the caller, fewer where they end at what it may not
// read; false where the model knows nothing of the address, or of the bytes.
bool load_memory(const Attempt &a, int64_t address, int64_t size, std::string &bytes);
// False where the model knows nothing of the address; what may not be written is left out.
bool store_memory(Attempt &a, int64_t address, const std::string &bytes);

// Of all processes: an object got a smaller size, so private pages behind its end are gone.
void object_cut(World &world, const Setting &setting, int32_t inode);
// Is there a shared mapping of it that is, or may become, writable?
bool mapped_for_writing(const World &world, const Setting &setting, int32_t inode);

}  // namespace ipcvet::model
