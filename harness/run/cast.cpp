#include "harness/run/cast.h"

#include <sched.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstring>

#include "harness/case/capabilities.h"

#include "harness/run/encode.h"

namespace ipcvet {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

static_assert(most_actors == WIRE_SLOTS);

// First and longest pause between looks at what rings no bell, and the longest wait for what does.
constexpr auto first_pause = 10us;
// Before the first pause the processor is only yielded: what an actor does at once is seen sooner than a timer would
// tell.
constexpr int first_yields = 20;
constexpr auto longest_pause = std::chrono::nanoseconds(2ms);
constexpr auto bell_pause = std::chrono::nanoseconds(20ms);
constexpr auto rest_check_interval = std::chrono::nanoseconds(50ms);

constexpr int first_realtime = 32;  // of the kernel; libraries keep a few for themselves

End end_from_status(const Area &area, int status) {
  if (WIFSIGNALED(status)) return {signal_name(area, WTERMSIG(status)), WTERMSIG(status)};
  return {"exited", WEXITSTATUS(status)};
}

}  // namespace

Cast::Cast(Server &server, Limits limits) : server_(server), limits_(limits), deadline_(Clock::now() + limits.whole) {}

Actor *Cast::find(const std::string &name) {
  const auto at = actors_.find(name);
  return at == actors_.end() ? nullptr : &at->second;
}

Actor &Cast::add(std::string name, std::string parent, uint32_t slot, bool thread) {
  Actor actor;
  actor.name = name;
  actor.parent = std::move(parent);
  actor.slot = slot;
  actor.thread = thread;
  return actors_.insert_or_assign(std::move(name), std::move(actor)).first->second;
}

uint32_t Cast::free_slot() {
  if (next_slot_ >= WIRE_SLOTS) return WIRE_SLOTS;
  const uint32_t slot = next_slot_++;
  if (slot != 0) {  // slot 0 is the root's, made by the server
    std::memset(&area().slot(slot), 0, sizeof(wire_slot));
    area().slot(slot).state = WIRE_STARTING;
  }
  return slot;
}

Waited Cast::await_birth(Actor &actor) {
  wire_slot &slot = area().slot(actor.slot);
  const Waited waited =
      await([&] { return __atomic_load_n(&slot.state, __ATOMIC_ACQUIRE) == static_cast<uint32_t>(WIRE_READY); }, true);
  actor.pid = slot.pid;
  actor.tid = slot.tid;
  actor.signals_seen = 0;
  actor.view = std::make_unique<ThreadView>(server_.proc(), actor.pid, actor.tid);
  return waited;
}

bool Cast::dead(Actor &a) {
  if (a.state == Actor::State::gone) return true;
  if (!a.displaced) {
    if (!a.view) return false;
    const ThreadView::Look look = a.view->look();
    if (!look.gone()) return false;
    // Threads a process does not know of, an emulator's, end after its first: only then can it be waited for.
    const bool alone = a.thread || (a.spec && a.spec->name == "thread_exit");
    if (look.state == 'Z' && look.threads > 1 && !alone) return false;
    // A thread that execs goes on under the id of its process.
    const bool in_exec = a.thread && a.state == Actor::State::in_call && a.spec && a.spec->name == "exec";
    if (in_exec && !ThreadView(server_.proc(), a.pid, a.pid).look().gone()) return false;
  }
  a.state = Actor::State::gone;
  return true;
}

std::optional<std::string> Cast::prove_blocked(Actor &a) {
  if (!a.view || __atomic_load_n(&area().slot(a.slot).phase, __ATOMIC_ACQUIRE) != static_cast<uint32_t>(WIRE_IN_CALL))
    return std::nullopt;
  auto proof = a.view->prove_blocked();
  if (proof) ++proofs;
  return proof;
}

Waited Cast::await(const std::function<bool()> &ready, bool rings) {
  std::chrono::nanoseconds pause = rings ? std::chrono::nanoseconds(1ms) : std::chrono::nanoseconds(first_pause);
  auto next_rest_check = Clock::now() + rest_check_interval;
  int yields = 0;
  bool rests = false;
  Clock::time_point rests_since{};
  for (;;) {
    const uint32_t bell = area().bell();
    if (ready()) return Waited::done;
    if (!rings && yields < first_yields) {
      ++yields;
      sched_yield();
      continue;
    }
    area().wait_bell(bell, pause);
    pause = std::min(rings ? pause * 2 : pause + pause / 2, rings ? bell_pause : longest_pause);
    if (limits_.stop && limits_.stop->load(std::memory_order_relaxed)) return Waited::stopped;
    const auto now = Clock::now();
    if (now >= deadline_) return ready() ? Waited::done : Waited::limit;
    if (now < next_rest_check) continue;
    next_rest_check = now + rest_check_interval;
    if (!at_rest()) {
      rests = false;
    } else if (!rests) {
      rests = true;
      rests_since = now;
    } else if (now - rests_since >= limits_.rest) {
      return ready() ? Waited::done : Waited::limit;
    }
  }
}

Waited Cast::await_answer(Actor &a) {
  bool first = true;  // most answers come at once: look for a death only when they do not
  return await(
      [&] {
        if (answered(a)) return true;
        if (std::exchange(first, false)) return false;
        return dead(a) ? (answered(a) || true) : false;
      },
      true);
}

Waited Cast::await_answer_or_block(Actor &a, std::optional<std::string> &proof) {
  return await(
      [&] {
        if (answered(a)) return true;
        proof = prove_blocked(a);
        if (proof) return true;
        return dead(a);
      },
      false);
}

std::optional<int> Cast::logged_death(int pid) const {
  const wire_area &head = server_.area().head();
  const uint32_t n = __atomic_load_n(&head.deaths, __ATOMIC_ACQUIRE);
  for (uint32_t i = n > WIRE_DEATHS ? n - WIRE_DEATHS : 0; i < n; ++i)
    if (head.death_log[i % WIRE_DEATHS].pid == pid) return head.death_log[i % WIRE_DEATHS].status;
  return std::nullopt;
}

// An actor of the parent process that has nothing else to do: the one that made it, or another thread.
Actor *Cast::idle_parent(const Actor &a) {
  const Actor *maker = find(a.parent);
  if (!maker) return nullptr;
  for (auto &[name, other] : actors_)
    if (other.pid == maker->pid && other.state == Actor::State::idle && !dead(other)) return &other;
  return nullptr;
}

// Its parent may look at the status without reaping it.
std::optional<int> Cast::ask_parent(Actor &a) {
  Actor *parent = idle_parent(a);
  const CallSpec *spec = find_call("waitid");
  if (!parent || !spec) return std::nullopt;
  wire_call &call = area().slot(parent->slot).call;
  call = {};
  call.call = spec->id;
  call.nargs = 4;
  call.args[0] = {WIRE_NUM, 0, P_PID, 0, 0};
  call.args[1] = {WIRE_NUM, 0, a.pid, 0, 0};
  call.args[2] = {WIRE_ANY, 0, 0, 0, 0};
  call.args[3] = {WIRE_NUM, 0, WEXITED | WNOHANG | WNOWAIT, 0, 0};
  area().post(parent->slot);
  if (await_answer(*parent) != Waited::done || !answered(*parent)) return std::nullopt;
  const wire_answer &reply = area().slot(parent->slot).reply;
  const wire_value &info = reply.out[2];
  if (reply.error != 0 || info.kind != WIRE_LIST || info.len < 6) return std::nullopt;
  wire_value fields[6];
  std::memcpy(fields, area().out(parent->slot) + info.off, sizeof fields);
  if (fields[3].num != a.pid) return std::nullopt;  // si_pid stays 0 where there was nothing
  const int code = static_cast<int>(fields[1].num), status = static_cast<int>(fields[5].num);
  return code == CLD_EXITED ? (status & 0xff) << 8 : status & 0x7f;
}

End Cast::end_of(Actor &a, Hoped hoped) {
  if (a.thread || a.displaced) return {"exited", 0};
  const ThreadView::Look look = a.view ? a.view->look() : ThreadView::Look{};
  const bool zombie = look.state == 'Z';
  // What number a realtime signal has is the C library's and an emulator's matter: there the parent is asked first.
  // Some kernels say 0 whatever it was (gVisor).
  const bool realtime = WIFSIGNALED(look.exit_code) && WTERMSIG(look.exit_code) >= first_realtime;
  const bool told_there = zombie && (look.exit_code != 0 || hoped == Hoped::exited_zero);
  if (told_there && !realtime) return end_from_status(area(), look.exit_code);
  std::optional<int> status;
  const auto told = [&] {
    return realtime ? (status = ask_parent(a)).has_value() : (status = logged_death(a.pid)) || (status = ask_parent(a));
  };
  if (told()) return end_from_status(area(), *status);
  if (hoped == Hoped::any) return {"unknown", 0};
  // A first thread is a zombie before the others have ended, when the parent can ask; its parent may also be the
  // sandbox's init, which logs what it reaps, perhaps in a moment.
  const Actor *parent = find(a.parent);
  const bool may_be_told = zombie ? idle_parent(a) != nullptr : !parent || parent->state == Actor::State::gone;
  if (may_be_told && await(told, !zombie) == Waited::done) return end_from_status(area(), *status);
  if (told_there) return end_from_status(area(), look.exit_code);
  return {"unknown", 0};
}

bool Cast::at_rest() {
  return std::all_of(actors_.begin(), actors_.end(), [&](auto &entry) {
    Actor &a = entry.second;
    return a.state == Actor::State::gone || (a.state == Actor::State::idle && answered(a)) || dead(a) ||
           (a.view && a.view->prove_blocked().has_value() && !answered(a));
  });
}

std::string Cast::where_everyone_is() {
  std::string text;
  for (auto &[name, a] : actors_) {
    if (!text.empty()) text += "; ";
    text += name + ": ";
    if (a.state == Actor::State::gone || dead(a)) {
      text += "ended";
    } else if (answered(a)) {
      text += "idle";
    } else {
      const auto proof = a.view ? a.view->prove_blocked() : std::nullopt;
      text += "in " + (a.spec ? std::string(a.spec->name) : std::string("a call")) + ", " +
              (proof ? *proof : std::string("running or in transit"));
    }
  }
  return text;
}

}  // namespace ipcvet
