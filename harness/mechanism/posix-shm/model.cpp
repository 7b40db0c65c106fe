// POSIX shared memory and memory files: what each call must do.
#include <algorithm>
#include <initializer_list>

#include "harness/mechanism/mmap/rules.h"
#include "harness/mechanism/posix-shm/rules.h"

namespace ipcvet::model {
namespace {

bool has(int64_t flags, int64_t flag) { return (flags & flag) != 0; }

// The standard, or what there is of libraries, leaves open which of these it is.
void fails_with_one_of(const Attempt &a, const Rule &rule, std::initializer_list<const char *> errors) {
  for (const char *error : errors) Attempt(a).fails(rule, error);
}

// What a name says behind its slashes.
std::string_view plain(std::string_view name) {
  return name.substr(std::min(name.find_first_not_of('/'), name.size()));
}
bool is_no_name(std::string_view plain) {
  return plain.empty() || plain == "." || plain == ".." || plain.find('/') != std::string_view::npos;
}

Place object_named(const Attempt &a, std::string_view plain) { return find_place(a, shm_directory, plain, false); }

int64_t access_of(const Attempt &a, int64_t flags) {
  const int64_t mode = flags & a.k.O_ACCMODE_;
  const int64_t access = mode == a.k.O_RDONLY_ ? may_read : mode == a.k.O_WRONLY_ ? may_write : may_read | may_write;
  return has(flags, a.k.O_TRUNC_) ? access | may_write : access;
}

// ---- shm_open

void open_object(Attempt &a, const Rule &rule, int32_t inode, int32_t fd) {
  const int64_t flags = a.number(1);
  File f;
  f.kind = File::Kind::regular;
  f.inode = inode;
  const int64_t mode = flags & a.k.O_ACCMODE_;
  f.reads = mode != a.k.O_WRONLY_;
  f.writes = mode != a.k.O_RDONLY_;
  f.flags = a.k.O_NOFOLLOW_ | a.k.large_file();
  put_descriptor(a.world, a.process_id(), fd, add_file(a.world, f), true);
  a.returns(rule, fd);
}

void create_object(Attempt &a, const Place &place, int32_t fd) {
  const int32_t inode = make_inode(a, Inode::Kind::regular, a.number(2) & 07777);
  add_name(a.world, place.directory, place.name, inode);
  open_object(a, RULE("posix/shm-open/creates"), inode, fd);
}

// Linux may be told to protect files in directories for all against O_CREAT by others than their owners.
bool may_be_protected(const Attempt &a, int32_t inode) {
  const int64_t owner = inode_at(a, inode).uid;
  return has(a.number(1), a.k.O_CREAT_) && owner != a.process().who.euid && owner != inode_at(a, shm_directory).uid;
}

void open_existing(Attempt &a, int32_t inode, int32_t fd) {
  const int64_t flags = a.number(1);
  if (has(flags, a.k.O_CREAT_) && has(flags, a.k.O_EXCL_)) return a.fails(RULE("posix/shm-open/excl-eexist"), "EEXIST");
  if (inode_at(a, inode).kind == Inode::Kind::link) return a.fails(RULE("posix/shm-open/symbolic-link"), "ELOOP");
  if (inode_at(a, inode).kind != Inode::Kind::regular) return a.unmodelled("shm_open() of a file of another type");
  if (!permits(a.process().who, inode_at(a, inode), access_of(a, flags)))
    return a.fails(RULE("posix/shm-open/permission-eacces"), "EACCES");
  if (may_be_protected(a, inode)) return a.unmodelled("O_CREAT on somebody else's object");
  if (!has(flags, a.k.O_TRUNC_)) {
    const bool creates = has(flags, a.k.O_CREAT_);
    return open_object(
        a, creates ? RULE("posix/shm-open/existing-unchanged") : RULE("posix/shm-open/same-name-same-object"), inode,
        fd);
  }
  if (change_is_open(a, inode)) return;
  a.world.inodes.edit(static_cast<size_t>(inode)).memory.resize(0);
  object_cut(a.world, a.setting, inode);
  open_object(a, RULE("posix/shm-open/truncate"), inode, fd);
}

void shm_open_call(Attempt &a) {
  if (!a.bytes(0)) return a.unmodelled("shm_open() of no string");
  const std::string_view name = plain(*a.bytes(0));
  const auto limit = static_cast<size_t>(a.setting.limits.name_max);
  if (is_no_name(name)) {
    if (!has(a.number(1), a.k.O_CREAT_)) return a.unmodelled("shm_open() of a name that is none");
    return fails_with_one_of(a, RULE("posix/shm-open/bad-name"), {"EINVAL", "EISDIR"});
  }
  const auto fd = lowest_free(a, a.process());
  if (name.size() > limit && !fd) return a.unmodelled("shm_open() with two reasons to fail");
  if (name.size() > limit)
    return fails_with_one_of(a, RULE("posix/shm-open/name-too-long"), {"ENAMETOOLONG", "EINVAL"});
  // Libraries differ about the last byte.
  if (name.size() == limit) fails_with_one_of(a, RULE("posix/shm-open/name-at-limit"), {"ENAMETOOLONG", "EINVAL"});
  if (!fd) return a.fails(RULE("posix/shm-open/emfile"), "EMFILE");
  const Place place = object_named(a, name);
  if (place.inode >= 0) return open_existing(a, place.inode, *fd);
  if (!has(a.number(1), a.k.O_CREAT_)) return a.fails(RULE("posix/shm-open/enoent"), "ENOENT");
  create_object(a, place, *fd);
}

// ---- shm_unlink

void shm_unlink_call(Attempt &a) {
  if (!a.bytes(0)) return a.unmodelled("shm_unlink() of no string");
  const std::string_view name = plain(*a.bytes(0));
  if (is_no_name(name))
    return fails_with_one_of(a, RULE("posix/shm-open/bad-name"), {"EINVAL", "ENOENT", "EISDIR", "EBUSY", "EPERM"});
  if (name.size() == static_cast<size_t>(a.setting.limits.name_max))
    return a.unmodelled("shm_unlink() of a name that only some libraries take");
  if (name.size() > static_cast<size_t>(a.setting.limits.name_max))
    return fails_with_one_of(a, RULE("posix/shm-open/name-too-long"), {"ENAMETOOLONG", "EINVAL", "ENOENT"});
  const Place place = object_named(a, name);
  if (place.inode < 0) return a.fails(RULE("posix/shm-unlink/enoent"), "ENOENT");
  if (!may_remove(a, place)) return fails_with_one_of(a, RULE("posix/shm-unlink/eacces"), {"EACCES", "EPERM"});
  if (inode_at(a, place.inode).kind == Inode::Kind::directory) return a.unmodelled("shm_unlink() of a directory");
  remove_name(a.world, place.directory, place.name);
  --a.world.inodes.edit(static_cast<size_t>(place.inode)).links;
  a.returns(RULE("posix/shm-unlink/name-gone"));
}

// ---- memfd_create

int64_t first_seals(const Attempt &a, int64_t flags) {
  if (has(flags, a.k.MFD_NOEXEC_SEAL_)) return a.k.F_SEAL_EXEC_;
  return has(flags, a.k.MFD_ALLOW_SEALING_) ? 0 : a.k.F_SEAL_SEAL_;
}

// Ends the attempt and says true where the flags or the name make no file.
bool no_memory_file(Attempt &a) {
  const Numerals &k = a.k;
  const int64_t flags = a.number(1), kinds = k.MFD_EXEC_ | k.MFD_NOEXEC_SEAL_;
  if (has(flags, k.MFD_HUGETLB_)) return a.unmodelled("a file of huge pages"), true;
  if (has(flags, ~(k.MFD_CLOEXEC_ | k.MFD_ALLOW_SEALING_ | kinds)))
    return a.fails(RULE("linux/memfd/bad-flags"), "EINVAL"), true;
  if ((flags & kinds) == kinds) return a.fails(RULE("linux/memfd/exec-flags"), "EINVAL"), true;
  if (!a.bytes(0)) return a.fails(RULE("linux/memfd/bad-name"), "EFAULT"), true;
  constexpr size_t longest = 249;
  if (a.bytes(0)->size() > longest) return a.fails(RULE("linux/memfd/name-length"), "EINVAL"), true;
  return false;
}

void memfd_create_call(Attempt &a) {
  if (no_memory_file(a)) return;
  const int64_t flags = a.number(1);
  const auto fd = lowest_free(a, a.process());
  if (!fd) return a.fails(RULE("linux/memfd/emfile"), "EMFILE");
  File f;
  f.kind = File::Kind::regular;
  f.reads = f.writes = true;
  f.flags = a.k.large_file();
  f.inode = make_inode(a, Inode::Kind::regular, has(flags, a.k.MFD_NOEXEC_SEAL_) ? 0666 : 0777, false);
  Inode &inode = a.world.inodes.edit(static_cast<size_t>(f.inode));
  inode.links = 0;
  inode.sealable = true;
  inode.seals = first_seals(a, flags);
  put_descriptor(a.world, a.process_id(), *fd, add_file(a.world, f), has(flags, a.k.MFD_CLOEXEC_));
  a.returns(RULE("linux/memfd/new-file"), *fd);
}

}  // namespace

std::span<const CallRule> shared_memory_rules() {
  static constexpr CallRule table[] = {
      {"shm_open", shm_open_call},
      {"shm_unlink", shm_unlink_call},
      {"memfd_create", memfd_create_call},
  };
  return table;
}

}  // namespace ipcvet::model
