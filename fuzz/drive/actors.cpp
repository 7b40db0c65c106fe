#include "fuzz/drive/actors.h"

#include <algorithm>
#include <utility>

#include "fuzz/drive/story.h"
#include "harness/run/encode.h"

namespace ipcvet::fuzz {
namespace {

using namespace std::chrono_literals;

constexpr uint32_t sandbox_wanted = ~static_cast<uint32_t>(WIRE_SB_NET);

class ActorsRun {
 public:
  ActorsRun(Stage &stage, const model::Setting &setting, RunReport &report)
      : stage_(stage),
        report_(report),
        cast_(stage.server, {.whole = 20s, .rest = 1s, .stop = stage.stop}),
        oracle_(setting, model::initial_world(setting)) {}

  void run(const Program &program) {
    for (size_t at = 0; at < program.steps.size() && report_.broken.empty() && !report_.found;) {
      const size_t together = stage_.together ? group_at(program, at) : 1;
      if (together < 2 || !perform_together(program, at, together))
        for (size_t i = 0; i < together && report_.broken.empty() && !report_.found; ++i)
          perform(program.steps[at + i]);
      at += together;
    }
  }
  Actor &root() { return cast_.add("P", "", cast_.free_slot(), false); }
  Cast &cast() { return cast_; }

 private:
  // How many steps from here on are calls of different actors that do not wait for each other's names.
  static size_t group_at(const Program &program, size_t at) {
    std::vector<std::string> actors;
    for (size_t i = at; i < program.steps.size() && actors.size() < 3; ++i) {
      const Step &step = program.steps[i];
      const bool alone = step.kind != Step::Kind::returns || makes_actor(step) || !bound_names(step).empty() ||
                         (spec_of(step) && spec_of(step)->returns == Ret::NEVER);
      if (alone || std::find(actors.begin(), actors.end(), step.actors[0]) != actors.end()) break;
      actors.push_back(step.actors[0]);
    }
    return std::max<size_t>(actors.size(), 1);
  }

  // False: they cannot all be made now, and nothing has been done.
  bool perform_together(const Program &program, size_t at, size_t n) {
    std::vector<const Step *> steps;
    std::vector<std::vector<Value>> resolved;
    for (size_t i = at; i < at + n; ++i) {
      Actor *a = cast_.find(program.steps[i].actors[0]);
      if (!a || a->state != Actor::State::idle) return false;
      auto values = encode_call(cast_.area(), a->slot, program.steps[i].call, oracle_.names);
      if (!values) return false;
      steps.push_back(&program.steps[i]);
      resolved.push_back(std::move(*values));
    }
    if (!oracle_.ask_together(steps)) return false;
    for (size_t i = 0; i < n; ++i)
      hand_over(*cast_.find(steps[i]->actors[0]), *steps[i], *spec_of(*steps[i]), std::move(resolved[i]));
    report_.performed += static_cast<uint32_t>(n);
    for (const Step *step : steps) oracle_.features("with others " + step->call.name, report_.features);
    judge(steps);
    return true;
  }

  void perform(const Step &step) {
    Actor *a = cast_.find(step.actors[0]);
    const bool memory = step.kind == Step::Kind::store || step.kind == Step::Kind::expect;
    const CallSpec *spec = spec_of(step);
    if (!a || !spec || a->state != Actor::State::idle || !oracle_.idle(a->name)) return skip();
    const Call call = memory ? model::memory_call(step, length_of(step)) : step.call;
    auto resolved = encode_call(cast_.area(), a->slot, call, oracle_.names);
    if (!resolved) return skip();
    if (const auto asked = oracle_.ask(step); !asked) return skip();
    hand_over(*a, step, *spec, std::move(*resolved));
    if (!report_.broken.empty()) return;
    ++report_.performed;
    oracle_.features(std::string(spec->name), report_.features);
    judge({&step});
  }

  void skip() { ++report_.skipped; }

  static int64_t length_of(const Step &step) {
    const auto *bytes = step.value.as<Value::Bytes>();
    return bytes ? static_cast<int64_t>(bytes->bytes.size()) : 1;
  }

  void hand_over(Actor &a, const Step &step, const CallSpec &spec, std::vector<Value> resolved) {
    a.step = &step;
    a.spec = &spec;
    a.resolved = std::move(resolved);
    a.child.clear();
    if (spec.returns == Ret::ACTOR) {
      a.child_slot = cast_.free_slot();
      if (a.child_slot == WIRE_SLOTS) return broken("no slot is left");
      cast_.area().slot(a.slot).call.child = a.child_slot;
      a.child = step.outcome[0].value.as<Value::Name>() ? step.outcome[0].value.as<Value::Name>()->text : "";
    }
    a.state = Actor::State::in_call;
    cast_.area().post(a.slot);
  }

  void broken(std::string why) {
    if (report_.broken.empty()) report_.broken = std::move(why);
  }

  // Waits until everybody is at rest, and compares.
  void judge(const std::vector<const Step *> &steps) {
    AllSeen seen = at_rest();
    if (!report_.broken.empty()) return;
    const bool agreed = oracle_.agrees(seen);
    steps.size() == 1 ? story_.tell(*steps[0], oracle_, seen, agreed)
                      : story_.tell_together(steps, oracle_, seen, agreed);
    if (!agreed) {
      std::string what = describe(*steps[0], oracle_, seen);
      if (steps.size() > 1) what = "with other calls at once: " + what;
      report_.found = Found{what, signature(*steps[0], oracle_, seen),
                            story_.as_case(stage_.mechanism, "found", what, stage_.comments)};
      return;
    }
    oracle_.choose();
    for (const auto &[name, s] : seen)
      if (s.answered) bind_names(name, s);
  }

  // The names of the call an actor has completed, perhaps later than it was made.
  void bind_names(const std::string &name, const Seen &seen) {
    const Actor *a = cast_.find(name);
    if (a && a->step) bind(*a->step, seen);
  }

  void bind(const Step &step, const Seen &seen) {
    if (!seen.answered || seen.faulted || seen.result.as<Value::Error>() || makes_actor(step)) return;
    const auto *name = step.outcome.empty() ? nullptr : step.outcome[0].value.as<Value::Name>();
    if (name && seen.result.as<Value::Int>()) oracle_.names[name->text] = seen.result;
    const CallSpec *spec = spec_of(step);
    for (size_t i = 0; spec && i < spec->nargs && i < step.call.args.size() && i < seen.args.size(); ++i) {
      const auto *names = step.call.args[i].as<Value::List>(), *values = seen.args[i].as<Value::List>();
      if (spec->args[i].kind != ArgKind::FDS_OUT || !names || !values) continue;
      for (size_t k = 0; k < names->items.size() && k < values->items.size(); ++k)
        if (const auto *n = names->items[k].as<Value::Name>()) oracle_.names[n->text] = values->items[k];
    }
  }

  AllSeen at_rest() {
    AllSeen seen;
    for (auto &[name, a] : cast_.all())
      if (a.state != Actor::State::gone) seen[name];
    for (bool progress = true; progress && report_.broken.empty();) {
      progress = false;
      for (auto &[name, s] : seen)
        if (look(*cast_.find(name), s)) progress = true;
    }
    for (auto &[name, s] : seen)
      if (!s.ended) handlers(*cast_.find(name), s);
    for (auto &[name, s] : seen)
      if (s.ended) how_it_ended(*cast_.find(name), s);
    born(seen);
    return seen;
  }

  // True if something is known now that was not before.
  bool look(Actor &a, Seen &s) {
    if (s.ended) return false;
    const Forecast f = oracle_.forecast(a.name);
    if (a.state == Actor::State::in_call) {
      if (!wait_for(a, f)) return false;
      if (cast_.answered(a)) {
        take_answer(a, s);
        return true;
      }
    } else if (f.must_end) {
      (void)waited(cast_.await([&] { return cast_.dead(a); }, false));
    } else if (f.may_end) {
      (void)waited(cast_.await([&] { return cast_.dead(a) || (a.view && a.view->prove_blocked()); }, false));
    }
    if (!cast_.dead(a)) return false;
    s.ended = true;
    return true;
  }

  // False: it is proven to be blocked, or nothing came of it within the limit.
  bool wait_for(Actor &a, const Forecast &f) {
    if (f.must_answer || f.must_end)
      return waited(f.must_end ? cast_.await([&] { return cast_.answered(a) || cast_.dead(a); }, false)
                               : cast_.await_answer(a));
    std::optional<std::string> proof;
    return waited(cast_.await_answer_or_block(a, proof)) && !proof;
  }

  bool waited(Waited w) {
    if (w == Waited::stopped) broken("interrupted");
    return w == Waited::done;
  }

  void take_answer(Actor &a, Seen &s) {
    const wire_answer &reply = cast_.area().slot(a.slot).reply;
    a.state = Actor::State::idle;
    if (reply.flags & (WIRE_MALFORMED | WIRE_NOT_HERE))
      return broken("the actor could not perform " + std::string(a.spec->name));
    s.answered = true;
    s.faulted = (reply.flags & WIRE_FAULTED) != 0;
    s.result = decode_result(cast_.area(), a.slot, *a.spec);
    s.args = decode_args(cast_.area(), a.slot, *a.spec, std::move(a.resolved));
    if (reply.flags & WIRE_GUARD_BROKEN) s.result = Value::name("wrote-outside-the-buffer");
  }

  void handlers(Actor &a, Seen &s) {
    const Forecast f = oracle_.forecast(a.name);
    const auto logged = [&] {
      const wire_slot &slot = cast_.area().slot(a.slot);
      std::vector<Value> runs;
      for (uint32_t i = a.signals_seen; i < __atomic_load_n(&slot.signals, __ATOMIC_ACQUIRE); ++i)
        if (slot.signal_log[i % WIRE_SIGNALS].logged) runs.push_back(decode_signal(slot.signal_log[i % WIRE_SIGNALS]));
      return runs;
    };
    if (f.least_handlers > 0) (void)waited(cast_.await([&] { return logged().size() >= f.least_handlers; }, false));
    if (f.most_handlers > f.least_handlers)
      (void)waited(cast_.await([&] { return (a.view && a.view->prove_blocked()) || cast_.dead(a); }, false));
    s.handlers = logged();
    a.signals_seen = __atomic_load_n(&cast_.area().slot(a.slot).signals, __ATOMIC_ACQUIRE);
  }

  void how_it_ended(Actor &a, Seen &s) {
    const End end = cast_.end_of(a, Hoped::any);
    a.state = Actor::State::gone;
    s.end_name = a.thread ? "" : end.name;
    s.end_status = end.status;
  }

  void born(const AllSeen &seen) {
    for (const auto &[name, s] : seen) {
      Actor &a = *cast_.find(name);
      if (!s.answered || a.child.empty() || s.result.as<Value::Error>()) continue;
      const bool thread = a.spec->name == "thread";
      Actor &child = cast_.add(std::exchange(a.child, ""), a.name, a.child_slot, thread);
      if (cast_.await_birth(child) != Waited::done) broken(child.name + " was made but never was ready");
    }
  }

  Stage &stage_;
  RunReport &report_;
  Cast cast_;
  Oracle oracle_;
  Story story_;
};

// A call without arguments by the root actor.
int64_t ask_actor(Server &server, const char *name) {
  const auto encoded = encode_call(server.area(), 0, {name, {}, {}}, {});
  if (!encoded) return 0;
  server.area().post(0);
  for (;;) {
    const uint32_t bell = server.area().bell();
    if (server.area().answered(0)) break;
    server.area().wait_bell(bell, 20ms);
  }
  return server.area().slot(0).reply.result;
}

}  // namespace

std::expected<model::Setting, std::string> setting_of(Server &server) {
  if (const auto started = server.start_case(sandbox_wanted); !started) return std::unexpected(started.error());
  model::Setting setting = model::make_setting(Profile::linux_, area_constants(server.area()));
  {
    Cast cast(server, {.whole = 20s});
    if (cast.await_birth(cast.add("P", "", cast.free_slot(), false)) != Waited::done)
      return std::unexpected("the root actor never was ready");
    setting.start.uid = ask_actor(server, "getuid");
    setting.start.gid = ask_actor(server, "getgid");
  }
  server.end_case();
  return setting;
}

RunReport run_with_actors(Stage &stage, const Program &program) {
  RunReport report;
  if (const auto started = stage.server.start_case(sandbox_wanted); !started) {
    report.broken = started.error();
    return report;
  }
  const wire_server &head = stage.server.area().head().server;
  Cast newborn(stage.server, {.whole = 20s});
  if (newborn.await_birth(newborn.add("P", "", newborn.free_slot(), false)) != Waited::done) {
    report.broken = "the root actor never was ready";
  } else {
    model::Setting setting = stage.setting;
    setting.constants = area_constants(stage.server.area());
    setting.start.pid = stage.server.area().slot(0).pid;
    setting.start.parent = (head.got & WIRE_SB_PID) ? 1 : head.init_pid;
    ActorsRun run(stage, setting, report);
    if (run.cast().await_birth(run.root()) == Waited::done) run.run(program);
  }
  if (!stage.server.end_case()) report.broken = "the fork server ended";
  return report;
}

}  // namespace ipcvet::fuzz
