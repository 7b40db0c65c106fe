// Descriptors: numbers, open file descriptions, and the calls on descriptors of any kind.
#include "harness/mechanism/descriptor/model.h"

#include <algorithm>

#include "harness/mechanism/descriptor/rules.h"
#include "harness/mechanism/pipe/rules.h"

namespace ipcvet::model {
namespace {

// Numbers the actor needs for itself.
bool is_reserved(int64_t fd) { return fd >= 1000 && fd <= 1003; }

void read_call(Attempt &a) {
  const int32_t f = a.file(0);
  if (f < 0 || !a.file_at(f).reads) return a.fails(RULE("posix/read/ebadf"), "EBADF");
  const int64_t size = a.number(2);
  if (a.file_at(f).kind == File::Kind::pipe) return read_pipe(a, f, sink_of(a, 1, size));
  a.unmodelled("read() of this kind of file");
}

void write_call(Attempt &a) {
  const int32_t f = a.file(0);
  if (f < 0 || !a.file_at(f).writes) return a.fails(RULE("posix/write/ebadf"), "EBADF");
  const int64_t size = a.number(2);
  if (a.file_at(f).kind == File::Kind::pipe) return write_pipe(a, f, source_of(a, 1, size));
  a.unmodelled("write() to this kind of file");
}

void close_call(Attempt &a) {
  const int64_t fd = a.number(0, -1);
  if (file_of(a.process(), fd) < 0) return a.fails(RULE("posix/close/ebadf"), "EBADF");
  close_descriptor(a.world, a.process_id(), static_cast<int32_t>(fd));
  a.returns(RULE("posix/close/last-writer"));
}

void interrupted_call(Attempt &a) { interrupted_pipe(a); }

}  // namespace

int32_t file_of(const Process &process, int64_t fd) {
  if (fd < 0 || fd >= static_cast<int64_t>(process.descriptors.size())) return -1;
  return process.descriptors[static_cast<size_t>(fd)].file;
}

int64_t open_files_limit(const Attempt &a, const Process &process) {
  for (const ResourceLimit &limit : process.limits)
    if (limit.resource == a.k.RLIMIT_NOFILE_) return limit.soft;
  return a.setting.limits.open_files;
}

std::optional<int32_t> lowest_free(const Attempt &a, const Process &process, int64_t from) {
  const int64_t limit = open_files_limit(a, process);
  for (int64_t fd = from; fd < limit; ++fd)
    if (file_of(process, fd) < 0 && !is_reserved(fd)) return static_cast<int32_t>(fd);
  return std::nullopt;
}

int32_t add_file(World &world, File file) { return static_cast<int32_t>(world.files.add(std::move(file))); }

void put_descriptor(World &world, ProcessId process, int32_t fd, int32_t file, bool close_on_exec) {
  auto &table = world.processes.edit(process).descriptors;
  const auto at = static_cast<size_t>(fd);
  if (table.size() <= at) table.resize(at + 1);
  table[at] = {file, close_on_exec};
  ++world.files.edit(static_cast<size_t>(file)).references;
}

void close_descriptor(World &world, ProcessId process, int32_t fd) {
  Descriptor &d = world.processes.edit(process).descriptors[static_cast<size_t>(fd)];
  const int32_t file = d.file;
  d = {};
  release_file(world, file);
}

void release_file(World &world, int32_t file) {
  File &f = world.files.edit(static_cast<size_t>(file));
  if (--f.references > 0) return;
  const File closed = f;
  if (closed.kind == File::Kind::pipe) pipe_closed(world, closed);
}

int64_t Sink::size() const {
  int64_t n = 0;
  for (const Span &s : spans) n += s.size;
  return n;
}

int64_t Sink::before_fault() const {
  int64_t n = 0;
  for (const Span &s : spans) {
    if (s.place == Span::Place::bad && s.size > 0) return n;
    n += s.size;
  }
  return INT64_MAX;
}

namespace {

Span span_of(const Value &base, int64_t size) {
  Span s;
  s.size = size;
  const auto *word = base.as<Value::Name>();
  if (word && (word->text == "bad" || word->text == "NULL")) s.place = Span::Place::bad;
  if (const auto *n = base.as<Value::Int>()) {
    s.place = n->value == 0 ? Span::Place::bad : Span::Place::address;
    s.address = n->value;
  }
  return s;
}

const Value *field(const Value &record, std::string_view name) {
  const auto *r = record.as<Value::Record>();
  if (!r) return nullptr;
  for (const Field &f : r->fields)
    if (f.name == name) return &f.value;
  return nullptr;
}

int64_t length_of(const Value &vector) {
  const Value *len = field(vector, "len");
  const auto *n = len ? len->as<Value::Int>() : nullptr;
  return n ? n->value : 0;
}

// Adds the first `size` bytes of a buffer; false where they end at an address that is not the caller's.
bool append(Source &source, const Value &base, int64_t size) {
  if (const auto *b = base.as<Value::Bytes>()) {
    source.bytes += b->bytes.substr(0, static_cast<size_t>(std::max<int64_t>(size, 0)));
    if (static_cast<int64_t>(b->bytes.size()) < size) source.unknown = true;
    return true;
  }
  const Span s = span_of(base, size);
  if (s.place == Span::Place::address) source.unknown = true;
  return s.place != Span::Place::bad || size == 0;
}

}  // namespace

Source source_of(const Attempt &a, uint32_t i, int64_t size) {
  Source source;
  source.size = size;
  append(source, a.arg(i), size);
  return source;
}

Source gathered(const Attempt &a, uint32_t i) {
  Source source;
  bool whole = true;
  const auto *list = a.arg(i).as<Value::List>();
  if (!list) return source;
  for (const Value &item : list->items) {
    const Value *base = field(item, "base");
    const int64_t size = length_of(item);
    source.size += size;
    whole = whole && append(source, base ? *base : item, size);
  }
  return source;
}

Sink sink_of(const Attempt &a, uint32_t i, int64_t size) { return {i, false, {span_of(a.arg(i), size)}}; }

Sink scattered(const Attempt &a, uint32_t i) {
  Sink sink{i, true, {}};
  const auto *list = a.arg(i).as<Value::List>();
  if (!list) return sink;
  for (const Value &item : list->items) {
    const Value *base = field(item, "base");
    sink.spans.push_back(span_of(base ? *base : item, length_of(item)));
  }
  return sink;
}

void store(Attempt &a, const Sink &sink, const std::string &bytes) {
  if (!sink.vectors) {
    if (sink.spans[0].place == Span::Place::buffer) a.fills(sink.arg, Value::bytes(bytes));
    return;
  }
  std::vector<Value> items;
  size_t at = 0;
  for (const Span &s : sink.spans) {
    const size_t n = std::min(bytes.size() - at, static_cast<size_t>(std::max<int64_t>(s.size, 0)));
    const bool shown = s.place == Span::Place::buffer;
    items.push_back(Value::record(
        {{"base", shown ? Value::bytes(bytes.substr(at, n)) : Value::any()}, {"len", Value::integer(s.size)}}));
    at += n;
  }
  a.fills(sink.arg, Value::list(std::move(items)));
}

std::span<const CallRule> descriptor_rules() {
  static constexpr CallRule table[] = {
      {"read", read_call, CallRule::Interrupted::restartable, interrupted_call},
      {"write", write_call, CallRule::Interrupted::restartable, interrupted_call},
      {"close", close_call},
  };
  return table;
}

}  // namespace ipcvet::model
