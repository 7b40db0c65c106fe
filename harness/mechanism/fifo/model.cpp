// FIFOs: making them, and the meeting of those who open them.
#include "harness/mechanism/descriptor/files.h"
#include "harness/mechanism/pipe/rules.h"

namespace ipcvet::model {
namespace {

Pipe &pipe_at(World &world, int32_t inode) {
  const int32_t known = world.inodes[static_cast<size_t>(inode)].pipe;
  return world.pipes.edit(static_cast<size_t>(known));
}

// A slash behind the name of a file or of a link to nothing: ENOTDIR, EEXIST and ENOENT are all told by some.
bool slash_is_open(Attempt &a, uint32_t path, const Place &p) {
  std::string_view name = p.slash && a.bytes(path) ? std::string_view(*a.bytes(path)) : std::string_view();
  while (name.ends_with('/')) name.remove_suffix(1);
  const bool followed = p.absent_with_slash() && name.substr(name.rfind('/') + 1) != p.name;
  const bool open = p.slash && (p.error || followed);
  if (open) a.unmodelled("a name with a slash behind what is no directory");
  return open;
}

void make_fifo(Attempt &a, const Place &p, int64_t mode) {
  if (no_place(a, p) || no_slash(a, p, RULE("observe/fifo/choices")) || no_new_name(a, p)) return;
  const int32_t inode = make_inode(a, Inode::Kind::fifo, mode & 07777);
  add_name(a.world, p.directory, p.name, inode);
  a.returns(RULE("posix/mkfifo/creates"));
}

void make_node(Attempt &a, const Place &p, int64_t mode, int64_t node) {
  const int64_t type = mode & a.k.S_IFMT_;
  if (type == a.k.S_IFIFO_) return make_fifo(a, p, mode);
  if (type == a.k.S_IFDIR_) return a.fails(RULE("linux/mknod/invalid-type"), "EPERM");
  const bool device = type == a.k.S_IFCHR_ || type == a.k.S_IFBLK_;
  if (!device && type != 0 && type != a.k.S_IFREG_ && type != a.k.S_IFSOCK_)
    return a.fails(RULE("linux/mknod/invalid-type"), "EINVAL");
  if (no_place(a, p)) return;
  if (p.inode >= 0) return a.fails(RULE("posix/mkfifo/eexist"), "EEXIST");
  if (no_slash(a, p, RULE("observe/fifo/choices"))) return;
  if (device && node == 0) return a.unmodelled("the mark of what an overlay hides");  // anybody may make it
  if (device && no_new_name(a, p)) return;
  if (device && !a.process().who.privileged()) return a.fails(RULE("linux/mknod/invalid-type"), "EPERM");
  a.unmodelled("mknod() of another type");
}

void mkfifo_call(Attempt &a) {
  const Place p = place_of(a, 0, false);
  if (!slash_is_open(a, 0, p)) make_fifo(a, p, a.number(1));
}
void mkfifoat_call(Attempt &a) {
  const Place p = place_at(a, 0, 1, false);
  if (!slash_is_open(a, 1, p)) make_fifo(a, p, a.number(2));
}
void mknod_call(Attempt &a) {
  const Place p = place_of(a, 0, false);
  if (!slash_is_open(a, 0, p)) make_node(a, p, a.number(1), a.number(2));
}
void mknodat_call(Attempt &a) {
  const Place p = place_at(a, 0, 1, false);
  if (!slash_is_open(a, 1, p)) make_node(a, p, a.number(2), a.number(3));
}

// The FIFO's pipe, which is there while anybody has it open.
void attach_pipe(Attempt &a, int32_t inode) {
  if (inode_at(a, inode).pipe >= 0) return;
  Pipe pipe;
  pipe.pages = a.setting.limits.pipe_pages;
  a.world.inodes.edit(static_cast<size_t>(inode)).pipe = static_cast<int32_t>(a.world.pipes.add(pipe));
}

// A waiting open counts as an end already; its description has no descriptor yet.
void wait_for_partner(Attempt &a, int32_t file, int32_t fd, const Rule &rule) {
  const Pipe &pipe = pipe_of(a, file);
  a.op.files[0] = file;
  a.op.looked_up = 1;
  a.op.memo = {fd, a.file_at(file).reads ? pipe.writer_opens : pipe.reader_opens, 0, 0};
  const auto reserve = [&](Attempt &one) {
    one.op.reserved = fd;
    reserve_descriptor(one.world, one.process_id(), fd);
    one.blocks(rule);
  };
  if (a.setting.linux_profile()) return reserve(a);
  // Linux takes the number before it waits; one that takes the lowest when the wait is over is as good.
  a.either(reserve, [&](Attempt &other) {
    other.op.memo[0] = -1;
    other.blocks(rule);
  });
}

void finish_open(Attempt &a, int32_t file, int32_t fd, int64_t flags, const Rule &rule) {
  put_descriptor(a.world, a.process_id(), fd, file, (flags & a.k.O_CLOEXEC_) != 0);
  a.returns(rule, fd);
}

void still_opening(Attempt &a, int64_t flags) {
  const int32_t file = a.op.files[0];
  const Pipe &pipe = pipe_of(a, file);
  const bool reads = a.file_at(file).reads;
  const int64_t opens = reads ? pipe.writer_opens : pipe.reader_opens;
  if (opens == a.op.memo[1])
    return a.blocks(reads ? RULE("posix/open/fifo-rdonly-blocks") : RULE("posix/open/fifo-wronly-blocks"));
  const auto fd = a.op.memo[0] >= 0 ? static_cast<int32_t>(a.op.memo[0]) : lowest_free(a, a.process()).value_or(-1);
  if (fd < 0) return a.fails(RULE("posix/open/fifo-emfile"), "EMFILE");
  finish_open(a, file, fd, flags, RULE("posix/open/fifo-rendezvous-all"));
}

File opened(const Attempt &a, int32_t inode, int64_t flags) {
  File f;
  f.kind = File::Kind::pipe;
  f.inode = inode;
  f.pipe = inode_at(a, inode).pipe;
  f.reads = (flags & a.k.O_ACCMODE_) != a.k.O_WRONLY_;
  f.writes = (flags & a.k.O_ACCMODE_) != a.k.O_RDONLY_;
  f.writers_at_open = UINT32_MAX;
  f.flags =
      (flags & (a.k.O_NONBLOCK_ | a.k.O_APPEND_ | a.k.O_DIRECT_ | a.k.O_ASYNC_ | a.k.O_NOFOLLOW_)) | a.k.large_file();
  return f;
}

void count_open(Pipe &pipe, const File &f) {
  if (f.reads) ++pipe.readers, ++pipe.reader_opens;
  if (f.writes) ++pipe.writers, ++pipe.writer_opens;
}

// A FIFO need not take packets; the open that is refused may have been seen as a visit (Linux: fs/open.c,
// do_dentry_open).
void refuse_packets(const Attempt &a, int32_t inode, int64_t flags) {
  Attempt(a).fails(RULE("observe/fifo/choices"), "EINVAL");
  Attempt visit = a;
  attach_pipe(visit, inode);
  const File f = opened(visit, inode, flags);
  Pipe &pipe = pipe_at(visit.world, inode);
  if (f.reads) ++pipe.reader_opens;
  if (f.writes) ++pipe.writer_opens;
  visit.fails(RULE("observe/fifo/choices"), "EINVAL");
}

// Linux takes an open that waits out of the meeting while its process is stopped (fs/pipe.c, wait_for_partner).
bool partner_is_stopped(const Attempt &a, int32_t inode) {
  for (ActorId t = 0; t < a.world.threads.size(); ++t) {
    const Thread &thread = a.world.threads[t];
    if (!thread.lives || !thread.blocked || thread.blocked->reserved < 0) continue;
    const bool meets = thread.blocked->looked_up > 0 && a.file_at(thread.blocked->files[0]).inode == inode;
    if (meets && a.world.process_of(t).state == Process::State::stopped) return true;
  }
  return false;
}

}  // namespace

void open_fifo(Attempt &a, int32_t inode, int64_t flags, int32_t fd) {
  if (a.waiting()) return still_opening(a, flags);
  if ((flags & a.k.O_ACCMODE_) == a.k.O_ACCMODE_) return a.fails(RULE("observe/fifo/choices"), "EINVAL");
  if ((flags & a.k.O_DIRECT_) != 0) refuse_packets(a, inode, flags);
  if (partner_is_stopped(a, inode)) return a.unmodelled("an open that waits in a stopped process");
  attach_pipe(a, inode);
  const bool waits = (flags & a.k.O_NONBLOCK_) == 0;
  File f = opened(a, inode, flags);
  Pipe &pipe = pipe_at(a.world, inode);
  if (f.writes && !f.reads && !waits && pipe.readers == 0) return a.fails(RULE("posix/open/fifo-enxio"), "ENXIO");
  const bool alone = f.reads ? pipe.writers == 0 : pipe.readers == 0;
  if (f.reads && !f.writes && !waits && alone) f.writers_at_open = pipe.writer_opens;
  count_open(pipe, f);
  const int32_t file = add_file(a.world, f);
  if (f.reads && f.writes) return finish_open(a, file, fd, flags, RULE("linux/fifo7/rdwr"));
  if (!alone) return finish_open(a, file, fd, flags, RULE("posix/open/fifo-rendezvous-all"));
  if (!waits) return finish_open(a, file, fd, flags, RULE("posix/open/fifo-rdonly-nonblock"));
  wait_for_partner(a, file, fd,
                   f.reads ? RULE("posix/open/fifo-rdonly-blocks") : RULE("posix/open/fifo-wronly-blocks"));
}

std::span<const CallRule> fifo_rules() {
  static constexpr CallRule table[] = {
      {"mkfifo", mkfifo_call}, {"mkfifoat", mkfifoat_call}, {"mknod", mknod_call}, {"mknodat", mknodat_call}};
  return table;
}

}  // namespace ipcvet::model
