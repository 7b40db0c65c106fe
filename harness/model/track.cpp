#include "harness/model/track.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

namespace ipcvet::model {
namespace {

auto find(std::vector<std::pair<ActorId, Prediction>> &answers, ActorId actor) {
  return std::find_if(answers.begin(), answers.end(), [&](const auto &a) { return a.first == actor; });
}

// Equal tracks have equal digests; few others do.
size_t digest(const Track &track) {
  size_t sum = 17;
  const auto mix = [&sum](size_t n) { sum = sum * 1000003 + n; };
  for (const auto &[actor, answer] : track.answers) {
    mix(actor);
    const auto *n = answer.result.as<Value::Int>();
    mix(n ? static_cast<size_t>(n->value) : 0);
    for (const auto &[arg, value] : answer.outputs)
      if (const auto *bytes = value.as<Value::Bytes>()) mix(std::hash<std::string>{}(bytes->bytes));
  }
  for (ActorId t = 0; t < track.world.threads.size(); ++t) {
    const Thread &thread = track.world.threads[t];
    mix((thread.lives ? 1u : 0u) + (thread.blocked ? 2u : 0u) + 4 * thread.runs.size());
    if (thread.blocked) mix(static_cast<size_t>(thread.blocked->done));
  }
  for (size_t p = 0; p < track.world.pipes.size(); ++p) mix(track.world.pipes[p].portions.size());
  return sum;
}

// Tracks without repetition, in the order they were found.
class Found {
 public:
  std::vector<Track> tracks{};

  void add(Track track) {
    std::vector<size_t> &alike = by_digest_[digest(track)];
    for (const size_t i : alike)
      if (tracks[i] == track) return;
    alike.push_back(tracks.size());
    tracks.push_back(std::move(track));
  }

 private:
  std::unordered_map<size_t, std::vector<size_t>> by_digest_{};
};

// A call that completes without changing anything others could notice: whether it does so first or last is all the
// same, and one order will do.
bool changes_nothing(const World &before, const Wake &wake) {
  const World &after = wake.world;
  if (!wake.completes || !(before.processes == after.processes) || !(before.pipes == after.pipes) ||
      !(before.inodes == after.inodes) || !(before.epolls == after.epolls) || !(before.messages == after.messages) ||
      !(before.segments == after.segments) || !(before.shared == after.shared) ||
      !(before.mappings == after.mappings) || !(before.numbers == after.numbers))
    return false;
  for (ActorId t = 0; t < before.threads.size(); ++t)
    if (t != wake.actor && !(before.threads[t] == after.threads[t])) return false;
  return true;
}

// Nobody who can go on takes anything from anybody: then one order stands for all. (A poll() beside a read() is not
// such a case: once the read has taken the bytes the poll may stay blocked.)
bool order_is_all_the_same(const World &world, const std::vector<Wake> &wakes) {
  return std::all_of(wakes.begin(), wakes.end(), [&](const Wake &wake) {
    const bool only =
        std::count_if(wakes.begin(), wakes.end(), [&](const Wake &other) { return other.actor == wake.actor; }) == 1;
    return only && changes_nothing(world, wake);
  });
}

Track after(const Track &now, Wake wake) {
  Track next{std::move(wake.world), now.answers};
  if (wake.completes) next.add(wake.actor, std::move(wake.prediction));
  if (wake.jumps) next.leave_call(wake.actor);
  next.drop_ended();
  return next;
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
  answers.emplace(at, actor, std::move(prediction));
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
  Found seen, rest;
  for (Track &track : from) seen.add(std::move(track));
  for (size_t i = 0; i < seen.tracks.size(); ++i) {
    if (invent) seen.tracks[i].invent_numbers();
    const Track now = seen.tracks[i];
    std::vector<Wake> wakes = ready(now.world, setting);
    if (wakes.empty()) rest.add(now);
    if (wakes.size() > 1 && order_is_all_the_same(now.world, wakes)) wakes.erase(wakes.begin() + 1, wakes.end());
    for (Wake &wake : wakes) {
      if (wake.prediction.kind == Prediction::Kind::unmodelled) {
        out.unmodelled = wake.prediction.reason;
        return out;
      }
      seen.add(after(now, std::move(wake)));
    }
    if (seen.tracks.size() > budget) {
      out.unmodelled = "more than " + std::to_string(budget) + " ways things may go";
      return out;
    }
  }
  out.tracks = std::move(rest.tracks);
  return out;
}

}  // namespace ipcvet::model
