// What loads and stores meet in mapped memory.
#include <algorithm>

#include "harness/mechanism/mmap/rules.h"

namespace ipcvet::model {
namespace {

using Stop = Access::Stop;

const Inode *object_of(const World &world, const Mapping &m) {
  return m.inode < 0 ? nullptr : &world.inodes[static_cast<size_t>(m.inode)];
}

// May this be done to the byte at `into`, and if not, why?
Stop obstacle(const World &world, const Setting &setting, const Mapping &m, int64_t into, int64_t wanted) {
  const Numerals &k = setting.k;
  if ((m.protection & wanted) == 0) {
    // What can be written or executed can be read on some processors.
    const bool open = wanted == k.PROT_READ_ && (m.protection & (k.PROT_WRITE_ | k.PROT_EXEC_)) != 0;
    return open ? Stop::stray : Stop::forbidden;
  }
  const Inode *object = object_of(world, m);
  const bool beyond = object && m.offset + into >= whole_pages(setting, object->memory.size());
  return beyond ? Stop::beyond_end : Stop::none;
}

// Walks page by page; `visit` is given the mapping's index, where in it, and how many bytes.
template <typename Visit>
Access walk(const World &world, const Setting &setting, ProcessId process, int64_t address, int64_t size,
            int64_t wanted, Visit visit) {
  Access access;
  while (access.done < size) {
    const int64_t at = address + access.done;
    const Location l = locate(world, process, at);
    if (l.mapping < 0) {
      access.stop = l.once ? Stop::unmapped : Stop::stray;
      return access;
    }
    const Mapping &m = world.mappings->of(process).mappings[static_cast<size_t>(l.mapping)];
    access.stop = obstacle(world, setting, m, l.into, wanted);
    if (access.stop != Stop::none) return access;
    const int64_t n = std::min(Memory::grain - (m.offset + l.into) % Memory::grain, size - access.done);
    visit(access, static_cast<size_t>(l.mapping), l.into, n);
    access.done += n;
  }
  return access;
}

void read_page(const World &world, const Setting &setting, const Mapping &m, int64_t into, int64_t n, Access &access) {
  const int64_t at = m.offset + into;
  const Inode *object = object_of(world, m);
  const bool own = !m.shared && (!object || m.own.has(at));
  const Memory &memory = own ? m.own : object->memory;
  const std::string bytes = memory.read(at, n);
  // POSIX leaves open whether a private page that nobody stored to shows later changes of the object.
  const bool open = !setting.linux_profile() && !m.shared && !own && m.first.read(at, n) != bytes;
  access.known = access.known && memory.known(at, n) && !open;
  access.bytes += bytes;
}

// The first store to a private page copies it.
void write_own(const World &world, Mapping &m, int64_t at, std::string_view bytes) {
  const Inode *object = object_of(world, m);
  const int64_t page = at / Memory::grain * Memory::grain;
  if (object && !m.own.has(at)) m.own.write(page, object->memory.read(page, Memory::grain));
  m.own.write(at, bytes);
}

}  // namespace

Access load(const World &world, const Setting &setting, ProcessId process, int64_t address, int64_t size) {
  return walk(world, setting, process, address, size, setting.k.PROT_READ_,
              [&](Access &access, size_t mapping, int64_t into, int64_t n) {
                read_page(world, setting, world.mappings->of(process).mappings[mapping], into, n, access);
              });
}

Access storable(const World &world, const Setting &setting, ProcessId process, int64_t address, int64_t size) {
  return walk(world, setting, process, address, size, setting.k.PROT_WRITE_, [](Access &, size_t, int64_t, int64_t) {});
}

Access store(World &world, const Setting &setting, ProcessId process, int64_t address, std::string_view bytes) {
  const auto put = [&](Access &access, size_t mapping, int64_t into, int64_t n) {
    const std::string_view part = bytes.substr(static_cast<size_t>(access.done), static_cast<size_t>(n));
    const Mapping &m = world.mappings->of(process).mappings[mapping];
    const int64_t at = m.offset + into;
    if (m.shared)
      world.inodes.edit(static_cast<size_t>(m.inode)).memory.write(at, part);
    else
      write_own(world, world.mappings.edit().edit(process).mappings[mapping], at, part);
  };
  return walk(world, setting, process, address, static_cast<int64_t>(bytes.size()), setting.k.PROT_WRITE_, put);
}

bool load_memory(const Attempt &a, int64_t address, int64_t size, std::string &bytes) {
  Access access = load(a.world, a.setting, a.process_id(), address, size);
  bytes = std::move(access.bytes);
  return access.known && access.stop != Stop::stray;
}

bool store_memory(Attempt &a, int64_t address, const std::string &bytes) {
  return store(a.world, a.setting, a.process_id(), address, bytes).stop != Stop::stray;
}

void object_cut(World &world, const Setting &setting, int32_t inode) {
  const int64_t end = whole_pages(setting, world.inodes[static_cast<size_t>(inode)].memory.size());
  for (uint32_t p = 0; p < world.mappings->spaces.size(); ++p)
    for (size_t i = 0; i < world.mappings->of(p).mappings.size(); ++i) {
      const Mapping &m = world.mappings->of(p).mappings[i];
      if (m.inode == inode && !m.shared) world.mappings.edit().edit(p).mappings[i].own.drop_from(end);
    }
}

bool mapped_for_writing(const World &world, const Setting &setting, int32_t inode) {
  for (const auto &space : world.mappings->spaces)
    for (const Mapping &m : space->mappings)
      if (m.inode == inode && m.shared && (m.most_protection & setting.k.PROT_WRITE_) != 0) return true;
  return false;
}

}  // namespace ipcvet::model
