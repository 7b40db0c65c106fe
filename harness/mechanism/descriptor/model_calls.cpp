// The calls on descriptors of any kind.
#include <algorithm>

#include "harness/mechanism/descriptor/files.h"
#include "harness/mechanism/pipe/rules.h"
#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/signal/rules.h"

namespace ipcvet::model {
namespace {

using Kind = File::Kind;

void read_file(Attempt &a, int32_t f, const Sink &sink) {
  if (sink.unknown) return a.unmodelled("a read into memory the model does not follow");
  switch (a.file_at(f).kind) {
    case Kind::pipe:
      return read_pipe(a, f, sink);
    case Kind::null:
      store(a, sink, "");
      return a.returns(RULE("scaffold/file"));
    case Kind::regular:
      return read_regular(a, f, sink, a.file_at(f).offset, true);
    case Kind::directory:
      return a.fails(RULE("scaffold/file"), "EISDIR");
    default:
      return a.unmodelled("a read of this kind of file");
  }
}

void write_file(Attempt &a, int32_t f, const Source &data) {
  switch (a.file_at(f).kind) {
    case Kind::pipe:
      return write_pipe(a, f, data);
    case Kind::null:
      return a.returns(RULE("scaffold/file"), data.size);
    case Kind::regular:
      return write_regular(a, f, data, a.file_at(f).offset, true);
    default:
      return a.unmodelled("a write to this kind of file");
  }
}

// True where the descriptor cannot be read: the attempt has ended.
bool unreadable(Attempt &a, int32_t f) {
  const bool no = f < 0 || !a.file_at(f).reads;
  if (no) a.fails(RULE("posix/read/ebadf"), "EBADF");
  return no;
}
bool unwritable(Attempt &a, int32_t f) {
  const bool no = f < 0 || !a.file_at(f).writes;
  if (no) a.fails(RULE("posix/write/ebadf"), "EBADF");
  return no;
}

// One call moves no more than this; a negative size ends beyond all addresses.
int64_t size_given(const Attempt &a, uint32_t i) { return std::min(a.number(i), a.setting.limits.copy_most); }

// Files that have no way to read or write at all say so before anything else.
bool without_bytes(Attempt &a, int32_t f) {
  const bool none = a.file_at(f).kind == Kind::epoll;
  if (none) a.fails(RULE("linux/epoll/errors"), "EINVAL");
  return none;
}

void read_call(Attempt &a) {
  const int32_t f = a.file(0);
  if (unreadable(a, f) || without_bytes(a, f)) return;
  if (a.number(2) < 0) return a.fails(RULE("scaffold/size"), "EFAULT");
  read_file(a, f, sink_of(a, 1, size_given(a, 2)));
}

void write_call(Attempt &a) {
  const int32_t f = a.file(0);
  if (unwritable(a, f) || without_bytes(a, f)) return;
  if (a.number(2) < 0) return a.fails(RULE("scaffold/size"), "EFAULT");
  write_file(a, f, source_of(a, 1, size_given(a, 2)));
}

// What a list of buffers may not be; true if the attempt has ended.
bool bad_vectors(Attempt &a) {
  const int64_t count = a.number(2);
  if (count < 0 || count > a.setting.limits.iov_max) return a.fails(RULE("linux/readv/einval"), "EINVAL"), true;
  const auto *list = a.arg(1).as<Value::List>();
  if (!list && count > 0) return a.fails(RULE("linux/read/efault"), "EFAULT"), true;
  int64_t sum = 0;
  for (size_t i = 0; list && i < list->items.size() && static_cast<int64_t>(i) < count; ++i) {
    const auto *record = list->items[i].as<Value::Record>();
    for (const Field &f : record ? record->fields : std::vector<Field>{}) {
      const auto *n = f.name == "len" ? f.value.as<Value::Int>() : nullptr;
      if (n && (n->value < 0 || __builtin_add_overflow(sum, n->value, &sum)))
        return a.fails(RULE("posix/writev/einval-length"), "EINVAL"), true;
    }
  }
  return false;
}

void readv_call(Attempt &a) {
  const int32_t f = a.file(0);
  if (unreadable(a, f) || without_bytes(a, f) || bad_vectors(a)) return;
  const Sink sink = scattered(a, 1, a.number(2));
  if (sink.size() > 0 || sink.unknown) return read_file(a, f, sink);
  if (!sink.spans.empty()) store(a, sink, "");
  a.returns(RULE("posix/read/zero-bytes"));
}

void writev_call(Attempt &a) {
  const int32_t f = a.file(0);
  if (unwritable(a, f) || without_bytes(a, f) || bad_vectors(a)) return;
  const Source data = gathered(a, 1, a.number(2));
  if (data.size == 0) return a.returns(RULE("posix/write/zero-bytes"));
  write_file(a, f, data);
}

// Of the calls at an offset; true if the attempt has ended.
bool no_offset(Attempt &a, int32_t f, int64_t offset, bool reads) {
  if (offset < 0) return a.fails(RULE("scaffold/file"), "EINVAL"), true;
  if (f < 0) return a.fails(RULE("posix/read/ebadf"), "EBADF"), true;
  if (a.file_at(f).kind == Kind::pipe) return a.fails(RULE("posix/lseek/espipe"), "ESPIPE"), true;
  return reads ? unreadable(a, f) : unwritable(a, f);
}

// True where it is no file with pages: the attempt has ended.
bool without_offsets(Attempt &a, int32_t f) {
  const bool none = a.file_at(f).kind != Kind::regular;
  if (none) a.unmodelled("reading or writing at an offset of this kind of file");
  return none;
}

void read_at(Attempt &a, int32_t f, const Sink &sink, int64_t offset) {
  if (sink.unknown) return a.unmodelled("a read into memory the model does not follow");
  if (sink.size() < 0) return a.fails(RULE("scaffold/size"), "EFAULT");
  read_regular(a, f, sink, offset, false);
}

void write_at(Attempt &a, int32_t f, const Source &data, int64_t offset) {
  if (data.size < 0) return a.fails(RULE("scaffold/size"), "EFAULT");
  write_regular(a, f, data, offset, false);
}

void pread_call(Attempt &a) {
  const int32_t f = a.file(0);
  if (no_offset(a, f, a.number(3), true) || without_offsets(a, f)) return;
  read_at(a, f, sink_of(a, 1, size_given(a, 2)), a.number(3));
}
void pwrite_call(Attempt &a) {
  const int32_t f = a.file(0);
  if (no_offset(a, f, a.number(3), false) || without_offsets(a, f)) return;
  write_at(a, f, source_of(a, 1, size_given(a, 2)), a.number(3));
}
void preadv_call(Attempt &a) {
  const int32_t f = a.file(0);
  if (no_offset(a, f, a.number(3), true) || without_offsets(a, f) || bad_vectors(a)) return;
  read_at(a, f, scattered(a, 1, a.number(2)), a.number(3));
}
void pwritev_call(Attempt &a) {
  const int32_t f = a.file(0);
  if (no_offset(a, f, a.number(3), false) || without_offsets(a, f) || bad_vectors(a)) return;
  write_at(a, f, gathered(a, 1, a.number(2)), a.number(3));
}

bool names(const Value &v, int64_t fd) {
  if (const auto *n = v.as<Value::Int>()) return n->value == fd;
  if (const auto *list = v.as<Value::List>())
    return std::any_of(list->items.begin(), list->items.end(), [&](const Value &item) { return names(item, fd); });
  const auto *record = v.as<Value::Record>();
  return record && !record->fields.empty() && names(record->fields.front().value, fd);
}

bool works_on(const Operation &op, int32_t f) { return op.files[0] == f || op.files[1] == f; }

// Does it look at a descriptor by its number, which may be closed meanwhile?
bool polls(const Operation &op, int64_t fd) {
  for (uint32_t i = 0; i < op.call->nargs && i < op.args->size(); ++i) {
    const ArgKind kind = op.call->args[i].kind;
    const bool set = kind == ArgKind::POLL_INOUT || kind == ArgKind::FDSET_INOUT;
    if (set && op.args->at(i).as<Value::List>() && names(op.args->at(i), fd)) return true;
  }
  return false;
}

// What becomes of a poll(), a select() and their like whose descriptor another thread closes is not specified, nor
// whether an end that a waiting call alone still holds is closed before or after others go on for what the call has
// done; true if the attempt has ended.
bool is_polled(Attempt &a, int64_t fd) {
  const int32_t f = file_of(a.process(), fd);
  const bool may_be_last = f >= 0 && a.file_at(f).reads && a.file_at(f).references <= 2;
  for (const ActorId t : a.process().threads) {
    const auto &blocked = a.world.threads[t].blocked;
    if (may_be_last && blocked && works_on(*blocked, f))
      return a.unmodelled("closing the end that another thread reads"), true;
    if (blocked && polls(*blocked, fd)) return a.unmodelled("closing what another thread polls"), true;
  }
  return false;
}

void umask_call(Attempt &a) {
  const int64_t before = a.process().umask;
  a.edit_process().umask = a.number(0) & 0777;
  a.returns(RULE("posix/umask/previous"), before);
}

void close_call(Attempt &a) {
  const int64_t fd = a.number(0, -1);
  const int32_t f = file_of(a.process(), fd);
  if (f < 0) return a.fails(RULE("posix/close/ebadf"), "EBADF");
  if (is_polled(a, fd)) return;
  const bool writer = a.file_at(f).writes;
  close_descriptor(a.world, a.setting, a.process_id(), static_cast<int32_t>(fd));
  a.returns(writer ? RULE("posix/close/last-writer") : RULE("posix/close/last-reader"));
}

void close_range_call(Attempt &a) {
  const int64_t first = a.number(0) & 0xffffffff, last = a.number(1) & 0xffffffff, flags = a.number(2);
  if ((flags & ~(a.k.CLOSE_RANGE_CLOEXEC_ | a.k.CLOSE_RANGE_UNSHARE_)) != 0 || first > last)
    return a.fails(RULE("linux/close_range/ends"), "EINVAL");
  if ((flags & a.k.CLOSE_RANGE_UNSHARE_) != 0 && a.process().threads.size() > 1)
    return a.unmodelled("a descriptor table of a thread's own");
  const auto count = static_cast<int64_t>(a.process().descriptors.size());
  for (int64_t fd = first; fd <= last && fd < count; ++fd) {
    if (file_of(a.process(), fd) < 0) continue;
    if ((flags & a.k.CLOSE_RANGE_CLOEXEC_) != 0)
      a.edit_process().descriptors[static_cast<size_t>(fd)].close_on_exec = true;
    else if (is_polled(a, fd))
      return;
    else
      close_descriptor(a.world, a.setting, a.process_id(), static_cast<int32_t>(fd));
  }
  a.returns(RULE("linux/close_range/ends"));
}

void duplicate(Attempt &a, int32_t f, int64_t from, bool cloexec) {
  const auto fd = lowest_free(a, a.process(), from);
  if (!fd) return a.fails(RULE("posix/dup/errors"), "EMFILE");
  put_descriptor(a.world, a.process_id(), *fd, f, cloexec);
  a.returns(cloexec ? RULE("posix/dup/clears-cloexec") : RULE("posix/dup/lowest"), *fd);
}

void duplicate_onto(Attempt &a, int32_t f, int64_t fd, bool cloexec) {
  if (fd >= 1000 && fd <= 1003) return a.unmodelled("a descriptor number of the actor's own");
  if (file_of(a.process(), fd) == reserved_file) return a.fails(RULE("linux/dup2/ebusy"), "EBUSY");
  if (is_polled(a, fd)) return;
  ++a.edit_file(f).references;
  const bool open = file_of(a.process(), fd) >= 0;
  if (open) close_descriptor(a.world, a.setting, a.process_id(), static_cast<int32_t>(fd));
  put_descriptor(a.world, a.process_id(), static_cast<int32_t>(fd), f, cloexec);
  --a.edit_file(f).references;
  a.returns(open ? RULE("posix/dup2/closes-target") : RULE("posix/dup/same-description"), fd);
}

bool out_of_range(const Attempt &a, int64_t fd) { return fd < 0 || fd >= open_files_limit(a, a.process()); }

void dup_call(Attempt &a) {
  const int32_t f = file_of(a.process(), a.number(0, -1));
  if (f < 0) return a.fails(RULE("posix/dup/errors"), "EBADF");
  duplicate(a, f, 0, false);
}

void dup2_call(Attempt &a) {
  const int64_t from = a.number(0, -1), to = a.number(1, -1);
  const int32_t f = file_of(a.process(), from);
  if (f < 0) return a.fails(RULE("posix/dup2/failure-keeps-target"), "EBADF");
  if (from == to) return a.returns(RULE("posix/dup2/same"), to);
  if (out_of_range(a, to)) return a.fails(RULE("posix/dup/errors"), "EBADF");
  duplicate_onto(a, f, to, false);
}

void dup3_call(Attempt &a) {
  const int64_t from = a.number(0, -1), to = a.number(1, -1), flags = a.number(2);
  if ((flags & ~a.k.O_CLOEXEC_) != 0) return a.fails(RULE("linux/dup3/flags-einval"), "EINVAL");
  if (from == to) return a.fails(RULE("posix/dup3/same-einval"), "EINVAL");
  const int32_t f = file_of(a.process(), from);
  if (f < 0 || out_of_range(a, to)) return a.fails(RULE("posix/dup/errors"), "EBADF");
  duplicate_onto(a, f, to, flags != 0);
}

int64_t access_mode(const Attempt &a, const File &f) {
  if (f.kind == Kind::path) return 0;
  if (!f.reads && !f.writes) return a.k.O_ACCMODE_;
  return f.reads && f.writes ? a.k.O_RDWR_ : f.writes ? a.k.O_WRONLY_ : a.k.O_RDONLY_;
}

// Whoever only writes would be told of room.
bool tells_of_room(Attempt &a, int32_t f, int64_t flags) {
  if ((flags & a.k.O_ASYNC_) == 0 || a.file_at(f).reads) return false;
  return a.unmodelled("signals that tell of room"), true;
}

// Whether a call under way minds that its description becomes non-blocking is not said.
bool somebody_waits(Attempt &a, int32_t f, int64_t flags) {
  if ((flags & a.k.O_NONBLOCK_) == 0 || (a.file_at(f).flags & a.k.O_NONBLOCK_) != 0) return false;
  for (ActorId t = 0; t < a.world.threads.size(); ++t) {
    const auto &op = a.world.threads[t].blocked;
    if (op && works_on(*op, f)) return a.unmodelled("O_NONBLOCK set while somebody waits"), true;
  }
  return false;
}

void set_flags(Attempt &a, int32_t f) {
  const Numerals &k = a.k;
  const File &file = a.file_at(f);
  const int64_t signals = file.kind == Kind::pipe ? k.O_ASYNC_ : 0;  // what cannot tell of input does not say so
  const int64_t settable = k.O_APPEND_ | k.O_NONBLOCK_ | signals | k.O_DIRECT_ | k.O_NOATIME_;
  if ((a.number(2) & k.O_DIRECT_) != 0 && file.kind != Kind::pipe) return a.unmodelled("O_DIRECT on this kind of file");
  if (tells_of_room(a, f, a.number(2)) || somebody_waits(a, f, a.number(2))) return;
  a.edit_file(f).flags = (file.flags & ~settable) | (a.number(2) & settable);
  a.returns((a.number(2) & k.O_DIRECT_) != 0 ? RULE("linux/pipe2/packet-by-fcntl")
                                             : RULE("posix/fcntl/nonblock-per-description"));
}

// The smallest power of two pages that holds it.
int64_t pages_for(const Attempt &a, int64_t size) {
  int64_t pages = 1;
  while (pages * a.setting.limits.page < size) pages *= 2;
  return pages;
}

void set_capacity(Attempt &a, int32_t f) {
  const int64_t size = a.number(2) & 0xffffffff;
  if (size > a.setting.limits.pipe_most) return a.fails(RULE("linux/fcntl/pipe-size-einval"), "EINVAL");
  const int64_t pages = pages_for(a, size);
  const Pipe &pipe = pipe_of(a, f);
  const bool beyond = pages > pipe.pages && pages > a.setting.limits.pipe_max_pages;
  if (beyond && !a.process().who.privileged()) return a.fails(RULE("linux/fcntl/pipe-size-eperm"), "EPERM");
  if (beyond && !a.setting.start.takes_resources) return a.unmodelled("a root that may lack a privilege");
  if (static_cast<int64_t>(pipe.portions.size()) > pages) return a.fails(RULE("linux/fcntl/pipe-size-busy"), "EBUSY");
  edit_pipe(a, f).pages = pages;
  tell_watchers(a.world, a.setting, a.file_at(f).pipe, false, 0);
  a.returns(RULE("linux/fcntl/pipe-size-rounding"), pages * a.setting.limits.page);
}

bool allowed_on_path(const Attempt &a, int64_t cmd) {
  return cmd == a.k.F_DUPFD_ || cmd == a.k.F_DUPFD_CLOEXEC_ || cmd == a.k.F_GETFD_ || cmd == a.k.F_SETFD_ ||
         cmd == a.k.F_GETFL_;
}

void pipe_size(Attempt &a, int32_t f, bool set) {
  if (a.file_at(f).kind != Kind::pipe) return a.fails(RULE("linux/fcntl/pipe-size-not-a-pipe"), "EBADF");
  if (set) return set_capacity(a, f);
  a.returns(RULE("linux/pipe7/capacity"), pipe_of(a, f).pages * a.setting.limits.page);
}

bool names_a_group(const Attempt &a, int64_t pid) {
  const ProcessId ended = process_of_any_pid(a.world, pid);
  if (ended == nobody || exists(a.world.processes[ended])) return false;
  for (ProcessId p = 0; p < a.world.processes.size(); ++p) {
    const Process &other = a.world.processes[p];
    if (exists(other) && (other.group == ended || other.session == ended)) return true;
  }
  return false;
}

void fcntl_call(Attempt &a) {
  const Numerals &k = a.k;
  const int64_t fd = a.number(0, -1), cmd = a.number(1), value = a.number(2);
  const int32_t f = file_of(a.process(), fd);
  if (f < 0 || (a.file_at(f).kind == Kind::path && !allowed_on_path(a, cmd)))
    return a.fails(RULE("posix/dup/errors"), "EBADF");
  if (cmd == k.F_DUPFD_ || cmd == k.F_DUPFD_CLOEXEC_) {
    if (out_of_range(a, value)) return a.fails(RULE("posix/dup/errors"), "EINVAL");
    return duplicate(a, f, value, cmd == k.F_DUPFD_CLOEXEC_);
  }
  Descriptor &d = a.edit_process().descriptors[static_cast<size_t>(fd)];
  if (cmd == k.F_GETFD_) return a.returns(RULE("posix/pipe/flags-clear"), d.close_on_exec ? k.FD_CLOEXEC_ : 0);
  if (cmd == k.F_SETFD_) {
    d.close_on_exec = (value & k.FD_CLOEXEC_) != 0;
    return a.returns(RULE("posix/dup/clears-cloexec"));
  }
  if (cmd == k.F_GETFL_)
    return a.returns(RULE("posix/fcntl/access-mode"), access_mode(a, a.file_at(f)) | a.file_at(f).flags);
  if (cmd == k.F_SETFL_) return set_flags(a, f);
  if (cmd == k.F_GETPIPE_SZ_ || cmd == k.F_SETPIPE_SZ_) return pipe_size(a, f, cmd == k.F_SETPIPE_SZ_);
  if (cmd == k.F_GETOWN_) {
    const int64_t owner = a.file_at(f).owner;
    const ProcessId p = process_of_pid(a.world, owner);  // none once it has ended
    const bool lives = p != nobody && a.world.processes[p].state != Process::State::zombie;
    if (!lives) Attempt(a).returns(RULE("linux/pipe7/async"), 0);
    return a.returns(RULE("linux/pipe7/async"), owner);
  }
  if (cmd == k.F_SETOWN_) {
    if (value < 0) return a.unmodelled("a group that is told of input");
    if (names_a_group(a, value)) return a.unmodelled("a process that has ended, whose number its group still has");
    const ProcessId owner = process_of_pid(a.world, value);
    if (value > 0 && owner == nobody) return a.fails(RULE("linux/fcntl/sigio"), "ESRCH");
    if (value > 0 && !may_signal(a, owner, k.SIGIO_)) return a.unmodelled("an owner whom the caller may not signal");
    a.edit_file(f).owner = value;
    return a.returns(RULE("linux/pipe7/async"));
  }
  if (cmd == k.F_GETSIG_) return a.returns(RULE("linux/fcntl/sigio"), a.file_at(f).signal);
  if (cmd == k.F_SETSIG_) {
    if (value < 0 || value > last_signal) return a.fails(RULE("linux/fcntl/sigio"), "EINVAL");
    a.edit_file(f).signal = value;
    return a.returns(RULE("linux/fcntl/sigio"));
  }
  if (cmd == k.F_ADD_SEALS_ || cmd == k.F_GET_SEALS_) return seals(a, f, value);
  a.unmodelled("this command of fcntl()");
}

void set_nonblock(Attempt &a, int32_t f, int64_t flag) {
  const auto *n = a.arg(2).as<Value::Int>();
  if (!n) return a.fails(RULE("linux/process/efault"), "EFAULT");
  if (n->value != 0 && (tells_of_room(a, f, flag) || somebody_waits(a, f, flag))) return;
  int64_t &flags = a.edit_file(f).flags;
  flags = n->value != 0 ? flags | flag : flags & ~flag;
  a.returns(RULE("linux/ioctl/fionbio"));
}

void ioctl_call(Attempt &a) {
  const int32_t f = file_of(a.process(), a.number(0, -1));
  const int64_t request = a.number(1);
  if (f < 0 || a.file_at(f).kind == Kind::path) return a.fails(RULE("posix/close/ebadf"), "EBADF");
  if (request == a.k.FIONBIO_) return set_nonblock(a, f, a.k.O_NONBLOCK_);
  if (request == a.k.FIOASYNC_ && a.file_at(f).kind != Kind::pipe)
    return a.unmodelled("signals of input from this kind of file");
  if (request == a.k.FIOASYNC_) return set_nonblock(a, f, a.k.O_ASYNC_);
  if (a.file_at(f).kind != Kind::pipe) return a.unmodelled("ioctl() of this kind of file");
  if (request != a.k.FIONREAD_) return a.fails(RULE("linux/ioctl/enotty"), "ENOTTY");
  if (a.is_word(2, "bad") || a.is_word(2, "NULL")) return a.fails(RULE("linux/process/efault"), "EFAULT");
  a.fills(2, Value::integer(pipe_of(a, f).size()));
  a.returns(RULE("linux/pipe7/fionread"));
}

}  // namespace

std::span<const CallRule> descriptor_rules() {
  using enum CallRule::Interrupted;
  static constexpr CallRule table[] = {
      {"read", read_call, restartable, interrupted_pipe},
      {"write", write_call, restartable, interrupted_pipe},
      {"readv", readv_call, restartable, interrupted_pipe},
      {"writev", writev_call, restartable, interrupted_pipe},
      {"pread", pread_call},
      {"pwrite", pwrite_call},
      {"preadv", preadv_call},
      {"pwritev", pwritev_call},
      {"close", close_call},
      {"umask", umask_call},
      {"close_range", close_range_call},
      {"dup", dup_call},
      {"dup2", dup2_call},
      {"dup3", dup3_call},
      {"fcntl", fcntl_call},
      {"ioctl", ioctl_call},
  };
  return table;
}

}  // namespace ipcvet::model
