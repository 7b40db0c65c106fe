#include "harness/case/lint/flow.h"
#include "harness/case/capabilities.h"

#include <vector>

#include "harness/case/printer.h"
#include "harness/case/text.h"

namespace ipcvet {
namespace {

using Kind = Step::Kind;

std::string line_of(Pos pos) { return "line " + std::to_string(pos.line); }

bool never_returns(const Outcome &outcome) {
  const auto *seen = outcome.size() == 1 ? outcome[0].value.as<Value::Observe>() : nullptr;
  return seen && seen->name.empty();
}

}  // namespace

void FlowLint::add_actor(const std::string &name, int process, Pos pos) {
  names_.bind(name, Sense::actor, pos);
  actors_.try_emplace(name, Actor{State::free, nullptr, pos, process});
}

void FlowLint::run(const Case &instance) {
  const Step *first = instance.steps.empty() ? nullptr : &instance.steps.front();
  if (first && !first->actors.empty())
    add_actor(first->actors[0], ++processes_, first->pos);
  else if (instance.stress && !first)
    add_actor("P", ++processes_, instance.stress->pos);
  for (const Step &one : instance.steps) step(one, false);
  if (leaving_) report_.add(instance.steps.back().pos, "after '= ?' a '" + *leaving_ + "  +++' line must follow");
  if (instance.stress) stress(*instance.stress);
}

// The actor of a step, if it is there to do something.
FlowLint::Actor *FlowLint::present(const Step &step, const std::string &name) {
  auto found = actors_.find(name);
  if (found == actors_.end()) {
    std::vector<std::string_view> known;
    for (const auto &[other, state] : actors_) known.push_back(other);
    std::string meant = suggestion(name, known);
    report_.add_at_word(step.pos, name,
                        meant.empty() ? "there is no actor '" + name + "' yet; fork() = " + name +
                                            " or thread() = " + name + " makes it"
                                      : "there is no actor '" + name + "'" + meant);
    return nullptr;
  }
  bool announces = step.kind == Kind::killed || step.kind == Kind::exited;
  if (found->second.state == State::ended && !announces) {
    report_.add_at_word(step.pos, name, "'" + name + "' has ended (" + line_of(found->second.since) + ")");
    return nullptr;
  }
  return &found->second;
}

// Could the actor be given a call now?
bool FlowLint::free(const Step &step, const std::string &name) {
  Actor *actor = present(step, name);
  if (!actor) return false;
  if (actor->state != State::blocked) return true;
  report_.add_at_word(step.pos, name,
                      "'" + name + "' is blocked in " + (actor->call ? actor->call->name : "a call") + " (" +
                          line_of(actor->since) + "); only a '" + name + "  ...' line can be next for it");
  return false;
}

void FlowLint::step(const Step &step, bool in_group) {
  if (leaving_) {
    bool announced = (step.kind == Kind::killed || step.kind == Kind::exited) && step.actors[0] == *leaving_;
    if (!announced && step.kind != Kind::any_order)
      report_.add(step.pos, "the call above does not return: a '" + *leaving_ + "  +++' line must follow at once");
    if (!announced) leaving_.reset();
  }
  switch (step.kind) {
    case Kind::any_order:
      group(step);
      break;
    case Kind::returns:
    case Kind::blocks:
    case Kind::may_block:
      if (!in_group) calls(step);
      break;
    case Kind::wakes:
      wakes(step);
      break;
    case Kind::still:
      if (Actor *actor = present(step, step.actors[0]); actor && actor->state == State::free)
        report_.add_at_word(step.pos, step.actors[0], "'" + step.actors[0] + "' is not blocked");
      break;
    case Kind::killed:
    case Kind::exited:
      ends(step);
      break;
    case Kind::signal:
      present(step, step.actors[0]);
      calls_.signal(step.signal, step.pos);
      calls_.siginfo(step.value);
      break;
    case Kind::store:
    case Kind::expect:
      memory(step);
      break;
  }
}

void FlowLint::group(const Step &group) {
  if (group.members.size() < 2) report_.add(group.pos, 9, "'any order' needs at least two lines under it");
  for (const Step &member : group.members) {
    bool fits = member.kind == Kind::wakes || member.kind == Kind::still || member.kind == Kind::signal ||
                member.kind == Kind::killed || member.kind == Kind::exited;
    if (fits)
      step(member, true);
    else
      report_.add(member.pos, "'any order' holds '...', '---' and '+++' lines only");
  }
}

void FlowLint::calls(const Step &step) {
  bool ready = free(step, step.actors[0]);
  bool returns = step.kind == Kind::returns;
  const CallSpec *spec = calls_.call(step.call, returns);
  if (!spec) {
    forgive(step);
    return;
  }
  if (returns && ready) makes_actors(step, *spec);
  if (returns) {
    calls_.outcome(*spec, step.outcome);
    leaving(step, *spec);
    return;
  }
  if (spec->returns == Ret::NEVER)
    report_.add(step.call.pos, step.call.name + " neither blocks nor returns; write '= ?' and a '+++' line");
  if (!ready) return;
  Actor &actor = actors_.find(step.actors[0])->second;
  actor.state = State::blocked;
  actor.call = &step.call;
  actor.since = step.pos;
}

// What a wrong call would have bound counts as bound, so that one mistake is one error.
void FlowLint::forgive(const Step &step) {
  auto bind = [&](const Value &value) {
    const auto *name = value.as<Value::Name>();
    if (!name || is_reserved_word(name->text) || find_constant(name->text)) return;
    bool actor = name->text[0] >= 'A' && name->text[0] <= 'Z';
    if (actor && !actors_.contains(name->text)) add_actor(name->text, ++processes_, step.pos);
    if (!actor) names_.bind(name->text, Sense::integer, value.pos);
  };
  for (const Alternative &alternative : step.outcome) bind(alternative.value);
  for (const Value &argument : step.call.args) {
    bind(argument);
    if (const auto *list = argument.as<Value::List>())
      for (const Value &item : list->items) bind(item);
  }
}

// Calls after which the actor is gone.
void FlowLint::leaving(const Step &step, const CallSpec &spec) {
  bool gone = never_returns(step.outcome);
  if (gone) {
    leaving_ = step.actors[0];
    leaves_process_ = spec.name != "thread_exit";
  } else if (spec.returns == Ret::NEVER) {
    report_.add(step.call.pos, step.call.name + " does not return; write '= ?' and a '+++' line after it");
  }
}

void FlowLint::makes_actors(const Step &step, const CallSpec &spec) {
  if (spec.returns == Ret::ACTOR) {
    bool thread = spec.name == "thread" || (!step.call.args.empty() && step.call.args[0] == Value::name("thread"));
    int process = thread ? actors_.find(step.actors[0])->second.process : ++processes_;
    for (const Alternative &alternative : step.outcome)
      if (const auto *name = alternative.value.as<Value::Name>(); name && !actors_.contains(name->text))
        actors_.try_emplace(name->text, Actor{State::free, nullptr, step.pos, process});
    if (actors_.size() == most_actors + 1)
      report_.add(step.pos, "a case can have at most " + std::to_string(most_actors) + " actors");
  }
  const auto *result = spec.name == "exec" && !step.outcome.empty() ? step.outcome[0].value.as<Value::Int>() : nullptr;
  if (!result || result->value != 0) return;
  int self = actors_.find(step.actors[0])->second.process;  // exec ends the other threads; lines may say so
  for (auto &[name, other] : actors_)
    if (name != step.actors[0] && other.process == self && other.state != State::ended)
      other = {State::ended, nullptr, step.pos, -1};
}

// A call that completes must be the one the actor is blocked in; what it is given must be written alike.
void FlowLint::same_call(const Step &step, const std::string &name, const Actor &actor) {
  if (!actor.call) return;
  if (actor.call->name != step.call.name) {
    report_.add(step.call.pos, "'" + name + "' is blocked in " + actor.call->name + " (" + line_of(actor.since) +
                                   "), not in " + step.call.name);
    return;
  }
  const CallSpec *spec = find_call(step.call.name);
  if (!spec || actor.call->args.size() != step.call.args.size()) return;
  for (size_t i = 0; i < spec->nargs && i < step.call.args.size(); ++i) {
    bool given = direction(spec->args[i].kind) == Direction::in;
    if (given && !step.call.args[i].as<Value::Any>() && actor.call->args[i] != step.call.args[i])
      report_.add(step.call.args[i], "'" + std::string(spec->args[i].name) + "' was given as " +
                                         print(actor.call->args[i]) + " when the call blocked (" +
                                         line_of(actor.since) + ")");
  }
}

void FlowLint::wakes(const Step &step) {
  bool all = true;
  for (size_t i = 0; i < step.actors.size(); ++i) {
    const std::string &name = step.actors[i];
    for (size_t j = 0; j < i; ++j)
      if (step.actors[j] == name) report_.add_at_word(step.pos, " " + name, "'" + name + "' is named twice");
    Actor *actor = present(step, name);
    all = all && actor;
    if (!actor) continue;
    if (actor->state == State::free)
      report_.add_at_word(step.pos, name, "'" + name + "' is not blocked, so nothing can complete here");
    else
      same_call(step, name, *actor);
  }
  calls_.resumed(true);
  const CallSpec *spec = calls_.call(step.call, true);
  calls_.resumed(false);
  if (spec && all && step.actors.size() == 1) makes_actors(step, *spec);
  if (spec) calls_.outcome(*spec, step.outcome);
  for (const std::string &name : step.actors) {
    auto found = actors_.find(name);
    if (found == actors_.end() || found->second.state == State::ended) continue;
    bool one = step.actors.size() == 1;
    found->second.state = one ? State::free : State::perhaps;
    if (one) found->second.call = nullptr;
  }
}

void FlowLint::ends(const Step &step) {
  const std::string &name = step.actors[0];
  if (step.kind == Kind::killed)
    calls_.signal(step.signal, step.pos);
  else
    calls_.exit_status(step.value);
  Actor *actor = present(step, name);
  if (!actor) return;
  if (actor->state == State::ended && actor->process >= 0) {
    report_.add_at_word(step.pos, name, "'" + name + "' has ended already (" + line_of(actor->since) + ")");
    return;
  }
  bool whole = step.kind == Kind::killed || (leaving_ == name && leaves_process_);
  int process = actor->process;
  *actor = {State::ended, nullptr, step.pos, process};
  if (leaving_ == name) leaving_.reset();
  if (!whole) return;
  // The other threads end with their process; lines may say so.
  for (auto &[other_name, other] : actors_)
    if (other.process == process && other.state != State::ended) other = {State::ended, nullptr, step.pos, -1};
}

void FlowLint::memory(const Step &step) {
  free(step, step.actors[0]);
  Value name{Value::Name{step.memory}, step.pos};
  const Names::Bound *bound = names_.find(step.memory);
  std::string what = "'" + step.memory + "'";
  if (!bound)
    report_.add_at_word(step.pos, step.memory, "the name " + what + " is not bound to an address yet");
  else if (bound->sense != Sense::address && bound->sense != Sense::integer)
    report_.add_at_word(
        step.pos, step.memory,
        what + " is " + std::string(sense_text(bound->sense)) + " (" + line_of(bound->pos) + "), not an address");
  calls_.number(step.offset, "the offset");
  calls_.memory(step.value, step.kind == Kind::store);
}

void FlowLint::stress(const Stress &stress) {
  calls_.in_stress(true);
  for (const Role &one : stress.roles) role(one);
}

void FlowLint::role(const Role &role) {
  auto found = actors_.find(role.actor);
  if (found != actors_.end()) {
    if (found->second.state == State::ended)
      report_.add(role.pos, "'" + role.actor + "' has ended (" + line_of(found->second.since) + ")");
    else if (found->second.state == State::blocked)
      report_.add(role.pos, "'" + role.actor + "' is blocked (" + line_of(found->second.since) + ")");
    else if (role.copies)
      report_.add(role.pos, "'" + role.actor + "' is an actor already and cannot be several");
  }
  if (role.copies) calls_.number(*role.copies, "how many there are");
  for (const Statement &statement : role.statements) {
    const CallSpec *spec = calls_.call(statement.call, true);
    if (spec && (spec->returns == Ret::ACTOR || spec->returns == Ret::NEVER || spec->name == "exec"))
      report_.add(statement.call.pos, statement.call.name + " cannot be part of a stress role");
    if (statement.repeat) calls_.number(*statement.repeat, "how often a statement is repeated");
    if (statement.until && spec) calls_.outcome(*spec, {{*statement.until, Profile::any}});
  }
}

}  // namespace ipcvet
