#include "fuzz/drive/story.h"

#include <algorithm>
#include <utility>

#include "harness/case/printer.h"

namespace ipcvet::fuzz {

using model::known;
using model::Prediction;
using model::World;

namespace {

// A process by its actor's name, which holds in every run, as 0 does: there is none.
Value by_name(Value v, const Oracle &oracle, bool process) {
  const auto *n = v.as<Value::Int>();
  if (!n || n->value == 0 || !process) return v;
  for (const auto &[name, value] : oracle.names)
    if (name[0] >= 'A' && name[0] <= 'Z' && value == v) return Value::name(name);
  return Value::any();
}

std::string show_seen(const Seen &s) {
  if (s.ended) return s.end_name == "exited" ? "exited " + std::to_string(s.end_status) : "ended by " + s.end_name;
  if (s.answered) return (s.faulted ? "raised " : "= ") + print_actual(s.result);
  return "blocked";
}

std::string show_predicted(const Prediction *p, bool lives, const World &world) {
  if (!lives) return "ends";
  if (!p) return "blocks";
  std::string text = (p->kind == Prediction::Kind::fault ? "raises " : "= ") + print_actual(known(p->result, world));
  return text;
}

// Whose part of what was seen no way has? The first that differs from the first way.
std::string culprit(const Step &step, const Oracle &oracle, const AllSeen &seen) {
  const auto differs = [&](const std::string &name, const Seen &s) {
    const auto who = oracle.id(name);
    if (!who) return false;
    return std::none_of(oracle.ways().begin(), oracle.ways().end(), [&](const model::Track &way) {
      World world = way.world;
      const Prediction *p = way.answer(*who);
      if (world.threads[*who].lives == s.ended) return false;
      if (!s.ended && (p != nullptr) != s.answered) return false;
      if (!p) return true;
      if ((p->kind == Prediction::Kind::fault) != s.faulted) return false;
      return s.faulted || model::happened(*p, s.result, s.args, world);
    });
  };
  if (const auto at = seen.find(step.actors[0]); at != seen.end() && differs(at->first, at->second)) return at->first;
  for (const auto &[name, s] : seen)
    if (differs(name, s)) return name;
  return step.actors[0];
}

std::string outputs_text(const Prediction &p, const World &world, const Seen &s) {
  std::string text;
  for (const auto &[i, value] : p.outputs)
    if (i < s.args.size() && !s.args[i].as<Value::Any>()) {
      World copy = world;
      if (!model::accepts(value, s.args[i], copy))
        text += ", argument " + std::to_string(i + 1) + " " + print_actual(s.args[i]) + " and not " +
                print_actual(known(value, world));
    }
  return text;
}

}  // namespace

std::string describe(const Step &step, const Oracle &oracle, const AllSeen &seen) {
  const std::string who = culprit(step, oracle, seen);
  const auto at = seen.find(who);
  const Seen nothing;
  const Seen &s = at == seen.end() ? nothing : at->second;
  std::string text = who + " " + show_seen(s);
  std::vector<std::string> expected;
  const auto predictions = oracle.predictions(who);
  std::string outputs;
  for (size_t i = 0; i < predictions.size(); ++i) {
    const World &world = oracle.ways()[i].world;
    const auto id = oracle.id(who);
    std::string e = show_predicted(predictions[i], !id || world.threads[*id].lives, world);
    if (predictions[i] && s.answered) outputs = outputs_text(*predictions[i], world, s);
    if (std::find(expected.begin(), expected.end(), e) == expected.end()) expected.push_back(std::move(e));
  }
  text += outputs + "; the model expects ";
  for (size_t i = 0; i < expected.size() && i < 4; ++i) text += (i ? " or " : "") + expected[i];
  if (std::find(expected.begin(), expected.end(), show_seen(s)) != expected.end())
    for (const auto &[name, other] : seen)  // each could be, not all together
      if (name != who) text += ", " + name + " " + show_seen(other);
  if (!s.handlers.empty() || oracle.forecast(who).most_handlers > 0) {
    text += "; handlers ran: " + std::to_string(s.handlers.size());
    for (const Value &h : s.handlers) text += " " + print_actual(h);
  }
  const std::string what = is_memory(step) ? print(step) : print(step.call);
  return "after " + step.actors[0] + "'s " + what + ": " + text;
}

std::string signature(const Step &step, const Oracle &oracle, const AllSeen &seen) {
  const std::string who = culprit(step, oracle, seen);
  const auto at = seen.find(who);
  const auto coarse = [](const Value &v) {
    if (const auto *e = v.as<Value::Error>()) return e->name;
    return std::string(v.as<Value::Int>() && v.as<Value::Int>()->value == 0 ? "0" : "n");
  };
  std::string text = is_memory(step) ? "memory" : step.call.name;
  text += who == step.actors[0] ? " own " : " other ";
  if (at == seen.end())
    text += "nothing";
  else if (at->second.ended)
    text += "ended";
  else
    text += at->second.answered ? coarse(at->second.result) : "blocked";
  const auto predictions = oracle.predictions(who);
  for (size_t i = 0; i < predictions.size() && i < 1; ++i) {
    text += predictions[i] ? " not " + coarse(predictions[i]->result) : " not blocked";
    if (predictions[i] && predictions[i]->rule) text += " " + std::string(predictions[i]->rule->requirement);
  }
  return text;
}

namespace {

Value sum_of(std::optional<Value> left, Value right) {
  if (!left) return right;
  return {Value::Binary{Value::Op::add, {std::move(*left), std::move(right)}}, {}};
}

// Long runs as a case has them, "a"*4096: what is as long as what was read could not be read again as a case.
Value in_runs(const Value &v) {
  constexpr size_t shortest = 16;
  const auto *all = v.as<Value::Bytes>();
  if (!all) return v;
  const std::string text(all->bytes.data(), all->bytes.size());
  std::optional<Value> out;
  std::string plain;
  for (size_t at = 0, end = 0; at < text.size(); at = end) {
    end = std::min(text.find_first_not_of(text[at], at), text.size());
    if (end - at < shortest) {
      plain.append(text, at, end - at);
      continue;
    }
    if (!plain.empty()) out = sum_of(std::move(out), Value::bytes(std::exchange(plain, "")));
    const auto times = Value::integer(static_cast<int64_t>(end - at));
    out = sum_of(std::move(out), {Value::Binary{Value::Op::mul, {Value::bytes(text.substr(at, 1)), times}}, {}});
  }
  if (!plain.empty() || !out) out = sum_of(std::move(out), Value::bytes(plain));
  return *out;
}

}  // namespace

Call Story::with_outputs(const Step &step, const Oracle &oracle, const std::string &actor) const {
  Call call = step.call;
  const auto predictions = oracle.predictions(actor);
  const CallSpec *spec = find_call(call.name);
  std::vector<std::optional<Value>> filled(call.args.size());
  std::vector<bool> disputed(call.args.size());
  for (size_t w = 0; w < predictions.size(); ++w) {
    if (!predictions[w]) continue;
    for (const auto &[i, value] : predictions[w]->outputs) {
      if (i >= call.args.size()) continue;
      Value v = known(value, oracle.ways()[w].world);
      if (filled[i] && !(*filled[i] == v)) disputed[i] = true;
      filled[i] = std::move(v);
    }
  }
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (!filled[i] || disputed[i] || !spec || filled[i]->as<Value::Any>()) continue;
    const ArgKind kind = spec->args[i].kind;
    if (kind == ArgKind::FDS_OUT) continue;
    if (kind == ArgKind::FDSET_INOUT || kind == ArgKind::OFFSET_INOUT) continue;
    if (kind == ArgKind::WSTATUS_OUT || direction(kind) == Direction::out || kind == ArgKind::RECORD_INOUT ||
        kind == ArgKind::INT_INOUT)
      if (!call.args[i].as<Value::Name>()) call.args[i] = in_runs(*filled[i]);
  }
  return call;
}

Outcome Story::outcome_of(const Step &step, const Oracle &oracle, const std::string &actor, const Seen *seen,
                          bool agreed) {
  Outcome out;
  const CallSpec *spec = find_call(step.call.name);
  const bool process = spec && (spec->returns == Ret::PID || spec->returns == Ret::ACTOR);
  const auto *name = step.outcome.empty() ? nullptr : step.outcome[0].value.as<Value::Name>();
  const auto predictions = oracle.predictions(actor);
  for (size_t w = 0; w < predictions.size(); ++w) {
    if (!predictions[w]) continue;
    if (predictions[w]->rule) requirement_ = std::string(predictions[w]->rule->requirement);
    Value v = known(predictions[w]->result, oracle.ways()[w].world);
    const bool success = !v.as<Value::Error>();
    if (success && name && (agreed || !seen || v.as<Value::Any>()))
      v = Value::name(name->text);
    else
      v = by_name(std::move(v), oracle, process);
    const Alternative a{std::move(v), Profile::any};
    if (std::find(out.begin(), out.end(), a) == out.end()) out.push_back(a);
  }
  if (out.empty()) out.push_back({Value::any(), Profile::any});
  return out;
}

void Story::memory_line(const Step &step, const Oracle &oracle) {
  Step line = step;
  const auto predictions = oracle.predictions(step.actors[0]);
  const Prediction *p = predictions.empty() ? nullptr : predictions[0];
  if (step.kind == Step::Kind::expect) {
    line.value = Value::any();
    if (p && !p->outputs.empty()) line.value = known(p->outputs[0].second, oracle.ways()[0].world);
  }
  lines_.push_back(line);
  const auto *fault = p && p->kind == Prediction::Kind::fault ? p->result.as<Value::Error>() : nullptr;
  if (!fault) return;
  Step signal;
  signal.kind = Step::Kind::signal;
  signal.actors = step.actors;
  signal.signal = fault->name;
  lines_.push_back(std::move(signal));
}

void Story::own_line(const Step &step, const Oracle &oracle, const Seen *seen, bool agreed) {
  if (is_memory(step)) return memory_line(step, oracle);
  const std::string &actor = step.actors[0];
  const auto id = oracle.id(actor);
  const model::Track &way = oracle.ways()[0];
  const bool answers = agreed && seen ? seen->answered : id && way.answer(*id);
  const bool ends = agreed && seen ? seen->ended : id && !way.world.threads[*id].lives;
  Step line = step;
  line.trivia = {};
  if (answers) {
    line.kind = Step::Kind::returns;
    line.call = with_outputs(step, oracle, actor);
    line.outcome = outcome_of(step, oracle, actor, seen, agreed);
  } else if (ends) {
    line.kind = Step::Kind::returns;
    line.outcome = {{Value{Value::Observe{}, {}}, Profile::any}};
  } else {
    line.kind = Step::Kind::blocks;
    line.outcome.clear();
    in_call_[actor] = step;
  }
  lines_.push_back(std::move(line));
}

void Story::others(const Step &step, const Oracle &oracle, const AllSeen &seen, bool agreed) {
  const model::Track &way = oracle.ways()[0];
  std::vector<Step> later;
  std::vector<std::string> names;
  for (const auto &[name, value] : oracle.names)
    if (name[0] >= 'A' && name[0] <= 'Z') names.push_back(name);
  for (const std::string &name : names) {
    const auto id = oracle.id(name);
    const auto at = seen.find(name);
    if (!id || *id >= way.world.threads.size()) continue;
    const Seen *s = at == seen.end() ? nullptr : &at->second;
    const model::Thread &thread = way.world.threads[*id];
    if (name != step.actors[0] && in_call_.contains(name) && (agreed && s ? s->answered : way.answer(*id) != nullptr)) {
      Step line = in_call_[name];
      line.kind = Step::Kind::wakes;
      line.call = with_outputs(line, oracle, name);
      line.outcome = outcome_of(in_call_[name], oracle, name, s, agreed);
      in_call_.erase(name);
      later.push_back(std::move(line));
    }
    for (const model::SignalRun &run : thread.runs) {
      Step line;
      line.kind = Step::Kind::signal;
      line.actors = {name};
      line.signal = model::signal_name(oracle.setting(), run.info.signo);
      later.push_back(std::move(line));
    }
    if (thread.lives || ended_.contains(name)) continue;
    ended_.insert(name);
    in_call_.erase(name);
    Step line;
    line.actors = {name};
    const bool killed = thread.end && thread.end->kind != model::Status::Kind::exited && thread.first;
    line.kind = killed ? Step::Kind::killed : Step::Kind::exited;
    if (killed)
      line.signal = model::signal_name(oracle.setting(), thread.end->value);
    else
      line.value = thread.end && thread.first ? Value::integer(thread.end->value) : Value::any();
    later.push_back(std::move(line));
  }
  if (later.size() == 1) {
    lines_.push_back(std::move(later[0]));
  } else if (!later.empty()) {
    Step group;
    group.kind = Step::Kind::any_order;
    group.members = std::move(later);
    lines_.push_back(std::move(group));
  }
}

void Story::tell(const Step &step, const Oracle &oracle, const AllSeen &seen, bool agreed) {
  const auto at = seen.find(step.actors[0]);
  own_line(step, oracle, at == seen.end() ? nullptr : &at->second, agreed);
  others(step, oracle, seen, agreed);
}

Case Story::as_case(const std::string &mechanism, const std::string &id, const std::string &brief,
                    const std::vector<std::string> &comments) const {
  return case_of(lines_, mechanism, id, brief, comments, requirement_);
}

Case case_of(std::vector<Step> lines, const std::string &mechanism, const std::string &id, const std::string &brief,
             const std::vector<std::string> &comments, const std::string &requirement) {
  Case c;
  c.id = (mechanism == "all" ? "pipe" : mechanism) + "/" + id;
  c.brief = brief;
  c.case_trivia.before = comments;
  c.specs.push_back({requirement.empty() ? "posix/pipe/first-in-first-out" : requirement, Level::shall});
  const auto uses = [&](std::string_view call) {
    return std::any_of(lines.begin(), lines.end(), [&](const Step &s) { return s.call.name == call; });
  };
  for (const auto &[call, need] : {std::pair("msgget", "sysv-msg"), {"shmget", "sysv-shm"}, {"shm_open", "posix-shm"}})
    if (uses(call)) c.needs.push_back({need});
  c.steps = std::move(lines);
  return c;
}

}  // namespace ipcvet::fuzz
