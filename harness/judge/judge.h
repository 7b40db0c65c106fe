// The verdict on a history. Pure: no system call, no clock, nothing of run/.
//
// The same walker serves twice. The sequencer feeds it each event as it is recorded, to bind names and to stop at
// the first deviation; `judge()` feeds it a recorded history, here or on another machine, and comes to the same
// verdict.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/case/case.h"
#include "harness/judge/history.h"

namespace ipcvet {

enum class VerdictClass : uint8_t { pass, fail, skip, unresolved, undecided, timeout, error };
const char *verdict_name(VerdictClass c);

struct Verdict {
  VerdictClass cls = VerdictClass::error;
  std::string reason{};     // one sentence; empty for pass
  uint32_t step = no_step;  // the line that deviated, if one did
  std::string allowed{};    // what the line allows, as written with names resolved
  std::string actual{};     // what happened, as the language would write it
  std::vector<Observation> observations{};
};

// What names stand for. Integers and addresses as Int, actors as Int (their pid), bytes as Bytes.
using Bindings = std::map<std::string, Value, std::less<>>;

struct JudgeOptions {
  Profile profile = Profile::linux_;  // linux_ or posix
};

// Constants as the judged system has them; unknown names answer nullopt.
using ConstantLookup = std::optional<int64_t> (*)(const void *context, std::string_view name);
struct Constants {
  ConstantLookup lookup = nullptr;  // nullptr: the host's table
  const void *context = nullptr;
  std::optional<int64_t> operator()(std::string_view name) const;
};

struct Deviation {
  // fail; unresolved where the profile requires nothing of the line; error where the history itself makes no sense.
  VerdictClass cls = VerdictClass::fail;
  uint32_t step = no_step;
  std::string reason, allowed, actual;
};

// Follows a case along its history. Feed events in their order.
class Walker {
 public:
  Walker(const Case &instance, JudgeOptions options, Constants constants, int64_t started);
  ~Walker();
  Walker(const Walker &) = delete;
  Walker &operator=(const Walker &) = delete;

  // The first deviation, if this event is one; afterwards nothing more should be fed.
  std::optional<Deviation> feed(const Event &event);
  // At the end: what is missing (an unclaimed signal, a step never reached) as a deviation.
  std::optional<Deviation> finish();

  const Bindings &bindings() const;
  // The actor or thread id a fork bound is known before its event; the sequencer tells it here.
  void bind_actor(const std::string &actor, int64_t pid);
  const std::vector<Observation> &observations() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// An input value with names, constants and operators replaced: an Int, Bytes, List, Record, Any or a reserved Name.
// Fails with the name that is unknown.
struct Unresolved {
  std::string name;
  std::string why;
};
struct Resolved {
  std::optional<Value> value;
  Unresolved problem{};
};
Resolved resolve(const Value &value, const Bindings &bindings, const Constants &constants);

// Does `actual` satisfy `expected`? Binds unbound names and records observations on success only.
bool matches(const Value &expected, const Value &actual, const Constants &constants, Bindings &bindings,
             std::vector<Observation> &observations, int64_t started, int64_t clock);

// The verdict. `instance` is one that expand() made (or a case without a table).
Verdict judge(const Case &instance, const History &history, JudgeOptions options = {}, Constants constants = {});

}  // namespace ipcvet
