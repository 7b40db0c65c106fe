// Descriptors: numbers, open file descriptions, and the memory that calls read and fill.
#include "harness/mechanism/descriptor/model.h"

#include <algorithm>

#include "harness/mechanism/descriptor/rules.h"
#include "harness/mechanism/mmap/rules.h"
#include "harness/mechanism/pipe/rules.h"
#include "harness/mechanism/process/rules.h"
#include "harness/model/fields.h"

namespace ipcvet::model {
namespace {

// Numbers the actor needs for itself.
bool is_reserved(int64_t fd) { return fd >= 1000 && fd <= 1003; }

}  // namespace

int32_t file_of(const Process &process, int64_t fd) {
  if (fd < 0 || fd >= static_cast<int64_t>(process.descriptors.size())) return -1;
  return process.descriptors[static_cast<size_t>(fd)].file;
}

int64_t open_files_limit(const Attempt &a, const Process &process) {
  return soft_limit(process, a.k.RLIMIT_NOFILE_, a.setting.limits.open_files);
}

std::optional<int32_t> lowest_free(const Attempt &a, const Process &process, int64_t from) {
  const int64_t limit = open_files_limit(a, process);
  for (int64_t fd = from; fd < limit; ++fd)
    if (file_of(process, fd) == -1 && !is_reserved(fd)) return static_cast<int32_t>(fd);
  return std::nullopt;
}

int32_t add_file(World &world, const File &file) { return static_cast<int32_t>(world.files.add(file)); }

void put_descriptor(World &world, ProcessId process, int32_t fd, int32_t file, bool close_on_exec) {
  auto &table = world.processes.edit(process).descriptors;
  const auto at = static_cast<size_t>(fd);
  if (table.size() <= at) table.resize(at + 1);
  table[at] = {file, close_on_exec};
  ++world.files.edit(static_cast<size_t>(file)).references;
}

void close_descriptor(World &world, const Setting &setting, ProcessId process, int32_t fd) {
  Descriptor &d = world.processes.edit(process).descriptors[static_cast<size_t>(fd)];
  const int32_t file = d.file;
  d = {};
  release_file(world, setting, file);
}

void reserve_descriptor(World &world, ProcessId process, int32_t fd) {
  auto &table = world.processes.edit(process).descriptors;
  const auto at = static_cast<size_t>(fd);
  if (table.size() <= at) table.resize(at + 1);
  table[at] = {reserved_file, false};
}

void unreserve_descriptor(World &world, ProcessId process, int32_t fd) {
  const auto &table = world.processes[process].descriptors;
  const auto at = static_cast<size_t>(fd);
  if (at < table.size() && table[at].file == reserved_file) world.processes.edit(process).descriptors[at] = {};
}

void release_file(World &world, const Setting &setting, int32_t file) {
  File &f = world.files.edit(static_cast<size_t>(file));
  if (--f.references > 0) return;
  const File closed = f;
  forget_watches(world, file);
  if (closed.kind == File::Kind::pipe) pipe_closed(world, setting, closed);
}

int64_t Sink::size() const {
  int64_t n = 0;
  for (const Span &s : spans) n += s.asked ? s.size : 0;
  return n;
}

int64_t Sink::before_fault() const {
  int64_t n = 0;
  for (const Span &s : spans) {
    if (!s.asked) continue;
    if (s.good < s.size) return n + s.good;
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
  if (base.as<Value::Bytes>()) s.place = Span::Place::given;
  if (const auto *n = base.as<Value::Int>()) {
    s.place = n->value == 0 ? Span::Place::bad : Span::Place::address;
    s.address = n->value;
  }
  return s;
}

int64_t length_of(const Value &vector) { return int_field(vector, "len"); }

// Adds the first `size` bytes of a buffer; false where they end at an address that is not the caller's.
bool append(const Attempt &a, Source &source, const Value &base, int64_t size) {
  if (const auto *b = base.as<Value::Bytes>()) {
    source.bytes += b->bytes.substr(0, static_cast<size_t>(std::max<int64_t>(size, 0)));
    // The actor's buffer has the size the call is told; behind the bytes given there are zeros.
    constexpr int64_t buffer_most = int64_t{2} << 20;
    const int64_t missing = size - static_cast<int64_t>(b->bytes.size());
    if (missing > buffer_most) source.unknown = true;
    if (missing > 0 && missing <= buffer_most) source.bytes.append(static_cast<size_t>(missing), '\0');
    return true;
  }
  const Span s = span_of(base, size);
  if (s.place == Span::Place::address) {
    const Access got = load(a.world, a.setting, a.process_id(), s.address, size);
    if (got.stop == Access::Stop::stray || !got.known) source.unknown = true;
    source.bytes += got.bytes;
    return got.done == size;
  }
  return s.place != Span::Place::bad || size == 0;
}

}  // namespace

Source source_of(const Attempt &a, uint32_t i, int64_t size) {
  Source source;
  source.size = size;
  append(a, source, a.arg(i), size);
  return source;
}

Source gathered(const Attempt &a, uint32_t i, int64_t count) {
  Source source;
  bool whole = true;
  const auto *list = a.arg(i).as<Value::List>();
  if (!list) return source;
  for (const Value &item : list->items) {
    if (count-- <= 0) break;
    const Value *base = field(item, "base");
    const int64_t size = length_of(item);
    source.size += size;
    whole = whole && append(a, source, base ? *base : item, size);
  }
  return source;
}

std::vector<std::string> pieces(const Attempt &a, uint32_t i, int64_t count) {
  std::vector<std::string> out;
  const auto *list = a.arg(i).as<Value::List>();
  for (const Value &item : list ? list->items : std::vector<Value>{}) {
    if (count-- <= 0) break;
    Source one;
    const Value *base = field(item, "base");
    const bool whole = append(a, one, base ? *base : item, length_of(item));
    out.push_back(std::move(one.bytes));
    if (!whole) break;
  }
  return out;
}

static Span checked(const Attempt &a, Span s, Sink &sink) {
  s.good = s.place == Span::Place::bad ? 0 : s.size;
  if (s.place != Span::Place::address) return s;
  const Access access = storable(a.world, a.setting, a.process_id(), s.address, s.size);
  if (access.stop == Access::Stop::stray) sink.unknown = true;
  s.good = access.done;
  return s;
}

Sink sink_of(const Attempt &a, uint32_t i, int64_t size) {
  Sink sink{i, false, {}, false};
  sink.spans.push_back(checked(a, span_of(a.arg(i), size), sink));
  return sink;
}

Sink scattered(const Attempt &a, uint32_t i, int64_t count) {
  Sink sink{i, true, {}, false};
  const auto *list = a.arg(i).as<Value::List>();
  if (!list) return sink;
  for (const Value &item : list->items) {
    const Value *base = field(item, "base");
    Span span = span_of(base ? *base : item, length_of(item));
    span.asked = count-- > 0;
    sink.spans.push_back(span.asked ? checked(a, span, sink) : span);
  }
  return sink;
}

void store(Attempt &a, const Sink &sink, const std::string &bytes) {
  if (!sink.vectors) {
    if (sink.spans[0].place == Span::Place::buffer) a.fills(sink.arg, Value::bytes(bytes));
    if (sink.spans[0].place == Span::Place::address)
      store(a.world, a.setting, a.process_id(), sink.spans[0].address, bytes);
    return;
  }
  std::vector<Value> items;
  size_t at = 0;
  for (const Span &s : sink.spans) {
    const size_t n = s.asked ? std::min(bytes.size() - at, static_cast<size_t>(std::max<int64_t>(s.size, 0))) : 0;
    const bool shown = s.place == Span::Place::buffer;
    items.push_back(Value::record(
        {{"base", shown ? Value::bytes(bytes.substr(at, n)) : Value::any()}, {"len", Value::integer(s.size)}}));
    if (s.place == Span::Place::address)
      store(a.world, a.setting, a.process_id(), s.address, std::string_view(bytes).substr(at, n));
    at += n;
  }
  a.fills(sink.arg, Value::list(std::move(items)));
}

}  // namespace ipcvet::model
