#include "harness/judge/resolve.h"

#include <algorithm>

#include "harness/mechanism/table.h"

namespace ipcvet {
namespace {

Resolved problem(std::string name, std::string why) { return {std::nullopt, {std::move(name), std::move(why)}}; }
Resolved done(Value value) { return {std::move(value), {}}; }

const char *op_text(Value::Op op) {
  switch (op) {
    case Value::Op::mul:
      return "*";
    case Value::Op::add:
      return "+";
    case Value::Op::sub:
      return "-";
    case Value::Op::bits:
      return "|";
    case Value::Op::range:
      return "..";
  }
  return "?";
}

Resolved resolve_name(const std::string &name, const Scope &scope) {
  if (is_reserved_word(name)) return done(Value::name(name));
  if (const Value *bound = scope.find(name)) return done(*bound);
  if (auto value = (*scope.constants)(name)) return done(Value::integer(*value));
  if (find_constant(name)) return problem(name, "is not known on this system");
  return problem(name, "is not bound");
}

Resolved arithmetic(Value::Op op, int64_t a, int64_t b) {
  const auto result = operated(op, a, b);
  if (!result) return problem(std::to_string(a) + op_text(op) + std::to_string(b), "does not fit in 64 bits");
  return done(Value::integer(*result));
}

Resolved repeat(const std::string &bytes, int64_t times) {
  if (times < 0) return problem("*", "repeats bytes " + std::to_string(times) + " times");
  size_t total = 0;
  if (__builtin_mul_overflow(bytes.size(), static_cast<size_t>(times), &total) || total > max_bytes)
    return problem("*", "makes more than 2 MiB of bytes");
  std::string out;
  if (bytes.size() == 1) {
    out.assign(total, bytes[0]);
  } else if (!bytes.empty() && times > 0) {
    out.reserve(total);
    out = bytes;
    while (out.size() < total) out.append(out, 0, std::min(out.size(), total - out.size()));
  }
  return done(Value::bytes(std::move(out)));
}

Resolved join(const std::string &a, const std::string &b) {
  if (a.size() + b.size() > max_bytes) return problem("+", "makes more than 2 MiB of bytes");
  return done(Value::bytes(a + b));
}

// NULL counts as address 0 inside an expression.
Value operand(Value v) {
  const auto *name = v.as<Value::Name>();
  return name && name->text == "NULL" ? Value::integer(0) : v;
}

Resolved apply(Value::Op op, const Value &left, const Value &right) {
  const auto *ai = left.as<Value::Int>(), *bi = right.as<Value::Int>();
  const auto *ab = left.as<Value::Bytes>(), *bb = right.as<Value::Bytes>();
  if (op == Value::Op::range) return problem("..", "is a range, which no call can be given");
  if (ai && bi) return arithmetic(op, ai->value, bi->value);
  if (op == Value::Op::mul && ab && bi) return repeat(ab->bytes, bi->value);
  if (op == Value::Op::mul && ai && bb) return repeat(bb->bytes, ai->value);
  if (op == Value::Op::add && ab && bb) return join(ab->bytes, bb->bytes);
  return problem(op_text(op), "has operands that do not go together");
}

Resolved resolve_binary(const Value::Binary &binary, const Scope &scope) {
  const auto *bytes = binary.sides[0].as<Value::Bytes>();
  const auto *times = binary.sides[1].as<Value::Int>();
  if (binary.op == Value::Op::mul && bytes && times) return repeat(bytes->bytes, times->value);
  Resolved left = resolve(binary.sides[0], scope);
  if (!left.value) return left;
  Resolved right = resolve(binary.sides[1], scope);
  if (!right.value) return right;
  return apply(binary.op, operand(std::move(*left.value)), operand(std::move(*right.value)));
}

Resolved resolve_list(const Value::List &list, const Scope &scope) {
  std::vector<Value> items;
  for (const Value &item : list.items) {
    Resolved r = resolve(item, scope);
    if (!r.value) return r;
    items.push_back(std::move(*r.value));
  }
  return done(Value::list(std::move(items)));
}

Resolved resolve_record(const Value::Record &record, const Scope &scope) {
  std::vector<Field> fields;
  for (const Field &field : record.fields) {
    Resolved r = resolve(field.value, scope);
    if (!r.value) return r;
    fields.push_back({field.name, std::move(*r.value)});
  }
  return done(Value::record(std::move(fields)));
}

}  // namespace

const Value *Scope::find(std::string_view name) const {
  for (const auto &[key, value] : fresh)
    if (key == name) return &value;
  auto it = bound->find(name);
  return it == bound->end() ? nullptr : &it->second;
}

std::optional<int64_t> Constants::operator()(std::string_view name) const {
  if (lookup) return lookup(context, name);
  const Constant *constant = find_constant(name);
  return constant && constant->known ? std::optional(constant->value) : std::nullopt;
}

bool is_constant(std::string_view name, const Constants &constants) {
  return find_constant(name) != nullptr || constants(name).has_value();
}

Resolved resolve(const Value &value, const Scope &scope) {
  if (const auto *name = value.as<Value::Name>()) return resolve_name(name->text, scope);
  if (const auto *binary = value.as<Value::Binary>()) return resolve_binary(*binary, scope);
  if (const auto *list = value.as<Value::List>()) return resolve_list(*list, scope);
  if (const auto *record = value.as<Value::Record>()) return resolve_record(*record, scope);
  if (const auto *observe = value.as<Value::Observe>()) return problem(observe->name, "is observed and not given");
  if (const auto *error = value.as<Value::Error>()) return problem(error->name, "is an outcome and no input");
  return done(value);
}

std::optional<int64_t> operated(Value::Op op, int64_t a, int64_t b) {
  int64_t out = 0;
  switch (op) {
    case Value::Op::add:
      return __builtin_add_overflow(a, b, &out) ? std::nullopt : std::optional(out);
    case Value::Op::sub:
      return __builtin_sub_overflow(a, b, &out) ? std::nullopt : std::optional(out);
    case Value::Op::mul:
      return __builtin_mul_overflow(a, b, &out) ? std::nullopt : std::optional(out);
    case Value::Op::bits:
      return a | b;
    case Value::Op::range:
      break;
  }
  return std::nullopt;
}

std::optional<int64_t> resolved_number(const Value &value, const Scope &scope) {
  if (const auto *n = value.as<Value::Int>()) return n->value;
  if (const auto *name = value.as<Value::Name>()) {
    if (is_reserved_word(name->text)) return std::nullopt;
    const Value *bound = scope.find(name->text);
    if (!bound) return (*scope.constants)(name->text);
    const auto *n = bound->as<Value::Int>();
    return n ? std::optional(n->value) : std::nullopt;
  }
  const auto *binary = value.as<Value::Binary>();
  if (!binary || binary->op == Value::Op::range) return std::nullopt;
  const auto left = resolved_number(binary->sides[0], scope);
  const auto right = left ? resolved_number(binary->sides[1], scope) : std::nullopt;
  return right ? operated(binary->op, *left, *right) : std::nullopt;
}

Resolved resolve(const Value &value, const Bindings &bindings, const Constants &constants) {
  return resolve(value, Scope{&bindings, &constants, {}});
}

}  // namespace ipcvet
