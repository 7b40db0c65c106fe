#include "fuzz/drive/players.h"

#include <utility>

#include "harness/run/encode.h"

namespace ipcvet::fuzz {

using namespace std::chrono_literals;

Players::Players(Stage &stage, RunReport &report)
    : stage_(stage), report_(report), cast_(stage.server, {.whole = 20s, .rest = 1s, .stop = stage.stop}) {}

Call performed_call(const Step &step) {
  if (step.kind != Step::Kind::store && step.kind != Step::Kind::expect) return step.call;
  const auto *bytes = step.value.as<Value::Bytes>();
  return model::memory_call(step, bytes ? static_cast<int64_t>(bytes->bytes.size()) : 1);
}

// What would mean something outside the sandbox, or be judged by what is there.
bool Players::reaches_out(const Step &step) {
  const Wants wants = wants_of(step);
  const uint32_t got = cast_.area().head().server.got;
  return (wants.users && !stage_.setting.start.takes_users) || (wants.ipc && (got & WIRE_SB_IPC) == 0) ||
         (wants.objects && (got & WIRE_SB_SHM) == 0) || (wants.owner && (got & WIRE_SB_PID) == 0) ||
         (wants.null && (got & WIRE_SB_NULL) == 0) || (wants.above && (got & WIRE_SB_TMP) == 0);
}

std::expected<std::vector<Value>, std::string> Players::encoded(Actor &a, const Step &step, const Bindings &names) {
  if (reaches_out(step)) return std::unexpected("it would reach out of the sandbox");
  auto values = encode_call(cast_.area(), a.slot, performed_call(step), names);
  if (!values) return std::unexpected(values.error().why);
  return std::move(*values);
}

void Players::broken(std::string why) {
  if (report_.broken.empty()) report_.broken = std::move(why);
}

void Players::hand_over(Actor &a, const Step &step, std::vector<Value> resolved) {
  a.step = &step;
  a.spec = spec_of(step);
  a.resolved = std::move(resolved);
  a.child.clear();
  if (a.spec->returns == Ret::ACTOR) {
    a.child_slot = cast_.free_slot();
    if (a.child_slot == WIRE_SLOTS) return broken("no slot is left");
    cast_.area().slot(a.slot).call.child = a.child_slot;
    a.child = step.outcome[0].value.as<Value::Name>() ? step.outcome[0].value.as<Value::Name>()->text : "";
  }
  a.state = Actor::State::in_call;
  cast_.area().post(a.slot);
  ++report_.performed;
}

Seen Players::take_answer(Actor &a) {
  Seen s;
  const wire_answer &reply = cast_.area().slot(a.slot).reply;
  a.state = Actor::State::idle;
  if (reply.flags & (WIRE_MALFORMED | WIRE_NOT_HERE)) {
    broken("the actor could not perform " + std::string(a.spec->name));
    return s;
  }
  s.answered = true;
  s.faulted = (reply.flags & WIRE_FAULTED) != 0;
  s.result = decode_result(cast_.area(), a.slot, *a.spec);
  s.args = decode_args(cast_.area(), a.slot, *a.spec, std::move(a.resolved));
  if (reply.flags & WIRE_GUARD_BROKEN) s.result = Value::name("wrote-outside-the-buffer");
  return s;
}

void Players::bind(const Step &step, const Seen &seen, Bindings &names) {
  if (!seen.answered || seen.faulted || seen.result.as<Value::Error>() || makes_actor(step)) return;
  const auto *name = step.outcome.empty() ? nullptr : step.outcome[0].value.as<Value::Name>();
  if (name && seen.result.as<Value::Int>()) names[name->text] = seen.result;
  const CallSpec *spec = spec_of(step);
  for (size_t i = 0; spec && i < spec->nargs && i < step.call.args.size() && i < seen.args.size(); ++i) {
    const auto *ends = step.call.args[i].as<Value::List>(), *values = seen.args[i].as<Value::List>();
    if (spec->args[i].kind != ArgKind::FDS_OUT || !ends || !values) continue;
    for (size_t k = 0; k < ends->items.size() && k < values->items.size(); ++k)
      if (const auto *n = ends->items[k].as<Value::Name>()) names[n->text] = values->items[k];
  }
}

void Players::take_end(Actor &a, Seen &seen) {
  const End end = cast_.end_of(a, Hoped::any);
  a.state = Actor::State::gone;
  seen.ended = true;
  seen.end_name = a.thread ? "" : end.name;
  seen.end_status = end.status;
}

Actor *Players::born(Actor &maker, const Seen &seen) {
  if (!seen.answered || maker.child.empty() || seen.result.as<Value::Error>()) return nullptr;
  const bool thread = maker.spec->name == "thread";
  Actor &child = cast_.add(std::exchange(maker.child, ""), maker.name, maker.child_slot, thread);
  if (cast_.await_birth(child) != Waited::done) broken(child.name + " was made but never was ready");
  return &child;
}

std::vector<Value> Players::handlers(const Actor &a) {
  const wire_slot &slot = cast_.area().slot(a.slot);
  std::vector<Value> runs;
  for (uint32_t i = a.signals_seen; i < __atomic_load_n(&slot.signals, __ATOMIC_ACQUIRE); ++i)
    if (slot.signal_log[i % WIRE_SIGNALS].logged) runs.push_back(decode_signal(slot.signal_log[i % WIRE_SIGNALS]));
  return runs;
}

void Players::claim_handlers(Actor &a) {
  a.signals_seen = __atomic_load_n(&cast_.area().slot(a.slot).signals, __ATOMIC_ACQUIRE);
}

}  // namespace ipcvet::fuzz
