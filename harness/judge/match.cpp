#include "harness/judge/match.h"

#include <algorithm>

namespace ipcvet {
namespace {

// Integers by value, however they are written; everything else by structure.
bool same(const Value &a, const Value &b) {
  const auto *ai = a.as<Value::Int>(), *bi = b.as<Value::Int>();
  return ai && bi ? ai->value == bi->value : a == b;
}

bool is_int(const Value &v, int64_t n) {
  const auto *i = v.as<Value::Int>();
  return i && i->value == n;
}

const Value *field_of(const Value::Record &record, std::string_view name) {
  auto it = std::find_if(record.fields.begin(), record.fields.end(), [&](const Field &f) { return f.name == name; });
  return it == record.fields.end() ? nullptr : &it->value;
}

bool is_sigset(const RecordSpec *spec, std::string_view name) {
  if (!spec) return false;
  for (uint32_t i = 0; i < spec->nfields; ++i)
    if (spec->fields[i].name == name) return spec->fields[i].kind == FieldKind::SIGSET;
  return false;
}

// The members of a list as sorted integers, each once; nullopt if one is no integer.
std::optional<std::vector<int64_t>> members(const Value &list, const Scope &scope) {
  std::vector<int64_t> out;
  for (const Value &item : list.as<Value::List>()->items) {
    Resolved r = resolve(item, scope);
    const auto *i = r.value ? r.value->as<Value::Int>() : nullptr;
    if (!i) return std::nullopt;
    out.push_back(i->value);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

void Matcher::rollback(Mark m) {
  scope_.fresh.resize(m.fresh);
  seen_.resize(m.seen);
}

void Matcher::commit(Bindings &bindings, std::vector<Observation> &observations) {
  for (auto &[name, value] : scope_.fresh) bindings.insert_or_assign(std::move(name), std::move(value));
  for (Observation &o : seen_) observations.push_back(std::move(o));
  rollback({0, 0});
}

bool Matcher::match(const Value &expected, const Value &actual) {
  const Mark before = mark();
  bool ok = false;
  if (expected.as<Value::Any>()) return true;
  if (const auto *name = expected.as<Value::Name>()) ok = match_name(name->text, actual);
  if (const auto *observe = expected.as<Value::Observe>()) ok = match_observe(observe->name, actual);
  if (const auto *binary = expected.as<Value::Binary>()) ok = match_binary(expected, *binary, actual);
  if (const auto *list = expected.as<Value::List>()) ok = match_list(*list, actual);
  if (const auto *record = expected.as<Value::Record>()) ok = match_record(*record, actual, nullptr);
  if (const auto *error = expected.as<Value::Error>()) ok = match_error(error->name, actual);
  if (const auto *i = expected.as<Value::Int>())
    ok = is_int(actual, i->value) || (i->value == -1 && actual.as<Value::Error>());
  if (expected.as<Value::Bytes>()) ok = same(expected, actual);
  if (!ok) rollback(before);
  return ok;
}

bool Matcher::match_word(const std::string &word, const Value &actual) const {
  if ((word == "NULL" || word == "SIG_DFL") && is_int(actual, 0)) return true;
  if (word == "SIG_DFL" && is_int(actual, 0)) return true;
  if (word == "SIG_IGN" && is_int(actual, 1)) return true;
  if (word == "now") {
    const auto *time = actual.as<Value::Int>();
    return time && time->value >= started_ - 1 && time->value <= clock_ + 1;
  }
  const auto *name = actual.as<Value::Name>();
  return name && name->text == word;
}

bool Matcher::match_name(const std::string &name, const Value &actual) {
  if (is_reserved_word(name)) return match_word(name, actual);
  if (const Value *bound = scope_.find(name)) return same(*bound, actual);
  if (is_constant(name, *scope_.constants)) {
    auto value = (*scope_.constants)(name);
    return value && is_int(actual, *value);
  }
  // A failed call, or a position the system did not fill, binds nothing.
  if (actual.as<Value::Error>() || actual.as<Value::Any>() || actual.as<Value::Name>()) return false;
  scope_.fresh.emplace_back(name, actual);
  return true;
}

bool Matcher::match_observe(const std::string &name, const Value &actual) {
  seen_.push_back({name, actual});
  const bool bindable = actual.as<Value::Int>() || actual.as<Value::Bytes>();
  if (bindable && !scope_.find(name) && !is_reserved_word(name) && !is_constant(name, *scope_.constants))
    scope_.fresh.emplace_back(name, actual);
  return true;
}

bool Matcher::match_binary(const Value &expected, const Value::Binary &binary, const Value &actual) const {
  if (binary.op != Value::Op::range) {
    Resolved r = resolve(expected, scope_);
    return r.value && same(*r.value, actual);
  }
  Resolved low = resolve(binary.sides[0], scope_), high = resolve(binary.sides[1], scope_);
  const auto *a = low.value ? low.value->as<Value::Int>() : nullptr;
  const auto *b = high.value ? high.value->as<Value::Int>() : nullptr;
  const auto *n = actual.as<Value::Int>();
  return a && b && n && n->value >= a->value && n->value <= b->value;
}

bool Matcher::match_list(const Value::List &expected, const Value &actual) {
  const auto *list = actual.as<Value::List>();
  if (!list || list->items.size() != expected.items.size()) return false;
  for (size_t i = 0; i < list->items.size(); ++i)
    if (!match(expected.items[i], list->items[i])) return false;
  return true;
}

bool Matcher::match_set(const Value &expected, const Value &actual) {
  if (!expected.as<Value::List>() || !actual.as<Value::List>()) return match(expected, actual);
  auto wanted = members(expected, scope_), got = members(actual, scope_);
  return wanted && got ? *wanted == *got : match(expected, actual);
}

// Of a buffer at no address nothing is told.
static bool is_nowhere(const Value &v) {
  const auto *name = v.as<Value::Name>();
  return name && (name->text == "NULL" || name->text == "bad");
}

bool Matcher::match_record(const Value::Record &expected, const Value &actual, const RecordSpec *spec) {
  const Mark before = mark();
  const auto *record = actual.as<Value::Record>();
  bool ok = record != nullptr;
  for (size_t i = 0; ok && i < expected.fields.size(); ++i) {
    const Field &field = expected.fields[i];
    const Value *value = field_of(*record, field.name);
    if (!value)
      ok = is_nowhere(field.value);
    else
      ok = is_sigset(spec, field.name) ? match_set(field.value, *value) : match(field.value, *value);
  }
  if (!ok) rollback(before);
  return ok;
}

bool Matcher::match_error(const std::string &name, const Value &actual) const {
  const auto *error = actual.as<Value::Error>();
  if (!error) return false;
  if (error->name == name) return true;
  auto wanted = (*scope_.constants)(name), got = (*scope_.constants)(error->name);
  return wanted && got && *wanted == *got;
}

bool matches(const Value &expected, const Value &actual, const Constants &constants, Bindings &bindings,
             std::vector<Observation> &observations, int64_t started, int64_t clock) {
  Matcher matcher(bindings, constants, started, clock);
  if (!matcher.match(expected, actual)) return false;
  matcher.commit(bindings, observations);
  return true;
}

}  // namespace ipcvet
