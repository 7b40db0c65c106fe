#include "harness/judge/describe.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/case/printer.h"
#include "harness/mechanism/table.h"

namespace ipcvet {
namespace {

constexpr size_t shortest_run = 12;     // folded to "a"*12
constexpr size_t longest_literal = 96;  // cut in the middle beyond

std::string cut_literal(std::string_view bytes) {
  if (bytes.size() <= longest_literal) return quoted(bytes);
  const std::string_view head = bytes.substr(0, longest_literal * 2 / 3);
  const std::string_view tail = bytes.substr(bytes.size() - longest_literal / 6);
  return fmt::format("{}+({} more)+{}", quoted(head), bytes.size() - head.size() - tail.size(), quoted(tail));
}

size_t run_at(std::string_view bytes, size_t at) {
  size_t end = at;
  while (end < bytes.size() && bytes[end] == bytes[at]) ++end;
  return end - at;
}

template <typename Items, typename Text>
std::string joined(const Items &items, Text text) {
  std::string out;
  for (const auto &item : items) {
    if (!out.empty()) out += ", ";
    out += text(item);
  }
  return out;
}

// A mapping's address or a big number reads better in hexadecimal.
std::string show_number(const Value &v) {
  const auto *i = v.as<Value::Int>();
  if (i && i->base == Value::Base::dec && (i->value > (int64_t{1} << 32) || i->value < -(int64_t{1} << 32)))
    return fmt::format("{:#x}", static_cast<uint64_t>(i->value));
  return show(v);
}

// The first constant the expression names, whose group says how a number is to be read; nullptr if none.
const Constant *first_constant(const Value &expected, const Scope &scope) {
  if (const auto *name = expected.as<Value::Name>())
    return scope.find(name->text) ? nullptr : find_constant(name->text);
  if (const auto *binary = expected.as<Value::Binary>())
    for (const Value &side : binary->sides)
      if (const Constant *c = first_constant(side, scope)) return c;
  return nullptr;
}

std::vector<Constant> constants_of(std::string_view group) {
  std::vector<Constant> out;
  for (const Constant &c : constants())
    if (c.group == group) out.push_back(c);
  return out;
}

bool is_flag_group(std::string_view group) {
  return group == "open" || group == "poll" || group == "epoll" || group == "saflags" || group == "wait" ||
         group == "shmmode" || group == "prot" || group == "map" || group == "mode";
}

size_t common_prefix(std::string_view a, std::string_view b) {
  return static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

// "SEGV_" of SEGV_ACCERR: constants that are alternatives to each other begin alike.
std::string_view family(std::string_view name) { return name.substr(0, name.find('_') + 1); }

// The constant of the group with exactly this value, nearest in name to the one expected.
std::string_view exact_constant(const Constant &like, int64_t value, const Constants &constants) {
  std::string_view best;
  for (const Constant &c : constants_of(like.group)) {
    if (constants(c.name) != value || (value == 0 && family(c.name) != family(like.name))) continue;
    if (best.empty() || common_prefix(c.name, like.name) > common_prefix(best, like.name)) best = c.name;
  }
  return best;
}

std::string flag_names(std::string_view group, int64_t value, const Constants &constants) {
  std::string out;
  int64_t left = value;
  for (const Constant &c : constants_of(group)) {
    const auto bit = constants(c.name);
    if (!bit || *bit <= 0 || (*bit & (*bit - 1)) != 0 || (left & *bit) == 0) continue;
    left &= ~*bit;
    out += (out.empty() ? "" : "|") + std::string(c.name);
  }
  if (left != 0 && !out.empty()) out += fmt::format("|{:#x}", static_cast<uint64_t>(left));
  return out;
}

std::string show_int_like(const Value &expected, const Value::Int &actual, const Scope &scope) {
  const Constant *like = first_constant(expected, scope);
  if (like && like->group != "limit" && like->group != "errno") {
    std::string name(exact_constant(*like, actual.value, *scope.constants));
    if (name.empty() && is_flag_group(like->group)) name = flag_names(like->group, actual.value, *scope.constants);
    if (!name.empty()) return fmt::format("{} ({})", name, actual.value);
  }
  const auto *i = expected.as<Value::Int>();
  if (i && actual.base == Value::Base::dec) return show_number({Value::Int{actual.value, i->base}, {}});
  return show_number({actual, {}});
}

// Fields that hold a signal say its name also where the expectation does not.
std::string show_field(const Field &field, const Constants &constants) {
  const auto *i = field.value.as<Value::Int>();
  const bool is_signal = field.name == "killed" || field.name == "stopped" || field.name == "si_signo";
  const Constant *like = i && is_signal ? find_constant("SIGHUP") : nullptr;
  const std::string_view name = like ? exact_constant(*like, i->value, constants) : "";
  return field.name + ": " + (name.empty() ? show(field.value) : std::string(name));
}

std::string show_record_like(const Value::Record &expected, const Value::Record &actual, const Scope &scope) {
  std::string out;
  for (const Field &wanted : expected.fields) {
    auto it =
        std::find_if(actual.fields.begin(), actual.fields.end(), [&](const Field &f) { return f.name == wanted.name; });
    if (!out.empty()) out += ", ";
    out += wanted.name + ": " + (it == actual.fields.end() ? "absent" : show_like(wanted.value, it->value, scope));
  }
  // Of a tagged record (a wait status) none of the fields named may be there: then what is there says more.
  const bool any = std::any_of(expected.fields.begin(), expected.fields.end(), [&](const Field &w) {
    return std::any_of(actual.fields.begin(), actual.fields.end(), [&](const Field &f) { return f.name == w.name; });
  });
  if (any || expected.fields.empty()) return "{" + out + "}";
  return "{" + joined(actual.fields, [&](const Field &f) { return show_field(f, *scope.constants); }) + "}";
}

std::string show_list_like(const Value::List &expected, const Value::List &actual, const Scope &scope) {
  std::string out;
  for (size_t i = 0; i < actual.items.size(); ++i) {
    const Value *like = expected.items.empty() ? nullptr : &expected.items[std::min(i, expected.items.size() - 1)];
    out += (i ? ", " : "") + (like ? show_like(*like, actual.items[i], scope) : show(actual.items[i]));
  }
  return "[" + out + "]";
}

}  // namespace

std::string show_bytes(std::string_view bytes) {
  if (bytes.size() < shortest_run) return quoted(bytes);
  std::string out;
  size_t from = 0, parts = 0;
  for (size_t at = 0; at < bytes.size();) {
    const size_t run = run_at(bytes, at);
    if (run >= shortest_run) {
      if (++parts > 8) return cut_literal(bytes);
      if (at > from) out += (out.empty() ? "" : "+") + cut_literal(bytes.substr(from, at - from));
      out += fmt::format("{}{}*{}", out.empty() ? "" : "+", quoted(bytes.substr(at, 1)), run);
      from = at + run;
    }
    at += run;
  }
  if (from < bytes.size()) out += (out.empty() ? "" : "+") + cut_literal(bytes.substr(from));
  return out;
}

std::string show(const Value &value) {
  if (const auto *b = value.as<Value::Bytes>()) return show_bytes(b->bytes);
  if (const auto *l = value.as<Value::List>())
    return "[" + joined(l->items, [](const Value &v) { return show(v); }) + "]";
  if (const auto *r = value.as<Value::Record>())
    return "{" + joined(r->fields, [](const Field &f) { return f.name + ": " + show(f.value); }) + "}";
  return print(value);
}

std::string show_end(const Event &ended) {
  if (ended.name == "unknown") return "+++";
  return ended.name == "exited" ? "+++ exited " + show(ended.result) : "+++ killed by " + ended.name;
}

std::string show(const Call &call) {
  return call.name + "(" + joined(call.args, [](const Value &v) { return show(v); }) + ")";
}

std::string show_allowed(const Value &expected, const Scope &scope) {
  if (const auto *l = expected.as<Value::List>())
    return "[" + joined(l->items, [&](const Value &v) { return show_allowed(v, scope); }) + "]";
  if (const auto *r = expected.as<Value::Record>())
    return "{" + joined(r->fields, [&](const Field &f) { return f.name + ": " + show_allowed(f.value, scope); }) + "}";
  const auto *binary = expected.as<Value::Binary>();
  if (binary && binary->op == Value::Op::range)
    return show_allowed(binary->sides[0], scope) + ".." + show_allowed(binary->sides[1], scope);
  if (!binary && !expected.as<Value::Name>()) return show(expected);
  const std::string written = show(expected);
  if (written == "now") return written;
  Resolved r = resolve(expected, scope);
  if (!r.value && !binary && !is_constant(written, *scope.constants)) return written + " (any)";
  if (!r.value) return written + " (" + r.problem.name + " " + r.problem.why + ")";
  const std::string value = show_number(*r.value);
  return value == written ? written : written + " (" + value + ")";
}

std::string show_allowed(const Outcome &outcome, Profile profile, const Scope &scope) {
  std::string out;
  for (const Alternative &a : outcome) {
    if (a.profile != Profile::any && a.profile != profile) continue;
    out += (out.empty() ? "" : " or ") + show_allowed(a.value, scope);
  }
  return out;
}

std::string show_like(const Value &expected, const Value &actual, const Scope &scope) {
  if (const auto *i = actual.as<Value::Int>()) return show_int_like(expected, *i, scope);
  if (const auto *record = actual.as<Value::Record>())
    if (const auto *wanted = expected.as<Value::Record>()) return show_record_like(*wanted, *record, scope);
  if (const auto *list = actual.as<Value::List>())
    if (const auto *wanted = expected.as<Value::List>()) return show_list_like(*wanted, *list, scope);
  return show_number(actual);
}

}  // namespace ipcvet
