// splice(), tee(), vmsplice() and sendfile().
#include <algorithm>

#include "harness/mechanism/descriptor/files.h"
#include "harness/mechanism/pipe/rules.h"
#include "harness/mechanism/posix-shm/rules.h"
#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/signal/rules.h"

namespace ipcvet::model {
namespace {

using Kind = File::Kind;

bool is_pipe(const Attempt &a, int32_t f) { return a.file_at(f).kind == Kind::pipe; }
bool is_nonblocking(const Attempt &a, int32_t f) { return (a.file_at(f).flags & a.k.O_NONBLOCK_) != 0; }

bool unknown_flags(const Attempt &a, int64_t flags) {
  return (flags & ~(a.k.SPLICE_F_MOVE_ | a.k.SPLICE_F_NONBLOCK_ | a.k.SPLICE_F_MORE_ | a.k.SPLICE_F_GIFT_)) != 0;
}

void no_reader(Attempt &a) {
  SignalInfo info;
  info.signo = static_cast<int>(a.k.SIGPIPE_);
  info.known = false;
  send_to_thread(a.world, a.setting, a.actor, info);
  a.fails(RULE("linux/splice/epipe"), "EPIPE");
}

// Nothing to take, and somebody may yet put something in; true if the attempt has ended.
bool waits_for_bytes(Attempt &a, int32_t in, bool nonblock) {
  const Pipe &pipe = pipe_of(a, in);
  if (!pipe.empty() || pipe.writers == 0) return false;
  nonblock ? a.fails(RULE("linux/splice/eagain"), "EAGAIN") : a.blocks(RULE("linux/splice/blocks"));
  return true;
}

// No reader, or no room; true if the attempt has ended.
bool waits_for_room(Attempt &a, int32_t out, bool nonblock) {
  const Pipe &pipe = pipe_of(a, out);
  if (pipe.readers == 0) return no_reader(a), true;
  if (!pipe.full()) return false;
  nonblock ? a.fails(RULE("linux/splice/eagain"), "EAGAIN") : a.blocks(RULE("linux/splice/blocks"));
  return true;
}

// The first bytes of a portion, which stays whole where it is.
Portion first_part(const Portion &p, int64_t size) {
  Portion part = p;
  const auto n = std::min(p.bytes.size(), static_cast<size_t>(size));
  part.bytes.resize(n);
  part.end = p.end - static_cast<uint32_t>(p.bytes.size() - n);
  part.joins = false;
  return part;
}

// Portions go over whole; of the last a part may.
int64_t move(Pipe &from, Pipe &to, int64_t size) {
  int64_t moved = 0;
  while (moved < size && !from.empty() && !to.full()) {
    Portion &p = from.portions.front();
    const auto n = std::min(static_cast<int64_t>(p.bytes.size()), size - moved);
    const bool whole = n == static_cast<int64_t>(p.bytes.size());
    to.portions.push_back(whole ? p : first_part(p, n));
    p.bytes.erase(0, static_cast<size_t>(n));
    if (whole) from.portions.erase(from.portions.begin());
    moved += n;
  }
  return moved;
}

int64_t copy(const Pipe &from, Pipe &to, int64_t size) {
  int64_t copied = 0;
  for (const Portion &p : from.portions) {
    if (copied >= size || to.full()) break;
    to.portions.push_back(first_part(p, size - copied));
    copied += static_cast<int64_t>(to.portions.back().bytes.size());
  }
  return copied;
}

// Linux does not look again whether there is something, once tee() has waited for room: with nothing left it returns 0.
constexpr int64_t waited_for_room = 1;

// True if the attempt has ended.
bool finds_nothing_left(Attempt &a, int32_t in, int32_t out, bool nonblock) {
  const Pipe &pipe = pipe_of(a, in);
  if (!a.waiting() || a.op.memo[0] != waited_for_room || !pipe.empty() || pipe.writers == 0) return false;
  if (waits_for_room(a, out, nonblock)) return true;
  a.either([](Attempt &none) { none.returns(RULE("linux/tee/eof")); },
           [](Attempt &waits) {
             waits.op.memo[0] = 0;
             waits.blocks(RULE("linux/splice/blocks"));
           });
  return true;
}

void between_pipes(Attempt &a, int32_t in, int32_t out, int64_t size, bool nonblock, bool keeps) {
  if (a.file_at(in).pipe == a.file_at(out).pipe)
    return a.fails(keeps ? RULE("linux/tee/einval") : RULE("linux/splice/einval"), "EINVAL");
  nonblock = nonblock || is_nonblocking(a, in) || is_nonblocking(a, out);
  if (keeps && finds_nothing_left(a, in, out, nonblock)) return;
  if (waits_for_bytes(a, in, nonblock)) return;
  if (keeps) a.op.memo[0] = waited_for_room;
  if (waits_for_room(a, out, nonblock)) return;
  const bool was_full = pipe_of(a, in).full();
  Pipe &to = edit_pipe(a, out);
  const int64_t n = keeps ? copy(pipe_of(a, in), to, size) : move(edit_pipe(a, in), to, size);
  if (n == 0) return a.returns(keeps ? RULE("linux/tee/eof") : RULE("linux/splice/eof"));
  tell_readers(a, out);
  if (was_full && !keeps) tell_writers(a, in);
  a.returns(keeps ? RULE("linux/tee/copies") : RULE("linux/splice/moves"), n);
}

// Where in a file a call works: at the offset it is given, or at the description's own.
int64_t offset_of(const Attempt &a, int32_t f, uint32_t arg) {
  return a.is_word(arg, "NULL") || !a.given(arg) ? a.file_at(f).offset : a.number(arg);
}
void moved_to(Attempt &a, int32_t f, uint32_t arg, int64_t offset) {
  if (a.is_word(arg, "NULL") || !a.given(arg))
    a.edit_file(f).offset = offset;
  else
    a.fills(arg, Value::integer(offset));
}

// A file's pages go into the pipe as they lie, cut where the file's pages end.
int64_t put_file(Attempt &a, Pipe &pipe, int32_t inode, int64_t offset, int64_t size) {
  const Memory &memory = inode_at(a, inode).memory;
  const int64_t page = a.setting.limits.page;
  const int64_t end = std::min(
      memory.size(), offset + std::min(size, (pipe.pages - static_cast<int64_t>(pipe.portions.size())) * page));
  int64_t at = offset;
  while (at < end && !pipe.full()) {
    const int64_t n = std::min(page - at % page, end - at);
    Portion p;
    p.bytes = memory.read(at, n);
    p.end = static_cast<uint32_t>(at % page + n);
    p.inode = inode;
    pipe.portions.push_back(std::move(p));
    at += n;
  }
  return at - offset;
}

void file_to_pipe(Attempt &a, int32_t in, uint32_t arg, int32_t out, int64_t size, bool nonblock) {
  if (a.file_at(in).kind != Kind::regular) return a.unmodelled("splice() from this kind of file");
  if (offset_of(a, in, arg) < 0) return a.fails(RULE("linux/splice/einval"), "EINVAL");
  if (!a.waiting()) a.op.memo[0] = offset_of(a, in, arg);
  if (a.op.memo[0] != offset_of(a, in, arg)) return a.unmodelled("an offset that others move while a call waits");
  if (waits_for_room(a, out, nonblock || is_nonblocking(a, out))) return;
  const int64_t offset = offset_of(a, in, arg);
  const int64_t n = put_file(a, edit_pipe(a, out), a.file_at(in).inode, offset, size);
  moved_to(a, in, arg, offset + n);
  if (n > 0) tell_readers(a, out);
  a.returns(n == 0 ? RULE("linux/splice/eof") : RULE("linux/splice/file-offset"), n);
}

void pipe_to_file(Attempt &a, int32_t in, int32_t out, uint32_t arg, int64_t size, bool nonblock) {
  if (a.file_at(out).kind != Kind::regular) return a.unmodelled("splice() to this kind of file");
  const bool endless = a.number(4) < 0;  // only into a file is that wrong by itself
  if ((a.file_at(out).flags & a.k.O_APPEND_) != 0 || endless) return a.fails(RULE("linux/splice/einval"), "EINVAL");
  if (offset_of(a, out, arg) < 0) return a.fails(RULE("linux/splice/einval"), "EINVAL");
  if (waits_for_bytes(a, in, nonblock || is_nonblocking(a, in))) return;
  if (change_is_open(a, a.file_at(out).inode)) return;
  const int64_t held = std::min(size, pipe_of(a, in).size());
  const int64_t limit = soft_limit(a.process(), a.k.RLIMIT_FSIZE_, -1);
  if (limit >= 0 && offset_of(a, out, arg) + held > limit) return a.unmodelled("splice() beyond the limit of sizes");
  if (held > 0 && sealed_against_writing(a, a.file_at(out).inode, offset_of(a, out, arg), held)) return;
  const bool was_full = pipe_of(a, in).full();
  std::string bytes;
  Pipe sink;
  sink.pages = INT64_MAX;
  const int64_t n = move(edit_pipe(a, in), sink, size);
  for (const Portion &p : sink.portions) bytes += p.bytes;
  const int64_t offset = offset_of(a, out, arg);
  Memory &memory = a.world.inodes.edit(static_cast<size_t>(a.file_at(out).inode)).memory;
  if (n > 0 && memory.size() < offset + n) memory.resize(offset + n);
  memory.write(offset, bytes);
  moved_to(a, out, arg, offset + n);
  if (was_full) tell_writers(a, in);
  a.returns(n == 0 ? RULE("linux/splice/eof") : RULE("linux/splice/file-offset"), n);
}

// -1 also where it names a place only.
int32_t opened_file(Attempt &a, uint32_t i) {
  const int32_t f = a.file(i);
  return f >= 0 && a.file_at(f).kind == Kind::path ? -1 : f;
}

// A number of bytes is never negative: as large as can be.
int64_t most_bytes(const Attempt &a, uint32_t i) { return a.number(i) < 0 ? INT64_MAX : a.number(i); }

void splice_call(Attempt &a) {
  const int64_t size = most_bytes(a, 4), flags = a.number(5);
  if (size == 0) return a.returns(RULE("linux/splice/moves"));
  if (unknown_flags(a, flags)) return a.fails(RULE("linux/splice/einval"), "EINVAL");
  const int32_t in = opened_file(a, 0), out = opened_file(a, 2);
  if (in < 0 || out < 0) return a.fails(RULE("linux/splice/ebadf"), "EBADF");
  const bool offset_in = !a.is_word(1, "NULL"), offset_out = !a.is_word(3, "NULL");
  if ((is_pipe(a, in) && offset_in) || (is_pipe(a, out) && offset_out))
    return a.fails(RULE("linux/splice/espipe"), "ESPIPE");
  if (a.is_word(1, "bad") || a.is_word(3, "bad")) return a.fails(RULE("linux/process/efault"), "EFAULT");
  if (!a.file_at(in).reads || !a.file_at(out).writes) return a.fails(RULE("linux/splice/ebadf"), "EBADF");
  const bool nonblock = (flags & a.k.SPLICE_F_NONBLOCK_) != 0;
  if (is_pipe(a, in) && is_pipe(a, out)) return between_pipes(a, in, out, size, nonblock, false);
  if (is_pipe(a, in)) return pipe_to_file(a, in, out, 3, size, nonblock);
  if (a.number(4) < 0) return a.unmodelled("splice() of a file's bytes without end");  // all there is, or EINVAL
  if (is_pipe(a, out)) return file_to_pipe(a, in, 1, out, size, nonblock);
  a.fails(RULE("linux/splice/einval"), "EINVAL");
}

void tee_call(Attempt &a) {
  const int64_t size = most_bytes(a, 2), flags = a.number(3);
  if (unknown_flags(a, flags)) return a.fails(RULE("linux/splice/einval"), "EINVAL");
  if (size == 0) return a.returns(RULE("linux/tee/copies"));
  const int32_t in = a.file(0), out = a.file(1);
  if (in < 0 || out < 0 || !a.file_at(in).reads || !a.file_at(out).writes)
    return a.fails(RULE("linux/splice/ebadf"), "EBADF");
  if (!is_pipe(a, in) || !is_pipe(a, out)) return a.fails(RULE("linux/tee/einval"), "EINVAL");
  between_pipes(a, in, out, size, (flags & a.k.SPLICE_F_NONBLOCK_) != 0, true);
}

// Every piece of memory becomes a portion of its own, page by page.
int64_t put_memory(Attempt &a, Pipe &pipe) {
  const int64_t page = a.setting.limits.page;
  int64_t put = 0;
  for (const std::string &piece : pieces(a, 1, a.number(2)))
    for (size_t at = 0; at < piece.size() && !pipe.full(); at += static_cast<size_t>(page)) {
      Portion p;
      p.bytes = piece.substr(at, static_cast<size_t>(page));
      p.end = static_cast<uint32_t>(p.bytes.size());
      put += static_cast<int64_t>(p.bytes.size());
      pipe.portions.push_back(std::move(p));
    }
  return put;
}

// Where in its page one of several buffers begins is not the program's matter, and decides how many pages it takes.
bool takes_unknown_pages(const Attempt &a) {
  const auto *list = a.arg(1).as<Value::List>();
  const std::vector<std::string> all = pieces(a, 1, a.number(2));
  return list && list->items.size() > 1 &&
         std::any_of(all.begin(), all.end(), [](const auto &piece) { return piece.size() > 1; });
}

void memory_to_pipe(Attempt &a, int32_t f, bool nonblock) {
  const Source source = gathered(a, 1, a.number(2));
  if (source.unknown) return a.unmodelled("memory the model does not follow");
  if (takes_unknown_pages(a)) return a.unmodelled("vmsplice() of several buffers");
  if (source.size == 0) return a.returns(RULE("linux/vmsplice/puts"));
  if (!is_pipe(a, f)) return a.fails(RULE("linux/vmsplice/errors"), "EBADF");
  if (waits_for_room(a, f, nonblock)) return;
  if (source.bytes.empty()) return a.fails(RULE("linux/vmsplice/errors"), "EFAULT");
  const int64_t n = put_memory(a, edit_pipe(a, f));
  tell_readers(a, f);
  a.returns(RULE("linux/vmsplice/puts"), n);
}

void pipe_to_memory(Attempt &a, int32_t f, bool nonblock) {
  const Sink sink = scattered(a, 1, a.number(2));
  if (sink.unknown) return a.unmodelled("memory the model does not follow");
  if (sink.size() == 0) return a.returns(RULE("linux/vmsplice/takes"));
  if (!is_pipe(a, f)) return a.fails(RULE("linux/vmsplice/errors"), "EBADF");
  if (waits_for_bytes(a, f, nonblock)) return;
  Pipe taken;
  taken.pages = INT64_MAX;
  const int64_t n = move(edit_pipe(a, f), taken, sink.size());
  std::string bytes;
  for (const Portion &p : taken.portions) bytes += p.bytes;
  if (sink.before_fault() < n) return a.unmodelled("vmsplice() into memory that faults");
  store(a, sink, bytes);
  tell_writers(a, f);
  a.returns(RULE("linux/vmsplice/takes"), n);
}

bool has_negative_length(const Attempt &a) {
  const auto *list = a.arg(1).as<Value::List>();
  const size_t count = list ? std::min(list->items.size(), static_cast<size_t>(a.number(2))) : 0;
  return count > 0 && std::any_of(list->items.begin(), list->items.begin() + static_cast<ptrdiff_t>(count),
                                  [](const Value &piece) { return int_field(piece, "len") < 0; });
}

void vmsplice_call(Attempt &a) {
  const int64_t flags = a.number(3);
  if (unknown_flags(a, flags)) return a.fails(RULE("linux/vmsplice/errors"), "EINVAL");
  const int32_t f = a.file(0);
  if (f < 0 || (!a.file_at(f).reads && !a.file_at(f).writes)) return a.fails(RULE("linux/vmsplice/errors"), "EBADF");
  if (a.number(2) < 0 || a.number(2) > a.setting.limits.iov_max)
    return a.fails(RULE("linux/vmsplice/errors"), "EINVAL");
  if (has_negative_length(a)) {  // which of these is told is not said
    if (!is_pipe(a, f)) Attempt(a).fails(RULE("linux/vmsplice/errors"), "EBADF");
    Attempt(a).fails(RULE("linux/vmsplice/errors"), "EFAULT");
    return a.fails(RULE("linux/vmsplice/errors"), "EINVAL");
  }
  const bool nonblock = (flags & a.k.SPLICE_F_NONBLOCK_) != 0;
  a.file_at(f).writes ? memory_to_pipe(a, f, nonblock) : pipe_to_memory(a, f, nonblock);
}

// Which of two errors comes first is not said, nor what a pipe takes from a pipe.
bool open_what_comes(const Attempt &a, int32_t out, int32_t in) {
  const int64_t size = a.number(3);
  const bool pipes = in >= 0 && out >= 0 && is_pipe(a, in) && is_pipe(a, out);
  const bool open = pipes && (pipe_of(a, out).full() || pipe_of(a, out).readers == 0 || size == 0);
  const bool no_place = in >= 0 && a.file_at(in).kind != Kind::regular && !is_pipe(a, in) && !a.is_word(2, "NULL");
  const bool from_file = in >= 0 && a.file_at(in).reads && a.file_at(in).kind == Kind::regular;
  const bool fits = from_file && out >= 0 && a.file_at(out).writes && is_pipe(a, out);
  return size < 0 || open || no_place || (a.number(2) < 0 && !fits);
}

void sendfile_call(Attempt &a) {
  const int32_t out = a.file(0), in = a.file(1);
  if (a.is_word(2, "bad")) return a.fails(RULE("linux/process/efault"), "EFAULT");
  if (open_what_comes(a, out, in)) return a.unmodelled("sendfile() with two reasons to fail");
  if (in < 0 || !a.file_at(in).reads) return a.fails(RULE("linux/sendfile/from-pipe"), "EBADF");
  if (is_pipe(a, in) && !a.is_word(2, "NULL")) return a.fails(RULE("linux/sendfile/from-pipe"), "ESPIPE");
  if (out < 0 || !a.file_at(out).writes) return a.fails(RULE("linux/sendfile/from-pipe"), "EBADF");
  if (is_pipe(a, in)) return a.fails(RULE("linux/sendfile/from-pipe"), "EINVAL");
  if (!is_pipe(a, out)) return a.unmodelled("sendfile() to this kind of file");
  file_to_pipe(a, in, 2, out, a.number(3), false);
}

void splice_interrupted(Attempt &a) { a.fails(RULE("linux/splice/eintr"), "EINTR"); }

}  // namespace

std::span<const CallRule> splice_rules() {
  using enum CallRule::Interrupted;
  static constexpr CallRule table[] = {
      {"splice", splice_call, restartable, splice_interrupted},
      {"tee", tee_call, restartable, splice_interrupted},
      {"vmsplice", vmsplice_call, restartable, splice_interrupted},
      {"sendfile", sendfile_call, restartable, splice_interrupted},
  };
  return table;
}

}  // namespace ipcvet::model
