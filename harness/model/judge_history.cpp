#include "harness/model/judge_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/judge/describe.h"
#include "harness/judge/steps.h"
#include "harness/model/accepts.h"
#include "harness/model/inputs.h"
#include "harness/model/track.h"

namespace ipcvet::model {
namespace {

using Kind = Event::Kind;

class HistoryJudge {
 public:
  HistoryJudge(const Case &instance, const History &history, const Setting &setting)
      : case_(instance),
        history_(history),
        setting_(setting),
        steps_(flatten(instance)),
        walker_(instance, JudgeOptions{setting_.profile}, setting_.constants, history.started) {}

  HistoryVerdict run() {
    if (history_.end == RunEnd::skipped || history_.end == RunEnd::broken || history_.root.empty()) return {};
    tracks_.push_back({initial_world(setting_), {}});
    actors_[history_.root] = 0;
    walker_.bind_actor(history_.root, history_.root_pid);
    bool deviated = false;
    for (const Event &e : history_.events) {
      feed(e);
      if (verdict_.kind != HistoryVerdict::Kind::agrees) return verdict_;
      if (e.kind == Kind::note) continue;
      deviated = walker_.feed(e).has_value();
      if (deviated) break;
    }
    if (!deviated && history_.end == RunEnd::finished && !case_.stress) nobody_answers(nullptr);
    return verdict_;
  }

 private:
  void feed(const Event &e) {
    switch (e.kind) {
      case Kind::call:
        return call(e);
      case Kind::returned:
        return returned(e);
      case Kind::blocked:
      case Kind::still:
        return blocked(e);
      case Kind::signal:
        return handler_ran(e);
      case Kind::ended:
        return ended(e);
      case Kind::memory:
        return memory(e);
      case Kind::note:
        return;
    }
  }

  void undecided(const Event &e, std::string why) {
    verdict_ = {HistoryVerdict::Kind::undecided, e.step, std::move(why), "", ""};
  }

  // None of the tracks goes on: the first of them tells what was predicted.
  void disagrees(const Event *e, std::string why, std::string actual, const Rule *rule = nullptr) {
    if (e && !lenient_.empty()) return undecided(*e, "a call that was not seen to wait may have begun later");
    verdict_ = {HistoryVerdict::Kind::disagrees, e ? e->step : no_step, std::move(why), std::move(actual),
                rule ? std::string(rule->requirement) : ""};
  }

  std::optional<ActorId> actor_of(const Event &e) {
    auto it = actors_.find(e.actor);
    if (it != actors_.end()) return it->second;
    undecided(e, "actor " + e.actor + " was not made in the model");
    return std::nullopt;
  }

  std::string name_of(ActorId actor) const {
    for (const auto &[name, id] : actors_)
      if (id == actor) return name;
    return "another actor";
  }

  // Whoever is in a call was proven blocked before the next one, so nobody has an answer waiting.
  bool nobody_answers(const Event *e) {
    struct Waiting {
      ActorId actor;
      std::string answer;
      const Rule *rule;
    };
    std::optional<Waiting> waiting;
    std::erase_if(tracks_, [&](const Track &t) {
      for (const auto &[actor, answer] : t.answers)
        if (!contains(lenient_, actor) && t.answer(actor)) {
          waiting = {actor, show(answer, t.world), answer.rule};
          return true;
        }
      return false;
    });
    if (!tracks_.empty() || !waiting) return true;
    disagrees(e, fmt::format("{} completes {}", name_of(waiting->actor), waiting->answer),
              name_of(waiting->actor) + " is blocked", waiting->rule);
    return false;
  }

  void call(const Event &e) {
    const auto actor = actor_of(e);
    if (!actor || !nobody_answers(&e)) return;
    const CallSpec *spec = find_call(e.name);
    if (!spec) return undecided(e, "no call " + e.name);
    if (e.step != no_step && steps_[e.step].step->kind == Step::Kind::may_block) lenient_.push_back(*actor);
    perform(e, *actor, {spec, e.args});
  }

  void perform(const Event &e, ActorId actor, const GivenCall &given) {
    std::vector<Track> nexts;
    for (const Track &track : tracks_) {
      const Thread &thread = track.world.threads[actor];
      if (!thread.lives || thread.blocked) continue;
      for (Next &next : step(track.world, actor, given, setting_)) {
        if (next.prediction.kind == Prediction::Kind::unmodelled) return undecided(e, next.prediction.reason);
        if (next.prediction.made != nobody) made_ = next.prediction.made;
        Track after{std::move(next.world), track.answers};
        if (next.prediction.kind == Prediction::Kind::returns || next.prediction.kind == Prediction::Kind::fault)
          after.add(actor, std::move(next.prediction));
        nexts.push_back(std::move(after));
      }
    }
    if (nexts.empty()) return disagrees(&e, e.actor + " cannot make a call", e.actor + " makes a call");
    Settled settled = settle(std::move(nexts), setting_, false);
    if (!settled.unmodelled.empty()) return undecided(e, settled.unmodelled);
    tracks_ = std::move(settled.tracks);
  }

  void returned(const Event &e) {
    const auto actor = actor_of(e);
    if (!actor) return;
    std::vector<Track> left;
    for (Track track : tracks_) {
      const Prediction *found = track.answer(*actor);
      if (!found) continue;
      const Prediction answer = *found;
      if (!happened(answer, e.result, e.args, track.world)) continue;
      track.drop(*actor);
      left.push_back(std::move(track));
    }
    if (left.empty()) return no_such_return(e, *actor);
    tracks_ = std::move(left);
    std::erase(lenient_, *actor);
    christen(e);
  }

  void no_such_return(const Event &e, ActorId actor) {
    const std::string actual = show_returned(e);
    const Track &track = tracks_.front();
    if (const Prediction *answer = track.answer(actor))
      return disagrees(&e, show(*answer, track.world), actual, answer->rule);
    const bool lives = track.world.threads[actor].lives;
    disagrees(&e, lives ? e.actor + " is blocked in it" : "it ends " + e.actor, actual);
  }

  static std::string show_returned(const Event &e) {
    std::string text = "= " + ipcvet::show(e.result);
    const CallSpec *spec = find_call(e.name);
    for (uint32_t i = 0; spec && i < spec->nargs && i < e.args.size(); ++i)
      if (direction(spec->args[i].kind) != Direction::in && !e.args[i].as<Value::Any>())
        text += fmt::format(", {} {}", spec->args[i].name, ipcvet::show(e.args[i]));
    return text;
  }

  // The actor that a fork, thread or spawn made gets the name its line says.
  void christen(const Event &e) {
    const CallSpec *spec = find_call(e.name);
    const auto *id = e.result.as<Value::Int>();
    if (!spec || spec->returns != Ret::ACTOR || !id || e.step == no_step || made_ == nobody) return;
    for (const Alternative &a : steps_[e.step].step->outcome)
      if (const auto *name = a.value.as<Value::Name>()) {
        actors_[name->text] = made_;
        walker_.bind_actor(name->text, id->value);
      }
    made_ = nobody;
  }

  void blocked(const Event &e) {
    const auto actor = actor_of(e);
    if (!actor) return;
    const Track first = tracks_.front();
    std::erase_if(tracks_, [&](const Track &t) { return t.answer(*actor) || !t.world.threads[*actor].lives; });
    if (!tracks_.empty()) return;
    const Prediction *answer = first.answer(*actor);
    disagrees(&e, answer ? show(*answer, first.world) : e.actor + " has ended", e.actor + " is blocked",
              answer ? answer->rule : nullptr);
  }

  void handler_ran(const Event &e) {
    const auto actor = actor_of(e);
    if (!actor) return;
    if (fault_) {
      fault_.reset();
      return;
    }
    const Track first = tracks_.front();
    std::vector<Track> left;
    for (Track track : tracks_) {
      auto &runs = track.world.threads.edit(*actor).runs;
      if (runs.empty()) continue;
      const SignalRun run = runs.front();
      if (!accepts(siginfo_record(run, track.world), e.result, track.world)) continue;
      runs.erase(runs.begin());
      left.push_back(std::move(track));
    }
    if (left.empty()) return no_such_run(e, first, *actor);
    tracks_ = std::move(left);
  }

  void no_such_run(const Event &e, const Track &track, ActorId actor) {
    const auto &runs = track.world.threads[actor].runs;
    const std::string predicted = runs.empty()
                                      ? "no handler of " + e.actor + " runs"
                                      : fmt::format("--- {} {}", signal_name(setting_, runs.front().info.signo),
                                                    ipcvet::show(siginfo_record(runs.front(), track.world)));
    disagrees(&e, predicted, "--- " + e.name + " " + ipcvet::show(e.result));
  }

  bool ended_so(const Thread &t, const Event &e) const {
    if (!t.end) return false;
    if (e.name == "unknown") return true;
    const auto *status = e.result.as<Value::Int>();
    if (t.end->kind == Status::Kind::exited) return e.name == "exited" && status && status->value == t.end->value;
    return setting_.constants(e.name) == t.end->value;
  }

  void ended(const Event &e) {
    const auto actor = actor_of(e);
    if (!actor) return;
    const Thread first = tracks_.front().world.threads[*actor];
    std::erase_if(tracks_, [&](const Track &t) { return !ended_so(t.world.threads[*actor], e); });
    if (!tracks_.empty()) return;
    const std::string predicted = !first.end ? e.actor + " lives on"
                                  : first.end->kind == Status::Kind::exited
                                      ? fmt::format("+++ exited {}", first.end->value)
                                      : "+++ killed by " + signal_name(setting_, first.end->value);
    disagrees(&e, predicted, "+++ " + e.name + " " + ipcvet::show(e.result));
  }

  void memory(const Event &e) {
    const auto actor = actor_of(e);
    if (!actor || !nobody_answers(&e)) return;
    const Step &line = *steps_[e.step].step;
    const auto *data = e.result.as<Value::Bytes>();
    const Resolved wanted = resolve(line.value, walker_.bindings(), setting_.constants);
    const auto *bytes = wanted.value ? wanted.value->as<Value::Bytes>() : data;
    const auto given = given_call(memory_call(line, bytes ? static_cast<int64_t>(bytes->bytes.size()) : 1),
                                  walker_.bindings(), setting_.constants);
    if (!given) return undecided(e, given.error().name + " " + given.error().why);
    perform(e, *actor, *given);
    if (verdict_.kind != HistoryVerdict::Kind::agrees) return;
    fault_ = e.result.as<Value::Error>() != nullptr;
    if (!*fault_) fault_.reset();
    accessed(e, *actor);
  }

  void accessed(const Event &e, ActorId actor) {
    const Track first = tracks_.front();
    std::vector<Track> left;
    for (Track track : tracks_) {
      const Prediction *answer = track.answer(actor);
      if (!answer || !access_happened(*answer, e, track.world)) continue;
      track.drop(actor);
      left.push_back(std::move(track));
    }
    if (!left.empty()) {
      tracks_ = std::move(left);
      return;
    }
    const Prediction *answer = first.answer(actor);
    disagrees(&e, answer ? show(*answer, first.world) : "it ends " + e.actor, ipcvet::show(e.result),
              answer ? answer->rule : nullptr);
  }

  static bool access_happened(const Prediction &answer, const Event &e, World &world) {
    if (e.result.as<Value::Error>()) return answer.kind == Prediction::Kind::fault && answer.result == e.result;
    if (answer.kind != Prediction::Kind::returns) return false;
    return !e.result.as<Value::Bytes>() || answer.outputs.empty() ||
           accepts(answer.outputs.front().second, e.result, world);
  }

  const Case &case_;
  const History &history_;
  const Setting setting_;
  const std::vector<FlatStep> steps_;
  Walker walker_;  // for what the names of the case stand for
  std::vector<Track> tracks_{};
  std::map<std::string, ActorId, std::less<>> actors_{};
  std::vector<ActorId> lenient_{};
  ActorId made_ = nobody;
  std::optional<bool> fault_{};  // the next handler run is the fault of a memory step
  HistoryVerdict verdict_{};
};

}  // namespace

HistoryVerdict judge_history(const Case &instance, const History &history, Setting setting) {
  setting.start.pid = history.root_pid;
  const auto has = [&](const char *part) { return history.sandbox.find(part) != std::string::npos; };
  if (!has(" pid")) setting.start.parent = 0;
  if (has(" user")) setting.start.uid = setting.start.gid = unknown_user;
  return HistoryJudge(instance, history, setting).run();
}

}  // namespace ipcvet::model
