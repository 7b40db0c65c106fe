#include "harness/model/accepts.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/judge/describe.h"
#include "harness/judge/match.h"
#include "harness/judge/outputs.h"
#include "harness/mechanism/signal/rules.h"

namespace ipcvet::model {
namespace {

const Value *field_of(const Value::Record &record, std::string_view name) {
  for (const Field &f : record.fields)
    if (f.name == name) return &f.value;
  return nullptr;
}

// What the model says nothing of cannot be compared: such places of the line are not looked at.
Value only_predicted(const Value &written, const Value &predicted) {
  if (predicted.as<Value::Any>()) return Value::any();
  const auto *wr = written.as<Value::Record>(), *pr = predicted.as<Value::Record>();
  if (wr && pr) {
    Value::Record out;
    for (const Field &f : wr->fields)
      if (const Value *p = field_of(*pr, f.name)) out.fields.push_back({f.name, only_predicted(f.value, *p)});
    return Value{std::move(out), written.pos};
  }
  const auto *wl = written.as<Value::List>(), *pl = predicted.as<Value::List>();
  if (wl && pl && wl->items.size() == pl->items.size()) {
    std::vector<Value> items;
    for (size_t i = 0; i < wl->items.size(); ++i) items.push_back(only_predicted(wl->items[i], pl->items[i]));
    return Value::list(std::move(items));
  }
  return written;
}

// The part of [before, after] that is an expectation.
Value only_after(const Value &written, const Value &predicted, ArgKind kind) {
  const auto *list = written.as<Value::List>();
  const bool pair =
      list && list->items.size() == 2 &&
      (kind == ArgKind::OFFSET_INOUT || list->items[0].as<Value::List>() || list->items[1].as<Value::List>());
  if (!pair) return only_predicted(written, predicted);
  return Value::list({list->items[0], only_predicted(list->items[1], predicted)});
}

// The line with only those outputs left that the model predicts, and what it predicts of them.
Step comparable(const Step &line, const Prediction &p, std::vector<Value> &args) {
  Step step = line;
  const CallSpec *spec = find_call(line.call.name);
  args.assign(line.call.args.size(), Value::any());
  for (uint32_t i = 0; i < step.call.args.size(); ++i) {
    const auto it = std::find_if(p.outputs.begin(), p.outputs.end(), [&](const auto &o) { return o.first == i; });
    if (it == p.outputs.end()) {
      if (spec && i < spec->nargs && direction(spec->args[i].kind) != Direction::in) step.call.args[i] = Value::any();
      continue;
    }
    args[i] = it->second;
    step.call.args[i] =
        spec && i < spec->nargs &&
                (spec->args[i].kind == ArgKind::OFFSET_INOUT || spec->args[i].kind == ArgKind::FDSET_INOUT)
            ? only_after(line.call.args[i], it->second, spec->args[i].kind)
            : only_predicted(line.call.args[i], it->second);
  }
  return step;
}

std::optional<std::pair<int64_t, int64_t>> range_of(const Value &v, const Scope &scope) {
  const auto *binary = v.as<Value::Binary>();
  if (!binary || binary->op != Value::Op::range) return std::nullopt;
  const Resolved low = resolve(binary->sides[0], scope), high = resolve(binary->sides[1], scope);
  const auto *a = low.value ? low.value->as<Value::Int>() : nullptr;
  const auto *b = high.value ? high.value->as<Value::Int>() : nullptr;
  return a && b ? std::optional(std::pair(a->value, b->value)) : std::nullopt;
}

// Both ends of a predicted range must be allowed; what lies between then is, for all that lines can write.
bool matches_result(const Value &written, const Value &predicted, Matcher &matcher) {
  if (predicted.as<Value::Any>()) return true;
  const auto range = range_of(predicted, matcher.scope());
  if (!range) return matcher.match(written, predicted);
  const auto mark = matcher.mark();
  const bool low = matcher.match(written, Value::integer(range->first));
  if (!low) return false;
  if (written.as<Value::Observe>() || written.as<Value::Name>()) return true;
  matcher.rollback(mark);
  return matcher.match(written, Value::integer(range->second));
}

}  // namespace

std::optional<std::string> objection(const Step &line, const Prediction &p, const Setting &setting, Bindings &names) {
  Matcher matcher(names, setting.constants, INT64_MIN / 2, INT64_MAX / 2);
  const Alternative *taken = nullptr;
  for (const Alternative &a : line.outcome) {
    if (a.profile != Profile::any && a.profile != setting.profile) continue;
    if (!taken && matches_result(a.value, p.result, matcher)) taken = &a;
  }
  if (!taken)
    return fmt::format("= {}, and the line allows {}", ipcvet::show(p.result),
                       show_allowed(line.outcome, setting.profile, matcher.scope()));
  if (!p.result.as<Value::Error>() && !p.result.as<Value::Name>()) {
    std::vector<Value> args;
    const Step step = comparable(line, p, args);
    if (auto wrong = match_outputs(step, args, matcher))
      return fmt::format("{}, and the line allows {}", wrong->actual, wrong->allowed);
  }
  std::vector<Observation> seen;
  matcher.commit(names, seen);
  return std::nullopt;
}

bool accepts(const Value &predicted, const Value &seen, World &world) {
  if (predicted.as<Value::Any>()) return true;
  if (const auto *p = predicted.as<Value::Int>()) {
    const auto *s = seen.as<Value::Int>();
    if (!s) return false;
    if (world.numbers->unbound(p->value)) {
      if (!world.numbers->may_be(p->value, s->value)) return false;
      world.bind(p->value, s->value);
      return true;
    }
    return world.value(p->value) == s->value;
  }
  if (const auto *list = predicted.as<Value::List>()) {
    const auto *s = seen.as<Value::List>();
    if (!s || s->items.size() != list->items.size()) return false;
    for (size_t i = 0; i < s->items.size(); ++i)
      if (!accepts(list->items[i], s->items[i], world)) return false;
    return true;
  }
  if (const auto *record = predicted.as<Value::Record>()) {
    const auto *s = seen.as<Value::Record>();
    if (!s) return false;
    for (const Field &f : record->fields) {
      const Value *value = field_of(*s, f.name);
      if (!f.value.as<Value::Any>() && (!value || !accepts(f.value, *value, world))) return false;
    }
    return true;
  }
  if (const auto *binary = predicted.as<Value::Binary>()) {
    const auto *low = binary->sides[0].as<Value::Int>(), *high = binary->sides[1].as<Value::Int>();
    const auto *s = seen.as<Value::Int>();
    return s && low && high && s->value >= low->value && s->value <= high->value;
  }
  return predicted == seen;
}

bool happened(const Prediction &prediction, const Value &result, const std::vector<Value> &args, World &world) {
  if (prediction.kind != Prediction::Kind::returns || !accepts(prediction.result, result, world)) return false;
  if (result.as<Value::Error>() || result.as<Value::Name>()) return true;
  for (const auto &[i, value] : prediction.outputs)
    if (i < args.size() && !args[i].as<Value::Any>() && !accepts(value, args[i], world)) return false;
  return true;
}

Value known(const Value &v, const World &world) {
  if (const auto *n = v.as<Value::Int>())
    return world.numbers->unbound(n->value) ? Value::any() : Value::integer(world.value(n->value));
  if (const auto *list = v.as<Value::List>()) {
    std::vector<Value> items;
    for (const Value &item : list->items) items.push_back(known(item, world));
    return Value::list(std::move(items));
  }
  if (const auto *record = v.as<Value::Record>()) {
    std::vector<Field> fields;
    for (const Field &f : record->fields) {
      Value value = known(f.value, world);
      if (!value.as<Value::Any>()) fields.push_back({f.name, std::move(value)});
    }
    return Value::record(std::move(fields));
  }
  return v;
}

std::string show(const Prediction &p, const World &world) {
  switch (p.kind) {
    case Prediction::Kind::blocks:
      return "blocks";
    case Prediction::Kind::ends:
      return "does not return";
    case Prediction::Kind::unmodelled:
      return "unmodelled: " + p.reason;
    case Prediction::Kind::fault:
    case Prediction::Kind::returns:
      break;
  }
  std::string text = (p.kind == Prediction::Kind::fault ? "raises " : "= ") + ipcvet::show(known(p.result, world));
  for (const auto &[i, value] : p.outputs)
    text += fmt::format(", {} {}", p.call && i < p.call->nargs ? p.call->args[i].name : "?",
                        ipcvet::show(known(value, world)));
  return text;
}

namespace {

Value told(const SignalInfo &info, Value mask, const World &world) {
  if (!info.known) return Value::record({{"si_signo", Value::integer(info.signo)}, {"mask", std::move(mask)}});
  if (info.address != 0)  // of a fault
    return Value::record({{"si_signo", Value::integer(info.signo)},
                          {"si_code", Value::integer(info.code)},
                          {"si_addr", Value::integer(info.address)},
                          {"mask", std::move(mask)}});
  return Value::record({{"si_signo", Value::integer(info.signo)},
                        {"si_code", Value::integer(info.code)},
                        {"si_pid", Value::integer(world.value(info.pid))},
                        {"si_uid", Value::integer(world.value(info.uid))},
                        {"si_status", Value::integer(info.status)},
                        {"si_value", Value::integer(info.value)},
                        {"mask", std::move(mask)}});
}

}  // namespace

Value siginfo_record(const SignalRun &run, const World &world) {
  Value record = told(run.info, list_of(run.mask), world);
  if (run.stack != OnStack::open)
    std::get<Value::Record>(record.node)
        .fields.push_back({"onstack", Value::integer(run.stack == OnStack::alternate ? 1 : 0)});
  return record;
}

std::string signal_name(const Setting &setting, int64_t signo) {
  for (const Constant &c : constants())
    if (c.group == "signal" && setting.constants(c.name) == signo) return std::string(c.name);
  return "SIG" + std::to_string(signo);
}

}  // namespace ipcvet::model
