// Seals of memory files, and the room that fallocate() makes and takes in them.
#include "harness/mechanism/mmap/rules.h"
#include "harness/mechanism/pipe/rules.h"
#include "harness/mechanism/posix-shm/rules.h"
#include "harness/mechanism/process/rules.h"

namespace ipcvet::model {
namespace {

// Beyond it the system may be short of memory.
constexpr int64_t much_memory = int64_t{1} << 26;

bool has(int64_t flags, int64_t flag) { return (flags & flag) != 0; }
Inode &edit_inode(Attempt &a, int32_t inode) { return a.world.inodes.edit(static_cast<size_t>(inode)); }

int64_t all_seals(const Numerals &k) {
  return k.F_SEAL_SEAL_ | k.F_SEAL_SHRINK_ | k.F_SEAL_GROW_ | k.F_SEAL_WRITE_ | k.F_SEAL_FUTURE_WRITE_ | k.F_SEAL_EXEC_;
}

// The manual has EINVAL for all but memory files; Linux keeps F_SEAL_SEAL on every file of tmpfs.
void named_object(Attempt &a, bool get) {
  const Rule &rule = RULE("linux/seals/named-object");
  a.either([&](Attempt &one) { get ? one.returns(rule, a.k.F_SEAL_SEAL_) : one.fails(rule, "EPERM"); },
           [&](Attempt &other) { other.fails(rule, "EINVAL"); });
}

void add_seals(Attempt &a, int32_t inode, int64_t seals) {
  const Numerals &k = a.k;
  const int64_t before = inode_at(a, inode).seals;
  if (has(before, k.F_SEAL_SEAL_)) return a.fails(RULE("linux/seals/seal"), "EPERM");
  const bool mapped = mapped_for_writing(a.world, a.setting, inode);
  if (has(seals & ~before, k.F_SEAL_WRITE_) && lies_in_a_pipe(a, inode)) return;  // that may be use, too
  if (has(seals & ~before, k.F_SEAL_WRITE_) && mapped) return a.fails(RULE("linux/seals/write-busy"), "EBUSY");
  const bool executable = has(seals, k.F_SEAL_EXEC_) && has(inode_at(a, inode).mode, 0111);
  if (executable && mapped) return a.unmodelled("a seal that implies another which is refused");
  if (executable) seals |= k.F_SEAL_SHRINK_ | k.F_SEAL_GROW_ | k.F_SEAL_WRITE_ | k.F_SEAL_FUTURE_WRITE_;
  edit_inode(a, inode).seals |= seals;
  a.returns(RULE("linux/seals/add-up"));
}

}  // namespace

void seals(Attempt &a, int32_t f, int64_t add) {
  const bool get = a.number(1) == a.k.F_GET_SEALS_;
  const File &file = a.file_at(f);
  if (file.kind != File::Kind::regular) {
    if (!get && !file.writes) return a.fails(RULE("linux/seals/need-writable"), "EPERM");
    return a.fails(RULE("linux/seals/elsewhere"), "EINVAL");
  }
  const Inode &inode = inode_at(a, file.inode);
  if (!get && !file.writes) return a.fails(RULE("linux/seals/need-writable"), "EPERM");
  if (!get && has(add, ~all_seals(a.k))) return a.fails(RULE("linux/seals/unknown"), "EINVAL");
  if (!inode.sealable) return named_object(a, get);
  if (get) return a.returns(RULE("linux/seals/of-the-file"), inode.seals);
  add_seals(a, file.inode, add);
}

bool sealed_against_writing(Attempt &a, int32_t inode, int64_t offset, int64_t size) {
  const Inode &file = inode_at(a, inode);
  if (has(file.seals, a.k.F_SEAL_WRITE_)) return a.fails(RULE("linux/seals/write"), "EPERM"), true;
  if (has(file.seals, a.k.F_SEAL_FUTURE_WRITE_)) return a.fails(RULE("linux/seals/future-write"), "EPERM"), true;
  const int64_t end = file.memory.size();
  if (!has(file.seals, a.k.F_SEAL_GROW_) || offset + size <= end) return false;
  // What fits into whole pages before the end may be written first.
  const int64_t page = a.setting.limits.page;
  if (offset / page < end / page) return a.unmodelled("a write that a seal cuts short"), true;
  return a.fails(RULE("linux/seals/grow"), "EPERM"), true;
}

bool sealed_against_size(Attempt &a, int32_t inode, int64_t size) {
  const Inode &file = inode_at(a, inode);
  if (size < file.memory.size() && has(file.seals, a.k.F_SEAL_SHRINK_))
    return a.fails(RULE("linux/seals/shrink"), "EPERM"), true;
  if (size > file.memory.size() && has(file.seals, a.k.F_SEAL_GROW_))
    return a.fails(RULE("linux/seals/grow"), "EPERM"), true;
  return false;
}

bool sealed_against_mode(Attempt &a, int32_t inode, int64_t mode) {
  const Inode &file = inode_at(a, inode);
  if (!has(file.seals, a.k.F_SEAL_EXEC_) || !has(file.mode ^ mode, 0111)) return false;
  return a.fails(RULE("linux/memfd/exec-flags"), "EPERM"), true;
}

namespace {

void punch_hole(Attempt &a, int32_t inode, int64_t offset, int64_t length) {
  if (has(inode_at(a, inode).seals, a.k.F_SEAL_WRITE_ | a.k.F_SEAL_FUTURE_WRITE_))
    return a.fails(RULE("linux/seals/write"), "EPERM");
  edit_inode(a, inode).memory.zero(offset, length);
  a.returns(RULE("linux/fallocate/punch-hole"));
}

}  // namespace

void allocate(Attempt &a, int32_t f) {
  const Numerals &k = a.k;
  const int32_t inode = a.file_at(f).inode;
  const int64_t mode = a.number(1), offset = a.number(2), length = a.number(3);
  if (length > much_memory || offset > INT64_MAX / 2) return a.unmodelled("so much room that there may be none");
  if (has(mode, k.FALLOC_FL_PUNCH_HOLE_) ? change_is_open(a, inode) : may_lose_set_ids(a, inode)) return;
  if (has(mode, k.FALLOC_FL_PUNCH_HOLE_)) return punch_hole(a, inode, offset, length);
  const auto limit = static_cast<uint64_t>(soft_limit(a.process(), k.RLIMIT_FSIZE_, -1));
  if (limit != UINT64_MAX && has(inode_at(a, inode).seals, k.F_SEAL_GROW_))
    return a.unmodelled("a seal beside a limit of size");
  if (sealed_against_size(a, inode, std::max(offset + length, inode_at(a, inode).memory.size()))) return;
  if (static_cast<uint64_t>(offset + length) > limit) return a.unmodelled("room beyond the limit of sizes");
  Memory &memory = edit_inode(a, inode).memory;
  if (mode == 0 && offset + length > memory.size()) memory.resize(offset + length);
  a.returns(RULE("linux/fallocate/allocates"));
}

}  // namespace ipcvet::model
