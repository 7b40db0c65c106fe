// Pipes: making them, reading and writing.
#include "harness/mechanism/pipe/model.h"

#include <algorithm>

#include "harness/mechanism/pipe/rules.h"
#include "harness/mechanism/signal/rules.h"

namespace ipcvet::model {
namespace {

using Kind = File::Kind;

File end_of_pipe(int32_t pipe, bool reads, int64_t flags) {
  File f;
  f.kind = Kind::pipe;
  f.pipe = pipe;
  f.reads = reads;
  f.writes = !reads;
  f.flags = flags;
  f.writers_at_open = UINT32_MAX;
  return f;
}

// Two descriptors of a new pipe, or no descriptor at all.
void make_pipe(Attempt &a, int64_t flags) {
  const Numerals &k = a.k;
  if ((flags & ~(k.O_CLOEXEC_ | k.O_NONBLOCK_ | k.O_DIRECT_)) != 0)
    return a.fails(RULE("linux/pipe2/einval"), "EINVAL");
  const auto first = lowest_free(a, a.process());
  const auto second = first ? lowest_free(a, a.process(), *first + 1) : std::nullopt;
  if (!second) return a.fails(RULE("posix/pipe/emfile"), "EMFILE");
  if (a.is_word(0, "bad") || a.is_word(0, "NULL")) return a.fails(RULE("linux/pipe/efault"), "EFAULT");
  Pipe pipe;
  pipe.pages = a.setting.limits.pipe_pages;
  pipe.readers = pipe.writers = pipe.reader_opens = pipe.writer_opens = 1;
  const auto p = static_cast<int32_t>(a.world.pipes.add(pipe));
  const int64_t status = flags & (k.O_NONBLOCK_ | k.O_DIRECT_);
  const bool cloexec = (flags & k.O_CLOEXEC_) != 0;
  put_descriptor(a.world, a.process_id(), *first, add_file(a.world, end_of_pipe(p, true, status & ~k.O_DIRECT_)),
                 cloexec);
  put_descriptor(a.world, a.process_id(), *second, add_file(a.world, end_of_pipe(p, false, status)), cloexec);
  a.fills(0, Value::list({Value::integer(*first), Value::integer(*second)}));
  a.returns(RULE("posix/pipe/creates-both-ends"));
}

void pipe_call(Attempt &a) { make_pipe(a, 0); }
void pipe2_call(Attempt &a) { make_pipe(a, a.number(1)); }

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

// What is over after whole pages goes behind the last bytes where it fits into their page.
void join_last_page(Attempt &a, Pipe &pipe, const Source &data) {
  const int64_t page = a.setting.limits.page, rest = data.size % page;
  if (rest == 0 || pipe.empty()) return;
  Portion &last = pipe.portions.back();
  if (!last.joins || last.end + rest > page) return;
  last.bytes.append(data.bytes, 0, static_cast<size_t>(rest));
  last.end += static_cast<uint32_t>(rest);
  a.op.done = rest;
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
    const std::string got = take(edit_pipe(a, file), std::min(most, sink.size()));
    ++edit_pipe(a, file).activity;
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
  const int64_t before = a.op.done;
  if (!a.waiting() && data.bytes.size() >= static_cast<size_t>(data.size)) join_last_page(a, pipe, data);
  const bool whole = fill_pages(a, pipe, data, packets);
  if (a.op.done > before) ++pipe.activity;
  if (a.op.done == data.size) return a.returns(RULE("posix/write/full-blocks"), data.size);
  if (!whole && a.op.done == 0) return a.fails(RULE("linux/write/efault"), "EFAULT");
  if (!whole) return a.returns(RULE("linux/write/efault"), a.op.done);
  if (waits(a, file)) return a.blocks(RULE("posix/write/full-blocks"));
  if (a.op.done > 0) return a.returns(RULE("posix/write/nonblock-large"), a.op.done);
  a.fails(RULE("posix/write/eagain-small"), "EAGAIN");
}

void interrupted_pipe(Attempt &a) {
  if (a.op.done > 0) return a.returns(RULE("posix/write/interrupted-partial"), a.op.done);
  a.fails(RULE("posix/read/eintr"), "EINTR");
}

void pipe_closed(World &world, const File &file) {
  Pipe &pipe = world.pipes.edit(static_cast<size_t>(file.pipe));
  if (file.reads) --pipe.readers;
  if (file.writes) --pipe.writers;
  ++pipe.activity;
  if (pipe.readers + pipe.writers > 0) return;
  pipe.portions.clear();
  if (file.inode >= 0) world.inodes.edit(static_cast<size_t>(file.inode)).pipe = -1;
}

std::span<const CallRule> pipe_rules() {
  static constexpr CallRule table[] = {{"pipe", pipe_call}, {"pipe2", pipe2_call}};
  return table;
}

}  // namespace ipcvet::model
