#include "fuzz/drive/actors.h"

#include <algorithm>
#include <set>
#include <utility>

#include "fuzz/drive/concurrent.h"
#include "fuzz/drive/players.h"
#include "fuzz/drive/story.h"
#include "harness/run/encode.h"

namespace ipcvet::fuzz {
namespace {

using namespace std::chrono_literals;

constexpr uint32_t sandbox_wanted = ~static_cast<uint32_t>(WIRE_SB_NET);

class ActorsRun : public Players {
 public:
  ActorsRun(Stage &stage, const model::Setting &setting, RunReport &report)
      : Players(stage, report), oracle_(setting, model::initial_world(setting)) {}

  void run(const Program &program) {
    for (const Step &step : program.steps) {
      if (!report_.broken.empty() || report_.found) break;
      perform(step);
    }
  }

 private:
  void perform(const Step &step) {
    Actor *a = cast_.find(step.actors[0]);
    const CallSpec *spec = spec_of(step);
    if (!a || !spec || a->state != Actor::State::idle || !oracle_.idle(a->name)) return skip();
    auto resolved = encoded(*a, step, oracle_.names);
    if (!resolved || !oracle_.ask(step)) return skip();
    hand_over(*a, step, std::move(*resolved));
    if (!report_.broken.empty()) return;
    oracle_.features(std::string(spec->name), report_.features);
    judge(step);
  }

  void skip() { ++report_.skipped; }

  // Waits until everybody is at rest, and compares.
  void judge(const Step &step) {
    AllSeen seen = at_rest(step);
    if (!report_.broken.empty()) return;
    const bool agreed = oracle_.agrees(seen);
    story_.tell(step, oracle_, seen, agreed);
    if (!agreed) {
      const std::string what = describe(step, oracle_, seen);
      report_.found =
          Found{what, signature(step, oracle_, seen), story_.as_case(stage_.mechanism, "found", what, stage_.comments)};
      return;
    }
    oracle_.choose();
    // The names of the call an actor has completed, perhaps later than it was made.
    for (const auto &[name, s] : seen)
      if (const Actor *a = cast_.find(name); s.answered && a && a->step) bind(*a->step, s, oracle_.names);
  }

  void look_at_all(AllSeen &seen) {
    for (bool progress = true; progress && report_.broken.empty();) {
      progress = false;
      for (auto &[name, s] : seen)
        if (look(*cast_.find(name), s)) progress = true;
    }
  }

  AllSeen at_rest(const Step &step) {
    AllSeen seen;
    for (auto &[name, a] : cast_.all())
      if (a.state != Actor::State::gone) seen[name];
    look_at_all(seen);
    for (auto &[name, s] : seen)
      if (!s.ended) await_stop(*cast_.find(name));
    for (auto &[name, s] : seen)
      if (!s.ended && name != step.actors[0]) await_rest(*cast_.find(name));
    look_at_all(seen);  // a stop may have interrupted who waited
    for (auto &[name, s] : seen)
      if (!s.ended) await_handlers(*cast_.find(name), s);
    for (auto &[name, s] : seen)
      if (s.ended) take_end(*cast_.find(name), s);
    for (auto &[name, s] : seen) born(*cast_.find(name), s);
    await_reaper();
    return seen;
  }

  // The sandbox's init waits for whom nobody else can wait for, and takes its time.
  void await_reaper() {
    for (auto &[name, a] : cast_.all())
      if (a.state == Actor::State::gone && !a.thread && oracle_.forecast(name).vanishes)
        (void)waited(cast_.await([&] { return cast_.vanished(a); }, false));
    for (const int pid : oracle_.orphans_that_ended()) {
      if (!reaped_.insert(pid).second) continue;
      ThreadView view(stage_.server.proc(), pid, pid);
      (void)waited(cast_.await([&] { return view.look().state == 0; }, false));
    }
  }

  // True if something is known now that was not before.
  bool look(Actor &a, Seen &s) {
    if (s.ended) return false;
    const Forecast f = oracle_.forecast(a.name);
    if (a.state == Actor::State::in_call) {
      if (!wait_for(a, f)) return false;
      if (cast_.answered(a)) {
        s = take_answer(a);
        return true;
      }
    } else if (f.must_end) {
      (void)waited(cast_.await([&] { return cast_.dead(a); }, false));
    } else if (f.may_end) {
      await_sleep_or_end(a);
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

  // A stop reaches a thread when it next runs: until then another signal could come before it.
  void await_stop(Actor &a) {
    if (!a.view || !oracle_.forecast(a.name).must_stop) return;
    (void)waited(cast_.await([&] { return a.view->stopped() || cast_.dead(a); }, false));
  }

  // Who makes no call may still have a signal to act upon, and the next would join it.
  void await_rest(Actor &a) {
    if (a.view && a.state == Actor::State::idle) await_sleep_or_end(a);
  }

  void await_sleep_or_end(Actor &a) {
    (void)waited(cast_.await([&] { return cast_.dead(a) || (a.view && cast_.sleeps(a)); }, false));
  }

  void await_handlers(Actor &a, Seen &s) {
    const Forecast f = oracle_.forecast(a.name);
    if (f.least_handlers > 0) (void)waited(cast_.await([&] { return handlers(a).size() >= f.least_handlers; }, false));
    if (f.most_handlers > f.least_handlers) await_sleep_or_end(a);
    s.handlers = handlers(a);
    claim_handlers(a);
  }

  Oracle oracle_;
  Story story_;
  std::set<int> reaped_;
};

// A call by the root actor.
int64_t ask_actor(Server &server, const char *name, std::vector<Value> arguments = {}) {
  const Call call{name, std::move(arguments), {}};
  const auto encoded = encode_call(server.area(), 0, call, {});
  if (!encoded) return -1;
  server.area().post(0);
  for (;;) {
    const uint32_t bell = server.area().bell();
    if (server.area().answered(0)) break;
    server.area().wait_bell(bell, 20ms);
  }
  return server.area().slot(0).reply.result;
}

bool raises_limits(Server &server) {
  const auto sets = [&](Value limit) {
    Value both = Value::record({{"cur", limit}, {"max", limit}});
    return ask_actor(server, "setrlimit", {Value::name("RLIMIT_FSIZE"), std::move(both)}) == 0;
  };
  return sets(Value::integer(int64_t{1} << 40)) && sets(Value::name("RLIM_INFINITY"));
}

bool becomes_others(Server &server) {
  const auto becomes = [&](const char *call) {
    return ask_actor(server, call, {Value::integer(1001), Value::integer(1002), Value::integer(-1)}) == 0;
  };
  return (server.area().head().server.got & WIRE_SB_USER) == 0 && becomes("setresgid") && becomes("setresuid");
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
    setting.start.takes_resources = raises_limits(server);
    setting.start.takes_users = becomes_others(server);
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
    if (stage.together) {
      run_concurrently(stage, setting, program, report);
    } else {
      ActorsRun run(stage, setting, report);
      if (run.cast().await_birth(run.root()) == Waited::done) run.run(program);
    }
  }
  if (!stage.server.end_case()) report.broken = "the fork server ended";
  return report;
}

}  // namespace ipcvet::fuzz
