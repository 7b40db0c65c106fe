// Address spaces: where mappings lie, and how they come, part and go.
#include <algorithm>

#include "harness/mechanism/mmap/rules.h"

namespace ipcvet::model {
namespace {

bool overlaps(int64_t begin, int64_t size, int64_t other, int64_t other_size) {
  return begin < other + other_size && other < begin + size;
}

// An address that is not bound yet is nowhere.
bool placed(const World &world, int64_t base) { return !world.numbers->unbound(base); }

int64_t begin_of(const World &world, const AddressRange &r) { return world.value(r.base) + r.shift; }

void remember(World &world, AddressSpace &space, const Mapping &gone) {
  const AddressRange range{world.value(gone.base), gone.shift, gone.size};
  if (std::find(space.once.begin(), space.once.end(), range) == space.once.end()) space.once.push_back(range);
}

// The part of a mapping from `from` bytes into it on, `size` bytes long.
Mapping part_of(const Mapping &m, int64_t from, int64_t size) {
  Mapping part = m;
  part.shift += from;
  part.offset += from;
  part.size = size;
  part.own.keep(part.offset, part.offset + size);
  return part;
}

void cut(World &world, const Setting &setting, ProcessId process, int64_t address) {
  AddressSpace &space = world.mappings.edit().edit(process);
  for (size_t i = 0; i < space.mappings.size(); ++i) {
    const Mapping m = space.mappings[i];
    if (!placed(world, m.base)) continue;
    const int64_t into = address - address_of(world, m);
    if (into <= 0 || into >= m.size) continue;
    space.mappings[i] = part_of(m, 0, into);
    space.mappings.push_back(part_of(m, into, m.size - into));
    if (m.segment >= 0) segment_attached(world, setting, process, m.segment);
    return;
  }
}

bool joins(const World &world, const Mapping &a, const Mapping &b) {
  if (a.segment >= 0 || b.segment >= 0 || !placed(world, a.base) || !placed(world, b.base)) return false;
  return address_of(world, a) + a.size == address_of(world, b) && a.inode == b.inode && a.shared == b.shared &&
         a.protection == b.protection && a.most_protection == b.most_protection && a.forks == b.forks &&
         a.offset + a.size == b.offset && a.first == b.first;
}

bool join_once(const World &world, std::vector<Mapping> &list) {
  for (size_t i = 0; i < list.size(); ++i)
    for (size_t j = 0; j < list.size(); ++j)
      if (i != j && joins(world, list[i], list[j])) {
        list[i].size += list[j].size;
        list[i].own.absorb(list[j].own);
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(j));
        return true;
      }
  return false;
}

// Where the once mapped range that has the address ends; the address itself where none has it.
int64_t once_until(const World &world, const AddressSpace &space, int64_t address) {
  for (const AddressRange &r : space.once) {
    const int64_t into = placed(world, r.base) ? address - begin_of(world, r) : -1;
    if (into >= 0 && into < r.size) return address + r.size - into;
  }
  return address;
}

}  // namespace

int64_t address_of(const World &world, const Mapping &m) { return world.value(m.base) + m.shift; }

int64_t whole_pages(const Setting &setting, int64_t bytes) {
  const int64_t page = setting.limits.page;
  return (bytes + page - 1) / page * page;
}

Location locate(const World &world, ProcessId process, int64_t address) {
  const AddressSpace &space = world.mappings->of(process);
  for (size_t i = 0; i < space.mappings.size(); ++i) {
    const Mapping &m = space.mappings[i];
    if (!placed(world, m.base)) continue;
    const int64_t into = address - address_of(world, m);
    if (into >= 0 && into < m.size) return {static_cast<int32_t>(i), into, false};
  }
  return {-1, 0, once_until(world, space, address) > address};
}

bool any_mapped(const World &world, ProcessId process, int64_t address, int64_t size) {
  const auto &list = world.mappings->of(process).mappings;
  return std::any_of(list.begin(), list.end(), [&](const Mapping &m) {
    return placed(world, m.base) && overlaps(address, size, address_of(world, m), m.size);
  });
}

int64_t mapped_until(const World &world, ProcessId process, int64_t address, int64_t end) {
  for (int64_t at = address; at < end;) {
    const Location l = locate(world, process, at);
    if (l.mapping < 0) return at;
    at += world.mappings->of(process).mappings[static_cast<size_t>(l.mapping)].size - l.into;
  }
  return end;
}

bool known_range(const World &world, ProcessId process, int64_t address, int64_t size) {
  const int64_t end = address + size;
  for (int64_t at = address; at < end;) {
    const int64_t mapped = mapped_until(world, process, at, end);
    const int64_t next = mapped > at ? mapped : once_until(world, world.mappings->of(process), at);
    if (next == at) return false;
    at = next;
  }
  return true;
}

void forget_free_ranges(World &world, ProcessId process) {
  if (!world.mappings->of(process).once.empty()) world.mappings.edit().edit(process).once.clear();
}

void map(World &world, ProcessId process, Mapping m) {
  world.mappings.edit().edit(process).mappings.push_back(std::move(m));
}

void split_at(World &world, const Setting &setting, ProcessId process, int64_t address, int64_t size) {
  cut(world, setting, process, address);
  cut(world, setting, process, address + size);
}

void join_mappings(World &world, ProcessId process) {
  auto &list = world.mappings.edit().edit(process).mappings;
  while (join_once(world, list)) {
  }
}

void unmap(World &world, const Setting &setting, ProcessId process, int64_t address, int64_t size) {
  split_at(world, setting, process, address, size);
  AddressSpace &space = world.mappings.edit().edit(process);
  std::vector<Mapping> gone;
  std::erase_if(space.mappings, [&](const Mapping &m) {
    const bool inside = placed(world, m.base) && overlaps(address, size, address_of(world, m), m.size);
    if (inside) gone.push_back(m);
    return inside;
  });
  for (const Mapping &m : gone) remember(world, space, m);
  for (const Mapping &m : gone)
    if (m.segment >= 0) segment_detached(world, setting, process, m.segment);
}

void copy_mappings(World &world, const Setting &setting, ProcessId parent, ProcessId child) {
  AddressSpace space = world.mappings->of(parent);
  std::vector<Mapping> stays;
  for (Mapping &m : space.mappings)
    if (m.forks)
      stays.push_back(std::move(m));
    else
      remember(world, space, m);
  space.mappings = std::move(stays);
  world.mappings.edit().edit(child) = std::move(space);
  const std::vector<Mapping> copied = world.mappings->of(child).mappings;
  for (const Mapping &m : copied)
    if (m.segment >= 0) segment_attached(world, setting, child, m.segment);
}

void drop_mappings(World &world, const Setting &setting, ProcessId process) {
  if (world.mappings->of(process).mappings.empty()) return;
  AddressSpace &space = world.mappings.edit().edit(process);
  const std::vector<Mapping> gone = std::move(space.mappings);
  space.mappings.clear();
  for (const Mapping &m : gone) remember(world, space, m);
  for (const Mapping &m : gone)
    if (m.segment >= 0) segment_detached(world, setting, process, m.segment);
}

int32_t new_memory(World &world, int64_t size) {
  Inode inode;
  inode.links = 0;
  inode.memory.resize(size);
  return static_cast<int32_t>(world.inodes.add(std::move(inode)));
}

int64_t count_attached(const World &world, int32_t segment) {
  int64_t n = 0;
  for (const auto &space : world.mappings->spaces)
    n += std::count_if(space->mappings.begin(), space->mappings.end(),
                       [&](const Mapping &m) { return m.segment == segment; });
  return n;
}

}  // namespace ipcvet::model
