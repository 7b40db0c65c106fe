// Names and attributes of files, and open().
#include <algorithm>

#include "harness/mechanism/descriptor/files.h"
#include "harness/mechanism/mmap/rules.h"
#include "harness/mechanism/pipe/rules.h"
#include "harness/mechanism/posix-shm/rules.h"

namespace ipcvet::model {
namespace {

using Kind = Inode::Kind;

Inode &edit_inode(World &world, int32_t inode) { return world.inodes.edit(static_cast<size_t>(inode)); }

// The error of a missing last name, for calls that want a file to be there.
bool missing(Attempt &a, const Place &p) {
  if (no_place(a, p)) return true;
  if (p.inode < 0) a.fails(RULE("scaffold/path"), "ENOENT");
  return p.inode < 0;
}

File::Kind file_kind(Kind kind) {
  return kind == Kind::directory ? File::Kind::directory : kind == Kind::fifo ? File::Kind::pipe : File::Kind::regular;
}

int64_t wanted(const Attempt &a, int64_t flags) {
  const int64_t mode = flags & a.k.O_ACCMODE_;
  return mode == a.k.O_RDONLY_ ? may_read : mode == a.k.O_WRONLY_ ? may_write : may_read | may_write;
}

// Status flags that F_GETFL shows: not those that only tell open() what to do.
int64_t kept_flags(const Attempt &a, int64_t flags) {
  const Numerals &k = a.k;
  const int64_t known = k.O_APPEND_ | k.O_NONBLOCK_ | k.O_DIRECT_ | k.O_PATH_ | k.O_DIRECTORY_ | k.O_NOFOLLOW_ |
                        k.O_SYNC_ | k.O_DSYNC_ | k.O_ASYNC_ | k.O_TMPFILE_ | k.O_NOATIME_;
  return (flags & known & ~(k.O_ACCMODE_ | k.O_CREAT_ | k.O_EXCL_ | k.O_TRUNC_ | k.O_CLOEXEC_ | k.O_NOCTTY_)) |
         k.large_file();
}

void open_path(Attempt &a, int32_t inode, int64_t flags, int32_t fd) {
  File f;
  f.kind = File::Kind::path;
  f.inode = inode;
  f.flags = flags & (a.k.O_PATH_ | a.k.O_DIRECTORY_ | a.k.O_NOFOLLOW_);
  put_descriptor(a.world, a.process_id(), fd, add_file(a.world, f), (flags & a.k.O_CLOEXEC_) != 0);
  a.returns(RULE("linux/open/fifo-path"), fd);
}

void open_inode(Attempt &a, int32_t inode, int64_t flags, int32_t fd) {
  const Inode &file = inode_at(a, inode);
  const bool cuts = file.kind == Kind::regular && (flags & a.k.O_TRUNC_) != 0;
  if (cuts && (sealed_against_size(a, inode, 0) || change_is_open(a, inode))) return;
  File f;
  f.kind = file_kind(file.kind);
  f.inode = inode;
  // All bits of the access mode: permission to do both is asked for, and neither is possible.
  const bool neither = (flags & a.k.O_ACCMODE_) == a.k.O_ACCMODE_;
  f.reads = !neither && (wanted(a, flags) & may_read) != 0;
  f.writes = !neither && (wanted(a, flags) & may_write) != 0;
  f.flags = kept_flags(a, flags);
  if (cuts) {
    edit_inode(a.world, inode).memory.resize(0);
    object_cut(a.world, a.setting, inode);
  }
  put_descriptor(a.world, a.process_id(), fd, add_file(a.world, f), (flags & a.k.O_CLOEXEC_) != 0);
  a.returns(RULE("scaffold/file"), fd);
}

bool refused(Attempt &a, const Place &p, int64_t flags) {
  const Inode &file = inode_at(a, p.inode);
  const bool creates = (flags & a.k.O_CREAT_) != 0 && (flags & a.k.O_PATH_) == 0;
  if (creates && (flags & a.k.O_EXCL_) != 0) return a.fails(RULE("posix/open/fifo-creat"), "EEXIST"), true;
  const bool itself = file.kind == Kind::link && (flags & a.k.O_PATH_) != 0;
  if (itself) return a.unmodelled("a descriptor of a symbolic link"), true;
  if (file.kind == Kind::link && (flags & a.k.O_DIRECTORY_) != 0)  // which is told is not said
    Attempt(a).fails(RULE("posix/open/fifo-directory-flag"), "ENOTDIR");
  if (file.kind == Kind::link) return a.fails(RULE("posix/open/fifo-symlink"), "ELOOP"), true;
  if ((flags & a.k.O_DIRECTORY_) != 0 && file.kind != Kind::directory)
    return a.fails(RULE("posix/open/fifo-directory-flag"), "ENOTDIR"), true;
  if ((flags & a.k.O_PATH_) != 0) return false;
  const bool writes = (wanted(a, flags) & may_write) != 0;
  if (file.kind == Kind::directory && (writes || creates || (flags & a.k.O_TRUNC_) != 0))
    return a.fails(RULE("scaffold/file"), "EISDIR"), true;
  const int64_t needs = wanted(a, flags) | ((flags & a.k.O_TRUNC_) != 0 ? may_write : 0);
  if (!permits(a.process().who, file, needs)) return a.fails(RULE("posix/open/fifo-eacces"), "EACCES"), true;
  return false;
}

void open_place(Attempt &a, Place p, int64_t flags, int64_t mode) {
  const bool creates = (flags & a.k.O_CREAT_) != 0 && (flags & a.k.O_PATH_) == 0;
  const auto fd = lowest_free(a, a.process());
  if (!fd && p.error) return a.unmodelled("open() with two reasons to fail");
  if (!fd) return a.fails(RULE("posix/open/fifo-emfile"), "EMFILE");
  if (no_place(a, p)) return;
  if (p.inode < 0 && !creates) return a.fails(RULE("scaffold/path"), "ENOENT");
  if (p.inode < 0) {
    if (no_new_name(a, p)) return;
    p.inode = make_inode(a, Kind::regular, mode & 07777);
    add_name(a.world, p.directory, p.name, p.inode);
    return open_inode(a, p.inode, flags, *fd);
  }
  if (refused(a, p, flags)) return;
  if ((flags & a.k.O_PATH_) != 0) return open_path(a, p.inode, flags, *fd);
  if (inode_at(a, p.inode).kind == Kind::fifo) return open_fifo(a, p.inode, flags, *fd);
  open_inode(a, p.inode, flags, *fd);
}

// A new open file description of what a descriptor of the caller refers to.
bool reopens(const Attempt &a, const std::string &path, int64_t &fd) {
  constexpr std::string_view start = "/proc/self/fd/";
  if (!path.starts_with(start) || path.size() == start.size()) return false;
  fd = 0;
  for (const char c : path.substr(start.size())) {
    if (c < '0' || c > '9') return false;
    fd = fd * 10 + (c - '0');
  }
  return file_of(a.process(), fd) >= 0;
}

// A pipe without a name does not wait for the other end as a FIFO does, nor fail for want of it.
bool lacks_the_other_end(const Attempt &a, const Pipe &pipe, int64_t flags) {
  const int64_t access = wanted(a, flags);
  return (access == may_read && pipe.writers == 0) || (access == may_write && pipe.readers == 0);
}

void reopen(Attempt &a, int64_t from, int64_t flags) {
  const int32_t inode = a.file_at(file_of(a.process(), from)).inode;
  const auto fd = lowest_free(a, a.process());
  const int64_t others = a.k.O_CREAT_ | a.k.O_DIRECTORY_ | a.k.O_NOFOLLOW_ | a.k.O_PATH_;
  const bool path = a.file_at(file_of(a.process(), from)).kind == File::Kind::path;
  const bool directory = inode >= 0 && inode_at(a, inode).kind == Kind::directory;
  if (!fd || inode < 0 || path || directory || (flags & others) != 0) return a.unmodelled("this file of /proc");
  if (!permits(a.process().who, inode_at(a, inode), wanted(a, flags)))
    return a.fails(RULE("posix/open/fifo-eacces"), "EACCES");
  if (inode_at(a, inode).kind == Kind::fifo && lacks_the_other_end(a, pipe_of(a, file_of(a.process(), from)), flags))
    return a.unmodelled("a pipe opened again whose other end is lost");
  if (inode_at(a, inode).kind == Kind::fifo) return open_fifo(a, inode, flags, *fd);
  open_inode(a, inode, flags, *fd);
}

void open_null(Attempt &a, int64_t flags) {
  const int64_t others = a.k.O_CREAT_ | a.k.O_DIRECTORY_ | a.k.O_PATH_ | a.k.O_TRUNC_ | a.k.O_DIRECT_;
  if ((flags & others) != 0 || (flags & a.k.O_ACCMODE_) == a.k.O_ACCMODE_) return a.unmodelled("a device opened so");
  const auto fd = lowest_free(a, a.process());
  if (!fd) return a.fails(RULE("posix/open/fifo-emfile"), "EMFILE");
  File f;
  f.kind = File::Kind::null;
  f.reads = (wanted(a, flags) & may_read) != 0;
  f.writes = (wanted(a, flags) & may_write) != 0;
  f.flags = kept_flags(a, flags);
  put_descriptor(a.world, a.process_id(), *fd, add_file(a.world, f), (flags & a.k.O_CLOEXEC_) != 0);
  a.returns(RULE("scaffold/file"), *fd);
}

// A waiting open that begins anew looks for its name again.
bool may_lead_elsewhere(const Attempt &a, uint32_t path, int64_t flags, bool at) {
  if (!a.op.restarted && !a.op.stopped) return false;
  if (at) return true;
  const Place p = place_of(a, path, (flags & a.k.O_NOFOLLOW_) == 0);
  return p.error || p.unknown || p.inode != a.file_at(a.op.files[0]).inode ||
         !permits(a.process().who, inode_at(a, p.inode), wanted(a, flags));
}

void open_with(Attempt &a, uint32_t path, int64_t flags, int64_t mode, bool at) {
  if (a.waiting() && may_lead_elsewhere(a, path, flags, at))
    return a.unmodelled("an open that begins anew by a name that leads elsewhere");
  if (a.waiting()) return open_fifo(a, -1, flags, -1);
  int64_t fd = 0;
  if (a.bytes(path) && reopens(a, *a.bytes(path), fd)) return reopen(a, fd, flags);
  if (a.bytes(path) && *a.bytes(path) == "/dev/null") return open_null(a, flags);
  // POSIX does not say whether such a name makes a file; Linux says EISDIR, whatever is there.
  const bool creates = (flags & a.k.O_CREAT_) != 0;
  if (creates && a.bytes(path) && a.bytes(path)->ends_with('/')) return a.unmodelled("O_CREAT of a name with a slash");
  const bool exclusive = (flags & a.k.O_CREAT_) != 0 && (flags & a.k.O_EXCL_) != 0;
  const bool follow = (flags & a.k.O_NOFOLLOW_) == 0 && !exclusive;
  open_place(a, at ? place_at(a, 0, path, follow) : place_of(a, path, follow), flags, mode);
}

void open_call(Attempt &a) { open_with(a, 0, a.number(1), a.number(2), false); }
void openat_call(Attempt &a) { open_with(a, 1, a.number(2), a.number(3), true); }
void creat_call(Attempt &a) { open_with(a, 0, a.k.O_CREAT_ | a.k.O_WRONLY_ | a.k.O_TRUNC_, a.number(1), false); }

void stat_call(Attempt &a) {
  const Place p = place_of(a, 0);
  if (missing(a, p)) return;
  if (a.is_word(1, "bad") || a.is_word(1, "NULL")) return a.fails(RULE("scaffold/file"), "EFAULT");
  a.fills(1, stat_record(a, inode_at(a, p.inode)));
  a.returns(RULE("posix/mkfifo/creates"));
}

void fstat_call(Attempt &a) {
  const int32_t f = file_of(a.process(), a.number(0, -1));
  if (f < 0) return a.fails(RULE("posix/close/ebadf"), "EBADF");
  if (a.is_word(1, "bad") || a.is_word(1, "NULL")) return a.fails(RULE("scaffold/file"), "EFAULT");
  if (a.file_at(f).inode < 0) return a.unmodelled("fstat() of this kind of file");
  a.fills(1, stat_record(a, inode_at(a, a.file_at(f).inode)));
  a.returns(RULE("posix/fstat/pipe-type"));
}

void mkdir_call(Attempt &a) {
  const Place p = place_of(a, 0, false);
  if (no_place(a, p) || no_new_name(a, p)) return;
  const int32_t inode = make_inode(a, Kind::directory, a.number(1) & 01777);
  Inode &made = edit_inode(a.world, inode);
  made.links = 2;
  made.parent = p.directory;
  ++edit_inode(a.world, static_cast<int32_t>(p.directory)).links;
  add_name(a.world, p.directory, p.name, inode);
  a.returns(RULE("scaffold/file"));
}

void symlink_call(Attempt &a) {
  const Place p = place_of(a, 1, false);
  if (no_place(a, p) || no_slash(a, p, RULE("scaffold/path")) || no_new_name(a, p)) return;
  if (!a.bytes(0)) return a.unmodelled("symlink() of no string");
  const std::string target = *a.bytes(0);
  const int32_t inode = make_inode(a, Kind::link, 0777, false);
  edit_inode(a.world, inode).bytes = target;
  add_name(a.world, p.directory, p.name, inode);
  a.returns(RULE("scaffold/file"));
}

// A further name; what it names stays as it is.
void add_link(World &world, uint32_t directory, const std::string &name, int32_t inode) {
  world.inodes.edit(directory).names.emplace_back(name, static_cast<uint32_t>(inode));
}

// A system may refuse links to what another owns: to anything but files that may be read and written (proc(5),
// protected_hardlinks).
bool may_be_guarded(const Attempt &a, const Inode &file) {
  const Credentials &who = a.process().who;
  return !who.privileged() && who.euid != file.uid &&
         (file.kind != Kind::regular || !permits(who, file, may_read | may_write));
}

void link_call(Attempt &a) {
  const Place from = place_of(a, 0, false);
  if (missing(a, from)) return;
  const Place to = place_of(a, 1, false);
  if (no_place(a, to) || no_slash(a, to, RULE("scaffold/path"))) return;
  const bool directory = inode_at(a, from.inode).kind == Kind::directory;
  if (to.inode < 0 && (directory || may_be_guarded(a, inode_at(a, from.inode))))
    Attempt(a).fails(RULE("scaffold/file"), "EPERM");
  if (no_new_name(a, to)) return;
  if (directory) return a.fails(RULE("scaffold/file"), "EPERM");
  ++edit_inode(a.world, from.inode).links;
  add_link(a.world, to.directory, to.name, from.inode);
  a.returns(RULE("posix/fifo/link"));
}

bool may_change(const Attempt &a, uint32_t directory) {
  return permits(a.process().who, inode_at(a, static_cast<int32_t>(directory)), may_write | may_execute);
}

// A slash behind the name of a link to nothing; true if the attempt has ended.
bool slash_behind_nothing(Attempt &a, const Place &p) {
  if (p.absent_with_slash()) a.unmodelled("a name with a slash behind what is not there");
  return p.absent_with_slash();
}

void unlink_call(Attempt &a) {
  const Place p = place_of(a, 0, false);
  if (slash_behind_nothing(a, p) || missing(a, p)) return;
  const bool directory = inode_at(a, p.inode).kind == Kind::directory;
  if (directory && (p.slash || a.bytes(0)->ends_with('.')))
    return a.unmodelled("unlink() of a directory by the name it has for itself");
  if (!may_change(a, p.directory)) return a.fails(RULE("scaffold/file"), "EACCES");
  if (!may_remove(a, p)) return a.fails(RULE("posix/unlink/sticky-directory"), "EPERM");
  if (directory) return a.fails(RULE("scaffold/file"), "EISDIR");
  remove_name(a.world, p.directory, p.name);
  --edit_inode(a.world, p.inode).links;
  a.returns(RULE("posix/fifo/unlink-open"));
}

void rmdir_call(Attempt &a) {
  const Place p = place_of(a, 0, false);
  if (slash_behind_nothing(a, p) || missing(a, p)) return;
  if (!may_change(a, p.directory)) return a.fails(RULE("scaffold/file"), "EACCES");
  const bool directory = inode_at(a, p.inode).kind == Kind::directory;
  if (!may_remove(a, p) && !directory) return a.unmodelled("rmdir() with two reasons to fail");
  if (!may_remove(a, p)) return a.fails(RULE("posix/unlink/sticky-directory"), "EPERM");
  if (!directory) return a.fails(RULE("posix/open/fifo-trailing-slash"), "ENOTDIR");
  if (!inode_at(a, p.inode).names.empty()) return a.fails(RULE("scaffold/file"), "ENOTEMPTY");
  remove_name(a.world, p.directory, p.name);
  --edit_inode(a.world, static_cast<int32_t>(p.directory)).links;
  edit_inode(a.world, p.inode).links = 0;
  a.returns(RULE("scaffold/file"));
}

void rename_call(Attempt &a) {
  const Place from = place_of(a, 0, false), to = place_of(a, 1, false);
  const bool known =
      to.error && std::string_view(to.error) == "EFAULT" && (!from.error || std::string_view(from.error) == "ENOENT");
  if ((from.inode < 0 && to.error && !known) || from.absent_with_slash() || (to.slash && to.error))
    return a.unmodelled("rename() with two reasons to fail");
  if (no_place(a, from) || no_place(a, to) || missing(a, from)) return;
  if (to.slash && inode_at(a, from.inode).kind != Kind::directory) return a.fails(RULE("scaffold/path"), "ENOTDIR");
  const bool removes = may_remove(a, from) && (to.inode < 0 || may_remove(a, to));
  const bool allowed = may_change(a, from.directory) && may_change(a, to.directory);
  const bool directory = inode_at(a, from.inode).kind == Kind::directory ||
                         (to.inode >= 0 && inode_at(a, to.inode).kind == Kind::directory);
  if ((!allowed && !removes) || ((!allowed || !removes) && (directory || from.inode == to.inode)))
    return a.unmodelled("rename() with two reasons to fail");
  if (!allowed) return a.fails(RULE("scaffold/file"), "EACCES");
  if (!removes) return a.fails(RULE("posix/unlink/sticky-directory"), "EPERM");
  if (from.inode == to.inode) return a.returns(RULE("scaffold/file"));
  if (directory) return a.unmodelled("rename() of a directory");
  if (to.inode >= 0) {
    remove_name(a.world, to.directory, to.name);
    --edit_inode(a.world, to.inode).links;
  }
  remove_name(a.world, from.directory, from.name);
  add_link(a.world, to.directory, to.name, from.inode);
  a.returns(RULE("posix/fifo/rename-open"));
}

void change_mode(Attempt &a, int32_t inode, int64_t mode) {
  const Inode &file = inode_at(a, inode);
  const Credentials &who = a.process().who;
  if (!who.privileged() && who.euid != file.uid) return a.fails(RULE("scaffold/file"), "EPERM");
  if (sealed_against_mode(a, inode, mode)) return;
  if (!who.privileged() && who.egid != file.gid) mode &= ~int64_t{02000};
  edit_inode(a.world, inode).mode = mode & 07777;
  a.returns(RULE("posix/fifo/chmod"));
}

void chmod_call(Attempt &a) {
  const Place p = place_of(a, 0);
  if (!missing(a, p)) change_mode(a, p.inode, a.number(1));
}

void fchmod_call(Attempt &a) {
  const int32_t f = file_of(a.process(), a.number(0, -1));
  if (f < 0 || a.file_at(f).kind == File::Kind::path) return a.fails(RULE("posix/close/ebadf"), "EBADF");
  if (a.file_at(f).inode < 0) return a.unmodelled("fchmod() of this kind of file");
  change_mode(a, a.file_at(f).inode, a.number(1));
}

// Times are not part of the model; who may set them is.
void futimens_call(Attempt &a) {
  const int32_t f = file_of(a.process(), a.number(0, -1));
  if (f < 0 || a.file_at(f).kind == File::Kind::path) return a.fails(RULE("posix/close/ebadf"), "EBADF");
  if (a.file_at(f).inode < 0) return a.unmodelled("futimens() of this kind of file");
  const Credentials &who = a.process().who;
  if (!who.privileged() && who.euid != inode_at(a, a.file_at(f).inode).uid)
    return a.fails(RULE("scaffold/file"), "EPERM");
  a.returns(RULE("scaffold/file"));
}

void change_owner(Attempt &a, int32_t inode, int64_t uid, int64_t gid) {
  const Inode &file = inode_at(a, inode);
  const Credentials &who = a.process().who;
  if (!who.privileged() && uid == -1 && gid == -1) return a.unmodelled("chown() of nothing");  // 0, or EPERM
  const bool own =
      who.euid == file.uid && (uid == -1 || uid == file.uid) && (gid == -1 || gid == who.egid || gid == file.gid);
  if (!who.privileged() && !own) return a.fails(RULE("scaffold/file"), "EPERM");
  Inode &changed = edit_inode(a.world, inode);
  if (uid != -1) changed.uid = uid;
  if (gid != -1) changed.gid = gid;
  if (changed.kind != Kind::directory) changed.mode &= ~int64_t{06000};
  a.returns(RULE("scaffold/file"));
}

void chown_call(Attempt &a) {
  const Place p = place_of(a, 0);
  if (!missing(a, p)) change_owner(a, p.inode, a.number(1), a.number(2));
}

void fchown_call(Attempt &a) {
  const int32_t f = file_of(a.process(), a.number(0, -1));
  if (f < 0 || a.file_at(f).kind == File::Kind::path) return a.fails(RULE("posix/close/ebadf"), "EBADF");
  if (a.file_at(f).inode < 0) return a.unmodelled("fchown() of this kind of file");
  change_owner(a, a.file_at(f).inode, a.number(1), a.number(2));
}

void access_call(Attempt &a) {
  const int64_t mode = a.number(1);
  if ((mode & ~(a.k.R_OK_ | a.k.W_OK_ | a.k.X_OK_)) != 0) return a.fails(RULE("scaffold/file"), "EINVAL");
  const Credentials &who = a.process().who;
  if (who.ruid != who.euid || who.rgid != who.egid) return a.unmodelled("access() by one who is not who they act for");
  const Place p = place_of(a, 0);
  if (missing(a, p)) return;
  const int64_t bits = ((mode & a.k.R_OK_) != 0 ? may_read : 0) | ((mode & a.k.W_OK_) != 0 ? may_write : 0) |
                       ((mode & a.k.X_OK_) != 0 ? may_execute : 0);
  if (bits != 0 && !permits_real(a.process().who, inode_at(a, p.inode), bits))
    return a.fails(RULE("scaffold/file"), "EACCES");
  a.returns(RULE("scaffold/file"));
}

void truncate_call(Attempt &a) {
  if (a.number(1) < 0) return a.fails(RULE("scaffold/file"), "EINVAL");
  const Place p = place_of(a, 0);
  if (missing(a, p)) return;
  const Inode &file = inode_at(a, p.inode);
  if (file.kind == Kind::directory) return a.fails(RULE("scaffold/file"), "EISDIR");
  if (file.kind != Kind::regular) return a.fails(RULE("posix/open/fifo-trunc"), "EINVAL");
  if (!permits(a.process().who, file, may_write)) return a.fails(RULE("scaffold/file"), "EACCES");
  resize_file(a, p.inode, a.number(1));
}

void chdir_call(Attempt &a) {
  const Place p = place_of(a, 0);
  if (missing(a, p)) return;
  const Inode &file = inode_at(a, p.inode);
  if (file.kind != Kind::directory) return a.fails(RULE("scaffold/path"), "ENOTDIR");
  if (!permits(a.process().who, file, may_execute)) return a.fails(RULE("scaffold/path"), "EACCES");
  a.edit_process().directory = static_cast<uint32_t>(p.inode);
  a.returns(RULE("posix/fork/directory-inherited"));
}

int64_t type_of(const Attempt &a, Kind kind) {
  switch (kind) {
    case Kind::regular:
      return a.k.S_IFREG_;
    case Kind::directory:
      return a.k.S_IFDIR_;
    case Kind::fifo:
      return a.k.S_IFIFO_;
    case Kind::link:
      return a.k.S_IFLNK_;
    case Kind::device:
      return a.k.S_IFCHR_;
  }
  return 0;
}

}  // namespace

int32_t make_inode(Attempt &a, Kind kind, int64_t mode, bool masked) {
  Inode inode;
  inode.kind = kind;
  inode.serial = a.world.fresh(NumberKind::serial);
  inode.mode = masked ? mode & ~a.process().umask : mode;
  inode.uid = a.process().who.euid;
  inode.gid = a.process().who.egid;
  return static_cast<int32_t>(a.world.inodes.add(std::move(inode)));
}

void add_name(World &world, uint32_t directory, const std::string &name, int32_t inode) {
  add_link(world, directory, name, inode);
  const Inode &dir = world.inodes[directory];
  Inode &made = world.inodes.edit(static_cast<size_t>(inode));
  if ((dir.mode & 02000) == 0 || made.links > 2) return;
  made.gid = dir.gid;
  if (made.kind == Kind::directory) made.mode |= 02000;
}

// In a directory with the sticky bit only the owner of the file, or of the directory, removes a name.
bool may_remove(const Attempt &a, const Place &place) {
  const Credentials &who = a.process().who;
  const Inode &directory = inode_at(a, static_cast<int32_t>(place.directory));
  const bool sticky = (directory.mode & 01000) != 0 && !who.privileged();
  return !sticky || who.euid == directory.uid || who.euid == inode_at(a, place.inode).uid;
}

void remove_name(World &world, uint32_t directory, const std::string &name) {
  std::erase_if(world.inodes.edit(directory).names, [&](const auto &entry) { return entry.first == name; });
}

bool no_new_name(Attempt &a, const Place &p) {
  if (p.inode >= 0) return a.fails(RULE("posix/mkfifo/eexist"), "EEXIST"), true;
  if (inode_at(a, static_cast<int32_t>(p.directory)).links == 0)
    return a.fails(RULE("posix/mkfifo/enoent"), "ENOENT"), true;
  if (!may_change(a, p.directory)) return a.fails(RULE("posix/mkfifo/eacces"), "EACCES"), true;
  return false;
}

Value stat_record(const Attempt &a, const Inode &inode) {
  std::vector<Field> fields{
      {"type", Value::integer(type_of(a, inode.kind))},     {"mode", Value::integer(inode.mode)},
      {"ino", Value::integer(a.world.value(inode.serial))}, {"nlink", Value::integer(inode.links)},
      {"uid", Value::integer(a.world.value(inode.uid))},    {"gid", Value::integer(a.world.value(inode.gid))}};
  if (inode.kind == Kind::regular) fields.push_back({"size", Value::integer(inode.memory.size())});
  return Value::record(std::move(fields));
}

std::span<const CallRule> file_rules() {
  static constexpr CallRule table[] = {
      {"open", open_call},         {"openat", openat_call},     {"creat", creat_call},     {"stat", stat_call},
      {"fstat", fstat_call},       {"mkdir", mkdir_call},       {"symlink", symlink_call}, {"link", link_call},
      {"unlink", unlink_call},     {"rmdir", rmdir_call},       {"rename", rename_call},   {"chmod", chmod_call},
      {"futimens", futimens_call}, {"fchmod", fchmod_call},     {"chown", chown_call},     {"fchown", fchown_call},
      {"access", access_call},     {"truncate", truncate_call}, {"chdir", chdir_call},
  };
  return table;
}

}  // namespace ipcvet::model
