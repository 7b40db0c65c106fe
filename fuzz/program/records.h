// Records that a call is given: what to do on a signal, times, limits, and changes of objects. A part of
// structures.cpp.
#pragma once

#include "fuzz/program/arguments_impl.h"

namespace ipcvet::fuzz {

inline Value bits(std::string left, std::string right) {
  return {Value::Binary{Value::Op::bits, {Value::name(std::move(left)), Value::name(std::move(right))}}, {}};
}

// What stands where a call fills something in.
inline Value choose_place(Random &random) {
  return random.chance(94) ? Value::any() : Value::name(random.chance(50) ? "NULL" : "bad");
}

inline bool is_place(const Value &v) { return v.as<Value::Any>() || word_of(v) == "NULL" || word_of(v) == "bad"; }

inline Value choose_signals(Random &random) {
  std::vector<Value> items;
  for (uint32_t n = random.below(3); n > 0; --n)
    items.push_back(Value::name(random.one_of<const char *>(
        {"SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGTERM", "SIGRTMIN", "SIGPIPE", "SIGCONT", "SIGTSTP"})));
  return Value::list(std::move(items));
}

inline Value choose_action(Random &random) {
  if (random.chance(8)) return Value::name("NULL");
  std::vector<Field> fields;
  const char *handler = random.one_of<const char *>({"count", "count", "log", "SIG_DFL", "SIG_IGN"});
  fields.push_back({"sa_handler", Value::name(handler)});
  if (random.chance(50))
    fields.push_back(
        {"sa_flags", Value::name(random.one_of<const char *>(
                         {"SA_RESTART", "SA_RESTART", "SA_NODEFER", "SA_RESETHAND", "SA_NOCLDWAIT", "SA_NOCLDSTOP"}))});
  if (random.chance(15)) fields.push_back({"sa_mask", choose_signals(random)});
  return Value::record(std::move(fields));
}

// No time, or for ever: what lies between would depend on the clock.
inline Value choose_time(Random &random) {
  if (random.chance(12)) return Value::name(random.chance(75) ? "NULL" : "bad");
  const int64_t sec = random.chance(10) ? random.one_of<int64_t>({-1, 3600}) : 0;
  const int64_t nsec = random.chance(8) ? random.one_of<int64_t>({-1, 1000000000}) : 0;
  return Value::record({{"sec", Value::integer(sec)}, {"nsec", Value::integer(nsec)}});
}

// Limits at which a call fails whatever others of the same user hold, or which are the process's own.
inline std::span<const int64_t> limits_of(std::string_view resource) {
  static constexpr int64_t descriptors[] = {0, 1, 3, 4, 5, 6, 8, 64, 1024}, sizes[] = {0, 1, 100, 4096, 5000, 65536},
                           none[] = {0}, space[] = {0x200000000};
  if (resource == "RLIMIT_NOFILE") return descriptors;
  if (resource == "RLIMIT_FSIZE") return sizes;
  return resource == "RLIMIT_AS" ? std::span<const int64_t>(space) : none;
}

inline Value choose_limit(const Position &at, Random &random) {
  if (random.chance(3)) return Value::name("bad");
  const auto limits = limits_of(word_of(at.call.args[0]));
  const int64_t soft = random.pick(limits), hard = random.chance(75) ? soft : random.pick(limits);
  return Value::record({{"cur", Value::integer(soft)}, {"max", Value::integer(hard)}});
}

inline bool limit_fits(const Position &at, int64_t n) {
  const auto limits = limits_of(word_of(at.call.args[0]));
  return std::find(limits.begin(), limits.end(), n) != limits.end();
}

inline Value choose_object_change(const Position &at, Random &random) {
  std::vector<Field> fields = {
      {"mode", {Value::Int{random.one_of<int64_t>({0600, 0666, 0400, 0200, 0, 0640, 0060}), Value::Base::oct}, {}}}};
  if (at.arg().domain == "msqid_ds")
    fields.push_back({"qbytes", Value::integer(random.one_of<int64_t>(
                                    {0, 1, 10, 100, 8192, 16384, 16384, 16384, 20000, int64_t{1} << 32 | 1}))});
  if (random.chance(20))
    for (const char *name : {"uid", "gid"})
      fields.push_back({name, Value::integer(random.one_of<int64_t>({0, 1001, 1001, 1002, -1}))});
  return Value::record(std::move(fields));
}

inline Value choose_record(const Position &at, Random &random) {
  const std::string_view domain = at.arg().domain;
  if (domain == "sigaction") return choose_action(random);
  if (domain == "timespec") return choose_time(random);
  if (domain == "rlimit") return choose_limit(at, random);
  if (domain == "filetimes") return Value::record({{"atime", Value::integer(1000)}, {"mtime", Value::integer(2000)}});
  if (domain == "epoll_event" && random.chance(3)) return Value::name("bad");
  if (domain == "epoll_event")
    return Value::record({{"events", random.chance(30) ? bits("EPOLLIN", "EPOLLET")
                                                       : Value::name(random.chance(60) ? "EPOLLIN" : "EPOLLOUT")},
                          {"data", Value::integer(random.below(3))}});
  if (command_word(at.call, at.spec) != "IPC_SET") return choose_place(random);
  return random.chance(3) ? Value::name("bad") : choose_object_change(at, random);
}

inline bool time_field_fits(std::string_view name, int64_t n) {
  return n == 0 || n == -1 || n == (name == "sec" ? 3600 : 1000000000);
}

inline bool number_field_fits(const Position &at, std::string_view name, int64_t n) {
  if (name == "sec" || name == "nsec") return time_field_fits(name, n);
  if (name == "uid" || name == "gid") return user_fits(n);
  if (name == "cur" || name == "max") return limit_fits(at, n);
  if (name == "mode") return n >= 0 && n <= 0777;
  if (name == "qbytes") return n >= 0;
  return true;
}

inline bool field_fits(const Position &at, const Field &f) {
  const auto w = word_of(f.value);
  if (f.name == "sa_handler") return w == "count" || w == "log" || w == "SIG_DFL" || w == "SIG_IGN";
  if (f.name == "sa_mask") {
    const auto *list = f.value.as<Value::List>();
    return list && std::all_of(list->items.begin(), list->items.end(), [](const Value &s) { return signal_fits(s); });
  }
  const auto n = number_of(f.value);
  return n && number_field_fits(at, f.name, *n);
}

inline bool record_fits(const Position &at, const Value &v) {
  const auto *record = v.as<Value::Record>();
  const std::string_view domain = at.arg().domain;
  const bool whole =
      domain == "timespec" || (domain == "rlimit" && at.arg().kind == ArgKind::RECORD_IN) || domain == "filetimes";
  if (!record) return is_place(v) && !(whole && v.as<Value::Any>());
  if (at.arg().kind == ArgKind::RECORD_OUT) return false;
  const RecordSpec *spec = find_record(domain);
  for (const Field &f : record->fields) {
    if (!spec || std::none_of(spec->fields, spec->fields + spec->nfields,
                              [&](const RecordField &r) { return r.name == f.name; }))
      return false;
    if (!field_fits(at, f)) return false;
  }
  return !whole || record->fields.size() == 2;
}

}  // namespace ipcvet::fuzz
