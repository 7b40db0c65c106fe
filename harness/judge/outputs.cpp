#include "harness/judge/outputs.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/judge/describe.h"
#include "harness/mechanism/table.h"

namespace ipcvet {
namespace {

bool fills_memory(ArgKind kind) {
  return kind == ArgKind::BYTES_OUT || kind == ArgKind::MSG_OUT || kind == ArgKind::RECORD_OUT ||
         kind == ArgKind::RECORD_INOUT || kind == ArgKind::WSTATUS_OUT || kind == ArgKind::SIGSET_OUT;
}

// Which way RECORD_INOUT goes is said by the call's command argument.
bool record_is_filled(const CallSpec &spec, const Call &call) {
  for (uint32_t i = 0; i < spec.nargs && i < call.args.size(); ++i) {
    const auto *name = spec.args[i].name == "cmd" ? call.args[i].as<Value::Name>() : nullptr;
    if (name) return record_direction(name->text) != Direction::in;
  }
  return false;
}

// The expectation an argument holds, or nullptr where it is not one.
const Value *expectation(const CallSpec &spec, const Step &step, size_t i, const Scope &scope) {
  const Value &written = step.call.args[i];
  const ArgKind kind = spec.args[i].kind;
  if (direction(kind) == Direction::in || written.as<Value::Any>()) return nullptr;
  if (kind == ArgKind::RECORD_INOUT && !record_is_filled(spec, step.call)) return nullptr;
  const auto *name = written.as<Value::Name>();
  if (name && is_reserved_word(name->text)) return nullptr;
  if (fills_memory(kind)) {  // an address: the system's writing is seen by memory lines
    Resolved r = resolve(written, scope);
    if (r.value && r.value->as<Value::Int>()) return nullptr;
  }
  const auto *list = written.as<Value::List>();
  if (kind == ArgKind::OFFSET_INOUT)  // [before, after]
    return list && list->items.size() == 2 ? &list->items[1] : nullptr;
  if (kind == ArgKind::FDSET_INOUT)  // [before, after], each a list
    return list && list->items.size() == 2 && (list->items[0].as<Value::List>() || list->items[1].as<Value::List>())
               ? &list->items[1]
               : &written;
  return &written;
}

// What arrived are the first bytes of what is written, as many as the outcome said: the outcome was matched before.
bool is_prefix(const Value &expected, const Value &actual, const Scope &scope) {
  const auto *got = actual.as<Value::Bytes>();
  if (!got || got->bytes.empty()) return false;
  const Resolved r = resolve(expected, scope);
  const auto *wanted = r.value ? r.value->as<Value::Bytes>() : nullptr;
  return wanted && wanted->bytes.text().starts_with(got->bytes.text());
}

bool matches_argument(const ArgSpec &arg, const Value &expected, const Value &actual, Matcher &matcher) {
  if (arg.kind == ArgKind::SIGSET_OUT || arg.kind == ArgKind::FDSET_INOUT) return matcher.match_set(expected, actual);
  if (arg.kind == ArgKind::BYTES_OUT && is_prefix(expected, actual, matcher.scope())) return true;
  const auto *record = expected.as<Value::Record>();
  if (record && !arg.domain.empty()) return matcher.match_record(*record, actual, find_record(arg.domain));
  return matcher.match(expected, actual);
}

std::string first_difference(std::string_view a, std::string_view b) {
  const auto at = static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  return at < std::min(a.size(), b.size()) ? fmt::format("; they differ from byte {} on", at)
                                           : fmt::format("; {} bytes, not {}", b.size(), a.size());
}

// For long data the place of the difference helps more than the data.
std::string where_bytes_differ(const Value &expected, const Value &actual, const Scope &scope) {
  Resolved r = resolve(expected, scope);
  const auto *wanted = r.value ? r.value->as<Value::Bytes>() : nullptr;
  const auto *got = actual.as<Value::Bytes>();
  if (!wanted || !got || std::max(wanted->bytes.size(), got->bytes.size()) < 24) return "";
  return first_difference(wanted->bytes, got->bytes);
}

// One field of a record is named by itself: "cbytes: 3, not 2".
std::string field_reason(const Value::Record &expected, const Value &actual, const ArgSpec &arg, Matcher &matcher) {
  const auto *record = actual.as<Value::Record>();
  if (!record) return "";
  const RecordSpec *spec = arg.domain.empty() ? nullptr : find_record(arg.domain);
  std::string out;
  for (const Field &field : expected.fields) {
    const auto mark = matcher.mark();
    const bool ok = matcher.match_record(Value::Record{{field}}, actual, spec);
    matcher.rollback(mark);
    if (ok) continue;
    auto it = std::find_if(record->fields.begin(), record->fields.end(),
                           [&](const Field &f) { return f.name == field.name; });
    if (it == record->fields.end()) return "";
    out += (out.empty() ? "" : "; ") + field.name + " is " + show_like(field.value, it->value, matcher.scope());
    out += ", not " + show_allowed(field.value, matcher.scope());
  }
  return out;
}

OutputMismatch mismatch(const Step &step, const ArgSpec &arg, const Value &expected, const Value &actual,
                        Matcher &matcher) {
  OutputMismatch m;
  m.allowed = fmt::format("{}: {}", arg.name, show_allowed(expected, matcher.scope()));
  if (actual.as<Value::Any>()) {
    m.actual = fmt::format("{}: not filled in", arg.name);
    m.reason = fmt::format("{} did not fill in {}", step.call.name, arg.name);
    return m;
  }
  m.actual = fmt::format("{}: {}", arg.name, show_like(expected, actual, matcher.scope()));
  std::string fields;
  if (const auto *record = expected.as<Value::Record>()) fields = field_reason(*record, actual, arg, matcher);
  if (!fields.empty())
    m.reason = fmt::format("{} filled in {} wrongly: {}", step.call.name, arg.name, fields);
  else
    m.reason = fmt::format("{} filled in {} with {}, not {}{}", step.call.name, arg.name,
                           show_like(expected, actual, matcher.scope()), show_allowed(expected, matcher.scope()),
                           where_bytes_differ(expected, actual, matcher.scope()));
  return m;
}

}  // namespace

std::optional<OutputMismatch> match_outputs(const Step &step, const std::vector<Value> &args, Matcher &matcher) {
  const CallSpec *spec = find_call(step.call.name);
  if (!spec) return std::nullopt;
  for (size_t i = 0; i < spec->nargs && i < step.call.args.size(); ++i) {
    const Value *expected = expectation(*spec, step, i, matcher.scope());
    if (!expected) continue;
    const Value actual = i < args.size() ? args[i] : Value::any();
    const ArgSpec &arg = spec->args[i];
    // A request such as FIONBIO only reads its integer; nothing comes back to compare.
    if (arg.kind == ArgKind::INT_INOUT && actual.as<Value::Any>()) continue;
    if (!matches_argument(arg, *expected, actual, matcher)) return mismatch(step, arg, *expected, actual, matcher);
  }
  return std::nullopt;
}

}  // namespace ipcvet
