// One attempt to perform a call: the world it changes, what it was given, and the answers it gives.
//
// A rule is a function `void rule(Attempt &)` that ends in exactly one of returns(), fails(), blocks(), ends() and
// unmodelled(); where the standard leaves a choice it goes on with a copy for each (`either`). Every ending names
// the requirement it follows. A blocked call is attempted again with `waiting()` true.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/model/model.h"

namespace ipcvet::model {

class Attempt {
 public:
  Attempt(World w, ActorId who, Operation operation, const Setting &s, std::vector<Next> &out)
      : world(std::move(w)), setting(s), k(s.k), actor(who), op(std::move(operation)), out_(out) {}
  Attempt(const Attempt &) = default;

  World world;
  const Setting &setting;
  const Numerals &k;
  ActorId actor;
  Operation op;
  bool progressed = false;  // it blocks again, but has done something

  // What it was given. A number is also an address, NULL is 0, and what is absent is `otherwise`.
  const Value &arg(uint32_t i) const;
  bool given(uint32_t i) const { return i < op.args->size() && !op.args->at(i).as<Value::Any>(); }
  bool is_word(uint32_t i, std::string_view word) const;
  int64_t number(uint32_t i, int64_t otherwise = 0) const;
  const std::string *bytes(uint32_t i) const;
  bool waiting() const { return op.waiting; }

  const Thread &thread() const { return world.threads[actor]; }
  const Process &process() const { return world.process_of(actor); }
  ProcessId process_id() const { return thread().process; }
  Process &edit_process() { return world.processes.edit(thread().process); }
  Thread &edit_thread() { return world.threads.edit(actor); }

  // The open file description that argument i names, or -1; the same at every attempt.
  int32_t file(uint32_t i);
  const File &file_at(int32_t f) const { return world.files[static_cast<size_t>(f)]; }
  File &edit_file(int32_t f) { return world.files.edit(static_cast<size_t>(f)); }

  // How it ends.
  Attempt &fills(uint32_t i, Value value);
  void returns(const Rule &rule, int64_t result = 0);
  void returns(const Rule &rule, Value result);
  void fails(const Rule &rule, const char *error);
  void blocks(const Rule &rule);
  void ends(const Rule &rule);
  void faults(const Rule &rule, const char *signal, SignalInfo info);
  void unmodelled(std::string why);
  ActorId made = nobody;

  // Both choices are open; each gets the attempt as it is now.
  template <typename One, typename Other>
  void either(One one, Other other) {
    Attempt copy = *this;
    one(*this);
    other(copy);
  }

 private:
  void finish(Prediction prediction);

  std::vector<std::pair<uint32_t, Value>> outputs_{};
  uint32_t next_file_ = 0;
  std::vector<Next> &out_;
};

// How a call of a mechanism is performed, and what a caught signal does to it while it waits.
struct CallRule {
  std::string_view call;
  void (*attempt)(Attempt &) = nullptr;
  enum class Interrupted : uint8_t {
    restartable,   // goes on after a handler with SA_RESTART
    eintr,         // never goes on after a handler
    also_by_stop,  // nor after a stop and a continuation
    never,         // goes on after any handler
  } interrupted = Interrupted::restartable;
  void (*on_interrupt)(Attempt &) = nullptr;  // nullptr: fails with EINTR
};

// The rules of each mechanism's folder.
std::span<const CallRule> process_rules();
std::span<const CallRule> child_rules();
std::span<const CallRule> futex_rules();
std::span<const CallRule> signal_rules();
std::span<const CallRule> sending_rules();
std::span<const CallRule> descriptor_rules();
std::span<const CallRule> file_rules();
std::span<const CallRule> regular_rules();
std::span<const CallRule> wait_rules();  // poll, select, epoll
std::span<const CallRule> pipe_rules();
std::span<const CallRule> splice_rules();
std::span<const CallRule> fifo_rules();
std::span<const CallRule> message_rules();
std::span<const CallRule> segment_rules();
std::span<const CallRule> shared_memory_rules();
std::span<const CallRule> mapping_rules();

// nullptr where there is none.
const CallRule *rule_of(const CallSpec &call);

}  // namespace ipcvet::model
