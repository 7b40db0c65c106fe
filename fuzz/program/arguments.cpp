#include "fuzz/program/arguments.h"

#include <array>

#include "fuzz/program/arguments_impl.h"

namespace ipcvet::fuzz {
namespace {

constexpr std::array<const char *, 4> paths = {"f", "g", "f", "none/f"};
constexpr std::array<const char *, 5> posix_names = {"/s", "/t", "/s", "/", "/a/b"};
constexpr int64_t page = 4096;

template <typename Names>
bool among(const Names &names, const Value &v) {
  const auto *b = v.as<Value::Bytes>();
  return b && std::find(names.begin(), names.end(), b->bytes) != names.end();
}

int64_t whole_pages(int64_t bytes) { return (bytes + page - 1) / page * page; }

// The bytes of a mapping a length may cover: more would be somebody else's memory.
int64_t room(const Position &at) {
  const Resource *m = at.call.args.empty() ? nullptr : at.pool.resource(word_of(at.call.args[0]));
  return m && m->bytes > 0 && m->bytes <= 1 << 20 ? whole_pages(m->bytes) : 0;
}

// A length that belongs to the mapping named by the first argument.
bool covers_mapping(const Position &at) {
  const std::string_view call = at.spec.name;
  return at.arg().kind == ArgKind::SIZE && at.i == 1 &&
         (call == "munmap" || call == "mprotect" || call == "msync" || call == "mremap");
}

Value choose_text(const Position &at, Random &random) {
  if (at.arg().kind == ArgKind::POSIX_NAME) return Value::bytes(random.chance(80) ? "/s" : random.pick(posix_names));
  if (at.arg().kind == ArgKind::STRING) return Value::bytes("m");
  return random.chance(2) ? Value::name("bad") : Value::bytes(random.chance(75) ? "f" : random.pick(paths));
}

Value choose_input(const Position &at, Random &random) {
  if (random.chance(2)) return Value::name(random.chance(50) ? "NULL" : "bad");
  constexpr std::array<int64_t, 13> lengths = {0,     1,     4095,  4096,  4097,  8192,  12288,
                                               61440, 65535, 65536, 65537, 69632, 131072};
  const auto n = random.chance(45) ? random.below(9) : static_cast<size_t>(random.pick(lengths));
  (void)at;
  return choose_bytes(n, random);
}

// The size argument that belongs to an input buffer: mostly what was written there.
std::optional<Value> size_of_input(const Position &at) {
  for (uint32_t i = 0; i < at.i && i < at.call.args.size(); ++i) {
    const Value *data = &at.call.args[i];
    if (at.spec.args[i].kind == ArgKind::MSG_IN)
      if (const auto *r = data->as<Value::Record>(); r && r->fields.size() == 2) data = &r->fields[1].value;
    if (const auto *b = data->as<Value::Bytes>()) return Value::integer(static_cast<int64_t>(b->bytes.size()));
    if (const auto *p = data->as<Value::Binary>(); p && p->op == Value::Op::mul && p->sides[0].as<Value::Bytes>())
      return p->sides[1];
  }
  return std::nullopt;
}

// A count of what a list holds.
std::optional<Value> count_of_list(const Position &at) {
  if (at.arg().name != "iovcnt" && at.arg().name != "nfds") return std::nullopt;
  for (uint32_t i = 0; i < at.i && i < at.call.args.size(); ++i)
    if (const auto *l = at.call.args[i].as<Value::List>()) return Value::integer(static_cast<int64_t>(l->items.size()));
  return at.spec.name == "select" ? std::optional(Value::integer(256)) : std::nullopt;
}

Value choose_ends(const Position &at) {
  const std::string r = at.pool.fresh('r'), w = at.pool.fresh('w');
  return Value::list({Value::name(r), Value::name(w)});
}

// Where a process is meant, Linux also takes a thread's id; POSIX says nothing of that, and it is left alone.
bool names_a_thread(const Position &at) {
  return at.spec.name == "join" || (at.spec.name == "tgkill" && at.arg().name == "tid");
}

Value choose_named_process(const Position &at, Random &random) {
  Value v = choose_process(at, random);
  const PoolActor *a = at.pool.actor(word_of(v));
  return a && a->thread && !names_a_thread(at) ? Value::name("P") : v;
}

Value choose(const Position &at, Random &random) {
  switch (at.arg().kind) {
    case ArgKind::FD:
      return choose_resource(at, random);
    case ArgKind::ADDR:
      return choose_resource(at, random);
    case ArgKind::PID:
      return choose_named_process(at, random);
    case ArgKind::SIGNAL:
      return choose_signal(random);
    case ArgKind::FLAGS:
    case ArgKind::OPT_FLAGS:
      return choose_flags(at, random);
    case ArgKind::PATH:
    case ArgKind::STRING:
    case ArgKind::POSIX_NAME:
      return choose_text(at, random);
    case ArgKind::BYTES_IN:
      return choose_input(at, random);
    case ArgKind::FDS_OUT:
      return choose_ends(at);
    case ArgKind::INT:
    case ArgKind::SIZE:
    case ArgKind::OPT_INT:
      if (covers_mapping(at)) return Value::integer(random.chance(70) || room(at) == 0 ? room(at) : page);
      if (auto n = count_of_list(at); n && random.chance(94)) return *n;
      if (auto n = size_of_input(at); n && at.arg().kind == ArgKind::SIZE && random.chance(93)) return *n;
      return choose_number(at, random);
    default:
      return choose_structure(at, random);
  }
}

bool ends_fit(const Position &at, const Value &v) {
  const auto *l = v.as<Value::List>();
  if (!l || l->items.size() != 2) return word_of(v) == "bad";
  const auto free = [&](const Value &end, char prefix) {
    return is_program_name(word_of(end), prefix) && !at.pool.taken(word_of(end));
  };
  return free(l->items[0], 'r') && free(l->items[1], 'w');
}

bool input_fits(const Value &v) {
  if (word_of(v) == "NULL" || word_of(v) == "bad") return true;
  if (const auto *b = v.as<Value::Bytes>()) return b->bytes.size() <= 1 << 18;
  const auto *p = v.as<Value::Binary>();
  const auto n = p && p->op == Value::Op::mul ? number_of(p->sides[1]) : std::nullopt;
  return n && p->sides[0].as<Value::Bytes>() && p->sides[0].as<Value::Bytes>()->bytes.size() == 1 && *n >= 0 &&
         *n <= 1 << 18;
}

bool numeric_fits(const Position &at, const Value &v) {
  const auto n = number_of(v);
  if (!n) return false;
  if (covers_mapping(at)) return *n >= 0 && *n <= room(at);
  return number_fits(at, *n);
}

}  // namespace

Value choose_argument(const Call &call, uint32_t i, const std::string &actor, const Pool &pool, Random &random) {
  const CallSpec &spec = *find_call(call.name);
  return choose({call, spec, i, actor, pool}, random);
}

std::vector<Value> choose_arguments(const CallSpec &spec, const std::string &actor, const Pool &pool, Random &random) {
  Call call{std::string(spec.name), {}, {}};
  for (uint32_t i = 0; i < spec.nargs; ++i) {
    Value v = choose({call, spec, i, actor, pool}, random);
    const bool optional = spec.args[i].kind == ArgKind::OPT_INT || spec.args[i].kind == ArgKind::OPT_FLAGS;
    if (optional && v.as<Value::Any>()) break;
    call.args.push_back(std::move(v));
  }
  return std::move(call.args);
}

bool fits(const Call &call, uint32_t i, const std::string &actor, const Pool &pool) {
  const Position at{call, *find_call(call.name), i, actor, pool};
  const Value &v = call.args[i];
  switch (at.arg().kind) {
    case ArgKind::FD:
    case ArgKind::ADDR:
      if (const Resource *r = pool.resource(word_of(v))) return wanted_resource(at, *r);
      if (at.arg().kind == ArgKind::ADDR)
        return word_of(v) == "NULL" && (at.spec.name == "shmat" || at.spec.name == "mmap");
      return numeric_fits(at, v);
    case ArgKind::PID:
      if (const PoolActor *a = pool.actor(word_of(v))) return !a->thread || names_a_thread(at);
      return numeric_fits(at, v);
    case ArgKind::SIGNAL:
      return signal_fits(v);
    case ArgKind::PATH:
      return among(paths, v) || word_of(v) == "bad";
    case ArgKind::POSIX_NAME:
      return among(posix_names, v);
    case ArgKind::STRING:
      return v.as<Value::Bytes>() && v.as<Value::Bytes>()->bytes == "m";
    case ArgKind::BYTES_IN:
      return input_fits(v);
    case ArgKind::FDS_OUT:
      return ends_fit(at, v);
    case ArgKind::FLAGS:
    case ArgKind::OPT_FLAGS:
    case ArgKind::INT:
    case ArgKind::SIZE:
    case ArgKind::OPT_INT:
      return numeric_fits(at, v);
    default:
      return structure_fits(at, v);
  }
}

std::optional<Step> choose_memory_step(bool store, const std::string &actor, const Pool &pool, Random &random) {
  const Resource *m = pool.some(random, actor, [&](const Resource &r) { return pool.mapped(actor, r); });
  if (!m || m->bytes <= 0 || m->bytes > 1 << 20) return std::nullopt;
  const int64_t end = whole_pages(m->bytes);
  const int64_t length = random.one_of<int64_t>({1, 1, 4, 8});
  const int64_t offset = random.one_of<int64_t>({0, 0, 0, 1, 8, m->bytes - length, page - 1, page, end - length});
  if (offset < 0 || offset + length > end) return std::nullopt;
  if (!store) return expect_step(actor, m->name, Value::integer(offset), static_cast<size_t>(length));
  return store_step(actor, m->name, Value::integer(offset),
                    std::string(static_cast<size_t>(length), static_cast<char>('a' + random.below(26))));
}

bool memory_fits(const Step &step, const Pool &pool) {
  const Resource *m = pool.resource(step.memory);
  const auto *offset = step.offset.as<Value::Int>();
  const auto *data = step.value.as<Value::Bytes>();
  if (!m || !pool.mapped(step.actors[0], *m) || !offset || !data || m->bytes <= 0 || m->bytes > 1 << 20) return false;
  const auto size = static_cast<int64_t>(data->bytes.size());
  return size > 0 && size <= 64 && offset->value >= 0 && offset->value + size <= whole_pages(m->bytes);
}

}  // namespace ipcvet::fuzz
