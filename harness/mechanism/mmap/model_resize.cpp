// mremap() and madvise().
#include "harness/mechanism/mmap/ranges.h"

namespace ipcvet::model {
namespace {

const Mapping &mapping_at(const Attempt &a, int64_t address) {
  const Location l = locate(a.world, a.process_id(), address);
  return a.world.mappings->of(a.process_id()).mappings[static_cast<size_t>(l.mapping)];
}

// The mapping goes on in place, or, if it may, at an address of the system's choice.
void grow(Attempt &a, const Range &old, int64_t size) {
  const Rule &rule = mapping_at(a, old.address).shared ? RULE("linux/mremap/shared") : RULE("linux/mremap/private");
  const auto resize = [&](Attempt &one) {
    change_range(one, old, [&](Mapping &m) { m.size = size; });
    one.returns(rule, old.address);
  };
  const auto move = [&](Attempt &one) {
    split_at(one.world, one.setting, one.process_id(), old.address, old.size);
    Mapping m = mapping_at(one, old.address);
    unmap(one.world, one.setting, one.process_id(), old.address, old.size);
    m.base = one.world.fresh(NumberKind::address, size);
    m.shift = 0;
    m.size = size;
    const int64_t address = m.base;
    map(one.world, one.process_id(), std::move(m));
    one.returns(rule, address);
  };
  const Range added{old.end(), size - old.size};
  const bool taken = any_mapped(a.world, a.process_id(), added.address, added.size);
  const bool may_move = has(a.number(3), a.k.MREMAP_MAYMOVE_);
  if (taken && !may_move) return a.fails(RULE("linux/mremap/errors"), "ENOMEM");
  if (taken) return move(a);
  if (may_move) return a.either(resize, move);
  a.either(resize, [](Attempt &one) { one.fails(RULE("linux/mremap/errors"), "ENOMEM"); });
}

bool bad_flags(const Attempt &a) {
  const int64_t flags = a.number(3), fixed = a.k.MREMAP_FIXED_, moves = a.k.MREMAP_MAYMOVE_;
  return has(flags, ~(fixed | moves | a.k.MREMAP_DONTUNMAP_)) || (has(flags, fixed) && !has(flags, moves));
}

void shrink(Attempt &a, const Range &old, int64_t size) {
  unmap(a.world, a.setting, a.process_id(), old.address + size, old.size - size);
  a.returns(RULE("linux/mremap/shared"), old.address);
}

}  // namespace

void mremap_call(Attempt &a) {
  const int64_t size = whole_pages(a.setting, a.number(2));
  const Range old{a.number(0, 1), whole_pages(a.setting, a.number(1))};
  if (a.number(1) < 0 || a.number(2) < 0) return a.unmodelled("mremap() of this length");
  if (bad_flags(a) || !aligned(a, old.address) || size == 0) return a.fails(RULE("linux/mremap/errors"), "EINVAL");
  if (has(a.number(3), a.k.MREMAP_FIXED_ | a.k.MREMAP_DONTUNMAP_) || old.size == 0)
    return a.unmodelled("mremap() to a given address, or of nothing");
  if (strange(a, old)) return;
  join_mappings(a.world, a.process_id());  // where the system has put them may have made them neighbours
  const Location l = locate(a.world, a.process_id(), old.address);
  if (l.mapping < 0) return a.fails(RULE("linux/mremap/errors"), "EFAULT");
  if (size <= old.size) return shrink(a, old, size);
  const Mapping &m = a.world.mappings->of(a.process_id()).mappings[static_cast<size_t>(l.mapping)];
  if (m.segment >= 0 || l.into + old.size < m.size) return a.unmodelled("mremap() of a part, or of a segment");
  if (l.into + old.size > m.size && first_hole(a, old) == old.end())
    return a.unmodelled("mremap() of neighbours, which the system may have joined");
  if (l.into + old.size > m.size) return a.fails(RULE("linux/mremap/errors"), "EFAULT");
  grow(a, old, size);
}

namespace {

void punch(Attempt &a, const Range &r) {
  const Location l = locate(a.world, a.process_id(), r.address);
  const Mapping &m = a.world.mappings->of(a.process_id()).mappings[static_cast<size_t>(l.mapping)];
  if (m.inode < 0 || l.into + r.size > m.size) return a.unmodelled("MADV_REMOVE of this memory");
  if (!m.shared || !has(m.protection & m.most_protection, a.k.PROT_WRITE_)) {
    Attempt(a).fails(RULE("linux/madvise/remove"), "EACCES");
    // Kernels from 6.7 on ask only whether it may become writable.
    if (!m.shared || !has(m.most_protection, a.k.PROT_WRITE_)) return;
  }
  const int64_t seals = a.world.inodes[static_cast<size_t>(m.inode)].seals;
  if (has(seals, a.k.F_SEAL_WRITE_ | a.k.F_SEAL_FUTURE_WRITE_)) return a.fails(RULE("linux/seals/write"), "EPERM");
  a.world.inodes.edit(static_cast<size_t>(m.inode)).memory.zero(m.offset + l.into, r.size);
  a.returns(RULE("linux/madvise/remove"));
}

// Private pages are given up; shared memory loses nothing.
void forget(Attempt &a, const Range &r) {
  bool shared = false;
  change_range(a, r, [&](Mapping &m) {
    shared = shared || m.shared;
    m.own.keep(m.offset, m.offset);
  });
  a.returns(shared ? RULE("linux/madvise/dontneed-shared") : RULE("linux/madvise/dontneed-private"));
}

}  // namespace

void madvise_call(Attempt &a) {
  const Numerals &k = a.k;
  const int64_t advice = a.number(2);
  const Range r{a.number(0, 1), whole_pages(a.setting, a.number(1))};
  if (!aligned(a, r.address)) return a.fails(RULE("linux/madvise/errors"), "EINVAL");
  if (a.number(1) <= 0) return a.unmodelled("madvise() of this length");
  if (strange(a, r)) return;
  const bool forks = advice == k.MADV_DONTFORK_ || advice == k.MADV_DOFORK_;
  if (!forks && advice != k.MADV_REMOVE_ && advice != k.MADV_DONTNEED_) return a.unmodelled("this advice");
  if (!any_mapped(a.world, a.process_id(), r.address, r.size)) return a.fails(RULE("linux/madvise/errors"), "ENOMEM");
  if (first_hole(a, r) < r.end()) return a.unmodelled("madvise() of a range with a hole");
  if (advice == k.MADV_REMOVE_) return punch(a, r);
  if (advice == k.MADV_DONTNEED_) return forget(a, r);
  change_range(a, r, [&](Mapping &m) { m.forks = advice == k.MADV_DOFORK_; });
  a.returns(RULE("linux/madvise/dontfork"));
}

}  // namespace ipcvet::model
