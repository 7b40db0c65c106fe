// Regular files, with a name or without one, and what the calls for them do to other kinds of files.
#include <algorithm>

#include "harness/mechanism/descriptor/files.h"
#include "harness/mechanism/mmap/rules.h"
#include "harness/mechanism/pipe/rules.h"
#include "harness/mechanism/posix-shm/rules.h"
#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/signal/rules.h"

namespace ipcvet::model {
namespace {

using Kind = File::Kind;

Inode &edit_inode(Attempt &a, int32_t f) { return a.world.inodes.edit(static_cast<size_t>(a.file_at(f).inode)); }
int64_t size_of(const Attempt &a, int32_t f) { return inode_at(a, a.file_at(f).inode).memory.size(); }

void too_large(Attempt &a, const Rule &rule) {
  SignalInfo info;
  info.signo = static_cast<int>(a.k.SIGXFSZ_);
  info.known = false;
  send_to_thread(a.world, a.setting, a.actor, info);
  a.fails(rule, "EFBIG");
}

// How many of these bytes the process may write there; 0 has raised SIGXFSZ and ended the attempt.
int64_t within_limit(Attempt &a, int64_t offset, int64_t size) {
  const auto limit = static_cast<uint64_t>(soft_limit(a.process(), a.k.RLIMIT_FSIZE_, -1));
  if (limit >= static_cast<uint64_t>(offset + size) || size == 0) return size;
  if (static_cast<uint64_t>(offset) < limit) return static_cast<int64_t>(limit) - offset;
  too_large(a, RULE("posix/write/sigxfsz"));
  return 0;
}

// Of calls that change a file's size; true if the attempt has ended.
bool no_size(Attempt &a, int32_t f) {
  if (a.number(1) < 0) return a.fails(RULE("posix/ftruncate/einval"), "EINVAL"), true;
  if (f < 0 || a.file_at(f).kind == Kind::path) return a.fails(RULE("posix/close/ebadf"), "EBADF"), true;
  return false;
}

void lseek_call(Attempt &a) {
  const int32_t f = file_of(a.process(), a.number(0, -1));
  if (f < 0 || a.file_at(f).kind == Kind::path) return a.fails(RULE("posix/close/ebadf"), "EBADF");
  const int64_t whence = a.number(2);
  constexpr int64_t last_whence = 4;  // SEEK_HOLE
  if (whence < 0 || whence > last_whence) return a.fails(RULE("scaffold/file"), "EINVAL");
  if (a.file_at(f).kind == Kind::pipe) return a.fails(RULE("posix/lseek/espipe"), "ESPIPE");
  if (a.file_at(f).kind != Kind::regular) return a.unmodelled("lseek() of this kind of file");
  if (whence != a.k.SEEK_SET_ && whence != a.k.SEEK_CUR_ && whence != a.k.SEEK_END_)
    return a.unmodelled("lseek() to data or holes");
  const int64_t base = whence == a.k.SEEK_SET_ ? 0 : whence == a.k.SEEK_CUR_ ? a.file_at(f).offset : size_of(a, f);
  if (base + a.number(1) < 0) return a.fails(RULE("scaffold/file"), "EINVAL");
  a.edit_file(f).offset = base + a.number(1);
  a.returns(RULE("posix/fork/open-file-shared"), base + a.number(1));
}

void sync_call(Attempt &a) {
  const int32_t f = file_of(a.process(), a.number(0, -1));
  if (f < 0 || a.file_at(f).kind == Kind::path) return a.fails(RULE("posix/close/ebadf"), "EBADF");
  if (a.file_at(f).kind != Kind::regular && a.file_at(f).kind != Kind::directory)
    return a.fails(RULE("observe/pipe/choices"), "EINVAL");
  a.returns(RULE("scaffold/file"));
}

void ftruncate_call(Attempt &a) {
  const int32_t f = file_of(a.process(), a.number(0, -1));
  if (no_size(a, f)) return;
  if (a.file_at(f).kind != Kind::regular) return a.fails(RULE("observe/pipe/choices"), "EINVAL");
  if (!a.file_at(f).writes) return a.fails(RULE("posix/ftruncate/not-writable"), "EINVAL");
  resize_file(a, a.file_at(f).inode, a.number(1));
}

bool bad_allocation(Attempt &a) {
  const int64_t mode = a.number(1), hole = a.k.FALLOC_FL_PUNCH_HOLE_, keep = a.k.FALLOC_FL_KEEP_SIZE_;
  if (a.number(2) < 0 || a.number(3) <= 0) return a.fails(RULE("linux/fallocate/errors"), "EINVAL"), true;
  if (mode == hole) return a.fails(RULE("linux/fallocate/errors"), "EOPNOTSUPP"), true;
  if ((mode & ~(hole | keep)) != 0) return a.unmodelled("fallocate() in this mode"), true;
  return false;
}

void fallocate_call(Attempt &a) {
  const int32_t f = file_of(a.process(), a.number(0, -1));
  if (f < 0 || a.file_at(f).kind == Kind::path) return a.fails(RULE("posix/close/ebadf"), "EBADF");
  if (bad_allocation(a)) return;
  if (!a.file_at(f).writes) return a.fails(RULE("posix/write/ebadf"), "EBADF");
  if (a.file_at(f).kind == Kind::pipe) return a.fails(RULE("posix/lseek/espipe"), "ESPIPE");
  if (a.file_at(f).kind != Kind::regular) return a.unmodelled("fallocate() of this kind of file");
  allocate(a, f);
}

// Of a read or a write; true if the attempt has ended.
bool ends_beyond_all_offsets(Attempt &a, int64_t offset, int64_t size) {
  const bool beyond = offset > INT64_MAX - size;
  if (beyond) a.unmodelled("bytes beyond all offsets");
  return beyond;
}

// Stored through a mapping of its last page.
bool has_bytes_behind_its_end(const Attempt &a, int32_t inode) {
  const Memory &memory = inode_at(a, inode).memory;
  const std::string rest = memory.read(memory.size(), whole_pages(a.setting, memory.size()) - memory.size());
  return rest.find_first_not_of('\0') != std::string::npos;
}

}  // namespace

bool may_lose_set_ids(Attempt &a, int32_t inode) {
  constexpr int64_t set_ids = 06000;
  const bool open = (inode_at(a, inode).mode & set_ids) != 0 && !a.process().who.privileged();
  if (open) a.unmodelled("changing a file that has set-ID bits");
  return open;
}

bool change_is_open(Attempt &a, int32_t inode) { return lies_in_a_pipe(a, inode) || may_lose_set_ids(a, inode); }

void resize_file(Attempt &a, int32_t inode, int64_t size) {
  const int64_t before = inode_at(a, inode).memory.size();
  const auto limit = static_cast<uint64_t>(soft_limit(a.process(), a.k.RLIMIT_FSIZE_, -1));
  if (size > before && static_cast<uint64_t>(size) > limit) return too_large(a, RULE("posix/ftruncate/efbig"));
  if (sealed_against_size(a, inode, size)) return;
  if (size < before ? change_is_open(a, inode) : may_lose_set_ids(a, inode)) return;
  if (size == before && has_bytes_behind_its_end(a, inode))
    return a.unmodelled("the size it has, for a file with bytes stored behind its end");  // they may be gone, or stay
  a.world.inodes.edit(static_cast<size_t>(inode)).memory.resize(size);
  if (size < before) object_cut(a.world, a.setting, inode);
  a.returns(size < before   ? RULE("posix/ftruncate/shrink-discards")
            : size > before ? RULE("posix/ftruncate/grow-zero")
                            : RULE("posix/ftruncate/size"));
}

void read_regular(Attempt &a, int32_t f, const Sink &sink, int64_t offset, bool moves) {
  if (ends_beyond_all_offsets(a, offset, sink.size())) return;
  const Memory &memory = inode_at(a, a.file_at(f).inode).memory;
  const int64_t there = std::clamp<int64_t>(memory.size() - offset, 0, sink.size());
  const int64_t n = std::min(there, sink.before_fault());
  if (n == 0 && there > 0) return a.fails(RULE("linux/read/efault"), "EFAULT");
  const bool known = memory.known(offset, n);
  const auto mapped = [](const Span &s) { return s.place == Span::Place::address; };
  if (!known && std::any_of(sink.spans.begin(), sink.spans.end(), mapped))
    return a.unmodelled("bytes that the standard leaves open, into memory");
  if (known) store(a, sink, memory.read(offset, n));
  if (moves) a.edit_file(f).offset = offset + n;
  a.returns(RULE("scaffold/file"), n);
}

// A write that fails may have moved the end of the file to where it would have begun.
void write_nothing(Attempt &a, int32_t f, int64_t offset) {
  if (offset > size_of(a, f) && a.setting.linux_profile()) {
    Attempt grown = a;
    edit_inode(grown, f).memory.resize(offset);
    grown.fails(RULE("linux/write/efault"), "EFAULT");
  }
  a.fails(RULE("linux/write/efault"), "EFAULT");
}

// Which is told first, the limit of the file's size or something else, is not said; true if the attempt has ended.
bool is_refused_twice(Attempt &a, int32_t f, const Source &data, int64_t offset) {
  const auto limit = static_cast<uint64_t>(soft_limit(a.process(), a.k.RLIMIT_FSIZE_, -1));
  const bool beyond = static_cast<uint64_t>(offset + data.size) > limit;
  const int64_t refusing = a.k.F_SEAL_WRITE_ | a.k.F_SEAL_FUTURE_WRITE_ | a.k.F_SEAL_GROW_;
  const bool other = (inode_at(a, a.file_at(f).inode).seals & refusing) != 0 || data.faults();
  if (beyond && other) a.unmodelled("a write beyond the limit with another reason to fail");
  return beyond && other;
}

// What comes before an address that faults is written.
void write_regular(Attempt &a, int32_t f, const Source &data, int64_t offset, bool moves) {
  if (data.unknown) return a.unmodelled("a write from memory the model does not follow");
  if (data.size == 0) return a.returns(RULE("scaffold/file"));
  if ((a.file_at(f).flags & a.k.O_APPEND_) != 0) offset = size_of(a, f);
  if (ends_beyond_all_offsets(a, offset, data.size)) return;
  if (is_refused_twice(a, f, data, offset)) return;
  if (sealed_against_writing(a, a.file_at(f).inode, offset, data.size)) return;
  if (data.faults() && data.bytes.empty()) return write_nothing(a, f, offset);
  const int64_t n = within_limit(a, offset, static_cast<int64_t>(data.bytes.size()));
  if (n == 0) return;
  if (change_is_open(a, a.file_at(f).inode)) return;
  Memory &memory = edit_inode(a, f).memory;
  if (memory.size() < offset + n) memory.resize(offset + n);
  memory.write(offset, std::string_view(data.bytes).substr(0, static_cast<size_t>(n)));
  if (moves) a.edit_file(f).offset = offset + n;
  a.returns(RULE("scaffold/file"), n);
}

std::span<const CallRule> regular_rules() {
  static constexpr CallRule table[] = {
      {"lseek", lseek_call},         {"fsync", sync_call},          {"fdatasync", sync_call},
      {"ftruncate", ftruncate_call}, {"fallocate", fallocate_call},
  };
  return table;
}

}  // namespace ipcvet::model
