#include "fuzz/program/arguments.h"

#include <array>

#include "fuzz/program/arguments_impl.h"
#include "fuzz/program/texts.h"

namespace ipcvet::fuzz {
namespace {

// Is the text one of those a Program may name?
template <typename Texts>
bool among(const Texts &texts, const Value &v) {
  const auto is_one = [&](std::string_view text) {
    return std::any_of(texts.begin(), texts.end(), [&](const Text &t) { return t.is(text); });
  };
  if (const auto *b = v.as<Value::Bytes>()) return is_one(b->bytes);
  const auto text = bytes_of_text(v);
  return text && is_one(*text);
}

Value value_of(const Text &t) {
  if (t.times == 1) return Value::bytes(std::string(t.one));
  Value long_text{Value::Binary{Value::Op::mul, {Value::bytes(std::string(t.one)), Value::integer(t.times)}}, {}};
  if (t.rest.empty()) return long_text;
  return {Value::Binary{Value::Op::add, {std::move(long_text), Value::bytes(std::string(t.rest))}}, {}};
}

// A length that belongs to the mapping named by the first argument.
bool covers_mapping(const Position &at) {
  const std::string_view call = at.spec.name;
  const bool takes_range = call == "munmap" || call == "mprotect" || call == "msync" || call == "mremap" ||
                           call == "madvise" || call == "mincore";
  const bool over = call == "mmap" && word_of(at.call.args[0]) != "NULL";
  return at.arg().kind == ArgKind::SIZE && at.i == 1 && (takes_range || over);
}

// Which of several errors comes first where a name cannot be changed is not said; nor, for the other file system, when.
bool changes_names(std::string_view call) {
  return call == "rename" || call == "link" || call == "rmdir" || call == "mkdir" || call == "symlink";
}
bool plain(std::string_view call, const Text &text) {
  return text.one != "." && (call == "rename" || !text.one.ends_with('/')) && !text.one.starts_with("/dev/shm");
}

Value choose_text(const Position &at, Random &random) {
  const bool bad = random.chance(2);
  if (at.arg().kind == ArgKind::POSIX_NAME)
    return value_of(random.chance(75) ? posix_names[0] : random.pick(posix_names));
  if (at.arg().kind == ArgKind::STRING) {
    if (at.spec.name == "symlink") return value_of(random.pick(targets));
    return bad ? Value::name(random.chance(50) ? "bad" : "NULL")
               : value_of(random.chance(85) ? memory_names[0] : random.pick(memory_names));
  }
  if (bad) return Value::name("bad");
  if (at.spec.name == "open" && random.chance(2)) return value_of(random.pick(opened_paths));
  const Text &text = random.chance(65) ? paths[0] : random.pick(paths);
  return value_of(changes_names(at.spec.name) && !plain(at.spec.name, text) ? paths[0] : text);
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
  return at.spec.name == "select" || at.spec.name == "pselect" ? std::optional(Value::integer(256)) : std::nullopt;
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

Value choose_word(ArgKind kind, Random &random) {
  return Value::name(kind == ArgKind::CHANNEL && random.chance(60) ? "pipe" : "fifo");
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
      return choose_signal(at, random);
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
    case ArgKind::CHANNEL:
      return choose_word(at.arg().kind, random);
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

// An actor's process, or its group as `0-A`.
bool process_fits(const Position &at, const Value &v) {
  const auto *group = v.as<Value::Binary>();
  const bool minus = group && group->op == Value::Op::sub && number_of(group->sides[0]) == 0;
  const PoolActor *a = at.pool.actor(word_of(minus ? group->sides[1] : v));
  return a && (!a->thread || (!minus && names_a_thread(at)));
}

bool numeric_fits(const Position &at, const Value &v) {
  if (at.spec.name == "fcntl" && command_word(at.call, at.spec) == "F_SETOWN" && process_fits(at, v)) return true;
  const auto n = number_of(v);
  if (!n) return false;
  if (covers_mapping(at)) return *n >= 0 && *n <= room(at);
  return number_fits(at, *n);
}

}  // namespace

std::optional<std::string> bytes_of_text(const Value &v) {
  if (const auto *b = v.as<Value::Bytes>()) return std::string(b->bytes);
  const auto *both = v.as<Value::Binary>();
  if (!both) return std::nullopt;
  const auto left = bytes_of_text(both->sides[0]);
  if (!left) return std::nullopt;
  if (both->op == Value::Op::add)
    if (const auto right = bytes_of_text(both->sides[1])) return *left + *right;
  const auto n = both->op == Value::Op::mul ? number_of(both->sides[1]) : std::nullopt;
  if (!n || *n < 0 || *n > longest_text) return std::nullopt;
  std::string out;
  for (int64_t i = 0; i < *n; ++i) out += *left;
  return out;
}

Value choose_argument(const Call &call, uint32_t i, const std::string &actor, const Pool &pool, Random &random) {
  const CallSpec &spec = *find_call(call.name);
  return choose({call, spec, i, actor, pool}, random);
}

std::vector<Value> choose_arguments(const CallSpec &spec, const std::string &actor, const Pool &pool, Random &random) {
  Call call{std::string(spec.name), {}, {}};
  for (uint32_t i = 0; i < spec.nargs; ++i) {
    Value v = choose({call, spec, i, actor, pool}, random);
    if (is_optional(spec.args[i].kind) && v.as<Value::Any>()) break;
    call.args.push_back(std::move(v));
  }
  return std::move(call.args);
}

bool fits(const Call &call, const CallSpec &spec, uint32_t i, const std::string &actor, const Pool &pool) {
  const Position at{call, spec, i, actor, pool};
  const Value &v = call.args[i];
  switch (at.arg().kind) {
    case ArgKind::FD:
      if (const Resource *r = pool.resource(word_of(v))) return wanted_resource(at, *r);
      return numeric_fits(at, v);
    case ArgKind::ADDR:
      return address_fits(at, v);
    case ArgKind::PID:
      return process_fits(at, v) || numeric_fits(at, v);
    case ArgKind::SIGNAL:
      return signal_fits(at, v);
    case ArgKind::PATH:
      if (among(links, v)) return at.spec.name == "symlink" || !changes_names(at.spec.name);
      if (changes_names(at.spec.name) && bytes_of_text(v) && !plain(at.spec.name, {*bytes_of_text(v)})) return false;
      return among(paths, v) || (at.spec.name == "open" && among(opened_paths, v)) || word_of(v) == "bad" ||
             word_of(v) == "NULL";
    case ArgKind::POSIX_NAME:
      return among(posix_names, v);
    case ArgKind::STRING:
      if (at.spec.name == "symlink") return among(targets, v);
      return among(memory_names, v) || word_of(v) == "bad" || word_of(v) == "NULL";
    case ArgKind::CHANNEL:
      return word_of(v) == "pipe" || word_of(v) == "fifo";
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
