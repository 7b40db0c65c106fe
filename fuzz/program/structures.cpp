// Names of resources, buffers, records and lists.
#include <array>

#include "fuzz/program/arguments_impl.h"

namespace ipcvet::fuzz {
namespace {

Value times(std::string one, int64_t n) {
  return {Value::Binary{Value::Op::mul, {Value::bytes(std::move(one)), Value::integer(n)}}, {}};
}

Value bits(std::string left, std::string right) {
  return {Value::Binary{Value::Op::bits, {Value::name(std::move(left)), Value::name(std::move(right))}}, {}};
}

// What stands where a call fills something in.
Value choose_place(Random &random) {
  return random.chance(94) ? Value::any() : Value::name(random.chance(50) ? "NULL" : "bad");
}

bool is_place(const Value &v) { return v.as<Value::Any>() || word_of(v) == "NULL" || word_of(v) == "bad"; }

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

Value choose_iovec(bool in, Random &random) {
  std::vector<Value> items;
  for (uint32_t n = random.below(4); n > 0 || items.empty(); n -= n > 0) {
    constexpr std::array<int64_t, 8> lengths = {0, 1, 3, 100, 4095, 4096, 4097, 65536};
    const int64_t length = random.chance(60) ? random.below(9) : random.pick(lengths);
    Value base = in ? choose_bytes(static_cast<size_t>(length), random) : Value::any();
    if (random.chance(2)) base = Value::name("bad");
    items.push_back(Value::record({{"base", std::move(base)}, {"len", Value::integer(length)}}));
  }
  return Value::list(std::move(items));
}

Value choose_polled(const Position &at, Random &random) {
  std::vector<Value> items;
  for (uint32_t n = random.below(2) + 1; n > 0; --n) {
    Value events =
        random.chance(30) ? bits("POLLIN", "POLLOUT") : Value::name(random.chance(50) ? "POLLIN" : "POLLOUT");
    items.push_back(Value::record({{"fd", descriptor(at, random)}, {"events", std::move(events)}}));
  }
  return Value::list(std::move(items));
}

Value choose_signals(Random &random) {
  std::vector<Value> items;
  for (uint32_t n = random.below(3); n > 0; --n)
    items.push_back(
        Value::name(random.one_of<const char *>({"SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGTERM", "SIGRTMIN", "SIGPIPE"})));
  return Value::list(std::move(items));
}

Value choose_action(Random &random) {
  std::vector<Field> fields;
  const char *handler = random.one_of<const char *>({"count", "count", "log", "SIG_DFL", "SIG_IGN"});
  fields.push_back({"sa_handler", Value::name(handler)});
  if (random.chance(50))
    fields.push_back({"sa_flags", Value::name(random.one_of<const char *>(
                                      {"SA_RESTART", "SA_RESTART", "SA_NODEFER", "SA_RESETHAND", "SA_NOCLDWAIT"}))});
  if (random.chance(15)) fields.push_back({"sa_mask", choose_signals(random)});
  return Value::record(std::move(fields));
}

Value choose_record(const Position &at, Random &random) {
  const std::string_view domain = at.arg().domain;
  if (domain == "sigaction") return choose_action(random);
  if (domain == "timespec") return Value::record({{"sec", Value::integer(0)}, {"nsec", Value::integer(0)}});
  if (domain == "epoll_event")
    return Value::record({{"events", random.chance(30) ? bits("EPOLLIN", "EPOLLET")
                                                       : Value::name(random.chance(60) ? "EPOLLIN" : "EPOLLOUT")},
                          {"data", Value::integer(random.below(3))}});
  if (command_word(at.call, at.spec) != "IPC_SET") return choose_place(random);
  std::vector<Field> fields = {
      {"mode", {Value::Int{random.one_of<int64_t>({0600, 0666, 0400, 0200, 0}), Value::Base::oct}, {}}}};
  if (domain == "msqid_ds")
    fields.push_back({"qbytes", Value::integer(random.one_of<int64_t>({0, 1, 10, 100, 8192, 16384, 16384}))});
  return Value::record(std::move(fields));
}

bool record_fits(const Position &at, const Value &v) {
  const auto *record = v.as<Value::Record>();
  if (!record) return is_place(v) && (at.arg().domain != "timespec");
  if (at.arg().kind == ArgKind::RECORD_OUT) return false;
  const RecordSpec *spec = find_record(at.arg().domain);
  for (const Field &f : record->fields) {
    if (!spec || std::none_of(spec->fields, spec->fields + spec->nfields,
                              [&](const RecordField &r) { return r.name == f.name; }))
      return false;
    if (f.name == "sa_mask") {
      const auto *list = f.value.as<Value::List>();
      if (!list || !std::all_of(list->items.begin(), list->items.end(), signal_fits)) return false;
      continue;
    }
    if (f.name == "sa_handler") {
      const auto w = word_of(f.value);
      if (w != "count" && w != "log" && w != "SIG_DFL" && w != "SIG_IGN") return false;
      continue;
    }
    const auto n = number_of(f.value);
    if (!n || ((f.name == "sec" || f.name == "nsec" || f.name == "uid" || f.name == "gid") && *n != 0)) return false;
    if (f.name == "mode" && (*n < 0 || *n > 0777)) return false;
    if (f.name == "qbytes" && (*n < 0 || *n > 16384)) return false;
  }
  return at.arg().domain != "timespec" || record->fields.size() == 2;
}

bool iovec_fits(const Value &v, bool in) {
  const auto *list = v.as<Value::List>();
  if (!list || list->items.size() > 8) return is_place(v) && !v.as<Value::Any>();
  return std::all_of(list->items.begin(), list->items.end(), [&](const Value &item) {
    const auto *r = item.as<Value::Record>();
    if (!r || r->fields.size() != 2 || r->fields[0].name != "base" || r->fields[1].name != "len") return false;
    const auto n = number_of(r->fields[1].value);
    const bool base = word_of(r->fields[0].value) == "bad" ||
                      (in ? bytes_fit(r->fields[0].value) : r->fields[0].value.as<Value::Any>() != nullptr);
    return base && n && *n >= 0 && *n <= 1 << 17;
  });
}

bool polled_fits(const Position &at, const Value &v) {
  const auto *list = v.as<Value::List>();
  return list && list->items.size() <= 4 && std::all_of(list->items.begin(), list->items.end(), [&](const Value &item) {
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

bool wanted_resource(const Position &at, const Resource &r) {
  const std::string_view call = at.spec.name, name = at.arg().name;
  if (at.arg().kind == ArgKind::ADDR) return call != "shmat" && call != "mmap" && at.pool.mapped(at.actor, r);
  if (name == "id") return call.starts_with("msg") ? r.kind == Kind::queue : r.kind == Kind::segment;
  if (name == "epfd") return r.kind == Kind::epoll;
  return is_descriptor(r.kind);
}

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
  if (at.arg().kind == ArgKind::ADDR)
    return call == "shmat" || call == "mmap" || !r ? Value::name("NULL") : Value::name(r->name);
  if (name == "dirfd") return random.chance(80) ? Value::name("AT_FDCWD") : Value::integer(-1);
  if (name == "newfd" && random.chance(40)) return Value::integer(200 + random.below(4));
  if (!r || random.chance(2)) return Value::integer(random.one_of<int64_t>({-1, -1, name == "id" ? INT32_MAX : 9999}));
  return Value::name(r->name);
}

Value choose_structure(const Position &at, Random &random) {
  switch (at.arg().kind) {
    case ArgKind::IOV_IN:
    case ArgKind::IOV_OUT:
      return choose_iovec(at.arg().kind == ArgKind::IOV_IN, random);
    case ArgKind::MSG_IN:
      return random.chance(2) ? Value::name("bad") : choose_message(random);
    case ArgKind::POLL_INOUT:
      return choose_polled(at, random);
    case ArgKind::FDSET_INOUT: {
      const Value d = descriptor(at, random);
      return d.as<Value::Int>() || random.chance(40) ? Value::name("NULL") : Value::list({d});
    }
    case ArgKind::SIGSET_IN:
      return choose_signals(random);
    case ArgKind::RECORD_IN:
    case ArgKind::RECORD_INOUT:
      return choose_record(at, random);
    case ArgKind::OFFSET_INOUT:
      return random.chance(90) ? Value::name("NULL") : Value::list({Value::integer(0), Value::any()});
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
      return iovec_fits(v, at.arg().kind == ArgKind::IOV_IN);
    case ArgKind::MSG_IN:
      return message_fits(v) || word_of(v) == "bad" || word_of(v) == "NULL";
    case ArgKind::POLL_INOUT:
      return polled_fits(at, v);
    case ArgKind::FDSET_INOUT:
      return descriptors_fit(at, v);
    case ArgKind::SIGSET_IN: {
      const auto *list = v.as<Value::List>();
      return list && list->items.size() <= 4 && std::all_of(list->items.begin(), list->items.end(), [](const Value &s) {
               return s.as<Value::Name>() && signal_fits(s);
             });
    }
    case ArgKind::RECORD_IN:
    case ArgKind::RECORD_INOUT:
    case ArgKind::RECORD_OUT:
      return record_fits(at, v);
    case ArgKind::OFFSET_INOUT: {
      const auto *list = v.as<Value::List>();
      return word_of(v) == "NULL" ||
             (list && list->items.size() == 2 && list->items[0].as<Value::Int>() && list->items[1].as<Value::Any>());
    }
    case ArgKind::HANDLER: {
      const auto w = word_of(v);
      return w == "count" || w == "log" || w == "SIG_DFL" || w == "SIG_IGN";
    }
    default:
      return is_place(v);
  }
}

}  // namespace ipcvet::fuzz
