#include "harness/run/encode.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <span>

#include "harness/judge/resolve.h"
#include "harness/run/targets.h"
#include "harness/run/words.h"

namespace ipcvet {
namespace {

std::span<const Word> words_of(ArgKind kind) {
  switch (kind) {
    case ArgKind::HANDLER:
      return handler_words;
    case ArgKind::IMAGE:
      return image_words;
    case ArgKind::SPAWN:
      return spawn_words;
    case ArgKind::CHANNEL:
      return channel_words;
    default:
      return {};
  }
}

wire_value num(int64_t n) { return {WIRE_NUM, 0, n, 0, 0}; }
wire_value kind_only(uint32_t kind) { return {kind, 0, 0, 0, 0}; }

std::string_view name_of(const Value &v) {
  const auto *name = v.as<Value::Name>();
  return name ? std::string_view(name->text) : std::string_view();
}

const Value *command_of(const CallSpec &spec, const Call &call) {
  for (size_t i = 0; i < spec.nargs && i < call.args.size(); ++i)
    if (spec.args[i].domain == "ipc_cmd" || spec.args[i].domain == "ioctl") return &call.args[i];
  return nullptr;
}

// Writes one request's values into a slot's data, keeping the first problem.
class Encoder {
 public:
  Encoder(Area &area, uint32_t slot, const Bindings &bindings)
      : area_(area), constants_(area_constants(area)), bindings_(bindings), data_(area.in(slot)) {}

  std::optional<EncodeError> error;

  // All arguments of a call; `resolved` has as many as were written, the rest of `out` is left alone.
  void arguments(const CallSpec &spec, const Call &call, const KnownNumbers &known, wire_value *out,
                 std::vector<Value> &resolved) {
    const Value *command = command_of(spec, call);
    for (size_t i = 0; i < call.args.size() && i < spec.nargs; ++i) {
      if (known.has(i))
        out[i] = num(known.number[i]), resolved[i].node = Value::Int{known.number[i]};
      else
        out[i] = arg(spec.args[i], call.args[i], command, resolved[i]);
      if (auto why = aims_too_far(area_, spec, call, i, out[i]); why && !error) error = EncodeError{true, *why};
    }
  }

  // `command` is the written value of the call's command argument, which decides what a RECORD_INOUT is.
  // `resolved` gets the actual value of an input.
  wire_value arg(const ArgSpec &spec, const Value &written, const Value *command, Value &resolved) {
    switch (spec.kind) {
      case ArgKind::BYTES_OUT:
        return output(written, true, resolved);
      case ArgKind::MSG_OUT:
        return takes_records(written) ? kind_only(WIRE_RECORD_PAYLOAD) : output(written, true, resolved);
      case ArgKind::INT_OUT:
      case ArgKind::FDS_OUT:
      case ArgKind::RECORD_OUT:
      case ArgKind::EPOLL_OUT:
      case ArgKind::WSTATUS_OUT:
      case ArgKind::SIGSET_OUT:
        return output(written, false, resolved);
      case ArgKind::INT_INOUT: {
        const bool input = command && (name_of(*command) == "FIONBIO" || name_of(*command) == "FIOASYNC");
        return input ? input_value(written, resolved) : output(written, false, resolved);
      }
      case ArgKind::RECORD_INOUT:
        if (command && record_direction(name_of(*command)) == Direction::out) return output(written, false, resolved);
        return record(*find_record(spec.domain), written, resolved);
      case ArgKind::RECORD_IN:
        return record(*find_record(spec.domain), written, resolved);
      case ArgKind::MSG_IN:
        return record(*find_record("msgbuf"), written, resolved);
      case ArgKind::IOV_IN:
      case ArgKind::IOV_OUT:
        return iovec(written, spec.kind == ArgKind::IOV_OUT, resolved);
      case ArgKind::POLL_INOUT:
        return list(written, resolved, [&](const Value &item, Value &r) { return pollfd(item, r); });
      case ArgKind::OFFSET_INOUT:
        return offset(written, resolved);
      case ArgKind::FDSET_INOUT:
        return input_value(before(written), resolved);
      case ArgKind::HANDLER:
      case ArgKind::IMAGE:
      case ArgKind::SPAWN:
      case ArgKind::CHANNEL:
        return word(spec.kind, written, resolved);
      default:
        return input_value(written, resolved);
    }
  }

  wire_value put_list(const std::vector<wire_value> &items) {
    const size_t bytes = items.size() * sizeof(wire_value);
    const uint32_t off = reserve(bytes);
    if (error) return kind_only(WIRE_NONE);
    if (bytes) std::memcpy(data_ + off, items.data(), bytes);
    return {WIRE_LIST, static_cast<uint32_t>(items.size()), 0, off, 0};
  }

  // Integers, addresses, bytes, lists of such, and the words NULL, bad, _ and record.
  wire_value input_value(const Value &written, Value &resolved) {
    if (written.as<Value::Any>()) return resolved.node = Value::Any{}, kind_only(WIRE_ANY);
    if (const auto *i = written.as<Value::Int>()) return resolved.node = *i, num(i->value);
    if (const auto n = resolved_number(written, {&bindings_, &constants_, {}}))
      return resolved = Value::integer(*n), num(*n);
    Resolved r = resolve(written, bindings_, constants_);
    if (!r.value) return fail(r.problem);
    resolved = std::move(*r.value);
    return plain(resolved);
  }

 private:
  wire_value fail(const Unresolved &problem) {
    if (!error) {
      const Constant *constant = find_constant(problem.name);
      error = EncodeError{constant != nullptr,
                          constant ? problem.name + " is not known on this system" : problem.name + ": " + problem.why};
    }
    return kind_only(WIRE_NONE);
  }
  wire_value fail(std::string why) {
    if (!error) error = EncodeError{false, std::move(why)};
    return kind_only(WIRE_NONE);
  }

  uint32_t reserve(size_t bytes) {
    const size_t at = used_;
    used_ = (used_ + bytes + 7) & ~size_t{7};
    if (used_ > WIRE_IN_BYTES) {
      fail("the call's data is larger than the " + std::to_string(WIRE_IN_BYTES >> 20) + " MiB an actor takes");
      used_ = at;
      return 0;
    }
    return static_cast<uint32_t>(at);
  }

  wire_value put_bytes(const std::string &bytes) {
    const uint32_t off = reserve(bytes.size());
    if (error) return kind_only(WIRE_NONE);
    std::memcpy(data_ + off, bytes.data(), bytes.size());
    return {WIRE_BYTES, static_cast<uint32_t>(bytes.size()), 0, off, 0};
  }

  wire_value plain(const Value &v) {
    if (const auto *i = v.as<Value::Int>()) return num(i->value);
    if (const auto *b = v.as<Value::Bytes>()) return put_bytes(b->bytes);
    if (v.as<Value::Any>()) return kind_only(WIRE_ANY);
    if (const std::string_view name = name_of(v); !name.empty()) {
      if (name == "NULL") return num(0);
      if (name == "bad") return kind_only(WIRE_BAD);
      if (name == "record") return kind_only(WIRE_RECORD_PAYLOAD);
      for (const Word &w : handler_words)
        if (w.text == name) return num(w.code);
      return fail("`" + std::string(name) + "` is no value for a call");
    }
    if (const auto *l = v.as<Value::List>()) {
      std::vector<wire_value> items;
      for (const Value &item : l->items) items.push_back(plain(item));
      return put_list(items);
    }
    return fail(std::string("this value cannot be given to a call"));
  }

  // An argument the call fills: only where it points counts.
  wire_value output(const Value &written, bool address_allowed, Value &resolved) {
    const std::string_view name = name_of(written);
    if (name == "NULL" || name == "bad") resolved = Value::name(std::string(name));
    if (name == "NULL") return num(0);
    if (name == "bad") return kind_only(WIRE_BAD);
    if (name == "record") return kind_only(WIRE_RECORD_PAYLOAD);
    const bool may_be_address = !name.empty() || written.as<Value::Binary>();
    if (address_allowed && may_be_address) {
      const Resolved r = resolve(written, bindings_, constants_);
      if (r.value && r.value->as<Value::Int>()) return resolved = *r.value, num(r.value->as<Value::Int>()->value);
    }
    return kind_only(WIRE_ANY);
  }

  // `{mtype: 1, mtext: record}` in a stress part: what arrives is taken apart as records.
  static bool takes_records(const Value &written) {
    const auto *rec = written.as<Value::Record>();
    return rec && has(*rec, "mtext") && name_of(field(*rec, "mtext")) == "record";
  }

  wire_value record(const RecordSpec &spec, const Value &written, Value &resolved) {
    const auto *rec = written.as<Value::Record>();
    if (!rec) return input_value(written, resolved);
    std::vector<wire_value> fields(spec.nfields, kind_only(WIRE_NONE));
    Value::Record actual;
    for (const Field &field : rec->fields) {
      const auto *end = spec.fields + spec.nfields;
      const auto *at = std::find_if(spec.fields, end, [&](const RecordField &f) { return f.name == field.name; });
      if (at == end) return fail("a " + std::string(spec.name) + " has no field `" + field.name + "`");
      Value value;
      fields[static_cast<size_t>(at - spec.fields)] = input_value(field.value, value);
      actual.fields.push_back({field.name, std::move(value)});
    }
    resolved = Value{std::move(actual), {}};
    return put_list(fields);
  }

  template <typename Item>
  wire_value list(const Value &written, Value &resolved, Item item) {
    const auto *l = written.as<Value::List>();
    if (!l) return input_value(written, resolved);
    std::vector<wire_value> items;
    std::vector<Value> actual;
    for (const Value &v : l->items) {
      Value r;
      items.push_back(item(v, r));
      actual.push_back(std::move(r));
    }
    resolved = Value::list(std::move(actual));
    return put_list(items);
  }

  wire_value iovec(const Value &written, bool out, Value &resolved) {
    return list(written, resolved, [&](const Value &item, Value &r) {
      const auto *rec = item.as<Value::Record>();
      const Value base = rec ? field(*rec, "base") : item;
      Value base_value, len_value;
      const wire_value base_wire = out ? output(base, true, base_value) : input_value(base, base_value);
      wire_value len_wire = kind_only(WIRE_NONE);
      if (rec && has(*rec, "len")) {
        len_wire = input_value(field(*rec, "len"), len_value);
      } else {
        const Resolved bytes = resolve(base, bindings_, constants_);
        const auto *b = bytes.value ? bytes.value->as<Value::Bytes>() : nullptr;
        len_value = Value::integer(b ? static_cast<int64_t>(b->bytes.size()) : 0);
        len_wire = num(len_value.as<Value::Int>()->value);
      }
      r = Value::record({{"base", base_value}, {"len", len_value}});
      return put_list({base_wire, len_wire});
    });
  }

  wire_value pollfd(const Value &item, Value &resolved) {
    const auto *rec = item.as<Value::Record>();
    if (!rec) return fail(std::string("poll takes records {fd: r, events: POLLIN}"));
    Value fd, events;
    const wire_value fd_wire = input_value(field(*rec, "fd"), fd);
    const wire_value events_wire = has(*rec, "events") ? input_value(field(*rec, "events"), events) : num(0);
    resolved = Value::record({{"fd", fd}, {"events", events}});
    return put_list({fd_wire, events_wire, kind_only(WIRE_NONE)});
  }

  // `[before, after]`, or just the value before.
  static const Value &before(const Value &written) {
    const auto *l = written.as<Value::List>();
    const bool pair = l && l->items.size() == 2 && (l->items[0].as<Value::List>() || l->items[1].as<Value::List>());
    return pair ? l->items[0] : written;
  }

  wire_value offset(const Value &written, Value &resolved) {
    const auto *l = written.as<Value::List>();
    const wire_value value = input_value(l && !l->items.empty() ? l->items[0] : written, resolved);
    if (!l && (value.kind != WIRE_NUM || name_of(written) == "NULL" || value.num == 0)) return value;
    return put_list({value});
  }

  wire_value word(ArgKind kind, const Value &written, Value &resolved) {
    resolved = written;
    for (const Word &w : words_of(kind))
      if (w.text == name_of(written)) return num(w.code);
    return fail("`" + std::string(name_of(written)) + "` is not one of the words this argument takes");
  }

  static bool has(const Value::Record &rec, std::string_view name) {
    return std::any_of(rec.fields.begin(), rec.fields.end(), [&](const Field &f) { return f.name == name; });
  }
  static Value field(const Value::Record &rec, std::string_view name) {
    for (const Field &f : rec.fields)
      if (f.name == name) return f.value;
    return Value::any();
  }

  Area &area_;
  Constants constants_;
  const Bindings &bindings_;
  unsigned char *data_;
  size_t used_ = 0;
};

// The argument that commands: of msgctl and friends the FLAGS argument of domain ipc_cmd, of ioctl its request.
}  // namespace

Constants area_constants(const Area &area) {
  return {[](const void *context, std::string_view name) -> std::optional<int64_t> {
            const auto &head = *static_cast<const wire_area *>(context);
            const Constant *constant = find_constant(name);
            if (!constant) return std::nullopt;
            const auto i = static_cast<size_t>(constant - constants().data());
            if (i >= head.constants || (head.constant[i] == INT64_MIN && name != "LONG_MIN")) return std::nullopt;
            return head.constant[i];
          },
          &area.head()};
}

std::string signal_name(const Area &area, int number) {
  const wire_area &head = area.head();
  for (size_t i = 0; i < constants().size() && i < head.constants; ++i)
    if (head.constant[i] == number && constants()[i].group == "signal") return std::string(constants()[i].name);
  return "SIG" + std::to_string(number);
}

std::expected<std::vector<Value>, EncodeError> encode_call(Area &area, uint32_t slot, const Call &call,
                                                           const Bindings &bindings) {
  const CallSpec *spec = find_call(call.name);
  if (!spec) return std::unexpected(EncodeError{false, "no call `" + call.name + "`"});
  return encode_call(area, slot, *spec, call, bindings);
}

std::expected<std::vector<Value>, EncodeError> encode_call(Area &area, uint32_t slot, const CallSpec &spec,
                                                           const Call &call, const Bindings &bindings,
                                                           const KnownNumbers &known) {
  Encoder encoder(area, slot, bindings);
  wire_call &request = area.slot(slot).call;
  request = {};
  request.call = spec.id;
  request.nargs = spec.nargs;
  std::vector<Value> resolved(call.args.size());
  encoder.arguments(spec, call, known, request.args, resolved);
  if (encoder.error) return std::unexpected(*encoder.error);
  return resolved;
}

std::expected<void, EncodeError> encode_role(Area &area, uint32_t slot, const Role &role, const Bindings &bindings,
                                             bool leave) {
  Encoder encoder(area, slot, bindings);
  std::vector<wire_value> program;
  for (const Statement &statement : role.statements) {
    const CallSpec *spec = find_call(statement.call.name);
    if (!spec) return std::unexpected(EncodeError{false, "no call `" + statement.call.name + "`"});
    std::vector<wire_value> args(spec->nargs, kind_only(WIRE_NONE));
    std::vector<Value> resolved(statement.call.args.size());
    Value ignored;
    encoder.arguments(*spec, statement.call, {}, args.data(), resolved);
    wire_value n = num(1);
    if (statement.repeat) n = encoder.input_value(*statement.repeat, ignored);
    if (statement.until) n = encoder.input_value(*statement.until, ignored);
    program.push_back(encoder.put_list({num(spec->id),
                                        num(statement.until    ? 2
                                            : statement.repeat ? 1
                                                               : 0),
                                        n, encoder.put_list(args)}));
  }
  wire_call &request = area.slot(slot).call;
  request = {};
  request.call = find_call("stress")->id;
  request.nargs = 2;
  request.args[0] = encoder.put_list(program);
  request.args[1] = num(leave ? 1 : 0);
  if (encoder.error) return std::unexpected(*encoder.error);
  return {};
}

}  // namespace ipcvet
