// The actors of a running case: their slots, what each is doing, and the waiting for them.
//
// All waiting is for events (an answer, a birth, a death, a proof). The clock only bounds it: a case's limit, and a
// shorter one for a case that is provably at rest, in which nothing can happen any more. Reaching either is never a
// pass.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "harness/case/case.h"
#include "harness/mechanism/table.h"
#include "harness/run/blocked.h"
#include "harness/run/server.h"

namespace ipcvet {

struct Actor {
  enum class State : uint8_t { idle, in_call, gone };
  std::string name;
  std::string parent;  // the actor that made it; empty: the root
  uint32_t slot = 0;
  int pid = 0, tid = 0;
  bool thread = false;
  State state = State::idle;
  bool displaced = false;  // another thread's exec took its id over

  // The call under way, or answered and not yet claimed.
  const Step *step = nullptr;
  uint32_t step_index = 0;
  const CallSpec *spec = nullptr;
  std::vector<Value> resolved{};
  std::string child{};  // the actor a fork, thread or spawn makes
  uint32_t child_slot = 0;
  bool proven = false;        // it was proven blocked in this call
  bool may_block = false;     // of a `...?` line: its return needs no cause
  bool handling = false;      // idle, and perhaps still inside the handler whose run was claimed last
  uint32_t signals_seen = 0;  // entries of its signal log that were claimed or need no claim
  std::unique_ptr<ThreadView> view{};
};

struct Limits {
  std::chrono::nanoseconds whole = std::chrono::seconds(60);  // a case's, from its start
  std::chrono::nanoseconds rest = std::chrono::seconds(3);    // of a case at rest
  const std::atomic<bool> *stop = nullptr;                    // the user wants the run to end
};

// What a line hopes of an actor's end.
enum class Hoped : uint8_t { any, exited_zero, other };

enum class Waited : uint8_t { done, limit, stopped };

// How a process ended, as far as it can be known.
struct End {
  std::string name;  // "exited", a signal's name, "unknown"
  int64_t status = 0;
};

class Cast {
 public:
  Cast(Server &server, Limits limits);

  Area &area() { return server_.area(); }
  Actor *find(const std::string &name);
  Actor &add(std::string name, std::string parent, uint32_t slot, bool thread);
  std::map<std::string, Actor> &all() { return actors_; }
  const std::map<std::string, Actor> &all_of() const { return actors_; }

  // A slot that no actor of this case had, zeroed; WIRE_SLOTS if there is none left.
  uint32_t free_slot();
  // Waits until the actor in it is ready, and takes over its process and thread id.
  Waited await_birth(Actor &actor);

  bool answered(const Actor &a) { return area().answered(a.slot); }
  bool dead(Actor &a);
  // Of one that is dead: it has been waited for, too.
  bool vanished(Actor &a) { return !a.view || a.view->look().state == 0; }
  std::optional<std::string> prove_blocked(Actor &a);
  // Of an idle actor: it sleeps, so it has come back from whatever handler it ran.
  bool sleeps(Actor &a) { return !a.view || a.view->prove_blocked().has_value(); }

  // The actor's answer, or its death (then the state is `gone`).
  Waited await_answer(Actor &a);
  // Its answer, death, or the proof that it is blocked (then `proof` is set).
  Waited await_answer_or_block(Actor &a, std::optional<std::string> &proof);
  // `ready` is asked again whenever the bell rang, and at growing intervals for what rings no bell.
  Waited await(const std::function<bool()> &ready, bool rings);

  // Of an actor that is gone. A kernel that hides statuses as 0 is asked another way unless "exited 0" is what is
  // hoped for; where any end will do, nobody is asked.
  End end_of(Actor &a, Hoped hoped);

  // Every actor idle, gone or proven blocked.
  bool at_rest();
  std::string where_everyone_is();
  uint64_t proofs = 0;

 private:
  std::optional<int> logged_death(int pid) const;
  Actor *idle_parent(const Actor &a);
  std::optional<int> ask_parent(Actor &a);
  Server &server_;
  Limits limits_;
  std::chrono::steady_clock::time_point deadline_;
  std::map<std::string, Actor> actors_;
  uint32_t next_slot_ = 0;
};

}  // namespace ipcvet
