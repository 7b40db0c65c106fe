#include <sys/wait.h>

#include <cstring>

#include "harness/run/encode.h"
#include "harness/run/words.h"

namespace ipcvet {
namespace {

// A wire value of the answer as a plain value: Int, Bytes, List.
Value decode(const unsigned char *out, const wire_value &w, int depth = 0) {
  switch (w.kind) {
    case WIRE_NUM:
      return Value::integer(w.num);
    case WIRE_BYTES:
      if (w.off > WIRE_OUT_BYTES || w.len > WIRE_OUT_BYTES - w.off) break;
      return Value::bytes(std::string(reinterpret_cast<const char *>(out + w.off), w.len));
    case WIRE_LIST: {
      if (depth > 4 || w.off % 8 != 0 || w.off > WIRE_OUT_BYTES ||
          w.len > (WIRE_OUT_BYTES - w.off) / sizeof(wire_value))
        break;
      std::vector<Value> items;
      for (uint32_t i = 0; i < w.len; ++i) {
        wire_value item;
        std::memcpy(&item, out + w.off + i * sizeof item, sizeof item);
        items.push_back(decode(out, item, depth + 1));
      }
      return Value::list(std::move(items));
    }
    default:
      break;
  }
  return Value::any();
}

Value handler_name(const Value &code) {
  if (const auto *i = code.as<Value::Int>())
    for (const Word &w : handler_words)
      if (w.code == i->value) return Value::name(std::string(w.text));
  return code;
}

Value as_record(const RecordSpec &spec, Value v) {
  auto *l = v.as<Value::List>();
  if (!l) return v;
  std::vector<Field> fields;
  for (size_t i = 0; i < spec.nfields && i < l->items.size(); ++i) {
    if (l->items[i].as<Value::Any>()) continue;
    const bool handler = spec.fields[i].name == "sa_handler";
    fields.push_back({std::string(spec.fields[i].name), handler ? handler_name(l->items[i]) : std::move(l->items[i])});
  }
  return Value::record(std::move(fields));
}

Value as_records(const RecordSpec &spec, Value v) {
  if (auto *l = v.as<Value::List>())
    for (Value &item : l->items) item = as_record(spec, std::move(item));
  return v;
}

Value as_wait_status(const Value &v) {
  const auto *i = v.as<Value::Int>();
  if (!i) return v;
  const int status = static_cast<int>(i->value);
  if (WIFEXITED(status)) return Value::record({{"exited", Value::integer(WEXITSTATUS(status))}});
  if (WIFSTOPPED(status)) return Value::record({{"stopped", Value::integer(WSTOPSIG(status))}});
  if (WIFCONTINUED(status)) return Value::record({{"continued", Value::integer(1)}});
  return Value::record(
      {{"killed", Value::integer(WTERMSIG(status))}, {"core", Value::integer(WCOREDUMP(status) ? 1 : 0)}});
}

Value decode_arg(const ArgSpec &spec, Value v) {
  switch (spec.kind) {
    case ArgKind::RECORD_OUT:
    case ArgKind::RECORD_INOUT:
      return as_record(*find_record(spec.domain), std::move(v));
    case ArgKind::MSG_OUT:
      return as_record(*find_record("msgbuf"), std::move(v));
    case ArgKind::IOV_OUT:
      return as_records(*find_record("iovec"), std::move(v));
    case ArgKind::POLL_INOUT:
      return as_records(*find_record("pollfd"), std::move(v));
    case ArgKind::EPOLL_OUT:
      return as_records(*find_record("epoll_event"), std::move(v));
    case ArgKind::WSTATUS_OUT:
      return as_wait_status(v);
    default:
      return v;
  }
}

}  // namespace

Value decode_result(const Area &area, uint32_t slot, const CallSpec &spec) {
  const wire_answer &reply = area.head().slots[slot].reply;
  if (reply.flags & WIRE_JUMPED) return Value::name("jumped");
  if (reply.flags & WIRE_FAULTED) return Value::error(signal_name(area, reply.fault_signo));
  if (reply.error != 0) {
    const char *name = errno_name(reply.error);
    return Value::error(name ? name : "E" + std::to_string(reply.error));
  }
  if (spec.name == "signal" && reply.result != 0) return handler_name(Value::integer(reply.result));
  return Value::integer(reply.result);
}

std::vector<Value> decode_args(const Area &area, uint32_t slot, const CallSpec &spec, std::vector<Value> resolved) {
  const wire_answer &reply = area.head().slots[slot].reply;
  for (size_t i = 0; i < resolved.size() && i < spec.nargs; ++i)
    if (reply.out[i].kind != WIRE_NONE) resolved[i] = decode_arg(spec.args[i], decode(area.out(slot), reply.out[i]));
  return resolved;
}

Value decode_signal(const wire_signal &s) {
  std::vector<Value> mask;
  for (int n = 1; n <= 64; ++n)
    if (s.mask >> (n - 1) & 1) mask.push_back(Value::integer(n));
  return Value::record({{"si_signo", Value::integer(s.signo)},
                        {"si_code", Value::integer(s.code)},
                        {"si_pid", Value::integer(s.pid)},
                        {"si_uid", Value::integer(s.uid)},
                        {"si_status", Value::integer(s.status)},
                        {"si_value", Value::integer(s.value)},
                        {"si_addr", Value::integer(static_cast<int64_t>(s.addr))},
                        {"mask", Value::list(std::move(mask))},
                        {"onstack", Value::integer(s.onstack)}});
}

}  // namespace ipcvet
