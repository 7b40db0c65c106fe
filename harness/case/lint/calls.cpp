#include "harness/case/lint/calls.h"

#include <algorithm>
#include <vector>

#include "harness/case/printer.h"
#include "harness/case/text.h"

namespace ipcvet {
namespace {

bool is_optional(ArgKind kind) { return kind == ArgKind::OPT_INT || kind == ArgKind::OPT_FLAGS; }

// Calls the language makes itself.
bool is_internal(std::string_view name) { return name == "mem_store" || name == "mem_load" || name == "stress"; }

std::string signature(const CallSpec &spec) {
  std::string out = std::string(spec.name) + "(";
  for (uint32_t i = 0; i < spec.nargs; ++i) {
    std::string name(spec.args[i].name);
    if (is_optional(spec.args[i].kind)) name = "[" + name + "]";
    out += (i ? ", " : "") + name;
  }
  return out + ")";
}

bool is_handler(const Value &value) {
  std::vector<std::string_view> handlers = words_of(ArgKind::HANDLER);
  const auto *name = value.as<Value::Name>();
  return name && std::find(handlers.begin(), handlers.end(), name->text) != handlers.end();
}

std::string plural(size_t n, std::string word) { return std::to_string(n) + " " + word + (n == 1 ? "" : "s"); }

}  // namespace

std::string_view type::text(unsigned one) {
  switch (one) {
    case number:
      return "a number";
    case bytes:
      return "bytes";
    case list:
      return "a list";
    case record:
      return "a record";
    case null:
      return "NULL";
    case bad:
      return "bad";
    case word:
      return "a word of the language";
    case any:
      return "'_'";
    default:
      return "something else";
  }
}

const CallSpec *CallLint::known(const Call &call) {
  const CallSpec *spec = find_call(call.name);
  if (spec && !is_internal(call.name)) return spec;
  if (spec) {
    bool stress = call.name == "stress";
    report_.add(call.pos,
                "'" + call.name + "' is no call of a case; " +
                    (stress ? "write a stress part" : "write name[offset] := bytes or name[offset] == bytes"));
    return nullptr;
  }
  std::vector<std::string_view> names;
  for (const CallSpec &c : calls())
    if (!is_internal(c.name)) names.push_back(c.name);
  report_.add(call.pos, "unknown call '" + call.name + "'" + suggestion(call.name, names));
  return nullptr;
}

const CallSpec *CallLint::call(const Call &call, bool completes) {
  const CallSpec *spec = known(call);
  if (!spec) return nullptr;
  completes_ = completes;
  uint32_t least = spec->nargs;
  while (least > 0 && is_optional(spec->args[least - 1].kind)) --least;
  if (call.args.size() < least || call.args.size() > spec->nargs) {
    std::string wants = least < spec->nargs ? std::to_string(least) + " or " + plural(spec->nargs, "argument")
                                            : plural(least, "argument");
    report_.add(call.pos, signature(*spec) + " takes " + wants + ", not " + std::to_string(call.args.size()));
    return nullptr;
  }
  // What a call fills in is bound only when all that it is given has been looked at.
  for (bool filled : {false, true})
    for (size_t i = 0; i < call.args.size(); ++i)
      if ((direction(spec->args[i].kind) != Direction::in) == filled) argument(call, spec->args[i], i);
  return spec;
}

void CallLint::argument(const Call &call, const ArgSpec &arg, size_t index) {
  std::string what = "'" + std::string(arg.name) + "' of " + call.name;
  const Value &value = call.args[index];
  if (resumed_ && value.as<Value::Any>()) return;
  if (direction(arg.kind) == Direction::in)
    input(value, arg, what);
  else
    output(call, value, arg, what);
}

void CallLint::number(const Value &value, const std::string &what) { must_be(value, type::number, "a number", what); }

void CallLint::exit_status(const Value &value) { expect(value, {type::number, Sense::integer, "the exit status"}); }

void CallLint::memory(const Value &data, bool input) {
  if (input)
    must_be(data, type::bytes, "bytes", "what is stored");
  else
    expect(data, {type::bytes, Sense::bytes, "what memory holds"});
}

void CallLint::siginfo(const Value &value) {
  if (value.as<Value::Record>()) expect_record(value, "siginfo", "the signal");
}

void CallLint::signal(const std::string &name, Pos line) {
  const Constant *constant = find_constant(name);
  if (constant && constant->group == "signal") return;
  std::vector<std::string_view> signals;
  for (const Constant &c : constants())
    if (c.group == "signal") signals.push_back(c.name);
  report_.add_at_word(line, name, "unknown signal '" + name + "'" + suggestion(name, signals));
}

void CallLint::outcome(const CallSpec &spec, const Outcome &outcome) {
  completes_ = true;
  std::string what = "what " + std::string(spec.name) + " returns";
  Want want{type::number | type::error | type::null, sense_of(spec.returns), what, true};
  for (const Alternative &alternative : outcome) {
    const Value &value = alternative.value;
    const auto *number = value.as<Value::Int>();
    if (spec.returns == Ret::ZERO && number && number->value != 0 && number->value != -1)
      report_.add(value, std::string(spec.name) + " returns 0 or -1, never " + print(value));
    else if (spec.returns == Ret::ACTOR && number && number->value != -1)
      report_.add(value,
                  std::string(spec.name) + " makes an actor; name it, as in " + std::string(spec.name) + "() = W");
    else if (!(spec.name == "signal" && is_handler(value)))  // it returns what the signal did before
      expect(value, want);
  }
}

}  // namespace ipcvet
