#include "fuzz/drive/oracle.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "harness/mechanism/process/rules.h"

namespace ipcvet::fuzz {

using model::ActorId;
using model::hash_of;
using model::Prediction;
using model::Track;

namespace {

constexpr size_t most_ways = 400;

uint64_t mixed(uint64_t hash, uint64_t more) {
  hash ^= more + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
  return hash * 0xff51afd7ed558ccdu;
}

bool runs(const model::World &world, ActorId who) {
  return world.process_of(who).state != model::Process::State::stopped;
}

// Who is stopped has done its call, and answers when it is continued.
auto unseen(const Track &way) {
  decltype(way.answers) out;
  std::copy_if(way.answers.begin(), way.answers.end(), std::back_inserter(out),
               [&](const auto &answer) { return !runs(way.world, answer.first); });
  return out;
}

uint64_t kind_of(const Value &result) {
  if (const auto *e = result.as<Value::Error>()) return hash_of(e->name);
  if (const auto *i = result.as<Value::Int>())
    return i->value == 0 ? 1 : 2 + static_cast<uint64_t>(64 - __builtin_clzll(static_cast<uint64_t>(i->value) | 1)) / 4;
  return 3;
}

}  // namespace

Oracle::Oracle(const model::Setting &setting, model::World world) : setting_(setting) {
  know("P", 0);
  names["P"] = Value::integer(world.value(world.threads[0].tid));
  Track first;
  first.world = std::move(world);
  ways_.push_back(std::move(first));
}

std::optional<ActorId> Oracle::id(const std::string &actor) const {
  for (const auto &[name, id] : actors_)
    if (name == actor) return id;
  return std::nullopt;
}

void Oracle::know(const std::string &actor, ActorId id) {
  std::erase_if(actors_, [&](const auto &other) { return other.first == actor; });
  actors_.emplace_back(actor, id);
}

std::expected<model::GivenCall, Unresolved> Oracle::given(const Step &step) const {
  if (step.kind != Step::Kind::store && step.kind != Step::Kind::expect)
    return model::given_call(step.call, names, setting_.constants);
  const auto *bytes = step.value.as<Value::Bytes>();
  return model::given_call(model::memory_call(step, bytes ? static_cast<int64_t>(bytes->bytes.size()) : 1), names,
                           setting_.constants);
}

std::expected<void, std::string> Oracle::ask(const Step &step) {
  auto call = given(step);
  if (!call) return std::unexpected(call.error().name + " " + call.error().why);
  return ask(step, *call->spec, model::Cow(std::move(call->args)));
}

std::expected<void, std::string> Oracle::ask(const Step &step, const CallSpec &spec,
                                             const model::Cow<std::vector<Value>> &args) {
  const auto actor = id(step.actors[0]);
  if (!actor) return std::unexpected("nobody is called " + step.actors[0]);
  std::vector<Track> after;
  made_ = model::nobody;
  for (const Track &way : ways_) {
    const model::Thread &thread = way.world.threads[*actor];
    if (!thread.lives || thread.blocked) return std::unexpected(step.actors[0] + " is not free");
    for (model::Next &next : model::step(way.world, *actor, spec, args, setting_)) {
      if (next.prediction.kind == Prediction::Kind::unmodelled) return std::unexpected(next.prediction.reason);
      if (next.prediction.made != model::nobody) made_ = next.prediction.made;
      Track &track = after.emplace_back(std::move(next.world), way.answers);
      track.drop_ended();
      const bool answers =
          next.prediction.kind == Prediction::Kind::returns || next.prediction.kind == Prediction::Kind::fault;
      if (answers) track.add(*actor, std::move(next.prediction));
    }
    if (after.size() > most_ways) return std::unexpected("too many ways things may go");
  }
  model::Settled settled = model::settle(std::move(after), setting_, false, most_ways);
  if (!settled.unmodelled.empty()) return std::unexpected(settled.unmodelled);
  if (settled.tracks.empty()) return std::unexpected("the model never comes to rest");
  before_ = std::exchange(ways_, std::move(settled.tracks));
  asked_ = &step;
  return {};
}

void Oracle::take_back() {
  ways_ = std::move(before_);
  asked_ = nullptr;
  made_ = model::nobody;
}

Forecast Oracle::forecast(const std::string &actor) const {
  Forecast f;
  const auto who = id(actor);
  for (const Track &way : ways_) {
    const bool answers = who && way.answer(*who) != nullptr, ends = who && !way.world.threads[*who].lives;
    f.may_answer |= answers;
    f.must_answer &= answers;
    f.may_end |= ends;
    f.must_end &= ends;
    f.vanishes &= ends && !model::exists(way.world.process_of(*who));
    f.must_stop &= who && !ends && !runs(way.world, *who);
    const size_t handlers = who ? way.world.threads[*who].runs.size() : 0;
    f.least_handlers = std::min(f.least_handlers, handlers);
    f.most_handlers = std::max(f.most_handlers, handlers);
  }
  return f;
}

bool Oracle::holds(Track &way, ActorId who, const Seen &seen) const {
  const model::Thread &thread = way.world.threads[who];
  if (thread.lives == seen.ended) return false;
  const Prediction *answer = way.answer(who);
  // Who has ended may have answered before.
  if (!seen.ended && (answer != nullptr) != seen.answered) return false;
  if (answer) {
    const Prediction &predicted = *answer;
    if ((predicted.kind == Prediction::Kind::fault) != seen.faulted) return false;
    if (seen.faulted ? !model::accepts(predicted.result, seen.result, way.world)
                     : !model::happened(predicted, seen.result, seen.args, way.world))
      return false;
  }
  if (seen.ended && thread.end && thread.first && !seen.end_name.empty() && seen.end_name != "unknown") {
    const bool exited = thread.end->kind == model::Status::Kind::exited;
    if (exited != (seen.end_name == "exited")) return false;
    if (exited && thread.end->value != seen.end_status) return false;
    if (!exited && model::signal_name(setting_, thread.end->value) != seen.end_name) return false;
  }
  if (seen.ended) return true;
  if (thread.runs.size() != seen.handlers.size()) return false;
  const std::vector<model::SignalRun> runs = thread.runs;
  for (size_t i = 0; i < runs.size(); ++i)
    if (!model::accepts(model::siginfo_record(runs[i], way.world), seen.handlers[i], way.world)) return false;
  if (!runs.empty()) way.world.threads.edit(who).runs.clear();
  return true;
}

bool Oracle::holds(Track &way, const AllSeen &all) const {
  if (all.size() == 1) {
    const auto who = id(all.begin()->first);
    return !who || holds(way, *who, all.begin()->second);
  }
  // Who made an actor tells its number, which others may tell of.
  for (const bool makers : {true, false})
    for (const auto &[name, seen] : all) {
      const auto who = id(name);
      const Prediction *answer = who ? way.answer(*who) : nullptr;
      if (who && (answer && answer->made != model::nobody) == makers && !holds(way, *who, seen)) return false;
    }
  return true;
}

namespace {

std::string child_of(const Step *step) {
  if (!step || !makes_actor(*step) || step->outcome.empty()) return "";
  const auto *name = step->outcome[0].value.as<Value::Name>();
  return name ? name->text : "";
}

}  // namespace

// What holds() changes of a way is kept apart, so that the ways stay as they are.
bool Oracle::agrees(const AllSeen &all) {
  agreeing_.clear();
  if (const std::string child = made_ == model::nobody ? "" : child_of(asked_); !child.empty()) know(child, made_);
  for (size_t i = 0; i < ways_.size(); ++i) {
    model::World &world = ways_[i].world;
    Agreement agreement{i, world.numbers, world.threads};
    const bool held = holds(ways_[i], all);
    std::swap(world.numbers, agreement.numbers);
    std::swap(world.threads, agreement.threads);
    if (held) agreeing_.push_back(std::move(agreement));
  }
  return !agreeing_.empty();
}

void Oracle::choose() {
  size_t chosen = 0;
  for (Agreement &agreement : agreeing_) {
    Track way = std::move(ways_[agreement.way]);
    way.world.numbers = std::move(agreement.numbers);
    way.world.threads = std::move(agreement.threads);
    way.answers = unseen(way);
    const auto end = ways_.begin() + static_cast<std::ptrdiff_t>(chosen);
    if (std::find(ways_.begin(), end, way) == end) ways_[chosen++] = std::move(way);
  }
  ways_.erase(ways_.begin() + static_cast<std::ptrdiff_t>(chosen), ways_.end());
  agreeing_.clear();
  const model::World &world = ways_.front().world;
  if (made_ < world.threads.size())
    if (const std::string child = child_of(asked_); !child.empty())
      names[child] = Value::integer(world.value(world.threads[made_].tid));
  made_ = model::nobody;
  asked_ = nullptr;
}

bool Oracle::idle(const std::string &actor) const {
  const auto who = id(actor);
  return who && std::all_of(ways_.begin(), ways_.end(), [&](const Track &way) {
           return way.world.threads[*who].lives && !way.world.threads[*who].blocked && runs(way.world, *who);
         });
}

bool Oracle::alive(const std::string &actor) const {
  const auto who = id(actor);
  return who &&
         std::any_of(ways_.begin(), ways_.end(), [&](const Track &way) { return way.world.threads[*who].lives; });
}

std::vector<int> Oracle::orphans_that_ended() const {
  std::vector<int> out;
  const model::World &world = ways_.front().world;
  for (model::ProcessId p = 0; p < world.processes.size(); ++p) {
    const int64_t pid = world.value(world.processes[p].pid);
    const bool orphan = world.processes[p].parent == model::nobody && !model::exists(world.processes[p]);
    if (orphan && !model::is_token(pid)) out.push_back(static_cast<int>(pid));
  }
  return out;
}

std::vector<const Prediction *> Oracle::predictions(const std::string &actor) const {
  std::vector<const Prediction *> out;
  const auto who = id(actor);
  for (const Track &way : ways_) out.push_back(who ? way.answer(*who) : nullptr);
  return out;
}

void Oracle::features(std::string_view call, std::vector<uint64_t> &out) const {
  const Track &way = ways_.front();
  uint64_t blocked = 0, lives = 0;
  for (size_t t = 0; t < way.world.threads.size(); ++t) {
    const model::Thread &thread = way.world.threads[t];
    lives += thread.lives ? 1 : 0;
    if (thread.blocked) blocked = mixed(blocked, thread.blocked->call->id);
  }
  const uint64_t state = mixed(mixed(hash_of(call), lives), blocked);
  for (const auto &[who, answer] : way.answers) {
    uint64_t f = mixed(state, kind_of(answer.result));
    if (answer.rule) f = mixed(mixed(f, answer.rule->hash), answer.rule->line);
    out.push_back(f);
  }
  if (way.answers.empty()) out.push_back(mixed(state, 77));
}

}  // namespace ipcvet::fuzz
