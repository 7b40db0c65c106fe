#include "harness/run/sequencer.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "harness/run/encode.h"
#include "harness/run/sequencer_impl.h"
#include "harness/run/stress.h"

namespace ipcvet {

using Clock = std::chrono::steady_clock;

History Sequencer::run() {
  make_root();
  uint32_t index = 0;
  for (const Step &step : case_.steps) {
    if (over()) break;
    perform(step, index);
    index += 1 + static_cast<uint32_t>(step.members.size());
  }
  if (!over()) settle(index == 0 ? no_step : index - 1);
  if (!over() && case_.stress) stress();
  if (!over()) unclaimed();
  stats_.calls += calls_;
  stats_.proofs += cast_.proofs;
  return std::move(history_);
}

void Sequencer::stop(RunEnd end, std::string why) {
  if (stop_) return;
  stop_ = Stop{end, why};
  history_.end = end;
  history_.why = std::move(why);
}

void Sequencer::record(Event event) {
  event.clock = time(nullptr);
  ++stats_.checks;
  deviated_ = walker_.feed(event).has_value() || deviated_;
  history_.events.push_back(std::move(event));
}

Event Sequencer::event(Event::Kind kind, uint32_t step, const std::string &actor) {
  Event e;
  e.kind = kind;
  e.step = step;
  e.actor = actor;
  return e;
}

bool Sequencer::went_well(Waited waited, uint32_t step, const std::string &actor, const std::string &what) {
  if (waited == Waited::done) return true;
  if (waited == Waited::stopped) {
    stop(RunEnd::broken, "interrupted");
    return false;
  }
  Event note = event(Event::Kind::note, step, actor);
  note.name = "limit reached: " + what + ". " + cast_.where_everyone_is();
  history_.events.push_back(note);
  stop(RunEnd::timed_out, note.name);
  return false;
}

void Sequencer::make_root() {
  const Step *first = nullptr;
  for (const Step &step : case_.steps)
    if (!first && !step.actors.empty()) first = &step;
  Actor &root = cast_.add(first ? first->actors[0] : root_name_of_stress(case_), "", cast_.free_slot(), false);
  if (!went_well(cast_.await_birth(root), no_step, root.name, "the root actor never was ready")) return;
  walker_.bind_actor(root.name, root.pid);
  history_.root = root.name;
  history_.root_pid = root.pid;
}

Actor *Sequencer::actor(const std::string &name) {
  Actor *a = cast_.find(name);
  if (!a) stop(RunEnd::broken, "the case uses actor " + name + ", which was never made");
  return a;
}

void Sequencer::perform(const Step &step, uint32_t index) {
  switch (step.kind) {
    case Step::Kind::returns:
    case Step::Kind::blocks:
    case Step::Kind::may_block:
    case Step::Kind::store:
    case Step::Kind::expect:
      settle(index);
      if (!over()) issue(step, index);
      break;
    case Step::Kind::wakes:
      step.actors.size() > 1 ? wakes_one_of(step, index) : wakes(step, index);
      break;
    case Step::Kind::still:
      if (Actor *a = actor(step.actors[0])) still(*a, index);
      break;
    case Step::Kind::killed:
    case Step::Kind::exited:
      if (Actor *a = actor(step.actors[0])) ended(*a, step, index);
      break;
    case Step::Kind::signal:
      if (Actor *a = actor(step.actors[0])) handled(*a, index);
      break;
    case Step::Kind::any_order:
      any_order(step, index);
      break;
  }
}

void Sequencer::issue(const Step &step, uint32_t index) {
  Actor *a = actor(step.actors[0]);
  if (!a) return;
  if (a->state == Actor::State::gone) return report_end(*a, index, Hoped::other);
  if (a->state == Actor::State::in_call)
    return stop(RunEnd::broken, a->name + " is given a step while it is in a call");
  const bool memory = step.kind == Step::Kind::store || step.kind == Step::Kind::expect;
  if (!hand_over(*a, step, index, memory ? memory_call(step) : step.call)) return;
  if (over()) return;
  if (memory) return memory_step(*a, index);
  if (step.kind == Step::Kind::returns) return must_return(*a, step, index);
  must_block(*a, step, index);
}

bool Sequencer::hand_over(Actor &a, const Step &step, uint32_t index, const Call &call) {
  auto resolved = encode_call(cast_.area(), a.slot, call, walker_.bindings());
  if (!resolved) {
    stop(resolved.error().missing ? RunEnd::skipped : RunEnd::broken, resolved.error().why);
    return false;
  }
  a.step = &step;
  a.step_index = index;
  a.spec = find_call(call.name);
  a.resolved = std::move(*resolved);
  a.proven = false;
  a.may_block = step.kind == Step::Kind::may_block;
  wire_call &request = cast_.area().slot(a.slot).call;
  request.raw = options_.raw ? 1 : 0;
  if (a.spec->returns == Ret::ACTOR && !prepare_child(a, step, request)) return false;
  if (step.kind != Step::Kind::store && step.kind != Step::Kind::expect) {
    Event e = event(Event::Kind::call, index, a.name);
    e.name = call.name;
    e.args = a.resolved;
    record(std::move(e));
  }
  ++calls_;
  a.state = Actor::State::in_call;
  posted_ = Clock::now();
  cast_.area().post(a.slot);
  return true;
}

bool Sequencer::prepare_child(Actor &a, const Step &step, wire_call &request) {
  a.child_slot = cast_.free_slot();
  if (a.child_slot == WIRE_SLOTS) {
    stop(RunEnd::broken, "a case can have at most " + std::to_string(WIRE_SLOTS) + " actors");
    return false;
  }
  request.child = a.child_slot;
  a.child.clear();
  for (const Alternative &alternative : step.outcome)
    if (const auto *name = alternative.value.as<Value::Name>()) a.child = name->text;
  ++stats_.forks;
  return true;
}

void Sequencer::must_return(Actor &a, const Step &step, uint32_t index) {
  const auto *unnamed = step.outcome.size() == 1 ? step.outcome[0].value.as<Value::Observe>() : nullptr;
  const bool never = unnamed && unnamed->name.empty();
  if (!went_well(cast_.await_answer(a), index, a.name, a.name + " has not returned from " + step.call.name)) return;
  if (cast_.answered(a)) return finish_call(a, index);
  if (!never) report_end(a, index, Hoped::other);
}

void Sequencer::must_block(Actor &a, const Step &step, uint32_t index) {
  std::optional<std::string> proof;
  if (!went_well(cast_.await_answer_or_block(a, proof), index, a.name,
                 a.name + " neither returned from " + step.call.name + " nor was proven blocked in it"))
    return;
  if (proof) {
    stats_.proof_ns.push_back(
        static_cast<uint32_t>(std::min<int64_t>(UINT32_MAX, std::chrono::nanoseconds(Clock::now() - posted_).count())));
    a.proven = true;
    Event e = event(Event::Kind::blocked, index, a.name);
    e.name = a.spec->name;
    e.proof = *proof;
    return record(std::move(e));
  }
  if (step.kind == Step::Kind::may_block && cast_.answered(a)) return;  // held for its `...` line
  returned_or_ended(a, index);
}

void Sequencer::finish_call(Actor &a, uint32_t index) {
  const wire_answer &reply = cast_.area().slot(a.slot).reply;
  a.state = Actor::State::idle;
  if (reply.flags & WIRE_MALFORMED)
    return stop(RunEnd::broken, "the actor did not understand " + std::string(a.spec->name));
  if (reply.flags & WIRE_NOT_HERE)
    return stop(RunEnd::skipped, "this actor image has no call " + std::string(a.spec->name));
  Event e = event(Event::Kind::returned, index, a.name);
  e.name = a.spec->name;
  e.result = decode_result(cast_.area(), a.slot, *a.spec);
  e.args = decode_args(cast_.area(), a.slot, *a.spec, std::move(a.resolved));
  e.woke = a.proven;
  e.guard_broken = (reply.flags & WIRE_GUARD_BROKEN) != 0;
  if (a.spec->returns == Ret::ACTOR && reply.error == 0 && !a.child.empty() && !birth(a, index)) return;
  if (a.spec->name == "exec" && reply.error == 0) reborn(a);
  record(std::move(e));
}

bool Sequencer::birth(Actor &parent, uint32_t index) {
  const std::string name = parent.child;
  const wire_call &call = cast_.area().slot(parent.slot).call;
  const bool thread = parent.spec->name == "thread" ||
                      (parent.spec->name == "spawn" && call.args[0].kind == WIRE_NUM && call.args[0].num == 1);
  Actor &child = cast_.add(name, parent.name, parent.child_slot, thread);
  if (!went_well(cast_.await_birth(child), index, name, name + " was made but never was ready")) return false;
  walker_.bind_actor(name, thread ? child.tid : child.pid);
  return true;
}

void Sequencer::reborn(Actor &a) {
  const uint32_t seen = a.signals_seen;
  (void)cast_.await_birth(a);
  a.signals_seen = seen;
  if (!std::exchange(a.thread, false)) return;
  for (auto &[name, other] : cast_.all())
    if (&other != &a && other.pid == a.pid && !other.thread) {
      other.displaced = true;
      a.parent = other.parent;
    }
}

Call Sequencer::memory_call(const Step &step) {
  Value address = step.offset;
  address.node = Value::Binary{Value::Op::add, {Value::name(step.memory), step.offset}};
  if (step.kind == Step::Kind::store) return {"mem_store", {address, step.value}, {}};
  const Resolved data = resolve(step.value, walker_.bindings(), area_constants(cast_.area()));
  const auto *bytes = data.value ? data.value->as<Value::Bytes>() : nullptr;
  return {
      "mem_load", {address, Value::integer(bytes ? static_cast<int64_t>(bytes->bytes.size()) : 1), Value::any()}, {}};
}

void Sequencer::memory_step(Actor &a, uint32_t index) {
  if (!went_well(cast_.await_answer(a), index, a.name, a.name + " has not done its memory step")) return;
  if (!cast_.answered(a)) return report_end(a, index, Hoped::other);
  a.state = Actor::State::idle;
  const wire_answer &reply = cast_.area().slot(a.slot).reply;
  Event e = event(Event::Kind::memory, index, a.name);
  e.result = decode_result(cast_.area(), a.slot, *a.spec);
  if (reply.flags & WIRE_FAULTED) {
    faulted_actor_ = a.name;
    fault_name_ = e.result.as<Value::Error>() ? e.result.as<Value::Error>()->name : "";
    fault_ = {};
    fault_.signo = reply.fault_signo;
    fault_.code = reply.fault_code;
    fault_.addr = reply.fault_addr;
  } else if (a.spec->name == "mem_load") {
    e.result = decode_args(cast_.area(), a.slot, *a.spec, std::move(a.resolved))[2];
  }
  record(std::move(e));
}

void Sequencer::stress() {
  StressRun run{cast_, case_, walker_.bindings()};
  auto result = run_stress(run);
  stats_.forks += result.forks;
  if (result.problem) return stop(result.problem->end, result.problem->why);
  history_.stress = std::move(result.logs);
  history_.counter = result.counter;
  history_.has_counter = result.has_counter;
  if (result.waited != Waited::done) went_well(result.waited, no_step, "", "the stress part has not ended");
}

namespace {

// Network namespaces are dear to make and to take away, and only sockets look at them.
uint32_t sandbox_for(const Case &c, const SequencerOptions &options) {
  const bool network =
      std::any_of(c.needs.begin(), c.needs.end(), [](const Need &n) { return n.capability == "private-net"; });
  return options.sandbox & ~(network ? 0u : static_cast<uint32_t>(WIRE_SB_NET));
}

}  // namespace

void RunStats::add(const RunStats &other) {
  cases += other.cases;
  calls += other.calls;
  forks += other.forks;
  proofs += other.proofs;
  checks += other.checks;
  proof_ns.insert(proof_ns.end(), other.proof_ns.begin(), other.proof_ns.end());
}

std::string sandbox_text(uint32_t got) {
  static constexpr struct {
    uint32_t bit;
    const char *name;
  } parts[] = {{WIRE_SB_USER, "user"},   {WIRE_SB_PID, "pid"},      {WIRE_SB_IPC, "ipc"},
               {WIRE_SB_MOUNT, "mount"}, {WIRE_SB_NET, "net"},      {WIRE_SB_PROC, "/proc"},
               {WIRE_SB_TMP, "/tmp"},    {WIRE_SB_SHM, "/dev/shm"}, {WIRE_SB_MQUEUE, "/dev/mqueue"}};
  std::string text;
  for (const auto &part : parts)
    if (got & part.bit) text += (text.empty() ? "" : " ") + std::string(part.name);
  return text.empty() ? "no namespaces: unique names and a sweep" : "own " + text;
}

History run_case(Server &server, const Case &instance, const SequencerOptions &options, RunStats &stats) {
  const auto start = Clock::now();
  History history;
  if (const auto started = server.start_case(sandbox_for(instance, options)); !started) {
    history.end = RunEnd::broken;
    history.why = started.error();
    history.started = time(nullptr);
    return history;
  }
  const uint32_t got = server.area().head().server.got;
  history = Sequencer(server, instance, options, stats).run();
  history.sandbox = sandbox_text(got);
  if (!server.end_case()) {
    history.end = RunEnd::broken;
    history.why = "the fork server ended while the case ran";
  }
  // Where name spaces are shared, a case leaves its objects to the sweep as elsewhere to the end of its namespace: no
  // leak.
  history.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  ++stats.cases;
  return history;
}

}  // namespace ipcvet
