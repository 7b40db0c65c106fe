// Pipes: making them, reading and writing.
#include "harness/mechanism/pipe/model.h"

#include <algorithm>

#include "harness/mechanism/descriptor/files.h"
#include "harness/mechanism/pipe/rules.h"
#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/signal/rules.h"

namespace ipcvet::model {
namespace {

using Kind = File::Kind;

File end_of_pipe(int32_t pipe, int32_t inode, bool reads, int64_t flags) {
  File f;
  f.kind = Kind::pipe;
  f.pipe = pipe;
  f.inode = inode;
  f.reads = reads;
  f.writes = !reads;
  f.flags = flags;
  f.writers_at_open = UINT32_MAX;
  return f;
}

// The two ends get the lowest numbers; `array` is the argument that takes them.
void add_ends(Attempt &a, uint32_t array, int32_t inode, int64_t flags, int32_t first, int32_t second) {
  const Numerals &k = a.k;
  Pipe pipe;
  pipe.pages = a.setting.limits.pipe_pages;
  pipe.readers = pipe.writers = pipe.reader_opens = pipe.writer_opens = 1;
  const auto p = static_cast<int32_t>(a.world.pipes.add(pipe));
  a.world.inodes.edit(static_cast<size_t>(inode)).pipe = p;
  const bool cloexec = (flags & k.O_CLOEXEC_) != 0;
  const int64_t status = flags & ~k.O_CLOEXEC_;
  const auto r = add_file(a.world, end_of_pipe(p, inode, true, status & ~k.O_DIRECT_));
  const auto w = add_file(a.world, end_of_pipe(p, inode, false, status));
  put_descriptor(a.world, a.process_id(), first, r, cloexec);
  put_descriptor(a.world, a.process_id(), second, w, cloexec);
  a.fills(array, Value::list({Value::integer(first), Value::integer(second)}));
}

bool no_array(const Attempt &a, uint32_t array) { return a.is_word(array, "bad") || a.is_word(array, "NULL"); }

// Two descriptors of a new pipe, or no descriptor at all.
void make_pipe(Attempt &a, uint32_t array, int64_t flags) {
  const Numerals &k = a.k;
  if ((flags & ~(k.O_CLOEXEC_ | k.O_NONBLOCK_ | k.O_DIRECT_)) != 0)
    return a.fails(RULE("linux/pipe2/einval"), "EINVAL");
  const auto first = lowest_free(a, a.process());
  const auto second = first ? lowest_free(a, a.process(), *first + 1) : std::nullopt;
  if (!second) return a.fails(RULE("posix/pipe/emfile"), "EMFILE");
  if (no_array(a, array)) return a.fails(RULE("linux/pipe/efault"), "EFAULT");
  const int32_t inode = make_inode(a, Inode::Kind::fifo, 0600, false);
  add_ends(a, array, inode, flags, *first, *second);
  a.returns(RULE("posix/pipe/creates-both-ends"));
}

// A FIFO in the working directory, opened from both sides; as the actor makes it.
void make_channel_fifo(Attempt &a) {
  std::string name = "channel";
  Place place = find_place(a, a.process().directory, name, false);
  for (int i = 2; place.inode >= 0 && i < 99; ++i)
    place = find_place(a, a.process().directory, name = "channel" + std::to_string(i), false);
  const auto first = lowest_free(a, a.process());
  const auto second = first ? lowest_free(a, a.process(), *first + 1) : std::nullopt;
  if (!second) return a.unmodelled("a channel at the limit of descriptors");
  if (no_place(a, place) || no_new_name(a, place)) return;
  const int32_t inode = make_inode(a, Inode::Kind::fifo, 0600);
  if (!permits(a.process().who, inode_at(a, inode), may_read | may_write))
    return a.unmodelled("a channel that its maker may not open");
  add_name(a.world, place.directory, name, inode);
  add_ends(a, 1, inode, a.k.large_file(), *first, *second);
  a.returns(RULE("posix/open/fifo-rendezvous-all"));
}

void pipe_call(Attempt &a) { make_pipe(a, 0, 0); }
void pipe2_call(Attempt &a) { make_pipe(a, 0, a.number(1)); }
void channel_call(Attempt &a) { a.is_word(0, "fifo") ? make_channel_fifo(a) : make_pipe(a, 1, 0); }

bool waits(const Attempt &a, int32_t file) { return (a.file_at(file).flags & a.k.O_NONBLOCK_) == 0 || a.waiting(); }

// Takes portion after portion; of a packet what does not fit is lost.
std::string take(Pipe &pipe, int64_t most) {
  std::string out;
  while (!pipe.empty() && static_cast<int64_t>(out.size()) < most) {
    Portion &p = pipe.portions.front();
    const size_t n = std::min(p.bytes.size(), static_cast<size_t>(most) - out.size());
    out.append(p.bytes, 0, n);
    p.bytes.erase(0, n);
    const bool packet = p.packet;
    if (packet || p.bytes.empty()) pipe.portions.erase(pipe.portions.begin());
    if (packet) break;
  }
  return out;
}

// The bytes up to the first portion that would not arrive whole at addresses of the caller's.
int64_t before_fault(const Pipe &pipe, const Sink &sink) {
  const int64_t good = sink.before_fault(), most = sink.size();
  int64_t n = 0;
  for (const Portion &p : pipe.portions) {
    const int64_t size = std::min(static_cast<int64_t>(p.bytes.size()), most - n);
    if (size == 0) break;
    if (n + size > good) return n;
    n += size;
    if (p.packet) break;
  }
  return n;
}

void no_reader(Attempt &a) {
  SignalInfo info;
  info.signo = static_cast<int>(a.k.SIGPIPE_);
  info.known = false;
  send_to_thread(a.world, a.setting, a.actor, info);
  if (a.op.done > 0) return a.returns(RULE("posix/write/partial-then-reader-gone"), a.op.done);
  a.waiting() ? a.fails(RULE("posix/write/blocked-epipe"), "EPIPE") : a.fails(RULE("posix/write/epipe"), "EPIPE");
}

// What is over after whole pages goes behind the last bytes where it fits into their page; false where the caller's
// memory faults.
bool join_last_page(Attempt &a, Pipe &pipe, const Source &data) {
  const int64_t page = a.setting.limits.page, rest = data.size % page;
  if (rest == 0 || pipe.empty()) return true;
  Portion &last = pipe.portions.back();
  if (!last.joins || last.end + rest > page) return true;
  if (static_cast<int64_t>(data.bytes.size()) < rest) return false;
  last.bytes.append(data.bytes, 0, static_cast<size_t>(rest));
  last.end += static_cast<uint32_t>(rest);
  a.op.done = rest;
  return true;
}

// Fills free pages; false where the caller's memory faults.
bool fill_pages(Attempt &a, Pipe &pipe, const Source &data, bool packets) {
  const int64_t page = a.setting.limits.page;
  while (a.op.done < data.size && !pipe.full()) {
    const int64_t n = std::min(page, data.size - a.op.done);
    if (a.op.done + n > static_cast<int64_t>(data.bytes.size())) return false;
    Portion p;
    p.bytes = data.bytes.substr(static_cast<size_t>(a.op.done), static_cast<size_t>(n));
    p.end = static_cast<uint32_t>(n);
    p.joins = !packets;
    p.packet = packets;
    pipe.portions.push_back(std::move(p));
    a.op.done += n;
  }
  return true;
}

void tell_owners(Attempt &a, int32_t file);

// A write that brings nothing, or nothing yet, may tell all the same who watches for changes: Linux does (fs/pipe.c,
// pipe_write). The copy is told; false where nobody would notice.
bool tells_without_bytes(Attempt &copy, int32_t file) {
  const World before = copy.world;
  tell_readers(copy, file);
  return !(copy.world == before);
}

void fails_to_write(Attempt &a, int32_t file, const Rule &rule, const char *error) {
  if (Attempt told = a; tells_without_bytes(told, file)) told.fails(rule, error);
  a.fails(rule, error);
}

void waits_to_write(Attempt &a, int32_t file, bool told_already) {
  if (Attempt told = a; !told_already && tells_without_bytes(told, file)) told.blocks(RULE("posix/write/full-blocks"));
  a.blocks(RULE("posix/write/full-blocks"));
}

// Who watches for changes is told of what has come behind other bytes, or only when the write is done, as by Linux.
void waits_behind_others(Attempt &a, int32_t file) {
  Attempt told = a;
  tell_readers(told, file);
  tell_owners(a, file);
  if (!(told.world == a.world)) told.blocks(RULE("posix/write/full-blocks"));
  a.blocks(RULE("posix/write/full-blocks"));
}

}  // namespace

const Pipe &pipe_of(const Attempt &a, int32_t file) { return a.world.pipes[static_cast<size_t>(a.file_at(file).pipe)]; }
Pipe &edit_pipe(Attempt &a, int32_t file) { return a.world.pipes.edit(static_cast<size_t>(a.file_at(file).pipe)); }

void read_pipe(Attempt &a, int32_t file, const Sink &sink) {
  if (sink.size() == 0) {
    store(a, sink, "");
    return a.returns(RULE("posix/read/zero-bytes"));
  }
  const Pipe &pipe = pipe_of(a, file);
  if (!pipe.empty()) {
    const int64_t most = before_fault(pipe, sink);
    if (most == 0) return a.fails(RULE("linux/read/efault"), "EFAULT");
    const bool was_full = pipe.full();
    const std::string got = take(edit_pipe(a, file), std::min(most, sink.size()));
    if (was_full && !pipe_of(a, file).full()) tell_writers(a, file);
    store(a, sink, got);
    return a.returns(RULE("posix/read/returns-what-is-there"), static_cast<int64_t>(got.size()));
  }
  if (pipe.writers == 0) {
    store(a, sink, "");
    return a.returns(RULE("posix/read/pipe-no-writer-eof"));
  }
  if (!waits(a, file)) return a.fails(RULE("posix/read/pipe-empty-eagain"), "EAGAIN");
  a.blocks(RULE("posix/read/pipe-empty-blocks"));
}

void write_pipe(Attempt &a, int32_t file, const Source &data) {
  if (data.unknown) return a.unmodelled("a write from memory the model does not follow");
  if (data.size == 0) return a.returns(RULE("posix/write/zero-bytes"));
  if (pipe_of(a, file).readers == 0) return no_reader(a);
  const bool packets = (a.file_at(file).flags & a.k.O_DIRECT_) != 0;
  Pipe &pipe = edit_pipe(a, file);
  const bool was_empty = pipe.empty();
  const int64_t before = a.op.done;
  const bool joined = a.waiting() || join_last_page(a, pipe, data);
  const bool whole = joined && fill_pages(a, pipe, data, packets);
  const bool progressed = a.op.done > before;
  const bool goes_on = whole && a.op.done < data.size && waits(a, file);
  if (progressed && goes_on && !was_empty) return waits_behind_others(a, file);
  if (progressed) tell_readers(a, file);
  if (a.op.done == data.size) return a.returns(RULE("posix/write/full-blocks"), data.size);
  if (!whole && a.op.done == 0) return fails_to_write(a, file, RULE("linux/write/efault"), "EFAULT");
  if (!whole) return a.returns(RULE("linux/write/efault"), a.op.done);
  if (goes_on) return waits_to_write(a, file, a.waiting() || progressed);
  if (a.op.done > 0) return a.returns(RULE("posix/write/nonblock-large"), a.op.done);
  fails_to_write(a, file, RULE("posix/write/eagain-small"), "EAGAIN");
}

void interrupted_pipe(Attempt &a) {
  if (a.op.done > 0) return a.returns(RULE("posix/write/interrupted-partial"), a.op.done);
  a.fails(RULE("posix/read/eintr"), "EINTR");
}

bool lies_in_a_pipe(Attempt &a, int32_t inode) {
  for (size_t i = 0; i < a.world.pipes.size(); ++i)
    for (const Portion &p : a.world.pipes[i].portions)
      if (p.inode == inode) return a.unmodelled("a change of a file whose pages are in a pipe"), true;
  return false;
}

namespace {

// SIGIO, or what F_SETSIG chose, to the owners of descriptors with O_ASYNC.
template <typename Whose>
void signal_owners(World &world, const Setting &setting, int32_t pipe, Whose whose) {
  for (size_t f = 0; f < world.files.size(); ++f) {
    const File &file = world.files[f];
    const bool asks = file.pipe == pipe && file.references > 0 && (file.flags & setting.k.O_ASYNC_) != 0;
    if (!asks || !whose(file) || file.owner <= 0) continue;
    SignalInfo info;
    info.signo = static_cast<int>(file.signal != 0 ? file.signal : setting.k.SIGIO_);
    info.known = false;
    if (const ProcessId owner = process_of_pid(world, file.owner); owner != nobody)
      send_to_process(world, setting, owner, info);
  }
}

void tell_owners(Attempt &a, int32_t file) {
  signal_owners(a.world, a.setting, a.file_at(file).pipe, [](const File &reader) { return reader.reads; });
}

}  // namespace

void pipe_closed(World &world, const Setting &setting, const File &file) {
  Pipe &pipe = world.pipes.edit(static_cast<size_t>(file.pipe));
  if (file.reads) --pipe.readers;
  if (file.writes) --pipe.writers;
  if (pipe.readers + pipe.writers > 0) {
    // The last of one side tells both (fs/pipe.c, pipe_release).
    if ((pipe.readers == 0) == (pipe.writers == 0)) return;
    signal_owners(world, setting, file.pipe, [](const File &) { return true; });
    tell_watchers(world, setting, file.pipe, true, 0);
    tell_watchers(world, setting, file.pipe, false, 0);
    return;
  }
  pipe.portions.clear();
  if (file.inode >= 0) world.inodes.edit(static_cast<size_t>(file.inode)).pipe = -1;
}

void tell_readers(Attempt &a, int32_t file) {
  const int32_t pipe = a.file_at(file).pipe;
  tell_watchers(a.world, a.setting, pipe, true, a.k.EPOLLIN_ | a.k.EPOLLRDNORM_);
  tell_owners(a, file);
}

void tell_writers(Attempt &a, int32_t file) {
  tell_watchers(a.world, a.setting, a.file_at(file).pipe, false, a.k.EPOLLOUT_ | a.k.EPOLLWRNORM_);
}

std::span<const CallRule> pipe_rules() {
  static constexpr CallRule table[] = {{"pipe", pipe_call}, {"pipe2", pipe2_call}, {"channel", channel_call}};
  return table;
}

}  // namespace ipcvet::model
