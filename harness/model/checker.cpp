#include "harness/model/checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "harness/case/printer.h"
#include "harness/judge/describe.h"
#include "harness/judge/match.h"
#include "harness/model/accepts.h"
#include "harness/model/inputs.h"
#include "harness/model/track.h"

namespace ipcvet::model {
namespace {

using Kind = Step::Kind;

// A way things may have gone, and what the case's names mean in it.
struct Way {
  Track track{};
  Bindings names{};
  std::map<std::string, ActorId, std::less<>> actors{};
  std::vector<ActorId> lenient{};                         // of `...?` lines: their answers may wait
  std::vector<ActorId> ended{};                           // whose end was claimed
  std::optional<std::pair<ActorId, Prediction>> fault{};  // of the memory step just above
};

struct Problem {
  CheckResult::Kind kind = CheckResult::Kind::disagrees;
  std::string why{};
  const Rule *rule = nullptr;
};
using Maybe = std::optional<Problem>;

Problem disagrees(std::string why, const Rule *rule = nullptr) {
  return {CheckResult::Kind::disagrees, std::move(why), rule};
}
Problem unmodelled(std::string why) { return {CheckResult::Kind::unmodelled, std::move(why), nullptr}; }

bool never_returns(const Step &line) {
  const auto *observe = line.outcome.size() == 1 ? line.outcome[0].value.as<Value::Observe>() : nullptr;
  return observe && observe->name.empty();
}

class Checker {
 public:
  Checker(const Case &instance, const Setting &setting) : case_(instance), setting_(setting) {}

  CheckResult run() {
    begin();
    for (const Step &line : case_.steps) {
      next_ = &line + 1 < case_.steps.data() + case_.steps.size() ? &line + 1 : nullptr;
      if (Maybe problem = perform(line)) return report(line, std::move(*problem));
    }
    if (case_.stress || case_.steps.empty()) return {};
    for (const Way &way : ways_)
      if (Maybe problem = left_over(way)) return report(case_.steps.back(), std::move(*problem));
    return {};
  }

 private:
  void begin() {
    Way way;
    way.track.world = initial_world(setting_);
    way.track.invent_numbers();
    for (const Step &line : case_.steps)
      if (way.actors.empty() && !line.actors.empty()) way.actors[line.actors[0]] = 0;
    for (const auto &[name, actor] : way.actors)
      way.names[name] = Value::integer(way.track.world.value(way.track.world.threads[0].tid));
    ways_.push_back(std::move(way));
  }

  CheckResult report(const Step &line, Problem problem) const {
    return {problem.kind, line.pos, print(line), std::move(problem.why),
            problem.rule ? std::string(problem.rule->requirement) : ""};
  }

  Maybe perform(const Step &line) {
    switch (line.kind) {
      case Kind::returns:
      case Kind::blocks:
      case Kind::may_block:
      case Kind::store:
      case Kind::expect:
        return issue(line);
      case Kind::any_order:
        return any_order(line);
      default:
        return claim(line);
    }
  }

  // A line that claims something: the same for every way.
  Maybe claim(const Step &line) {
    for (Way &way : ways_) {
      Maybe problem = line.kind == Kind::wakes    ? wakes(way, line)
                      : line.kind == Kind::still  ? still(way, line)
                      : line.kind == Kind::signal ? handler_ran(way, line)
                                                  : has_ended(way, line);
      if (problem) return problem;
    }
    return std::nullopt;
  }

  Maybe any_order(const Step &group) {
    std::vector<bool> done(group.members.size());
    for (const bool exactly : {true, false})
      for (size_t i = 0; i < done.size(); ++i) {
        if (done[i] || (exactly && !runs_next(group.members[i]))) continue;
        if (Maybe problem = claim(group.members[i])) return problem;
        done[i] = true;
        if (exactly) i = SIZE_MAX;  // what is next may be further up
      }
    return std::nullopt;
  }

  // Is this a signal line whose signal is the next one of its actor, in every way?
  bool runs_next(const Step &line) const {
    if (line.kind != Kind::signal) return false;
    const auto number = setting_.constants(line.signal);
    return std::all_of(ways_.begin(), ways_.end(), [&](const Way &way) {
      const auto actor = actor_of(way, line.actors[0]);
      if (!actor) return false;
      const auto &runs = way.track.world.threads[*actor].runs;
      return !runs.empty() && number == runs.front().info.signo;
    });
  }

  static std::optional<ActorId> actor_of(const Way &way, const std::string &name) {
    auto it = way.actors.find(name);
    return it == way.actors.end() ? std::nullopt : std::optional(it->second);
  }
  static std::string name_of(const Way &way, ActorId actor) {
    for (const auto &[name, id] : way.actors)
      if (id == actor) return name;
    return "an actor without a name";
  }

  // Answers that should have been claimed before the next call.
  Maybe unclaimed(const Way &way) const {
    for (const auto &[actor, answer] : way.track.answers)
      if (!contains(way.lenient, actor) && way.track.answer(actor))
        return disagrees(fmt::format("the model predicts that {} completes {}, and no line claims it",
                                     name_of(way, actor), show(answer, way.track.world)),
                         answer.rule);
    return std::nullopt;
  }

  Maybe left_over(const Way &way) const {
    if (Maybe problem = unclaimed(way)) return problem;
    for (const auto &[name, actor] : way.actors) {
      const Thread &t = way.track.world.threads[actor];
      if (!t.runs.empty())
        return disagrees(fmt::format("the model predicts that {}'s handler runs for {}, and no line claims it", name,
                                     signal_name(setting_, t.runs.front().info.signo)));
      if (t.end && !contains(way.ended, actor))
        return disagrees(fmt::format("the model predicts that {} has ended, and no line says so", name));
    }
    return std::nullopt;
  }

  Maybe issue(const Step &line) {
    std::vector<Way> all;
    for (Way &way : ways_) {
      if (Maybe problem = unclaimed(way)) return problem;
      if (Maybe problem = issue(way, line, all)) return problem;
    }
    ways_ = std::move(all);
    return std::nullopt;
  }

  std::expected<GivenCall, Unresolved> call_of(const Way &way, const Step &line) const {
    if (line.kind != Kind::store && line.kind != Kind::expect)
      return given_call(line.call, way.names, setting_.constants);
    const Resolved data = resolve(line.value, way.names, setting_.constants);
    const auto *bytes = data.value ? data.value->as<Value::Bytes>() : nullptr;
    return given_call(memory_call(line, bytes ? static_cast<int64_t>(bytes->bytes.size()) : 1), way.names,
                      setting_.constants);
  }

  Maybe issue(const Way &way, const Step &line, std::vector<Way> &all) const {
    const auto actor = actor_of(way, line.actors[0]);
    if (!actor) return unmodelled("actor " + line.actors[0] + " was not made in the model");
    const Thread &thread = way.track.world.threads[*actor];
    if (!thread.lives) return disagrees("the model predicts that " + line.actors[0] + " has ended");
    if (thread.blocked) return disagrees("the model predicts that " + line.actors[0] + " is still blocked");
    const auto call = call_of(way, line);
    if (!call) return unmodelled(call.error().name + " " + call.error().why);
    std::vector<Track> tracks;
    ActorId made = nobody;
    for (Next &next : step(way.track.world, *actor, *call, setting_)) {
      if (next.prediction.kind == Prediction::Kind::unmodelled) return unmodelled(next.prediction.reason);
      if (next.prediction.made != nobody) made = next.prediction.made;
      Track track{std::move(next.world), way.track.answers};
      const bool answers =
          next.prediction.kind == Prediction::Kind::returns || next.prediction.kind == Prediction::Kind::fault;
      if (answers) track.add(*actor, std::move(next.prediction));
      tracks.push_back(std::move(track));
    }
    Settled settled = settle(std::move(tracks), setting_, true);
    if (!settled.unmodelled.empty()) return unmodelled(settled.unmodelled);
    for (Track &track : settled.tracks) {
      Way after = way;
      after.track = std::move(track);
      after.fault.reset();
      if (made != nobody) christen(after, line, made);
      if (Maybe problem = answered(after, line, *actor)) return problem;
      all.push_back(std::move(after));
    }
    return std::nullopt;
  }

  static void christen(Way &way, const Step &line, ActorId made) {
    for (const Alternative &a : line.outcome)
      if (const auto *name = a.value.as<Value::Name>()) {
        way.actors[name->text] = made;
        way.names[name->text] = Value::integer(way.track.world.value(way.track.world.threads[made].tid));
      }
  }

  Maybe answered(Way &way, const Step &line, ActorId actor) const {
    const Prediction *answer = way.track.answer(actor);
    if (line.kind == Kind::may_block) {
      way.lenient.push_back(actor);
      return std::nullopt;
    }
    if (line.kind == Kind::blocks) {
      if (answer) return disagrees("the model predicts " + show(*answer, way.track.world), answer->rule);
      if (!way.track.world.threads[actor].lives) return disagrees("the model predicts that it ends its actor");
      return std::nullopt;
    }
    if (line.kind == Kind::store || line.kind == Kind::expect) return accessed(way, line, actor);
    if (never_returns(line)) {
      if (way.track.world.threads[actor].lives)
        return disagrees("the model predicts that the actor lives on", answer ? answer->rule : nullptr);
      return std::nullopt;
    }
    return take_answer(way, line, actor);
  }

  Maybe take_answer(Way &way, const Step &line, ActorId actor) const {
    const Prediction *answer = way.track.answer(actor);
    const Thread &thread = way.track.world.threads[actor];
    if (!answer && !thread.lives)
      return disagrees("the model predicts that it ends " + name_of(way, actor) + end_text(thread));
    if (!answer) return disagrees("the model predicts that " + name_of(way, actor) + " is blocked in it");
    Prediction seen = *answer;
    resolve_tokens(seen, way.track.world);
    if (auto wrong = objection(line, seen, setting_, way.names))
      return disagrees("the model predicts " + *wrong, answer->rule);
    way.track.drop(actor);
    return std::nullopt;
  }

  std::string end_text(const Thread &thread) const {
    if (!thread.end) return "";
    return thread.end->kind == Status::Kind::exited ? fmt::format(" (exited {})", thread.end->value)
                                                    : " (killed by " + signal_name(setting_, thread.end->value) + ")";
  }

  static void resolve_tokens(Value &v, const World &world) {
    if (auto *n = v.as<Value::Int>()) n->value = world.value(n->value);
    if (auto *list = v.as<Value::List>())
      for (Value &item : list->items) resolve_tokens(item, world);
    if (auto *record = v.as<Value::Record>())
      for (Field &f : record->fields) resolve_tokens(f.value, world);
    if (auto *binary = v.as<Value::Binary>())
      for (Value &side : binary->sides) resolve_tokens(side, world);
  }
  static void resolve_tokens(Prediction &p, const World &world) {
    resolve_tokens(p.result, world);
    for (auto &[i, value] : p.outputs) resolve_tokens(value, world);
  }

  Maybe accessed(Way &way, const Step &line, ActorId actor) const {
    const Prediction *found = way.track.answer(actor);
    if (!found) return disagrees("the model predicts that the access ends " + name_of(way, actor));
    const Prediction answer = *found;
    way.track.drop(actor);
    const bool expects_fault = next_ && next_->kind == Kind::signal && next_->actors[0] == line.actors[0] &&
                               (next_->signal == "SIGSEGV" || next_->signal == "SIGBUS");
    if (answer.kind == Prediction::Kind::fault) {
      if (!expects_fault) return disagrees("the model predicts that it " + show(answer, way.track.world), answer.rule);
      way.fault = {actor, answer};
      return std::nullopt;
    }
    if (expects_fault) return disagrees("the model predicts that the access completes", answer.rule);
    if (line.kind == Kind::store || answer.outputs.empty()) return std::nullopt;
    Matcher matcher(way.names, setting_.constants, INT64_MIN / 2, INT64_MAX / 2);
    const Value &data = answer.outputs.front().second;
    if (!data.as<Value::Any>() && !matcher.match(line.value, data))
      return disagrees("the model predicts that it holds " + ipcvet::show(known(data, way.track.world)), answer.rule);
    std::vector<Observation> seen;
    matcher.commit(way.names, seen);
    return std::nullopt;
  }

  Maybe wakes(Way &way, const Step &line) const {
    std::optional<ActorId> winner;
    for (const std::string &name : line.actors) {
      const auto actor = actor_of(way, name);
      if (!actor) return unmodelled("actor " + name + " was not made in the model");
      if (!way.track.answer(*actor)) continue;
      if (winner) return disagrees("the model predicts that more than one of them completes");
      winner = actor;
    }
    if (!winner && line.actors.size() > 1) return disagrees("the model predicts that none of them completes");
    return take_answer(way, line, winner ? *winner : *actor_of(way, line.actors[0]));
  }

  Maybe still(const Way &way, const Step &line) const {
    const auto actor = actor_of(way, line.actors[0]);
    if (!actor) return unmodelled("actor " + line.actors[0] + " was not made in the model");
    if (const Prediction *answer = way.track.answer(*actor))
      return disagrees("the model predicts that it completes " + show(*answer, way.track.world), answer->rule);
    const Thread &thread = way.track.world.threads[*actor];
    if (!thread.lives) return disagrees("the model predicts that " + line.actors[0] + " has ended" + end_text(thread));
    return std::nullopt;
  }

  Maybe has_ended(Way &way, const Step &line) const {
    const auto actor = actor_of(way, line.actors[0]);
    if (!actor) return unmodelled("actor " + line.actors[0] + " was not made in the model");
    const Thread &thread = way.track.world.threads[*actor];
    if (!thread.end) return disagrees("the model predicts that " + line.actors[0] + " lives on");
    way.ended.push_back(*actor);
    const bool exited = thread.end->kind == Status::Kind::exited;
    if (line.kind == Kind::killed) {
      if (!exited && setting_.constants(line.signal) == thread.end->value) return std::nullopt;
    } else {
      if (line.value.as<Value::Any>()) return std::nullopt;
      Matcher matcher(way.names, setting_.constants, 0, 0);
      if (exited && matcher.match(line.value, Value::integer(thread.end->value))) return std::nullopt;
    }
    return disagrees("the model predicts another end" + end_text(thread));
  }

  Maybe handler_ran(Way &way, const Step &line) const {
    const auto actor = actor_of(way, line.actors[0]);
    if (!actor) return unmodelled("actor " + line.actors[0] + " was not made in the model");
    SignalRun run;
    if (way.fault && way.fault->first == *actor) {
      run.info = way.fault->second.fault;
      way.fault.reset();
    } else {
      Thread &thread = way.track.world.threads.edit(*actor);
      if (thread.runs.empty())
        return disagrees(fmt::format("the model predicts no run of a handler of {}", line.actors[0]));
      run = thread.runs.front();
      thread.runs.erase(thread.runs.begin());
    }
    if (setting_.constants(line.signal) != run.info.signo)
      return disagrees("the model predicts " + signal_name(setting_, run.info.signo));
    return told(way, line, run);
  }

  Maybe told(Way &way, const Step &line, const SignalRun &run) const {
    const auto *wanted = line.value.as<Value::Record>();
    if (!wanted) return std::nullopt;
    const Value record = siginfo_record(run, way.track.world);
    Value::Record compared;
    for (const Field &f : wanted->fields)
      for (const Field &p : record.as<Value::Record>()->fields)
        if (p.name == f.name) compared.fields.push_back(f);
    Matcher matcher(way.names, setting_.constants, INT64_MIN / 2, INT64_MAX / 2);
    if (!matcher.match_record(compared, record, find_record("siginfo")))
      return disagrees("the model predicts that it tells " + ipcvet::show(known(record, way.track.world)));
    std::vector<Observation> seen;
    matcher.commit(way.names, seen);
    return std::nullopt;
  }

  const Case &case_;
  const Setting &setting_;
  const Step *next_ = nullptr;
  std::vector<Way> ways_{};
};

}  // namespace

CheckResult check(const Case &instance, const Setting &setting) {
  Setting probed = setting;
  for (const Need &need : instance.needs)
    if (need.capability == "sealed-shared-read") probed.limits.sealed_shared_read = true;
  return Checker(instance, probed).run();
}

}  // namespace ipcvet::model
