#include "harness/model/inputs.h"

#include "harness/judge/resolve.h"

namespace ipcvet::model {
namespace {

using Result = std::expected<Value, Unresolved>;

struct Reader {
  const Bindings &names;
  const Constants &constants;

  Result input(const Value &written) const {
    if (written.as<Value::Any>() || written.as<Value::Int>()) return written;
    Resolved r = resolve(written, names, constants);
    if (!r.value) return std::unexpected(std::move(r.problem));
    return std::move(*r.value);
  }

  // Where an output points: `_` for a buffer of the call's own.
  Value output(const Value &written, bool address_allowed) const {
    const auto *name = written.as<Value::Name>();
    if (name && (name->text == "NULL" || name->text == "bad")) return written;
    if (address_allowed && (name || written.as<Value::Binary>())) {
      Resolved r = resolve(written, names, constants);
      if (r.value && r.value->as<Value::Int>()) return std::move(*r.value);
    }
    return Value::any();
  }

  Result each(const Value &written, Result (Reader::*item)(const Value &) const) const {
    const auto *list = written.as<Value::List>();
    if (!list) return input(written);
    std::vector<Value> items;
    for (const Value &v : list->items) {
      Result r = (this->*item)(v);
      if (!r) return r;
      items.push_back(std::move(*r));
    }
    return Value::list(std::move(items));
  }

  Result record(const Value &written) const {
    const auto *rec = written.as<Value::Record>();
    if (!rec) return input(written);
    std::vector<Field> fields;
    for (const Field &f : rec->fields) {
      Result r = input(f.value);
      if (!r) return r;
      fields.push_back({f.name, std::move(*r)});
    }
    return Value::record(std::move(fields));
  }

  static Value field(const Value &item, std::string_view name) {
    const auto *rec = item.as<Value::Record>();
    if (rec)
      for (const Field &f : rec->fields)
        if (f.name == name) return f.value;
    return Value::any();
  }

  Result vector(const Value &item, bool out) const {
    const bool plain = item.as<Value::Record>() == nullptr;
    const Value base = plain ? item : field(item, "base");
    Result where = out ? Result(output(base, true)) : input(base);
    if (!where) return where;
    Result length = plain ? Result(Value::any()) : input(field(item, "len"));
    if (!length) return length;
    if (length->as<Value::Any>()) {
      const Result bytes = input(base);
      const auto *b = bytes ? bytes->as<Value::Bytes>() : nullptr;
      length = Value::integer(b ? static_cast<int64_t>(b->bytes.size()) : 0);
    }
    return Value::record({{"base", std::move(*where)}, {"len", std::move(*length)}});
  }
  Result vector_in(const Value &item) const { return vector(item, false); }
  Result vector_out(const Value &item) const { return vector(item, true); }

  Result pollfd(const Value &item) const {
    Result fd = input(field(item, "fd"));
    if (!fd) return fd;
    Result events = input(field(item, "events"));
    if (!events) return events;
    if (events->as<Value::Any>()) events = Value::integer(0);
    return Value::record({{"fd", std::move(*fd)}, {"events", std::move(*events)}});
  }

  // Of `[before, after]` the value before.
  static const Value &before(const Value &written) {
    const auto *l = written.as<Value::List>();
    const bool pair = l && l->items.size() == 2 && (l->items[0].as<Value::List>() || l->items[1].as<Value::List>());
    return pair ? l->items[0] : written;
  }

  Result offset(const Value &written) const {
    const auto *l = written.as<Value::List>();
    return input(l && !l->items.empty() ? l->items[0] : written);
  }

  Result arg(const ArgSpec &spec, const Value &written, std::string_view command) const {
    switch (spec.kind) {
      case ArgKind::BYTES_OUT:
      case ArgKind::MSG_OUT:
        return output(written, true);
      case ArgKind::INT_OUT:
      case ArgKind::FDS_OUT:
      case ArgKind::RECORD_OUT:
      case ArgKind::EPOLL_OUT:
      case ArgKind::WSTATUS_OUT:
      case ArgKind::SIGSET_OUT:
        return output(written, false);
      case ArgKind::INT_INOUT:
        return command == "FIONBIO" || command == "FIOASYNC" ? input(written) : Result(output(written, false));
      case ArgKind::RECORD_INOUT:
        return record_direction(command) == Direction::out ? Result(output(written, false)) : record(written);
      case ArgKind::RECORD_IN:
      case ArgKind::MSG_IN:
        return record(written);
      case ArgKind::IOV_IN:
        return each(written, &Reader::vector_in);
      case ArgKind::IOV_OUT:
        return each(written, &Reader::vector_out);
      case ArgKind::POLL_INOUT:
        return each(written, &Reader::pollfd);
      case ArgKind::OFFSET_INOUT:
        return offset(written);
      case ArgKind::FDSET_INOUT:
        return input(before(written));
      case ArgKind::IMAGE:
      case ArgKind::SPAWN:
      case ArgKind::CHANNEL:
        return written;
      default:
        return input(written);
    }
  }
};

std::string_view command_of(const CallSpec &spec, const Call &call) {
  for (size_t i = 0; i < spec.nargs && i < call.args.size(); ++i) {
    if (spec.args[i].domain != "ipc_cmd" && spec.args[i].domain != "ioctl") continue;
    const auto *name = call.args[i].as<Value::Name>();
    return name ? std::string_view(name->text) : std::string_view();
  }
  return {};
}

}  // namespace

std::expected<GivenCall, Unresolved> given_call(const Call &call, const Bindings &names, const Constants &constants) {
  GivenCall given{find_call(call.name), {}};
  if (!given.spec) return std::unexpected(Unresolved{call.name, "is no call"});
  given.args.reserve(call.args.size());
  const Reader reader{names, constants};
  const std::string_view command = command_of(*given.spec, call);
  for (size_t i = 0; i < call.args.size() && i < given.spec->nargs; ++i) {
    Result r = reader.arg(given.spec->args[i], call.args[i], command);
    if (!r) return std::unexpected(std::move(r.error()));
    given.args.push_back(std::move(*r));
  }
  return given;
}

Call memory_call(const Step &step, int64_t size) {
  Value address;
  address.node = Value::Binary{Value::Op::add, {Value::name(step.memory), step.offset}};
  if (step.kind == Step::Kind::store) return {"mem_store", {address, step.value}, {}};
  return {"mem_load", {address, Value::integer(size), Value::any()}, {}};
}

}  // namespace ipcvet::model
