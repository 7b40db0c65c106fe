// Mapped memory: what mmap(), munmap(), mprotect(), msync() and mincore() must do.
#include "harness/mechanism/mmap/model.h"

#include <algorithm>

#include "harness/mechanism/descriptor/rules.h"
#include "harness/mechanism/mmap/ranges.h"
#include "harness/mechanism/process/rules.h"

namespace ipcvet::model {
namespace {

// Beyond this the system may say that so much memory is not to be had.
constexpr int64_t much_memory = int64_t{1} << 30;

const Inode &object(const Attempt &a, const Mapping &m) { return a.world.inodes[static_cast<size_t>(m.inode)]; }

bool fixed(const Attempt &a) { return has(a.number(3), a.k.MAP_FIXED_ | a.k.MAP_FIXED_NOREPLACE_); }

// Where nothing of a 64-bit program lies unless it asked for it.
bool lonely(const Range &r) { return r.address >= 0x10000000 && r.end() <= 0x100000000; }

// Ends the attempt and says true where a mapping cannot be put at the address asked for.
bool bad_place(Attempt &a, const Range &r) {
  if (!aligned(a, r.address)) return a.fails(RULE("linux/mmap/unaligned-einval"), "EINVAL"), true;
  const bool keeps = has(a.number(3), a.k.MAP_FIXED_NOREPLACE_);
  if (keeps && any_mapped(a.world, a.process_id(), r.address, r.size))
    return a.fails(RULE("linux/mmap/fixed-noreplace"), "EEXIST"), true;
  return !(keeps && lonely(r)) && strange(a, r);
}

// Ends the attempt and says true where the descriptor does not allow the mapping.
bool bad_file(Attempt &a, const File &file, Mapping &m) {
  const bool writes = m.shared && has(m.protection, a.k.PROT_WRITE_);
  if (!file.reads || (writes && !file.writes)) return a.fails(RULE("posix/mmap/eacces"), "EACCES"), true;
  if (file.kind != File::Kind::regular) return a.fails(RULE("posix/mmap/errors"), "ENODEV"), true;
  if (has(m.protection, a.k.PROT_EXEC_)) return a.unmodelled("a mapping of a file for execution"), true;
  if (m.shared && !file.writes) m.most_protection &= ~a.k.PROT_WRITE_;
  m.inode = file.inode;
  return false;
}

// A sealed file gets no new mapping that is writable, or might become so.
bool sealed(Attempt &a, Mapping &m) {
  const int64_t seals = object(a, m).seals;
  if (!m.shared || !has(seals, a.k.F_SEAL_WRITE_ | a.k.F_SEAL_FUTURE_WRITE_)) return false;
  if (has(m.protection, a.k.PROT_WRITE_)) {
    const bool all = has(seals, a.k.F_SEAL_WRITE_);
    a.fails(all ? RULE("linux/seals/write") : RULE("linux/seals/future-write"), "EPERM");
    return true;
  }
  m.most_protection &= ~a.k.PROT_WRITE_;
  return false;
}

int64_t address_limit(const Attempt &a) {
  for (const ResourceLimit &limit : a.process().limits)
    if (limit.resource == a.k.RLIMIT_AS_ && limit.soft >= 0) return std::min(limit.soft, address_space);
  return address_space;
}

// Of the limit on data only what one mapping needs by itself is certain: what else counts is the actor's.
bool too_much_data(Attempt &a, const Mapping &m) {
  if (m.shared || !has(m.protection, a.k.PROT_WRITE_)) return false;
  const int64_t limit = soft_limit(a.process(), a.k.RLIMIT_DATA_, -1);
  if (limit < 0 || m.size <= limit) return false;
  a.fails(RULE("linux/setrlimit/data"), "ENOMEM");
  return true;
}

const Rule &mapping_rule(const Attempt &a, const Mapping &m) {
  if (fixed(a)) return has(a.number(3), a.k.MAP_FIXED_) ? RULE("posix/mmap/fixed") : RULE("linux/mmap/fixed-noreplace");
  if (has(a.number(3), a.k.MAP_ANONYMOUS_)) return RULE("posix/mmap/anonymous-zero");
  if (m.offset > 0) return RULE("posix/mmap/offset");
  return m.shared ? RULE("posix/mmap/shared") : RULE("posix/mmap/private");
}

void place(Attempt &a, Mapping m) {
  const Rule &rule = mapping_rule(a, m);
  if (m.shared && m.inode < 0) m.inode = new_memory(a.world, m.size);
  if (!m.shared && m.inode >= 0) m.first = object(a, m).memory;
  if (fixed(a)) unmap(a.world, a.setting, a.process_id(), a.number(0), m.size);
  m.base = fixed(a) ? a.number(0) : a.world.fresh(NumberKind::address, m.size);
  const int64_t address = m.base;
  map(a.world, a.process_id(), std::move(m));
  join_mappings(a.world, a.process_id());
  a.returns(rule, address);
}

// Memory that the system would have to find room for.
bool is_promised(const Attempt &a, const Mapping &m) {
  const bool own =
      m.inode < 0 ? m.shared || has(m.protection, a.k.PROT_WRITE_) : !m.shared && has(m.protection, a.k.PROT_WRITE_);
  return own && m.size > much_memory;
}

void map_range(Attempt &a, Mapping m) {
  m.size = whole_pages(a.setting, a.number(1));
  if (mapped_bytes(a.world, a.process_id()) + m.size > address_limit(a))
    return a.fails(RULE("posix/mmap/enomem"), "ENOMEM");
  if (too_much_data(a, m)) return;
  if (is_promised(a, m)) return a.unmodelled("so much memory that the system may refuse it");
  place(a, std::move(m));
}

void map_file(Attempt &a, const File &file, Mapping m) {
  if (bad_file(a, file, m) || sealed(a, m)) return;
  // Some kernels take any shared mapping of a writable descriptor for a writable mapping.
  const bool may_refuse =
      m.shared && file.writes && has(object(a, m).seals, a.k.F_SEAL_WRITE_) && !a.setting.limits.sealed_shared_read;
  if (!may_refuse) return map_range(a, std::move(m));
  a.either([&](Attempt &one) { one.fails(RULE("linux/seals/write-shared-read"), "EPERM"); },
           [&](Attempt &other) { map_range(other, m); });
}

bool no_sharing_type(const Attempt &a) { return !has(a.number(3), a.k.MAP_SHARED_ | a.k.MAP_PRIVATE_); }

bool validates(const Attempt &a) {
  const int64_t both = a.k.MAP_SHARED_VALIDATE_;
  return (a.number(3) & both) == both;
}

bool has_unknown_flag(const Attempt &a) {
  const Numerals &k = a.k;
  constexpr int64_t size_of_huge_pages = int64_t{0x3f} << 26;  // means nothing here, and is known
  return has(a.number(3), ~(size_of_huge_pages | k.MAP_SHARED_VALIDATE_ | k.MAP_FIXED_ | k.MAP_FIXED_NOREPLACE_ |
                            k.MAP_NORESERVE_ | k.MAP_POPULATE_ | k.MAP_LOCKED_));
}

bool absurd(const Attempt &a) { return a.number(1) < 0 || a.number(1) > address_space; }
// Of anonymous memory the offset means nothing.
bool beyond_files(const Attempt &a) { return a.number(5) < 0 && !has(a.number(3), a.k.MAP_ANONYMOUS_); }

Mapping asked_for(const Attempt &a) {
  const Numerals &k = a.k;
  Mapping m;
  m.shared = has(a.number(3), k.MAP_SHARED_);  // MAP_SHARED_VALIDATE has its bit
  m.most_protection = k.PROT_READ_ | k.PROT_WRITE_ | k.PROT_EXEC_;
  m.protection = a.number(2) & m.most_protection;
  if (!has(a.number(3), k.MAP_ANONYMOUS_)) m.offset = a.number(5);
  return m;
}

void mmap_call(Attempt &a) {
  const bool anonymous = has(a.number(3), a.k.MAP_ANONYMOUS_);
  const int32_t f = anonymous ? -1 : a.file(4);
  if (a.is_word(0, "bad")) return a.unmodelled("mmap() at a bad address");
  if (!aligned(a, a.number(5))) return a.fails(RULE("linux/mmap/unaligned-einval"), "EINVAL");
  if (!anonymous && (f < 0 || a.file_at(f).kind == File::Kind::path))
    return a.fails(RULE("posix/mmap/errors"), "EBADF");
  if (a.number(1) == 0) return a.fails(RULE("posix/mmap/length-zero"), "EINVAL");
  if (absurd(a)) return a.fails(RULE("posix/mmap/absurd-range"), "ENOMEM");
  if (fixed(a) && bad_place(a, {a.number(0), whole_pages(a.setting, a.number(1))})) return;
  if (beyond_files(a)) return a.fails(RULE("posix/mmap/absurd-range"), "EOVERFLOW");
  if (no_sharing_type(a)) return a.fails(RULE("posix/mmap/errors"), "EINVAL");
  if (anonymous && (validates(a) || has(a.number(3), a.k.MAP_GROWSDOWN_)))
    return a.unmodelled("anonymous memory of this type");
  if (anonymous) return map_range(a, asked_for(a));
  if (validates(a) && has(a.number(3), a.k.MAP_FIXED_NOREPLACE_))
    return a.unmodelled("whether MAP_FIXED_NOREPLACE is a flag that is known");
  if (validates(a) && has_unknown_flag(a)) return a.fails(RULE("linux/mmap/shared-validate"), "EOPNOTSUPP");
  map_file(a, File(a.file_at(f)), asked_for(a));
}

void munmap_call(Attempt &a) {
  const int64_t address = a.number(0, 1), length = a.number(1);
  if (!aligned(a, address)) return a.fails(RULE("linux/munmap/unaligned-einval"), "EINVAL");
  if (length <= 0 || address < 0 || length > address_space - address)
    return a.fails(RULE("posix/munmap/einval"), "EINVAL");
  const Range r{address, whole_pages(a.setting, length)};
  if (strange(a, r)) return;
  unmap(a.world, a.setting, a.process_id(), r.address, r.size);
  a.returns(RULE("posix/munmap/removes"));
}

// Up to the first hole the protection changes all the same, as Linux does and POSIX allows.
void protect(Attempt &a, const Range &r, int64_t protection) {
  const Range there{r.address, first_hole(a, r) - r.address};
  const auto refuses = [&](const Mapping &m) { return has(protection, ~m.most_protection); };
  if (any_in_range(a, there, refuses)) {
    if (any_in_range(a, there, [&](const Mapping &m) { return !refuses(m); }))
      return a.unmodelled("mprotect() that only a part of the range allows");
    return a.fails(RULE("posix/mprotect/eacces"), "EACCES");
  }
  if (there.size > 0) change_range(a, there, [&](Mapping &m) { m.protection = protection; });
  if (there.size < r.size) return a.fails(RULE("posix/mprotect/errors"), "ENOMEM");
  a.returns(RULE("posix/mprotect/changes"));
}

void mprotect_call(Attempt &a) {
  const int64_t length = a.number(1), protection = a.number(2);
  if (!aligned(a, a.number(0, 1))) return a.fails(RULE("posix/mprotect/unaligned"), "EINVAL");
  if (length < 0 || has(protection, ~(a.k.PROT_READ_ | a.k.PROT_WRITE_ | a.k.PROT_EXEC_)))
    return a.unmodelled("mprotect() of this length, or with these bits");
  if (length == 0) return a.returns(RULE("posix/mprotect/changes"));
  const Range r{a.number(0), whole_pages(a.setting, length)};
  if (!strange(a, r)) protect(a, r, protection);
}

void msync_call(Attempt &a) {
  const Numerals &k = a.k;
  const int64_t flags = a.number(2), length = a.number(1);
  if (!aligned(a, a.number(0, 1))) return a.fails(RULE("linux/msync/unaligned-einval"), "EINVAL");
  const bool both = has(flags, k.MS_SYNC_) && has(flags, k.MS_ASYNC_);
  if (both || has(flags, ~(k.MS_ASYNC_ | k.MS_SYNC_ | k.MS_INVALIDATE_)))
    return a.fails(RULE("posix/msync/errors"), "EINVAL");
  if (length < 0) return a.unmodelled("msync() of this length");
  const Range r{a.number(0), whole_pages(a.setting, length)};
  if (strange(a, r)) return;
  if (first_hole(a, r) < r.end()) return a.fails(RULE("posix/msync/errors"), "ENOMEM");
  a.returns(RULE("posix/msync/succeeds"));
}

void mincore_call(Attempt &a) {
  const int64_t length = a.number(1);
  if (!aligned(a, a.number(0, 1))) return a.fails(RULE("linux/mincore/range"), "EINVAL");
  if (length < 0) return a.unmodelled("mincore() of this length");
  const Range r{a.number(0), whole_pages(a.setting, length)};
  if (strange(a, r)) return;
  if (first_hole(a, r) < r.end()) return a.fails(RULE("linux/mincore/range"), "ENOMEM");
  a.returns(RULE("linux/mincore/range"));
}

}  // namespace

bool strange(Attempt &a, const Range &r) {
  const bool known = r.size <= address_space && known_range(a.world, a.process_id(), r.address, r.size);
  if (!known) a.unmodelled("addresses where the actor may have something of its own");
  return !known;
}

int64_t mapped_bytes(const World &world, ProcessId process) {
  int64_t sum = 0;
  for (const Mapping &m : world.mappings->of(process).mappings) sum += m.size;
  return sum;
}

int64_t first_hole(const Attempt &a, const Range &r) {
  return mapped_until(a.world, a.process_id(), r.address, r.end());
}

std::span<const CallRule> mapping_rules() {
  static constexpr CallRule table[] = {
      {"mmap", mmap_call},       {"munmap", munmap_call},   {"mprotect", mprotect_call},
      {"msync", msync_call},     {"mincore", mincore_call}, {"mremap", mremap_call},
      {"madvise", madvise_call}, {"mem_store", store_step}, {"mem_load", load_step},
  };
  return table;
}

}  // namespace ipcvet::model
