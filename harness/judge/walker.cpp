#include <fmt/format.h>

#include "harness/case/printer.h"
#include "harness/judge/describe.h"
#include "harness/judge/outputs.h"
#include "harness/judge/walker_state.h"

namespace ipcvet {
namespace {

using Kind = Step::Kind;

// `= ?`: the call is not to return.
bool never_returns(const Step &step) {
  const auto *observe = step.outcome.size() == 1 ? step.outcome[0].value.as<Value::Observe>() : nullptr;
  return observe && observe->name.empty();
}

std::string joined(const std::vector<std::string> &words) {
  std::string out;
  for (const std::string &w : words) out += (out.empty() ? "" : ", ") + w;
  return out;
}

}  // namespace

// The call an actor is in, as its line writes it; from the event alone where no line is known.
std::string Walker::State::call_text(const std::string &actor, const Event &e) const {
  auto it = actors.find(actor);
  if (it != actors.end() && it->second.call_step != no_step) return show(step(it->second.call_step).call);
  return show(Call{e.name, e.args, {}});
}

Maybe Walker::State::feed(const Event &e) {
  if (e.kind == Event::Kind::note) return std::nullopt;
  if (e.step != no_step && e.step >= steps.size())
    return nonsense(no_step, fmt::format("the history names step {} of a case with {}", e.step, steps.size()));
  if (e.guard_broken) return guard(e);
  if (Maybe late = out_of_order(e)) return late;
  Maybe deviation = dispatch(e);
  advance();
  return deviation;
}

Maybe Walker::State::dispatch(const Event &e) {
  switch (e.kind) {
    case Event::Kind::call:
      return call(e);
    case Event::Kind::returned:
      return returned(e);
    case Event::Kind::blocked:
      return blocked(e);
    case Event::Kind::still:
      return still(e);
    case Event::Kind::signal:
      return signal(e);
    case Event::Kind::ended:
      return ended(e);
    case Event::Kind::memory:
      return memory(e);
    case Event::Kind::note:
      break;
  }
  return std::nullopt;
}

Maybe Walker::State::guard(const Event &e) const {
  return fail(e.step, fmt::format("the system wrote outside {}'s buffer in {}", e.actor, call_text(e.actor, e)),
              "writes inside the buffer the call was given", "bytes around the buffer were changed");
}

// An event of a line can come only when every line above is done.
Maybe Walker::State::out_of_order(const Event &e) {
  if (e.step == no_step || first_open >= steps.size()) return std::nullopt;
  if (steps[first_open].top >= steps[e.step].top) return std::nullopt;
  return missing(first_open);
}

// What is said of a line that was passed without happening.
Deviation Walker::State::missing(uint32_t i) const {
  const Step &s = step(i);
  const std::string actor = s.actors.empty() ? "" : s.actors[0];
  if (s.kind == Kind::killed || s.kind == Kind::exited)
    return fail(i, actor + " has not ended",
                s.kind == Kind::killed ? "+++ killed by " + s.signal : "+++ exited " + show_allowed(s.value, scope()),
                actor + " lives on");
  if (s.kind != Kind::signal) return nonsense(i, fmt::format("the history says nothing of \"{}\"", print(s)));
  const Kind above = i > 0 ? step(i - 1).kind : Kind::any_order;
  if ((above == Kind::store || above == Kind::expect) && has_actor(step(i - 1), actor))
    return fail(i,
                fmt::format("{}'s access to {}[{}] raised no {}", actor, step(i - 1).memory,
                            show_allowed(step(i - 1).offset, scope()), s.signal),
                "--- " + s.signal, "the access completed");
  return fail(i, fmt::format("{}'s handler for {} did not run", actor, s.signal), "--- " + s.signal, "no " + s.signal);
}

Maybe Walker::State::call(const Event &e) {
  Actor &actor = actors[e.actor];
  actor.call_step = e.step;
  if (e.step == no_step) return std::nullopt;
  const Step &s = step(e.step);
  const bool makes_call = s.kind == Kind::returns || s.kind == Kind::blocks || s.kind == Kind::may_block;
  if (!makes_call || !has_actor(s, e.actor))
    return nonsense(e.step, fmt::format("the history has {} call at \"{}\"", e.actor, print(s)));
  if (s.kind == Kind::may_block || never_returns(s)) done[e.step] = true;
  return std::nullopt;
}

uint32_t Walker::State::next_wake(const std::string &actor, uint32_t after) const {
  for (uint32_t i = after + 1; i < steps.size(); ++i)
    if (step(i).kind == Kind::wakes && has_actor(step(i), actor)) return i;
  return no_step;
}

Maybe Walker::State::returned(const Event &e) {
  if (e.step == no_step || !has_actor(step(e.step), e.actor)) return unclaimed_return(e);
  const Step &s = step(e.step);
  if (s.kind == Kind::returns) return claim(e, e.step);
  if (s.kind == Kind::wakes) return claim_wake(e);
  if (s.kind == Kind::may_block) {
    const uint32_t wake = next_wake(e.actor, e.step);
    return wake == no_step ? std::nullopt : claim(e, wake);
  }
  const std::string actual =
      fmt::format("{} = {}", s.kind == Kind::blocks ? show(s.call) : call_text(e.actor, e), show(e.result));
  if (s.kind == Kind::blocks)
    return fail(e.step, fmt::format("{} returned {}, must block", s.call.name, show(e.result)), "blocks", actual);
  if (s.kind == Kind::still)
    return fail(
        e.step,
        fmt::format("{} returned from {} = {}, must still be blocked", e.actor, call_text(e.actor, e), show(e.result)),
        "still blocked", actual);
  return unclaimed_return(e);
}

Maybe Walker::State::unclaimed_return(const Event &e) const {
  const std::string what = fmt::format("{} = {}", call_text(e.actor, e), show(e.result));
  const std::string reason = fmt::format("{} returned from {}, though nothing lets it", e.actor, what);
  return fail(e.step, reason, e.actor + " still blocked", e.actor + "  ... " + what);
}

Maybe Walker::State::claim_wake(const Event &e) {
  const Step &s = step(e.step);
  if (s.actors.size() > 1 && !winners[e.step].empty()) {
    const std::string what = fmt::format("{} = {}", show(s.call), show(e.result));
    return fail(e.step, fmt::format("{} returned from {} as well as {}", e.actor, what, winners[e.step]),
                "one of " + joined(s.actors), winners[e.step] + " and " + e.actor);
  }
  winners[e.step] = e.actor;
  return claim(e, e.step);
}

Maybe Walker::State::claim(const Event &e, uint32_t line) {
  done[line] = true;
  return result(e, line);
}

Maybe Walker::State::result(const Event &e, uint32_t line) {
  const Step &s = step(line);
  if (never_returns(s))
    return fail(line, fmt::format("{} returned {}, must not return", s.call.name, show(e.result)), "?", show(e.result));
  Matcher m = matcher(e);
  const std::string allowed = show_allowed(s.outcome, options.profile, m.scope());
  if (allowed.empty())
    return Deviation{VerdictClass::unresolved, line, "every outcome of this line is marked for another profile",
                     "anything", show(e.result)};
  const Value *like = nullptr;
  for (const Alternative &a : s.outcome) {
    if (a.profile != Profile::any && a.profile != options.profile) continue;
    if (m.match(a.value, e.result)) return outputs(e, line, m);
    if (!like) like = &a.value;
  }
  const std::string actual = show_like(*like, e.result, m.scope());
  return fail(line, fmt::format("{} returned {}, not {}", s.call.name, actual, allowed), allowed, actual);
}

Maybe Walker::State::outputs(const Event &e, uint32_t line, Matcher &m) {
  const bool failed = e.result.as<Value::Error>() || e.result.as<Value::Name>();  // an errno, or `jumped`
  if (!failed)
    if (auto wrong = match_outputs(step(line), e.args, m))
      return fail(line, std::move(wrong->reason), std::move(wrong->allowed), std::move(wrong->actual));
  m.commit(bindings, observations);
  return std::nullopt;
}

// Sleep proves nothing of a call that may return later; only a `blocks` line asks for it.
Maybe Walker::State::blocked(const Event &e) {
  if (e.step == no_step) return std::nullopt;
  const Step &s = step(e.step);
  if (has_actor(s, e.actor) && (s.kind == Kind::blocks || s.kind == Kind::may_block)) done[e.step] = true;
  return std::nullopt;
}

Maybe Walker::State::still(const Event &e) {
  if (e.step == no_step || !has_actor(step(e.step), e.actor)) return std::nullopt;
  const Step &s = step(e.step);
  if (s.kind == Kind::still) done[e.step] = true;
  if (s.kind != Kind::wakes) return std::nullopt;
  auto &out = losers[e.step];
  if (std::find(out.begin(), out.end(), e.actor) == out.end()) out.push_back(e.actor);
  if (out.size() < s.actors.size()) return std::nullopt;
  const std::string who =
      s.actors.size() > 1 ? "none of " + joined(s.actors) + " was woken from " : e.actor + " was not woken from ";
  const std::string allowed =
      fmt::format("... {} = {}", show(s.call), show_allowed(s.outcome, options.profile, scope()));
  return fail(e.step, who + show(s.call), allowed,
              e.actor + " is still blocked" + (s.actors.size() > 1 ? ", and so are the others" : ""));
}

Walker::Walker(const Case &instance, JudgeOptions options, Constants constants, int64_t started)
    : state_(std::make_unique<State>(instance, options, constants, started)) {}
Walker::~Walker() = default;

std::optional<Deviation> Walker::feed(const Event &event) { return state_->feed(event); }

std::optional<Deviation> Walker::finish() {
  state_->advance();
  if (state_->first_open >= state_->steps.size()) return std::nullopt;
  return state_->missing(state_->first_open);
}

const Bindings &Walker::bindings() const { return state_->bindings; }
void Walker::bind_actor(const std::string &actor, int64_t pid) {
  state_->bindings.insert_or_assign(actor, Value::integer(pid));
}
const std::vector<Observation> &Walker::observations() const { return state_->observations; }

}  // namespace ipcvet
