// Of the walker: signals, ends of actors, and memory.
#include <fmt/format.h>

#include "harness/case/printer.h"
#include "harness/judge/describe.h"
#include "harness/judge/walker_state.h"
#include "harness/mechanism/table.h"

namespace ipcvet {
namespace {

using Kind = Step::Kind;

}  // namespace

Maybe Walker::State::signal(const Event &e) {
  const std::string ran = fmt::format("--- {}{}", e.name, e.result.as<Value::Record>() ? " " + show(e.result) : "");
  if (e.step == no_step || step(e.step).kind != Kind::signal || !has_actor(step(e.step), e.actor) || done[e.step])
    return fail(e.step, fmt::format("{}'s handler for {} ran, though no line claims it", e.actor, e.name), "no signal",
                ran);
  const Step &s = step(e.step);
  done[e.step] = true;
  Matcher m = matcher(e);
  const std::string allowed =
      "--- " + s.signal + (s.value.as<Value::Record>() ? " " + show_allowed(s.value, m.scope()) : "");
  if (s.signal != e.name &&
      !m.match(Value::name(s.signal), constants(e.name) ? Value::integer(*constants(e.name)) : Value::any()))
    return fail(e.step, fmt::format("{}'s handler ran for {}, not for {}", e.actor, e.name, s.signal), allowed, ran);
  const auto *wanted = s.value.as<Value::Record>();
  if (wanted && !m.match_record(*wanted, e.result, find_record("siginfo"))) {
    const std::string actual = show_like(s.value, e.result, m.scope());
    return fail(
        e.step,
        fmt::format("{} told {}'s handler {}, not {}", s.signal, e.actor, actual, show_allowed(s.value, m.scope())),
        allowed, "--- " + e.name + " " + actual);
  }
  m.commit(bindings, observations);
  return std::nullopt;
}

Maybe Walker::State::ended(const Event &e) {
  Actor &actor = actors[e.actor];
  const uint32_t in = actor.call_step;
  actor.ended = true;
  const bool claimed = e.step != no_step && has_actor(step(e.step), e.actor) &&
                       (step(e.step).kind == Kind::killed || step(e.step).kind == Kind::exited);
  if (claimed) {
    done[e.step] = true;
    return end_matches(e, step(e.step));
  }
  const std::string how = e.name == "exited"    ? fmt::format("exited with {}", show(e.result))
                          : e.name == "unknown" ? "ended"
                                                : "was killed by " + e.name;
  const std::string where = in != no_step && in == e.step ? " in " + show(step(in).call) : "";
  return fail(e.step, fmt::format("{} {}{}, though no line says so", e.actor, how, where), e.actor + " goes on",
              show_end(e));
}

Maybe Walker::State::end_matches(const Event &e, const Step &s) {
  if (e.name == "unknown") return std::nullopt;  // that it ended is seen; how, only its parent's wait may tell
  Matcher m = matcher(e);
  const std::string actual = show_end(e);
  if (s.kind == Kind::killed) {
    if (e.name == s.signal) return std::nullopt;
    const std::string how = e.name == "exited" ? fmt::format("exited with {} and was not killed", show(e.result))
                                               : fmt::format("was killed by {}, not", e.name);
    return fail(e.step, fmt::format("{} {} by {}", e.actor, how, s.signal), "+++ killed by " + s.signal, actual);
  }
  if (s.value.as<Value::Any>()) return std::nullopt;  // any end
  const std::string allowed = "+++ exited " + show_allowed(s.value, m.scope());
  if (e.name != "exited")
    return fail(e.step, fmt::format("{} was killed by {}, should have exited", e.actor, e.name), allowed, actual);
  if (!m.match(s.value, e.result))
    return fail(e.step,
                fmt::format("{} exited with {}, not {}", e.actor, show(e.result), show_allowed(s.value, m.scope())),
                allowed, actual);
  m.commit(bindings, observations);
  return std::nullopt;
}

// A line `A  --- SIG` right below a memory line says that the access may fault.
bool Walker::State::fault_expected(const Event &e) const {
  for (uint32_t i = e.step + 1; i < steps.size() && (i == e.step + 1 || steps[i].top == steps[e.step + 1].top); ++i)
    if (step(i).kind == Kind::signal && has_actor(step(i), e.actor)) return true;
  return false;
}

// The access completed: then a line below it that takes its SIGSEGV or SIGBUS cannot come true.
Maybe Walker::State::fault_missing(const Event &e) const {
  const uint32_t next = e.step + 1;
  if (next >= steps.size() || step(next).kind != Kind::signal || !has_actor(step(next), e.actor)) return std::nullopt;
  const std::string &name = step(next).signal;
  return name == "SIGSEGV" || name == "SIGBUS" ? std::optional(missing(next)) : std::nullopt;
}

Maybe Walker::State::memory(const Event &e) {
  if (e.step == no_step) return nonsense(no_step, "the history has a memory step of no line");
  const Step &s = step(e.step);
  if ((s.kind != Kind::store && s.kind != Kind::expect) || !has_actor(s, e.actor))
    return nonsense(e.step, fmt::format("the history has {} access memory at \"{}\"", e.actor, print(s)));
  done[e.step] = true;
  const std::string where = fmt::format("{}[{}]", s.memory, show_allowed(s.offset, scope()));
  if (const auto *fault = e.result.as<Value::Error>()) {
    if (fault_expected(e)) return std::nullopt;  // its signal event follows
    return fail(e.step,
                fmt::format("{}'s {} {} raised {}", e.actor, s.kind == Kind::store ? "store to" : "load from", where,
                            fault->name),
                "the access completes", "--- " + fault->name);
  }
  if (Maybe no_fault = fault_missing(e)) return no_fault;
  if (s.kind == Kind::store) return std::nullopt;
  Matcher m = matcher(e);
  if (!m.match(s.value, e.result)) {
    const std::string allowed = show_allowed(s.value, m.scope()), actual = show_like(s.value, e.result, m.scope());
    return fail(e.step, fmt::format("{} holds {}, not {}", where, actual, allowed), allowed, actual);
  }
  m.commit(bindings, observations);
  return std::nullopt;
}

}  // namespace ipcvet
