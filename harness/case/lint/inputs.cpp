// The part of CallLint that checks what a call is given.
#include <algorithm>

#include "harness/case/lint/calls.h"
#include "harness/case/printer.h"
#include "harness/case/text.h"

namespace ipcvet {
namespace {

struct KindRule {
  ArgKind kind;
  unsigned accepted;
  std::string_view wanted;
};
constexpr unsigned pointer = type::null | type::bad;
constexpr KindRule rules[] = {
    {ArgKind::INT, type::number, "a number"},
    {ArgKind::OPT_INT, type::number, "a number"},
    {ArgKind::SIZE, type::number, "a size"},
    {ArgKind::FD, type::number, "a descriptor or an identifier"},
    {ArgKind::PID, type::number, "an actor or a process id"},
    {ArgKind::SIGNAL, type::number, "a signal"},
    {ArgKind::ADDR, type::number | pointer, "an address, NULL or bad"},
    {ArgKind::FLAGS, type::number, "a number"},
    {ArgKind::OPT_FLAGS, type::number, "a number"},
    {ArgKind::PATH, type::bytes | pointer, "a path in quotes, NULL or bad"},
    {ArgKind::STRING, type::bytes | pointer, "a string, NULL or bad"},
    {ArgKind::POSIX_NAME, type::bytes | pointer, "a name in quotes, NULL or bad"},
    {ArgKind::BYTES_IN, type::bytes | type::number | pointer, "bytes, a mapped address, NULL or bad"},
    {ArgKind::RECORD_IN, type::record | type::number | pointer, "a record, NULL or bad"},
    {ArgKind::IOV_IN, type::list | pointer, "a list of {base: bytes, len: n}, NULL or bad"},
    {ArgKind::MSG_IN, type::record | type::number | pointer, "a message {mtype: n, mtext: bytes}, NULL or bad"},
    {ArgKind::SIGSET_IN, type::list | pointer, "a list of signals, NULL or bad"},
};

struct WordRule {
  ArgKind kind;
  std::string_view word;
};
constexpr WordRule words[] = {
    {ArgKind::HANDLER, "log"},       {ArgKind::HANDLER, "count"},       {ArgKind::HANDLER, "jump"},
    {ArgKind::HANDLER, "SIG_DFL"},   {ArgKind::HANDLER, "SIG_IGN"},     {ArgKind::IMAGE, "actor"},
    {ArgKind::IMAGE, "actor_i386"},  {ArgKind::IMAGE, "actor_musl"},    {ArgKind::IMAGE, "actor_aarch64"},
    {ArgKind::IMAGE, "actor_s390x"}, {ArgKind::IMAGE, "actor_riscv64"}, {ArgKind::SPAWN, "process"},
    {ArgKind::SPAWN, "thread"},      {ArgKind::CHANNEL, "pipe"},        {ArgKind::CHANNEL, "fifo"},
};

}  // namespace

std::vector<std::string_view> words_of(ArgKind kind) {
  std::vector<std::string_view> out;
  for (const WordRule &rule : words)
    if (rule.kind == kind) out.push_back(rule.word);
  return out;
}

// The sort of a value that is given; what is wrong with it by itself is reported, and then it is unknown.
CallLint::Types CallLint::type_of(const Value &value) {
  if (value.as<Value::Int>()) return type::number;
  if (value.as<Value::Bytes>()) return type::bytes;
  if (value.as<Value::List>()) return type::list;
  if (value.as<Value::Record>()) return type::record;
  if (value.as<Value::Any>()) return type::any;
  if (const auto *name = value.as<Value::Name>()) return type_of_name(value, name->text);
  if (const auto *binary = value.as<Value::Binary>()) return type_of_binary(value, *binary);
  if (const auto *error = value.as<Value::Error>())
    report_.add(value, "'-1 " + error->name + "' is an outcome and cannot be given to a call");
  else
    report_.add(value, "'" + print(value) + "' observes what the system gives; here the call is given something");
  return type::unknown;
}

CallLint::Types CallLint::type_of_name(const Value &value, const std::string &name) {
  if (name == "NULL") return type::null;
  if (name == "bad") return type::bad;
  if (is_reserved_word(name)) return type::word;
  if (const Names::Bound *bound = names_.find(name)) return bound->sense == Sense::bytes ? type::bytes : type::number;
  if (find_constant(name)) return type::number;
  names_.report_unknown(report_, value, name);
  return type::unknown;
}

CallLint::Types CallLint::type_of_binary(const Value &value, const Value::Binary &binary) {
  if (binary.op == Value::Op::range) {
    report_.add(value, "a range is an expectation and cannot be given to a call");
    return type::unknown;
  }
  Types left = type_of(binary.sides[0]), right = type_of(binary.sides[1]);
  if ((left | right) & type::unknown) return type::unknown;
  auto plain = [](Types t) { return t == type::null ? type::number : t; };
  left = plain(left);
  right = plain(right);
  if (left == type::number && right == type::number) return type::number;
  bool one_bytes = (left == type::bytes && right == type::number) || (left == type::number && right == type::bytes);
  if (binary.op == Value::Op::mul && one_bytes) return type::bytes;
  if (binary.op == Value::Op::add && left == type::bytes && right == type::bytes) return type::bytes;
  report_.add(value, "'" + std::string(1, static_cast<char>(binary.op)) + "' does not go with " +
                         std::string(type::text(left)) + " and " + std::string(type::text(right)));
  return type::unknown;
}

void CallLint::must_be(const Value &value, Types accepted, std::string_view wanted, const std::string &what) {
  Types is = type_of(value);
  if (is & (accepted | type::unknown)) return;
  report_.add(value, what + " must be " + std::string(wanted) + ", not " + std::string(type::text(is)));
}

// Are the constants of flags and signals of the right group?
void CallLint::constants_fit(const Value &value, const ArgSpec &arg, const std::string &what) {
  if (const auto *binary = value.as<Value::Binary>()) {
    for (const Value &side : binary->sides) constants_fit(side, arg, what);
    return;
  }
  const auto *name = value.as<Value::Name>();
  const Constant *constant = name && !names_.find(name->text) ? find_constant(name->text) : nullptr;
  std::string_view group = arg.kind == ArgKind::SIGNAL ? "signal" : arg.domain;
  if (!constant || group.empty() || constant->group == group || constant->group == "limit") return;
  if (group == "ipc" && (constant->group == "mode" || constant->group == "ipckey")) return;
  report_.add(value, "'" + name->text + "' is a constant of group '" + std::string(constant->group) + "', " + what +
                         " takes those of '" + std::string(group) + "'");
}

// Is the bound name a thing of the sort the argument wants?
bool CallLint::accepts_name(const Value &value, const ArgSpec &arg, const std::string &what) {
  const auto *name = value.as<Value::Name>();
  const Names::Bound *bound = name ? names_.find(name->text) : nullptr;
  if (!bound || bound->sense == Sense::integer || bound->sense == Sense::bytes) return true;
  auto is = [&](std::initializer_list<Sense> senses) {
    return std::find(senses.begin(), senses.end(), bound->sense) != senses.end();
  };
  bool fits = true;
  switch (arg.kind) {
    case ArgKind::FD:
      fits = is({Sense::descriptor, Sense::identifier});
      break;
    case ArgKind::PID:
      fits = is({Sense::actor, Sense::process, Sense::descriptor});
      break;
    case ArgKind::ADDR:
    case ArgKind::BYTES_IN:
    case ArgKind::RECORD_IN:
    case ArgKind::MSG_IN:
      fits = is({Sense::address});
      break;
    case ArgKind::SIZE:
    case ArgKind::FLAGS:
    case ArgKind::SIGNAL:
      fits = false;
      break;
    default:
      break;
  }
  if (!fits)
    report_.add(value, "'" + name->text + "' is " + std::string(sense_text(bound->sense)) + " (line " +
                           std::to_string(bound->pos.line) + ") and does not fit " + what);
  return fits;
}

bool CallLint::word_fits(const Value &value, ArgKind kind, const std::string &what) {
  std::vector<std::string_view> allowed = words_of(kind);
  const auto *name = value.as<Value::Name>();
  if (name && std::find(allowed.begin(), allowed.end(), name->text) != allowed.end()) return true;
  std::string list;
  for (std::string_view word : allowed) list += (list.empty() ? "" : ", ") + std::string(word);
  report_.add(value, what + " must be one of " + list + (name ? suggestion(name->text, allowed) : ""));
  return false;
}

void CallLint::input(const Value &value, const ArgSpec &arg, const std::string &what) {
  if (!words_of(arg.kind).empty()) {
    word_fits(value, arg.kind, what);
    return;
  }
  const auto *name = value.as<Value::Name>();
  bool buffer = arg.kind == ArgKind::BYTES_IN || arg.kind == ArgKind::MSG_IN;
  if (name && name->text == "record" && stress_ && buffer) return;
  bool time = arg.domain == "timespec";
  if (name && time && (name->text == "past" || name->text == "soon" || name->text == "far")) return;
  for (const KindRule &rule : rules)
    if (rule.kind == arg.kind) must_be(value, rule.accepted, rule.wanted, what);
  bool data = buffer || arg.kind == ArgKind::RECORD_IN;
  if (data && value.as<Value::Int>())
    report_.add(value, what + " must be data or a name bound to an address, not a plain number");
  if (!accepts_name(value, arg, what)) return;
  if (arg.kind == ArgKind::FLAGS || arg.kind == ArgKind::SIGNAL) constants_fit(value, arg, what);
  if (const auto *record = value.as<Value::Record>())
    input_record(*record, arg.kind == ArgKind::MSG_IN ? "msgbuf" : arg.domain);
  if (arg.kind == ArgKind::IOV_IN) list_of(value, "iovec", what, false);
  if (const auto *list = value.as<Value::List>(); list && arg.kind == ArgKind::SIGSET_IN)
    for (const Value &item : list->items) {
      must_be(item, type::number, "a signal", "each item of " + what);
      constants_fit(item, {ArgKind::SIGNAL, {}, {}}, what);
    }
}

void CallLint::input_record(const Value::Record &record, std::string_view name) {
  for (const Field &field : record.fields)
    if (const RecordField *spec = known_field(field, name)) input_field(field, *spec);
}

void CallLint::input_field(const Field &field, const RecordField &spec) {
  std::string what = "the field '" + field.name + "'";
  const auto *name = field.value.as<Value::Name>();
  if (spec.name == "sa_handler") {
    word_fits(field.value, ArgKind::HANDLER, what);
    return;
  }
  bool time = spec.name == "sec" && name && (name->text == "past" || name->text == "soon" || name->text == "far");
  if (time) return;
  if (spec.kind == FieldKind::SIGSET) {
    input(field.value, {ArgKind::SIGSET_IN, spec.name, {}}, what);
  } else if (spec.kind == FieldKind::BYTES) {
    input(field.value, {ArgKind::BYTES_IN, spec.name, {}}, what);
  } else {
    must_be(field.value, type::number, "a number", what);
  }
}

// A list of records; in pollfd and in what a call fills in, some fields are expectations.
void CallLint::list_of(const Value &value, std::string_view record, const std::string &what, bool filled) {
  const auto *list = value.as<Value::List>();
  if (!list) return;
  for (const Value &item : list->items) {
    const auto *fields = item.as<Value::Record>();
    if (item.as<Value::Any>() && filled) continue;
    if (!fields) {
      report_.add(item, "each item of " + what + " must be a record");
      continue;
    }
    for (const Field &field : fields->fields) {
      const RecordField *spec = known_field(field, record);
      bool given = !filled || field.name == "len" || (record == "pollfd" && field.name != "revents");
      if (spec && given)
        input_field(field, *spec);
      else if (spec)
        expect_field(field, *spec);
    }
  }
}

}  // namespace ipcvet
