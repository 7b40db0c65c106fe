// What comes of the calls: wake-ups, proofs anew, handler runs and ends.
#include <algorithm>

#include "harness/run/encode.h"
#include "harness/run/sequencer_impl.h"

namespace ipcvet {

void Sequencer::settle(uint32_t index) {
  for (auto &[name, a] : cast_.all()) {
    if (over()) return;
    if (a.handling) leave_handler(a, index);
    if (a.state != Actor::State::in_call || a.may_block) continue;
    std::optional<std::string> proof;
    if (!went_well(cast_.await_answer_or_block(a, proof), index, name, name + " neither returned nor stayed blocked"))
      return;
    if (proof) continue;
    returned_or_ended(a, index == 0 ? 0 : index - 1);
  }
}

void Sequencer::leave_handler(Actor &a, uint32_t index) {
  a.handling = false;
  if (a.state != Actor::State::idle) return;  // in a call it is settled as any blocked actor is
  const auto returned = [&] { return cast_.sleeps(a) || cast_.dead(a); };
  went_well(cast_.await(returned, false), index, a.name, a.name + " has not come out of its handler");
}

void Sequencer::returned_or_ended(Actor &a, uint32_t index) {
  if (cast_.answered(a))
    finish_call(a, index);
  else
    report_end(a, index, Hoped::other);
}

void Sequencer::wakes(const Step &step, uint32_t index) {
  Actor *a = actor(step.actors[0]);
  if (!a) return;
  if (a->state == Actor::State::gone) return report_end(*a, index, Hoped::other);
  if (a->state != Actor::State::in_call)
    return stop(RunEnd::broken, a->name + " is in no call that could complete here");
  if (!went_well(cast_.await_answer(*a), index, a->name, a->name + " was not woken from " + step.call.name)) return;
  adopt_child_name(*a, step);
  returned_or_ended(*a, index);
}

void Sequencer::adopt_child_name(Actor &a, const Step &step) {
  if (a.spec->returns != Ret::ACTOR) return;
  for (const Alternative &alternative : step.outcome)
    if (const auto *name = alternative.value.as<Value::Name>()) a.child = name->text;
}

void Sequencer::wakes_one_of(const Step &step, uint32_t index) {
  std::vector<Actor *> candidates;
  for (const std::string &name : step.actors)
    if (Actor *a = actor(name)) candidates.push_back(a);
  if (over()) return;
  const auto winner = [&]() -> Actor * {
    for (Actor *a : candidates)
      if (a->state == Actor::State::in_call && cast_.answered(*a)) return a;
    return nullptr;
  };
  if (!went_well(cast_.await([&] { return winner() != nullptr; }, true), index, step.actors[0],
                 "none of the actors was woken from " + step.call.name))
    return;
  Actor *woken = winner();
  finish_call(*woken, index);
  for (Actor *a : candidates)
    if (a != woken && a->state == Actor::State::in_call && !over()) still(*a, index);
}

void Sequencer::still(Actor &a, uint32_t index) {
  std::optional<std::string> proof;
  if (a.state == Actor::State::in_call) {
    if (!went_well(cast_.await_answer_or_block(a, proof), index, a.name,
                   a.name + " neither returned nor stayed blocked"))
      return;
  }
  if (!proof) {
    if (a.state == Actor::State::in_call) return returned_or_ended(a, index);
    if (a.state == Actor::State::gone) return report_end(a, index, Hoped::other);
    return stop(RunEnd::broken, a.name + " is in no call that it could still be blocked in");
  }
  a.proven = true;
  Event e = event(Event::Kind::still, index, a.name);
  e.name = a.spec->name;
  e.proof = *proof;
  record(std::move(e));
}

void Sequencer::report_end(Actor &a, uint32_t index, Hoped hoped) {
  const End end = cast_.end_of(a, hoped);
  a.state = Actor::State::gone;
  Event e = event(Event::Kind::ended, index, a.name);
  e.name = end.name;
  e.result = Value::integer(end.status);
  record(std::move(e));
}

void Sequencer::ended(Actor &a, const Step &step, uint32_t index) {
  // An actor that answered its last call and sits idle will not end by itself, unless it was killed a moment ago.
  if (!went_well(cast_.await([&] { return cast_.dead(a); }, false), index, a.name, a.name + " has not ended")) return;
  const auto *status = step.value.as<Value::Int>();
  const bool exit = step.kind == Step::Kind::exited, zero = exit && status && status->value == 0;
  report_end(a, index, zero ? Hoped::exited_zero : exit && step.value.as<Value::Any>() ? Hoped::any : Hoped::other);
}

const wire_signal *Sequencer::next_signal(Actor &a) {
  const wire_slot &slot = cast_.area().slot(a.slot);
  while (a.signals_seen < __atomic_load_n(&slot.signals, __ATOMIC_ACQUIRE)) {
    const wire_signal &s = slot.signal_log[a.signals_seen % WIRE_SIGNALS];
    if (s.logged) return &s;
    ++a.signals_seen;
  }
  return nullptr;
}

void Sequencer::record_signal(Actor &a, uint32_t index, const wire_signal &s) {
  ++a.signals_seen;
  a.handling = a.state == Actor::State::idle && !s.in_call;
  Event e = event(Event::Kind::signal, index, a.name);
  e.result = decode_signal(s);
  e.name = signal_name(cast_.area(), s.signo);
  record(std::move(e));
}

void Sequencer::handled(Actor &a, uint32_t index) {
  if (faulted_actor_ == a.name) {  // the memory step just above raised it; it went to no handler of the case
    faulted_actor_.clear();
    Event e = event(Event::Kind::signal, index, a.name);
    e.name = fault_name_;
    e.result = decode_signal(fault_);
    return record(std::move(e));
  }
  const wire_signal *found = nullptr;
  const Waited waited = cast_.await([&] { return (found = next_signal(a)) != nullptr || cast_.dead(a); }, false);
  if (!went_well(waited, index, a.name, a.name + " has not run a handler")) return;
  if (!found) found = next_signal(a);
  found ? record_signal(a, index, *found) : report_end(a, index, Hoped::other);
}

void Sequencer::any_order(const Step &group, uint32_t index) {
  std::vector<bool> done(group.members.size());
  const auto next = [&]() -> size_t {
    for (size_t i = 0; i < done.size(); ++i)
      if (!done[i] && happened(group, done, i)) return i;
    return done.size();
  };
  for (size_t left = done.size(); left > 0 && !over(); --left) {
    size_t at = done.size();
    if (!went_well(cast_.await([&] { return (at = next()) < done.size(); }, false), index, "",
                   "not everything in `any order` has happened"))
      return;
    done[at] = true;
    perform(group.members[at], index + 1 + static_cast<uint32_t>(at));
  }
}

bool Sequencer::happened(const Step &group, const std::vector<bool> &done, size_t at) {
  const Step &member = group.members[at];
  Actor *a = cast_.find(member.actors[0]);
  if (!a) return false;
  if (member.kind == Step::Kind::signal) {
    // A handler run goes to the line that names its signal; to another only where there is none.
    const wire_signal *s = next_signal(*a);
    const auto names_it = [&](const Step &line) {
      return line.kind == Step::Kind::signal && line.actors[0] == a->name &&
             area_constants(cast_.area())(line.signal) == s->signo;
    };
    if (!s || names_it(member)) return s != nullptr;
    for (size_t i = 0; i < done.size(); ++i)
      if (!done[i] && names_it(group.members[i])) return false;
    return true;
  }
  if (member.kind == Step::Kind::killed || member.kind == Step::Kind::exited) return cast_.dead(*a);
  return a->state == Actor::State::in_call && cast_.answered(*a);
}

void Sequencer::unclaimed() {
  for (auto &[name, a] : cast_.all()) {
    if (over()) return;
    if (const wire_signal *s = next_signal(a)) {
      record_signal(a, no_step, *s);
    } else if (a.state != Actor::State::gone && !case_.stress && cast_.dead(a)) {
      report_end(a, no_step, Hoped::other);
    }
  }
}

}  // namespace ipcvet
