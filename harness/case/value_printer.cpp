// Values, calls and steps as text; the file around them is in printer.cpp.
#include "harness/case/printer.h"
#include "harness/case/text.h"

namespace ipcvet {
namespace {

constexpr size_t shortest_run = 16;  // bytes that are worth writing as a product

int precedence(Value::Op op) {
  switch (op) {
    case Value::Op::mul:
      return 4;
    case Value::Op::add:
    case Value::Op::sub:
      return 3;
    case Value::Op::bits:
      return 2;
    case Value::Op::range:
      return 1;
  }
  return 0;
}

std::string print_int(const Value::Int &i) {
  if (i.base == Value::Base::dec) return std::to_string(i.value);
  std::string digits;
  auto rest = static_cast<uint64_t>(i.value);
  if (i.value < 0) rest = 0 - rest;
  unsigned radix = i.base == Value::Base::hex ? 16 : 8;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[rest % radix]);
    rest /= radix;
  } while (rest);
  return (i.value < 0 ? "-" : "") + std::string(radix == 16 ? "0x" : "0") + digits;
}

struct ValuePrinter {
  bool actual;  // bytes with their runs

  std::string operator()(const Value::Any &) const { return "_"; }
  std::string operator()(const Value::Observe &o) const { return "?" + o.name; }
  std::string operator()(const Value::Name &n) const { return n.text; }
  std::string operator()(const Value::Int &i) const { return print_int(i); }
  std::string operator()(const Value::Bytes &b) const { return actual ? compact(b.bytes) : quoted(b.bytes); }
  std::string operator()(const Value::Error &e) const { return "-1 " + e.name; }
  std::string operator()(const Value::List &l) const {
    std::string out = "[";
    for (const Value &item : l.items) out += (out.size() > 1 ? ", " : "") + of(item);
    return out + "]";
  }
  std::string operator()(const Value::Record &r) const {
    std::string out = "{";
    for (const Field &field : r.fields) out += (out.size() > 1 ? ", " : "") + field.name + ": " + of(field.value);
    return out + "}";
  }
  std::string operator()(const Value::Binary &b) const {
    const char *sign = b.op == Value::Op::range ? ".." : nullptr;
    return side(b.sides[0], precedence(b.op)) + (sign ? sign : std::string(1, static_cast<char>(b.op))) +
           side(b.sides[1], precedence(b.op) + 1);
  }

  // An operand in parentheses where it binds weaker than its operator.
  std::string side(const Value &operand, int weakest) const {
    const auto *inner = operand.as<Value::Binary>();
    bool enclosed = (inner && precedence(inner->op) < weakest) || operand.as<Value::Error>();
    return enclosed ? "(" + of(operand) + ")" : of(operand);
  }
  std::string of(const Value &value) const { return std::visit(*this, value.node); }
};

void append_quoted(std::string &out, std::string_view bytes, size_t at, size_t length) {
  auto byte = static_cast<uint8_t>(bytes[at]);
  constexpr char digits[] = "0123456789abcdef";
  switch (bytes[at]) {
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\0':
      out += "\\0";
      return;
    case '\\':
    case '"':
      out += '\\';
      out += bytes[at];
      return;
    default:
      break;
  }
  if (length > 0) {
    out += bytes.substr(at, length);
  } else {
    out += "\\x";
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

size_t run_length(std::string_view bytes) {
  size_t end = bytes.find_first_not_of(bytes[0]);
  return end == std::string_view::npos ? bytes.size() : end;
}

}  // namespace

std::string quoted(std::string_view bytes) {
  std::string out = "\"";
  for (size_t at = 0; at < bytes.size();) {
    auto c = code_point(bytes, at);
    bool visible = c && is_printable(c->value);
    append_quoted(out, bytes, at, visible ? c->bytes : 0);
    at += visible ? c->bytes : 1;
  }
  return out + "\"";
}

std::string compact(std::string_view bytes) {
  std::string out, plain;
  auto add = [&out](const std::string &part) { out += (out.empty() ? "" : "+") + part; };
  while (!bytes.empty()) {
    size_t run = run_length(bytes);
    if (run < shortest_run) {
      plain += bytes.substr(0, run);
    } else {
      if (!plain.empty()) add(quoted(plain));
      plain.clear();
      add(quoted(bytes.substr(0, 1)) + "*" + std::to_string(run));
    }
    bytes.remove_prefix(run);
  }
  if (!plain.empty() || out.empty()) add(quoted(plain));
  return out;
}

std::string print(const Value &value) { return ValuePrinter{false}.of(value); }
std::string print_actual(const Value &value) { return ValuePrinter{true}.of(value); }

std::string print(const Alternative &alternative) {
  std::string out = print(alternative.value);
  if (alternative.profile == Profile::linux_) out += " (linux)";
  if (alternative.profile == Profile::posix) out += " (posix)";
  return out;
}

std::string print(const Outcome &outcome) {
  std::string out;
  for (const Alternative &alternative : outcome) out += (out.empty() ? "" : " or ") + print(alternative);
  return out;
}

std::string print(const Call &call) {
  std::string out = call.name + "(";
  for (size_t i = 0; i < call.args.size(); ++i) out += (i ? ", " : "") + print(call.args[i]);
  return out + ")";
}

std::string print(const Statement &statement) {
  std::string out = print(statement.call);
  if (statement.repeat) out += " * " + print(*statement.repeat);
  if (statement.until) out += " until " + print(*statement.until);
  return out;
}

namespace {

std::string print_action(const Step &step) {
  switch (step.kind) {
    case Step::Kind::returns:
      return print(step.call) + " = " + print(step.outcome);
    case Step::Kind::blocks:
      return print(step.call) + " ...";
    case Step::Kind::may_block:
      return print(step.call) + " ...?";
    case Step::Kind::wakes:
      return "... " + print(step.call) + " = " + print(step.outcome);
    case Step::Kind::still:
      return "...";
    case Step::Kind::killed:
      return "+++ killed by " + step.signal;
    case Step::Kind::exited:
      return "+++ exited " + print(step.value);
    case Step::Kind::signal:
      return "--- " + step.signal + (step.value.as<Value::Any>() ? "" : " " + print(step.value));
    case Step::Kind::store:
      return step.memory + "[" + print(step.offset) + "] := " + print(step.value);
    case Step::Kind::expect:
      return step.memory + "[" + print(step.offset) + "] == " + print(step.value);
    case Step::Kind::any_order:
      break;
  }
  return {};
}

}  // namespace

std::string print(const Step &step) {
  if (step.kind == Step::Kind::any_order) {
    std::string out = "any order";
    for (const Step &member : step.members) out += "\n  " + print(member);
    return out;
  }
  std::string who = step.actors.size() > 1 ? "one of" : "";
  for (const std::string &actor : step.actors) who += (who.empty() ? "" : " ") + actor;
  return who + "  " + print_action(step);
}

}  // namespace ipcvet
