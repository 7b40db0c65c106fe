// The part of CallLint that checks what a call is expected to give, and binds names to it.
#include <algorithm>

#include "harness/case/lint/calls.h"
#include "harness/case/printer.h"
#include "harness/case/text.h"

namespace ipcvet {
namespace {

constexpr unsigned pointer = type::null | type::bad;

bool is_pid(std::string_view field) { return field.find("pid") != std::string_view::npos; }

// Could both stand for the same number?
bool compatible(Sense a, Sense b) {
  if (a == b) return true;
  if (a == Sense::bytes || b == Sense::bytes) return false;
  if (a == Sense::integer || b == Sense::integer) return true;
  auto process = [](Sense s) { return s == Sense::process || s == Sense::actor; };
  return process(a) && process(b);
}

// Which way a RECORD_INOUT goes, by the call's command where that is a constant.
bool record_is_filled(const Call &call) {
  const CallSpec *spec = find_call(call.name);
  for (size_t i = 0; spec && i < call.args.size(); ++i) {
    const auto *name = spec->args[i].name == "cmd" ? call.args[i].as<Value::Name>() : nullptr;
    if (name) return record_direction(name->text) == Direction::out;
  }
  return false;
}

bool both_are_lists(const Value::List &pair) {
  return std::all_of(pair.items.begin(), pair.items.end(), [](const Value &v) { return v.as<Value::List>(); });
}

}  // namespace

void CallLint::numbers(const Value::List &list, const std::string &what) {
  for (const Value &item : list.items) must_be(item, type::number, "a number", "each item of " + what);
}

void CallLint::output(const Call &call, const Value &value, const ArgSpec &arg, const std::string &what) {
  const auto *name = value.as<Value::Name>();
  if (name && name->text == "record" && stress_ && (arg.kind == ArgKind::BYTES_OUT || arg.kind == ArgKind::MSG_OUT))
    return;
  switch (arg.kind) {
    case ArgKind::BYTES_OUT:
      expect(value, {type::bytes | pointer, Sense::bytes, what});
      break;
    case ArgKind::INT_OUT:
    case ArgKind::INT_INOUT:
      expect(value, {type::number | pointer, Sense::integer, what});
      break;
    case ArgKind::FDS_OUT:
      if (const auto *list = value.as<Value::List>(); list && list->items.size() == 2) {
        for (const Value &item : list->items) expect(item, {type::number, Sense::descriptor, what});
      } else if (list) {
        report_.add(value, what + " is a list of two descriptors, written [r, w]");
      } else {
        expect(value, {type::list | pointer, Sense::address, what});
      }
      break;
    case ArgKind::RECORD_OUT:
      expect_record(value, arg.domain, what);
      break;
    case ArgKind::MSG_OUT:
      expect_record(value, "msgbuf", what);
      break;
    case ArgKind::WSTATUS_OUT:
      expect_record(value, "wstatus", what);
      break;
    case ArgKind::RECORD_INOUT:
      record_inout(call, value, arg, what);
      break;
    case ArgKind::IOV_OUT:
      list_of(value, "iovec", what, true);
      if (!value.as<Value::List>()) expect(value, {type::list | pointer, Sense::address, what});
      break;
    case ArgKind::POLL_INOUT:
      list_of(value, "pollfd", what, true);
      if (!value.as<Value::List>()) must_be(value, type::list | pointer, "a list of pollfd records, NULL or bad", what);
      break;
    case ArgKind::EPOLL_OUT:
      list_of(value, "epoll_event", what, true);
      if (!value.as<Value::List>()) expect(value, {type::list | pointer, Sense::address, what});
      break;
    case ArgKind::FDSET_INOUT:
      if (const auto *list = value.as<Value::List>(); list && list->items.size() == 2 && both_are_lists(*list)) {
        numbers(*list->items[0].as<Value::List>(), what);
        numbers(*list->items[1].as<Value::List>(), what);
        break;
      }
      [[fallthrough]];
    case ArgKind::SIGSET_OUT:
      if (const auto *list = value.as<Value::List>())
        numbers(*list, what);
      else
        expect(value, {type::list | pointer, Sense::address, what});
      break;
    case ArgKind::OFFSET_INOUT:
      if (const auto *list = value.as<Value::List>(); list && list->items.size() == 2) {
        must_be(list->items[0], type::number, "a number", "the offset before");
        expect(list->items[1], {type::number, Sense::integer, "the offset after"});
      } else {
        must_be(value, pointer, "[before, after], NULL or bad", what);
      }
      break;
    default:
      break;
  }
}

void CallLint::record_inout(const Call &call, const Value &value, const ArgSpec &arg, const std::string &what) {
  if (record_is_filled(call)) {
    expect_record(value, arg.domain, what);
    return;
  }
  if (const auto *record = value.as<Value::Record>())
    input_record(*record, arg.domain);
  else
    must_be(value, type::number | pointer | type::any, "a record, NULL or bad", what);
}

void CallLint::expect_record(const Value &value, std::string_view record, const std::string &what) {
  const auto *fields = value.as<Value::Record>();
  if (!fields) {
    expect(value, {type::record | pointer, Sense::address, what});
    return;
  }
  for (const Field &field : fields->fields)
    if (const RecordField *spec = known_field(field, record)) expect_field(field, *spec);
}

void CallLint::expect_field(const Field &field, const RecordField &spec) {
  std::string what = "the field '" + field.name + "'";
  const auto *name = field.value.as<Value::Name>();
  if (name && name->text == "now" && spec.kind == FieldKind::TIME) return;
  if (spec.name == "sa_handler" && name && is_reserved_word(name->text)) {
    word_fits(field.value, ArgKind::HANDLER, what);
    return;
  }
  if (const auto *list = field.value.as<Value::List>(); list && spec.kind == FieldKind::SIGSET) {
    for (const Value &item : list->items) must_be(item, type::number, "a signal", "each item of " + what);
  } else if (spec.kind == FieldKind::BYTES) {
    bool buffer = name && name->text == "record" && stress_;
    Types types = spec.name == "base" ? type::bytes | pointer : type::bytes;
    if (!buffer) expect(field.value, {types, Sense::bytes, what});
  } else {
    expect(field.value, {type::number, is_pid(spec.name) ? Sense::process : Sense::integer, what});
  }
}

const RecordField *CallLint::known_field(const Field &field, std::string_view record) {
  const RecordSpec *spec = find_record(record);
  if (!spec) return nullptr;
  std::vector<std::string_view> names;
  for (uint32_t i = 0; i < spec->nfields; ++i) {
    if (spec->fields[i].name == field.name) return &spec->fields[i];
    names.push_back(spec->fields[i].name);
  }
  report_.add_before(field.value, field.name,
                     "'" + field.name + "' is no field of " + std::string(record) + suggestion(field.name, names));
  return nullptr;
}

void CallLint::known_errno(const Value &value, const std::string &name) {
  const Constant *constant = find_constant(name);
  if (constant && constant->group == "errno") return;
  std::vector<std::string_view> known;
  for (const Constant &c : constants())
    if (c.group == "errno") known.push_back(c.name);
  report_.add(value, "unknown errno '" + name + "'" + suggestion(name, known));
}

void CallLint::expect(const Value &value, const Want &want) {
  unsigned is = type::unknown;
  if (const auto *name = value.as<Value::Name>()) {
    expect_name(value, name->text, want);
  } else if (const auto *seen = value.as<Value::Observe>()) {
    if (!seen->name.empty()) bindable(value, seen->name, want.sense);
  } else if (const auto *error = value.as<Value::Error>()) {
    if (want.types & type::error)
      known_errno(value, error->name);
    else
      report_.add(value, "'-1 " + error->name + "' is an outcome and no value of " + want.what);
  } else if (const auto *binary = value.as<Value::Binary>(); binary && binary->op == Value::Op::range) {
    for (const Value &side : binary->sides) must_be(side, type::number, "a number", "a bound of the range");
    is = type::number;
  } else if (!value.as<Value::Any>()) {
    is = type_of(value);
  }
  if (is & (type::unknown | want.types)) return;
  report_.add(value, want.what + " cannot be " + std::string(type::text(is)));
}

void CallLint::expect_name(const Value &value, const std::string &name, const Want &want) {
  bool allowed = (name == "NULL" && (want.types & type::null)) || (name == "bad" && (want.types & type::bad)) ||
                 (name == "jumped" && want.outcome);
  if (allowed) return;
  if (is_reserved_word(name)) {
    report_.add(value, "'" + name + "' is a word of the language and cannot be a name here");
  } else if (const Names::Bound *bound = names_.find(name)) {
    expect_bound(value, name, *bound, want);
  } else if (find_constant(name)) {
    if (!(want.types & type::number)) report_.add(value, want.what + " cannot be a number");
  } else if (completes_) {
    bool capital = name[0] >= 'A' && name[0] <= 'Z';
    if (want.sense == Sense::actor && !capital)
      report_.add(value, "an actor's name starts with a capital letter");
    else if (want.sense != Sense::actor && (capital || name[0] == '_'))
      names_.report_unknown(report_, value, name);
    else
      names_.bind(name, want.sense, value.pos);
  }
}

void CallLint::expect_bound(const Value &value, const std::string &name, const Names::Bound &bound, const Want &want) {
  std::string since = " (line " + std::to_string(bound.pos.line) + ")";
  bool memory = !(want.types & type::number) && (want.types & type::null) &&
                (bound.sense == Sense::address || bound.sense == Sense::integer);  // the call writes to mapped memory
  if (memory) return;
  if (want.sense == Sense::actor)
    report_.add(value, "'" + name + "' stands for " + std::string(sense_text(bound.sense)) + " already" + since);
  else if (!compatible(bound.sense, want.sense))
    report_.add(value, "'" + name + "' is " + std::string(sense_text(bound.sense)) + since +
                           "; here it would have to be " + std::string(sense_text(want.sense)));
}

void CallLint::bindable(const Value &value, const std::string &name, Sense sense) {
  bool capital = name[0] >= 'A' && name[0] <= 'Z';
  if (is_reserved_word(name) || find_constant(name) || capital)
    report_.add(value, "what is observed needs a name of its own, in lower case");
  else if (completes_)
    names_.bind(name, sense, value.pos);
}

}  // namespace ipcvet
