#include "harness/judge/concurrent_model.h"

#include <algorithm>
#include <functional>

#include "harness/judge/describe.h"
#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/signal/rules.h"
#include "harness/model/accepts.h"

namespace ipcvet {
namespace {

using model::ActorId;
using model::Prediction;
using model::World;

class Mixer {
 public:
  void add(uint64_t n) { h_ = (h_ ^ n) * 0x9e3779b97f4a7c15u ^ h_ >> 31; }
  void add(int64_t n) { add(static_cast<uint64_t>(n)); }
  void add(const std::string &s) { add(static_cast<uint64_t>(std::hash<std::string>{}(s))); }
  uint64_t get() const { return h_; }

 private:
  uint64_t h_ = 0xcbf29ce484222325u;
};

std::string ends_text(uint32_t n, const char *what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }

std::string pipe_text(size_t number, const model::Pipe &pipe) {
  std::string bytes;
  for (const model::Portion &p : pipe.portions) bytes += p.bytes;
  const size_t size = bytes.size();
  std::string text = "pipe " + std::to_string(number) + " holds ";
  if (size > 64)
    text += std::to_string(size) + " bytes in " + std::to_string(pipe.portions.size()) + " of " +
            std::to_string(pipe.pages) + " pages, beginning " + show_bytes(bytes.substr(0, 32));
  else
    text += show_bytes(bytes);
  return text + ", " + ends_text(pipe.readers, "reader") + ", " + ends_text(pipe.writers, "writer");
}

// A call as a move: what it returns if it does, and unknown where the model has no rule.
linear::Move<World, ModelSpecification::Result> move_of(uint32_t actor, bool completes, Prediction prediction,
                                                        World world) {
  linear::Move<World, ModelSpecification::Result> move;
  move.actor = actor;
  move.unknown = prediction.kind == Prediction::Kind::unmodelled;
  if (completes) move.result = {false, std::move(prediction), {}};
  move.state = std::move(world);
  return move;
}

bool same_end(const model::Status &status, const Event &seen, const model::Setting &setting) {
  if (seen.name == "exited") {
    const auto *n = seen.result.as<Value::Int>();
    return status.kind == model::Status::Kind::exited && (!n || n->value == status.value);
  }
  const auto number = setting.constants(seen.name);
  return !number || (status.kind != model::Status::Kind::exited && *number == status.value);
}

}  // namespace

ActorId ModelSpecification::actor_in(const State &state, uint32_t actor) const {
  for (ActorId a = 0; a < state.threads.size(); ++a)
    if (state.value(state.threads[a].tid) == ids[actor]) return a;
  return model::nobody;
}

uint32_t ModelSpecification::actor_of(const State &state, ActorId actor) const {
  const int64_t id = state.value(state.threads[actor].tid);
  const auto at = std::find(ids.begin(), ids.end() - 1, id);
  return static_cast<uint32_t>(at - ids.begin());
}

// A signal that is there when a call ends is acted upon on the way back. (One for the whole process may go to its first
// thread instead.)
std::vector<World> ModelSpecification::on_return(World world, ActorId actor, bool &jumps) const {
  std::vector<World> done, todo{std::move(world)};
  while (!todo.empty()) {
    World now = std::move(todo.back());
    todo.pop_back();
    const model::Thread &t = now.threads[actor];
    const model::Process &p = now.processes[t.process];
    const model::SignalSet pending = t.pending.set() | (t.first ? p.pending.set() : 0);
    std::vector<model::Wake> wakes;
    const bool takes = (pending & ~t.mask) != 0 && t.lives && p.state == model::Process::State::runs;
    if (takes) model::deliver(now, actor, setting, wakes);
    if (wakes.empty()) done.push_back(std::move(now));
    for (model::Wake &wake : wakes) {
      jumps = jumps || wake.jumps;
      todo.push_back(std::move(wake.world));
    }
  }
  return done;
}

ModelSpecification::Moves ModelSpecification::begin(const State &state, uint32_t actor,
                                                    const Operation &operation) const {
  const ActorId a = actor_in(state, actor);
  if (a == model::nobody || !state.threads[a].lives || state.threads[a].blocked) return {};
  Moves out;
  for (model::Next &next : model::step(state, a, operation.call, setting)) {
    const bool completes = next.prediction.kind != Prediction::Kind::blocks;
    bool jumps = false;
    for (World &world : completes ? on_return(next.world, a, jumps) : std::vector{next.world}) {
      out.push_back(move_of(actor, completes, next.prediction, std::move(world)));
      out.back().unknown = out.back().unknown || jumps;
    }
  }
  return out;
}

ModelSpecification::Moves ModelSpecification::go_on(const State &state) const {
  Moves out;
  for (model::Wake &wake : model::ready(state, setting)) {
    const uint32_t actor = actor_of(state, wake.actor);
    bool jumps = wake.jumps;
    for (World &world : wake.completes ? on_return(wake.world, wake.actor, jumps) : std::vector{wake.world}) {
      out.push_back(move_of(actor, wake.completes, wake.prediction, std::move(world)));
      out.back().unknown = out.back().unknown || jumps;
    }
  }
  for (model::ProcessId p = 0; p < state.processes.size(); ++p) {
    const bool orphan = state.processes[p].parent == model::nobody;
    if (!orphan || state.processes[p].state != model::Process::State::zombie) continue;
    World world = state;
    model::reap(world, p);
    out.push_back(move_of(static_cast<uint32_t>(ids.size() - 1), false, {}, std::move(world)));
    out.back().obliged = false;
  }
  return out;
}

bool ModelSpecification::accepts(uint32_t, const Operation &, const Result &predicted, const Result &seen,
                                 State &state) const {
  if (predicted.predicted.kind == Prediction::Kind::fault)
    return model::accepts(predicted.predicted.result, seen.seen.result, state);
  return model::happened(predicted.predicted, seen.seen.result, seen.seen.args, state);
}

std::vector<World> ModelSpecification::claim(const State &state, uint32_t actor, const Result &result) const {
  const ActorId a = actor_in(state, actor);
  if (a == model::nobody) return {};
  const model::Thread &thread = state.threads[a];
  const Event &seen = result.seen;
  if (seen.kind == Event::Kind::ended)
    return thread.end && same_end(*thread.end, seen, setting) ? std::vector{state} : std::vector<World>{};
  if (thread.runs.empty() || setting.constants(seen.name) != thread.runs.front().info.signo) return {};
  World next = state;
  const model::SignalRun run = thread.runs.front();
  auto &runs = next.threads.edit(a).runs;
  runs.erase(runs.begin());
  if (!model::accepts(model::siginfo_record(run, next), seen.result, next)) return {};
  return {next};
}

bool ModelSpecification::rests(const State &state, uint32_t actor) const {
  const ActorId a = actor_in(state, actor);
  return a != model::nobody && state.threads[a].lives && state.threads[a].blocked;
}

bool ModelSpecification::stopped(const State &state, uint32_t actor) const {
  const ActorId a = actor_in(state, actor);
  return a != model::nobody && state.threads[a].lives && state.process_of(a).state == model::Process::State::stopped;
}

uint64_t ModelSpecification::hash(const State &state) const {
  Mixer m;
  for (size_t i = 0; i < state.pipes.size(); ++i) {
    const model::Pipe &p = state.pipes[i];
    m.add(uint64_t{p.readers} << 32 | p.writers);
    for (const model::Portion &portion : p.portions) m.add(portion.bytes);
  }
  for (ActorId a = 0; a < state.threads.size(); ++a) {
    const model::Thread &t = state.threads[a];
    m.add(uint64_t{t.lives} << 1 | uint64_t{t.blocked.has_value()});
    if (t.blocked) m.add(t.blocked->done);
    m.add(static_cast<uint64_t>(t.runs.size()) << 32 | t.pending.queue.size());
  }
  for (size_t i = 0; i < state.files.size(); ++i) {
    m.add(uint64_t{state.files[i].references});
    m.add(state.files[i].offset);
  }
  const auto &queues = state.messages->queues;
  for (size_t i = 0; i < queues.size(); ++i)
    for (const model::Message &message : queues[i].messages) m.add(message.text);
  for (size_t i = 0; i < state.processes.size(); ++i) m.add(static_cast<uint64_t>(state.processes[i].state));
  return m.get();
}

std::string ModelSpecification::text(const State &state) const {
  std::string out;
  for (size_t i = 0; i < state.pipes.size(); ++i) {
    const model::Pipe &pipe = state.pipes[i];
    if (pipe.readers + pipe.writers > 0) out += (out.empty() ? "" : "; ") + pipe_text(i + 1, pipe);
  }
  for (ActorId a = 0; a < state.threads.size(); ++a)
    if (!state.threads[a].lives)
      out += (out.empty() ? "" : "; ") + ("actor " + std::to_string(state.value(state.threads[a].tid)) + " has ended");
  return out.empty() ? "nothing is held" : out;
}

std::string ModelSpecification::text(const Result &result) const {
  if (!result.was_seen) {
    const std::string text = model::show(result.predicted, State{});
    return text.starts_with("= ") ? text.substr(2) : text;
  }
  const Event &seen = result.seen;
  if (seen.kind == Event::Kind::ended) return show_end(seen);
  if (seen.kind == Event::Kind::signal) return "--- " + seen.name;
  std::string text = show(seen.result);
  const CallSpec *spec = find_call(seen.name);
  if (!spec || seen.result.as<Value::Error>()) return text;
  for (uint32_t i = 0; i < spec->nargs && i < seen.args.size(); ++i)
    if (direction(spec->args[i].kind) != Direction::in && !seen.args[i].as<Value::Any>())
      text += ", " + std::string(spec->args[i].name) + " " + show(seen.args[i]);
  return text;
}

std::vector<std::string> ModelSpecification::objects(uint32_t actor, const Operation &operation) const {
  if (!start) return {};
  const ActorId a = actor_in(*start, actor);
  const auto *fd = operation.call.args.empty() ? nullptr : operation.call.args[0].as<Value::Int>();
  if (a == model::nobody || !fd) return {};
  const CallSpec &call = *operation.call.spec;
  if (call.mechanism != "descriptor") return {std::string(call.mechanism) + " " + std::to_string(fd->value)};
  const auto &descriptors = start->process_of(a).descriptors;
  if (fd->value < 0 || static_cast<size_t>(fd->value) >= descriptors.size()) return {};
  const int32_t file = descriptors[static_cast<size_t>(fd->value)].file;
  if (file < 0) return {};
  const int32_t pipe = start->files[static_cast<size_t>(file)].pipe;
  return pipe < 0 ? std::vector<std::string>{} : std::vector{"pipe " + std::to_string(pipe)};
}

}  // namespace ipcvet
