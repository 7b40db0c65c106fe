#include "fuzz/program/program.h"

#include <algorithm>

#include "fuzz/program/pool.h"
#include "harness/case/parser.h"
#include "harness/case/printer.h"

namespace ipcvet::fuzz {
namespace {

// The name a case binds with this line, if it does: a lower-case name, or an actor.
std::string name_bound(const Outcome &outcome) {
  for (const Alternative &a : outcome)
    if (const auto *name = a.value.as<Value::Name>();
        name && !find_constant(name->text) && !is_reserved_word(name->text))
      return name->text;
  return "";
}

// What a call fills in is left open; what it is given stays.
Call bare(const Call &call, const CallSpec &spec) {
  Call out{call.name, {}, {}};
  for (uint32_t i = 0; i < call.args.size() && i < spec.nargs; ++i) {
    const ArgKind kind = spec.args[i].kind;
    const auto *name = call.args[i].as<Value::Name>();
    const bool place = name && (name->text == "NULL" || name->text == "bad");
    const bool filled = direction(kind) == Direction::out && kind != ArgKind::FDS_OUT && kind != ArgKind::IOV_OUT;
    out.args.push_back(filled && !place ? Value::any() : call.args[i]);
  }
  return out;
}

}  // namespace

bool makes_actor(const Step &step) {
  const CallSpec *spec = spec_of(step);
  return spec && spec->returns == Ret::ACTOR;
}

std::vector<std::string> bound_names(const Step &step) {
  std::vector<std::string> names;
  if (step.kind != Step::Kind::returns) return names;
  if (std::string bound = name_bound(step.outcome); !bound.empty()) names.push_back(std::move(bound));
  const CallSpec *spec = spec_of(step);
  for (uint32_t i = 0; spec && i < spec->nargs && i < step.call.args.size(); ++i) {
    const auto *ends = step.call.args[i].as<Value::List>();
    if (spec->args[i].kind != ArgKind::FDS_OUT || !ends) continue;
    for (const Value &end : ends->items)
      if (const auto *name = end.as<Value::Name>()) names.push_back(name->text);
  }
  return names;
}

Step call_step(std::string actor, Call call, std::string binds) {
  Step step;
  step.actors = {std::move(actor)};
  const CallSpec *spec = find_call(call.name);
  step.call = std::move(call);
  Value outcome = binds.empty() ? Value::any() : Value::name(std::move(binds));
  if (spec && spec->returns == Ret::NEVER) outcome.node = Value::Observe{};
  step.outcome = {{std::move(outcome), Profile::any}};
  return step;
}

Step store_step(std::string actor, std::string memory, Value offset, std::string data) {
  Step step;
  step.kind = Step::Kind::store;
  step.actors = {std::move(actor)};
  step.memory = std::move(memory);
  step.offset = std::move(offset);
  step.value = Value::bytes(std::move(data));
  return step;
}

Step expect_step(std::string actor, std::string memory, Value offset, size_t length) {
  Step step = store_step(std::move(actor), std::move(memory), std::move(offset), std::string(length, '\0'));
  step.kind = Step::Kind::expect;
  return step;
}

Case as_case(const Program &program, const std::string &id) {
  Case c;
  c.id = id;
  c.brief = "A program, without expectations";
  c.specs.push_back({"fuzz/program", Level::observe});
  for (const Step &step : program.steps) {
    c.steps.push_back(step);
    const CallSpec *spec = spec_of(step);
    if (!spec || spec->returns != Ret::NEVER) continue;
    Step end;  // the language wants its end said
    end.kind = Step::Kind::exited;
    end.actors = step.actors;
    c.steps.push_back(std::move(end));
  }
  return c;
}

std::string text(const Program &program, const std::string &id) { return print(as_case(program, id)); }

Program from_case(const Case &c) {
  Program program;
  std::string root;
  for (const Step &step : c.steps)
    if (root.empty() && !step.actors.empty()) root = step.actors[0];
  const auto actor = [&](const std::string &name) { return name == root ? "P" : name == "P" ? "Other" : name; };
  for (const Step &s : c.steps) {
    const CallSpec *spec = spec_of(s);
    if (s.actors.size() != 1 || !spec) continue;
    if (s.kind == Step::Kind::store || s.kind == Step::Kind::expect) {
      Step copy = s;
      copy.actors[0] = actor(s.actors[0]);
      copy.trivia = {};
      program.steps.push_back(std::move(copy));
    } else if (s.kind == Step::Kind::returns || s.kind == Step::Kind::blocks || s.kind == Step::Kind::may_block) {
      std::string binds = s.kind == Step::Kind::returns ? name_bound(s.outcome) : "";
      program.steps.push_back(call_step(actor(s.actors[0]), bare(s.call, *spec), binds));
    }
  }
  return repaired(std::move(program));
}

std::expected<Program, std::vector<Diagnostic>> parse_program(std::string_view text) {
  auto parsed = parse(text, "program.ipc");
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  return from_case(*parsed);
}

}  // namespace ipcvet::fuzz
