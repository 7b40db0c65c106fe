#include "harness/model/track.h"

#include <algorithm>

namespace ipcvet::model {
namespace {

auto find(std::vector<std::pair<ActorId, Prediction>> &answers, ActorId actor) {
  return std::find_if(answers.begin(), answers.end(), [&](const auto &a) { return a.first == actor; });
}

bool add_new(std::vector<Track> &list, Track track) {
  if (std::find(list.begin(), list.end(), track) != list.end()) return false;
  list.push_back(std::move(track));
  return true;
}

}  // namespace

const Prediction *Track::answer(ActorId actor) const {
  if (world.threads[actor].lives && world.process_of(actor).state == Process::State::stopped) return nullptr;
  for (const auto &[who, prediction] : answers)
    if (who == actor) return &prediction;
  return nullptr;
}

void Track::add(ActorId actor, Prediction prediction) {
  const auto at = std::find_if(answers.begin(), answers.end(), [&](const auto &a) { return a.first > actor; });
  answers.insert(at, {actor, std::move(prediction)});
}

void Track::drop(ActorId actor) {
  if (auto it = find(answers, actor); it != answers.end()) answers.erase(it);
}

// A call that a handler leaves on its way back has the outcome `jumped`.
void Track::leave_call(ActorId actor) {
  if (auto it = find(answers, actor); it != answers.end()) {
    it->second.result = Value::name("jumped");
    it->second.outputs.clear();
  }
}

// A signal that ends the actor is acted upon before its call returns.
void Track::drop_ended() {
  std::erase_if(answers, [&](const auto &a) { return !world.threads[a.first].lives; });
}

void Track::invent_numbers() {
  while (const int64_t token = world.numbers->first_unbound()) world.bind(token, world.numbers->invent(token));
}

Settled settle(std::vector<Track> from, const Setting &setting, bool invent, size_t budget) {
  Settled out;
  if (from.size() == 1) {  // most steps leave one world, which is at rest
    if (invent) from[0].invent_numbers();
    if (ready(from[0].world, setting).empty()) {
      out.tracks = std::move(from);
      return out;
    }
  }
  std::vector<Track> seen;
  for (Track &track : from) add_new(seen, std::move(track));
  for (size_t i = 0; i < seen.size(); ++i) {
    if (invent) seen[i].invent_numbers();
    const std::vector<Wake> wakes = ready(seen[i].world, setting);
    if (wakes.empty()) add_new(out.tracks, seen[i]);
    for (const Wake &wake : wakes) {
      if (wake.prediction.kind == Prediction::Kind::unmodelled) {
        out.unmodelled = wake.prediction.reason;
        return out;
      }
      Track next{wake.world, seen[i].answers};
      if (wake.completes) next.add(wake.actor, wake.prediction);
      if (wake.jumps) next.leave_call(wake.actor);
      next.drop_ended();
      add_new(seen, std::move(next));
    }
    if (seen.size() > budget) {
      out.unmodelled = "more than " + std::to_string(budget) + " ways things may go";
      return out;
    }
  }
  return out;
}

}  // namespace ipcvet::model
