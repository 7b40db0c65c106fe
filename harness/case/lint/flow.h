// Walks the steps of one instance and follows what each actor may do: made, blocked, ended.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "harness/case/case.h"
#include "harness/case/lint/calls.h"

namespace ipcvet {

class FlowLint {
 public:
  FlowLint(Report &report, Names &names) : report_(report), names_(names), calls_(report, names) {}
  void run(const Case &instance);

 private:
  enum class State : uint8_t {
    free,
    blocked,
    perhaps,  // one of several blocked actors was woken, it is open which
    ended
  };
  struct Actor {
    State state = State::free;
    const Call *call = nullptr;  // it is blocked in
    Pos since{};                 // blocked, or ended
    int process = 0;             // threads share it
  };

  void step(const Step &step, bool in_group);
  void group(const Step &step);
  void calls(const Step &step);
  void wakes(const Step &step);
  void ends(const Step &step);
  void memory(const Step &step);
  void forgive(const Step &step);
  void makes_actors(const Step &step, const CallSpec &spec);
  void leaving(const Step &step, const CallSpec &spec);
  void same_call(const Step &step, const std::string &name, const Actor &actor);
  Actor *present(const Step &step, const std::string &name);
  bool free(const Step &step, const std::string &name);
  void add_actor(const std::string &name, int process, Pos pos);
  void stress(const Stress &stress);
  void role(const Role &role);

  Report &report_;
  Names &names_;
  CallLint calls_;
  std::map<std::string, Actor, std::less<>> actors_;
  std::optional<std::string> leaving_;  // its call does not return: the next line says how it ended
  bool leaves_process_ = false;
  int processes_ = 0;
};

}  // namespace ipcvet
