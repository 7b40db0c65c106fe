// Names of resources, buffers, records and lists.
#include <array>

#include "fuzz/program/arguments_impl.h"
#include "fuzz/program/records.h"

namespace ipcvet::fuzz {
namespace {

Value times(std::string one, int64_t n) {
  return {Value::Binary{Value::Op::mul, {Value::bytes(std::move(one)), Value::integer(n)}}, {}};
}

// Does ioctl() read the number it is given?
bool takes_number(const Position &at) {
  const auto command = command_word(at.call, at.spec);
  return command == "FIONBIO" || command == "FIOASYNC";
}

std::optional<int64_t> length_of(const Value &v) {
  if (const auto *b = v.as<Value::Bytes>()) return static_cast<int64_t>(b->bytes.size());
  const auto *product = v.as<Value::Binary>();
  if (!product || product->op != Value::Op::mul) return std::nullopt;
  const auto *one = product->sides[0].as<Value::Bytes>();
  const auto n = number_of(product->sides[1]);
  if (!one || !n || *n < 0 || *n > 1 << 20) return std::nullopt;
  return static_cast<int64_t>(one->bytes.size()) * *n;
}

bool bytes_fit(const Value &v) {
  const auto n = length_of(v);
  return n && *n <= 1 << 18;
}

Value descriptor(const Position &at, Random &random) {
  const Resource *r = at.pool.some(random, at.actor, [](const Resource &x) { return is_descriptor(x.kind); });
  return r && !random.chance(3) ? Value::name(r->name) : Value::integer(-1);
}

bool descriptor_fits(const Position &at, const Value &v) {
  if (const auto *i = v.as<Value::Int>()) return i->value == -1 || i->value == 9999;
  const Resource *r = at.pool.resource(word_of(v));
  return r && is_descriptor(r->kind);
}

// Memory of the Program's own as a buffer: only where the call fills it, so that no pipe holds pages that change.
std::optional<Value> own_memory(const Position &at, int64_t length, Random &random) {
  const Resource *fd = at.pool.resource(word_of(at.call.args[0]));
  if (at.spec.name != "vmsplice" || !fd || fd->kind != Kind::read_end || !random.chance(50)) return std::nullopt;
  const Resource *m = at.pool.some(random, at.actor, [&](const Resource &r) { return at.pool.mapped(at.actor, r); });
  return m && length <= m->bytes ? std::optional(Value::name(m->name)) : std::nullopt;
}

bool own_memory_fits(const Position &at, const Value &base, int64_t length) {
  const Resource *fd = at.pool.resource(word_of(at.call.args[0])), *m = at.pool.resource(word_of(base));
  return at.spec.name == "vmsplice" && fd && fd->kind == Kind::read_end && m && at.pool.mapped(at.actor, *m) &&
         length >= 0 && length <= m->bytes;
}

Value choose_iovec(const Position &at, bool in, Random &random) {
  std::vector<Value> items;
  for (uint32_t n = random.below(4); n > 0 || items.empty(); n -= n > 0) {
    constexpr std::array<int64_t, 8> lengths = {0, 1, 3, 100, 4095, 4096, 4097, 65536};
    int64_t length = random.chance(60) ? random.below(9) : random.pick(lengths);
    Value base = in ? choose_bytes(static_cast<size_t>(length), random) : Value::any();
    if (auto own = own_memory(at, length, random)) base = std::move(*own);
    if (random.chance(2)) base = Value::name("bad");
    if (random.chance(1)) length = -1;
    items.push_back(Value::record({{"base", std::move(base)}, {"len", Value::integer(length)}}));
  }
  return Value::list(std::move(items));
}

Value choose_polled(const Position &at, Random &random) {
  if (random.chance(2)) return Value::name("bad");
  std::vector<Value> items;
  for (uint32_t n = random.below(2) + 1; n > 0; --n) {
    Value events =
        random.chance(30) ? bits("POLLIN", "POLLOUT") : Value::name(random.chance(50) ? "POLLIN" : "POLLOUT");
    items.push_back(Value::record({{"fd", descriptor(at, random)}, {"events", std::move(events)}}));
  }
  return Value::list(std::move(items));
}

bool iovec_fits(const Position &at, const Value &v, bool in) {
  const auto *list = v.as<Value::List>();
  if (!list || list->items.size() > 8) return is_place(v) && !v.as<Value::Any>();
  return std::all_of(list->items.begin(), list->items.end(), [&](const Value &item) {
    const auto *r = item.as<Value::Record>();
    if (!r || r->fields.size() != 2 || r->fields[0].name != "base" || r->fields[1].name != "len") return false;
    const auto n = number_of(r->fields[1].value);
    const bool base = word_of(r->fields[0].value) == "bad" || own_memory_fits(at, r->fields[0].value, n.value_or(-1)) ||
                      (in ? bytes_fit(r->fields[0].value) : r->fields[0].value.as<Value::Any>() != nullptr);
    return base && n && *n >= -1 && *n <= 1 << 17;
  });
}

bool polled_fits(const Position &at, const Value &v) {
  const auto *list = v.as<Value::List>();
  if (!list) return word_of(v) == "bad";
  return list->items.size() <= 4 && std::all_of(list->items.begin(), list->items.end(), [&](const Value &item) {
           const auto *r = item.as<Value::Record>();
           return r && r->fields.size() == 2 && r->fields[0].name == "fd" && r->fields[1].name == "events" &&
                  descriptor_fits(at, r->fields[0].value) && number_of(r->fields[1].value);
         });
}

bool descriptors_fit(const Position &at, const Value &v) {
  const auto *list = v.as<Value::List>();
  if (!list) return word_of(v) == "NULL";
  return list->items.size() <= 3 && std::all_of(list->items.begin(), list->items.end(), [&](const Value &item) {
           return !item.as<Value::Int>() && descriptor_fits(at, item);
         });
}

bool message_fits(const Value &v) {
  const auto *r = v.as<Value::Record>();
  return r && r->fields.size() == 2 && r->fields[0].name == "mtype" && number_of(r->fields[0].value) &&
         r->fields[1].name == "mtext" && bytes_fit(r->fields[1].value);
}

Value choose_message(Random &random) {
  constexpr std::array<int64_t, 9> lengths = {0, 1, 2, 5, 100, 4096, 8191, 8192, 8193};
  return Value::record({{"mtype", Value::integer(random.one_of<int64_t>({1, 1, 2, 2, 3, 5, 0, -1}))},
                        {"mtext", choose_bytes(static_cast<size_t>(random.pick(lengths)), random)}});
}

}  // namespace

Value choose_bytes(size_t n, Random &random) {
  const std::string letter(1, static_cast<char>('a' + random.below(26)));
  if (n == 0) return Value::bytes("");
  return n == 1 ? Value::bytes(letter) : times(letter, static_cast<int64_t>(n));
}

Address address_of(const Position &at, const Value &v) {
  const auto *sum = v.as<Value::Binary>();
  const bool moved = sum && sum->op == Value::Op::add;
  const Resource *m = at.pool.resource(word_of(moved ? sum->sides[0] : v));
  const auto offset = moved ? number_of(sum->sides[1]) : std::optional<int64_t>(0);
  if (!m || m->kind != Kind::mapping || !offset || *offset < 0 || *offset > whole_pages(m->bytes)) return {};
  return {m, *offset};
}

int64_t room(const Position &at) {
  for (uint32_t i = 0; i < at.spec.nargs && i < at.call.args.size(); ++i) {
    if (at.spec.args[i].kind != ArgKind::ADDR) continue;
    const Address to = address_of(at, at.call.args[i]);
    if (!to.mapping || !at.pool.mapped(at.actor, *to.mapping)) return 0;
    const int64_t bytes = to.mapping->bytes;
    return bytes > 0 && bytes <= 1 << 20 ? whole_pages(bytes) - to.offset : 0;
  }
  return 0;
}

// Of the calls that put something at an address the system may also choose it; what was there may be gone by then.
bool address_fits(const Position &at, const Value &v) {
  const std::string_view call = at.spec.name, word = word_of(v);
  const bool puts = call == "shmat" || call == "mmap";
  if (word == "NULL") return puts;
  if (word == "bad") return call.starts_with("futex");
  const Address to = address_of(at, v);
  return to.mapping && (puts || at.pool.mapped(at.actor, *to.mapping));
}

bool wanted_resource(const Position &at, const Resource &r) {
  const std::string_view call = at.spec.name, name = at.arg().name;
  if (at.arg().kind == ArgKind::ADDR)
    return r.kind == Kind::mapping && (call == "shmat" || call == "mmap" || at.pool.mapped(at.actor, r));
  if (name == "id") return call.starts_with("msg") ? r.kind == Kind::queue : r.kind == Kind::segment;
  if (name == "epfd") return r.kind == Kind::epoll;
  return is_descriptor(r.kind);
}

namespace {

Value choose_address(const Position &at, const Resource *m, Random &random) {
  const bool puts = at.spec.name == "shmat" || at.spec.name == "mmap";
  if (!m || (puts && random.chance(75))) return Value::name("NULL");
  if (random.chance(3) && at.spec.name.starts_with("futex")) return Value::name("bad");
  const int64_t offset = random.chance(75) ? 0 : random.one_of<int64_t>({1, 4, 64, page, page, 2 * page});
  if (offset == 0 || offset > whole_pages(m->bytes)) return Value::name(m->name);
  return {Value::Binary{Value::Op::add, {Value::name(m->name), Value::integer(offset)}}, {}};
}

}  // namespace

// Mostly the end that fits: reads at the reading end.
Value choose_resource(const Position &at, Random &random) {
  const std::string_view call = at.spec.name, name = at.arg().name;
  const bool reads = call.starts_with("read") || name == "in" || call == "pread";
  const bool writes = call.starts_with("write") || name == "out" || call == "vmsplice";
  const bool right = !random.chance(7);
  const Resource *r = at.pool.some(random, at.actor, [&](const Resource &x) {
    if (!wanted_resource(at, x)) return false;
    return !right || x.kind > Kind::write_end || (!reads && !writes) ||
           x.kind == (reads ? Kind::read_end : Kind::write_end);
  });
  if (at.arg().kind == ArgKind::ADDR) return choose_address(at, r, random);
  if (call.ends_with("info")) return Value::integer(0);
  if (name == "dirfd") return random.chance(80) ? Value::name("AT_FDCWD") : Value::integer(-1);
  if ((name == "newfd" && random.chance(40)) || (name != "id" && name != "dirfd" && random.chance(1)))
    return Value::integer(random.one_of<int64_t>({64, 200, 201, 202, 203}));
  if (name == "id" && call.ends_with("ctl") && random.chance(4)) return Value::integer(random.below(3));
  if (!r && call == "close_range") return Value::integer(200);
  if (!r || (random.chance(2) && call != "close_range"))
    return Value::integer(random.one_of<int64_t>({-1, -1, name == "id" ? INT32_MAX : 9999}));
  return Value::name(r->name);
}

// Without a set it asks only, or leaves the mask alone.
bool set_is_optional(const Position &at) { return at.spec.name == "sigprocmask" || !at.spec.name.starts_with("sig"); }

Value choose_structure(const Position &at, Random &random) {
  switch (at.arg().kind) {
    case ArgKind::IOV_IN:
    case ArgKind::IOV_OUT:
      return choose_iovec(at, at.arg().kind == ArgKind::IOV_IN, random);
    case ArgKind::MSG_IN:
      return random.chance(2) ? Value::name("bad") : choose_message(random);
    case ArgKind::POLL_INOUT:
      return choose_polled(at, random);
    case ArgKind::FDSET_INOUT: {
      const Value d = descriptor(at, random);
      return d.as<Value::Int>() || random.chance(40) ? Value::name("NULL") : Value::list({d});
    }
    case ArgKind::SIGSET_IN:
      if (random.chance(2) && at.spec.name != "sigprocmask") return Value::name("bad");
      return set_is_optional(at) && random.chance(5) ? Value::name("NULL") : choose_signals(random);
    case ArgKind::RECORD_IN:
    case ArgKind::RECORD_INOUT:
      return choose_record(at, random);
    case ArgKind::OFFSET_INOUT:
      if (random.chance(2)) return Value::name("bad");
      if (random.chance(85)) return Value::name("NULL");
      return Value::list({Value::integer(random.one_of<int64_t>({0, 0, 1, 100, 4096, -1})), Value::any()});
    case ArgKind::INT_INOUT:
      return takes_number(at) && !random.chance(3) ? Value::integer(random.below(2)) : choose_place(random);
    case ArgKind::HANDLER:
      return Value::name(random.one_of<const char *>({"count", "log", "SIG_DFL", "SIG_IGN"}));
    default:
      return choose_place(random);
  }
}

bool structure_fits(const Position &at, const Value &v) {
  switch (at.arg().kind) {
    case ArgKind::IOV_IN:
    case ArgKind::IOV_OUT:
      return iovec_fits(at, v, at.arg().kind == ArgKind::IOV_IN);
    case ArgKind::MSG_IN:
      return message_fits(v) || word_of(v) == "bad" || word_of(v) == "NULL";
    case ArgKind::POLL_INOUT:
      return polled_fits(at, v);
    case ArgKind::FDSET_INOUT:
      return descriptors_fit(at, v);
    case ArgKind::SIGSET_IN: {
      const auto *list = v.as<Value::List>();
      if (!list)
        return word_of(v) == "NULL" ? set_is_optional(at) : word_of(v) == "bad" && at.spec.name != "sigprocmask";
      return list->items.size() <= 4 && std::all_of(list->items.begin(), list->items.end(), [](const Value &s) {
               return s.as<Value::Name>() && signal_fits(s);
             });
    }
    case ArgKind::RECORD_IN:
    case ArgKind::RECORD_INOUT:
    case ArgKind::RECORD_OUT:
      return record_fits(at, v);
    case ArgKind::OFFSET_INOUT: {
      const auto *list = v.as<Value::List>();
      return word_of(v) == "NULL" || word_of(v) == "bad" ||
             (list && list->items.size() == 2 && list->items[0].as<Value::Int>() && list->items[1].as<Value::Any>());
    }
    case ArgKind::INT_INOUT:
      if (!takes_number(at)) return is_place(v);
      return v.as<Value::Int>() ? *number_of(v) == 0 || *number_of(v) == 1 : word_of(v) == "bad";
    case ArgKind::HANDLER: {
      const auto w = word_of(v);
      return w == "count" || w == "log" || w == "SIG_DFL" || w == "SIG_IGN";
    }
    default:
      return is_place(v);
  }
}

}  // namespace ipcvet::fuzz
