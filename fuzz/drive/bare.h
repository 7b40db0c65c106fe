// The calls of a Program as the actor's functions were given them, to be made again with nothing around: what fuzzing
// inside a process is measured against (tests/bench/fuzzing.cpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/judge/judge.h"
#include "harness/mechanism/table.h"
#include "harness/run/area.h"

namespace ipcvet::fuzz {

struct BareCall {
  // A number in the request or its data that an earlier call gave, and what it was then.
  struct Given {
    size_t at = 0;     // in `bytes`
    size_t giver = 0;  // among the calls
    size_t place = 0;  // its result, or further what it filled in
    int64_t then = 0;
  };
  const CallSpec *spec = nullptr;
  std::vector<unsigned char> bytes{};  // the request, then its data
  std::vector<Given> given{};
  std::vector<int64_t> gave{};  // the result and the numbers of its first list that is filled in
  int32_t error = 0;            // as it was then
};

class BareCalls {
 public:
  // Keeps the call in slot 0, which is about to be made; `names` are what its arguments were made of.
  void keep(Area &area, const CallSpec &spec, const Call &call, const Bindings &names);
  // After it was made: these names stand for what it gave, in the order of BareCall::gave; "" stands for nothing.
  void made(Area &area, const std::vector<std::string> &names);

  std::vector<BareCall> calls{};

 private:
  struct Origin {
    std::string name;
    size_t giver, place;
  };
  std::vector<Origin> origins_{};
};

// Writes call `i` into slot 0, with the numbers earlier ones gave this time.
void put_bare(Area &area, const std::vector<BareCall> &calls, size_t i);
// After it was made: what it gave. False if it failed and did not before, or the other way round.
bool take_bare(Area &area, BareCall &call);

}  // namespace ipcvet::fuzz
