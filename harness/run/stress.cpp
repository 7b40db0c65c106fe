#include "harness/run/stress.h"

#include <algorithm>
#include <climits>
#include <cstring>

#include "harness/run/encode.h"

namespace ipcvet {
namespace {

struct Player {
  const Role *role;
  uint32_t copy;
  Actor *actor;
  bool leaves;  // a child of the root, which ends with its role
};

class Stage {
 public:
  explicit Stage(StressRun &run) : run_(run), area_(run.cast.area()) {}

  StressResult perform() {
    for (const Role &role : run_.instance.stress->roles)
      if (!cast_role(role)) return std::move(result_);
    area_.head().stress_ready = 0;
    area_.head().stress_go = 0;
    for (const Player &p : players_) {
      const auto encoded = encode_role(area_, p.actor->slot, *p.role, run_.bindings, p.leaves);
      if (!encoded) return fail(encoded.error().missing ? RunEnd::skipped : RunEnd::broken, encoded.error().why);
    }
    for (const Player &p : players_) {
      p.actor->spec = find_call("stress");
      p.actor->state = Actor::State::in_call;
      area_.post(p.actor->slot);
    }
    if (!wait([&] { return ready() || anyone_over(); })) return std::move(result_);
    if (!ready()) return fail(RunEnd::broken, "a stress role ended before all were ready");
    __atomic_store_n(&area_.head().stress_go, 1u, __ATOMIC_RELEASE);
    futex_wake(&area_.head().stress_go, INT_MAX);
    const bool all =
        wait([&] { return std::all_of(players_.begin(), players_.end(), [&](const Player &p) { return over(p); }); });
    for (const Player &p : players_) collect(p);
    if (all) read_counter();
    return std::move(result_);
  }

 private:
  StressResult fail(RunEnd end, std::string why) {
    result_.problem = StressProblem{end, std::move(why)};
    return std::move(result_);
  }

  template <typename Ready>
  bool wait(Ready ready) {
    result_.waited = run_.cast.await(ready, true);
    return result_.waited == Waited::done;
  }

  bool over(const Player &p) { return area_.answered(p.actor->slot) || run_.cast.dead(*p.actor); }
  bool ready() { return __atomic_load_n(&area_.head().stress_ready, __ATOMIC_ACQUIRE) >= players_.size(); }
  bool anyone_over() {
    return std::any_of(players_.begin(), players_.end(), [&](const Player &p) { return over(p); });
  }

  bool cast_role(const Role &role) {
    int64_t copies = 1;
    if (role.copies) {
      const Resolved r = resolve(*role.copies, run_.bindings, area_constants(area_));
      const auto *n = r.value ? r.value->as<Value::Int>() : nullptr;
      if (!n || n->value < 1 || n->value > WIRE_SLOTS) {
        fail(RunEnd::broken, "role " + role.actor + ": how many?");
        return false;
      }
      copies = n->value;
    }
    if (Actor *existing = run_.cast.find(role.actor)) {
      players_.push_back({&role, 0, existing, false});
      return true;
    }
    for (uint32_t copy = 0; copy < copies; ++copy)
      if (!fork_player(role, copy)) return false;
    return true;
  }

  bool fork_player(const Role &role, uint32_t copy) {
    Actor *root = run_.cast.find(root_name(run_.instance));
    const uint32_t slot = run_.cast.free_slot();
    if (!root || slot == WIRE_SLOTS) {
      fail(RunEnd::broken, "the roles are more than a case can have actors");
      return false;
    }
    wire_call &call = area_.slot(root->slot).call;
    call = {};
    call.call = find_call("fork")->id;
    call.child = slot;
    area_.post(root->slot);
    if (!wait([&] { return area_.answered(root->slot); })) return false;
    if (area_.slot(root->slot).reply.error != 0) {
      fail(RunEnd::broken, "fork of role " + role.actor + " failed");
      return false;
    }
    ++result_.forks;
    Actor &actor = run_.cast.add(role.actor + "." + std::to_string(copy), root->name, slot, false);
    result_.waited = run_.cast.await_birth(actor);
    if (result_.waited != Waited::done) return false;
    players_.push_back({&role, copy, &actor, true});
    return true;
  }

  static std::string root_name(const Case &c) {
    for (const Step &step : c.steps)
      if (!step.actors.empty()) return step.actors[0];
    return root_name_of_stress(c);
  }

  void collect(const Player &p) {
    StressLog log;
    log.role = p.role->actor;
    log.copy = p.copy;
    log.slot = p.actor->slot;
    log.finished = area_.answered(p.actor->slot);
    if (log.finished) {
      p.actor->state = p.leaves ? Actor::State::gone : Actor::State::idle;
      const wire_answer &reply = area_.slot(p.actor->slot).reply;
      const unsigned char *out = area_.out(p.actor->slot);
      if (reply.out[0].kind == WIRE_BYTES && reply.out[0].off <= WIRE_OUT_BYTES &&
          reply.out[0].len <= WIRE_OUT_BYTES - reply.out[0].off) {
        log.records.resize(reply.out[0].len / sizeof(wire_record));
        static_assert(sizeof(StressRecord) == sizeof(wire_record));
        if (!log.records.empty())
          std::memcpy(log.records.data(), out + reply.out[0].off, log.records.size() * sizeof(wire_record));
      }
      if (reply.out[1].kind == WIRE_LIST && reply.out[1].len >= 4) {
        wire_value counts[4];
        std::memcpy(counts, out + reply.out[1].off, sizeof counts);
        log.calls = counts[0].num;
        log.added = counts[1].num;
        log.last_result = counts[2].num;
        log.last_error = counts[3].num;
      }
    }
    result_.logs.push_back(std::move(log));
  }

  // Where the first `add` or `bump` of the roles adds, the counter is read at the end by the root.
  void read_counter() {
    const Value *address = nullptr;
    for (const Role &role : run_.instance.stress->roles)
      for (const Statement &s : role.statements)
        if (!address && (s.call.name == "add" || s.call.name == "bump") && !s.call.args.empty())
          address = &s.call.args[0];
    Actor *root = run_.cast.find(root_name(run_.instance));
    if (!address || !root) return;
    const Call load{"mem_load", {*address, Value::integer(8), Value::any()}, {}};
    auto resolved = encode_call(area_, root->slot, load, run_.bindings);
    if (!resolved) return;
    area_.post(root->slot);
    if (!wait([&] { return area_.answered(root->slot); })) return;
    const Value data = decode_args(area_, root->slot, *find_call("mem_load"), *resolved)[2];
    const auto *bytes = data.as<Value::Bytes>();
    if (!bytes || bytes->bytes.size() != 8) return;
    uint64_t counter = 0;  // counters are little-endian for every actor
    for (size_t i = 8; i-- > 0;) counter = counter << 8 | static_cast<unsigned char>(bytes->bytes[i]);
    result_.counter = static_cast<int64_t>(counter);
    result_.has_counter = true;
  }

  StressRun &run_;
  Area &area_;
  std::vector<Player> players_;
  StressResult result_;
};

}  // namespace

std::string root_name_of_stress(const Case &instance) {
  // A role with a single performer and no copies reads like the root; failing that, P.
  if (instance.stress)
    for (const Role &role : instance.stress->roles)
      if (!role.copies) return role.actor;
  return "P";
}

StressResult run_stress(StressRun &run) { return Stage(run).perform(); }

}  // namespace ipcvet
