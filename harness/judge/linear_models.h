// Small specifications for the tests of the linearisation: a register, a bounded byte stream, a queue of typed
// messages.
//
// Each object is a function that attempts a call from what it has done so far; a call that cannot go on is attempted
// again at every later state. What is common to them (who waits, several objects in a history) is SmallModel.
#pragma once

#include <map>

#include "harness/judge/linear_history.h"

namespace ipcvet::linear {

// `x.write("ab", 3)`: object (may be empty), name, arguments; bytes are written in quotes.
struct TextCall {
  std::string object{}, name{};
  std::vector<std::string> args{};
  bool operator==(const TextCall &) const = default;
};
using TextEvent = Event<TextCall, std::string>;
using TextHistory = History<TextCall, std::string>;

// One object of any kind: the kinds use what they need.
struct SmallObject {
  std::string bytes{};                                  // register: its value; stream: what is in it
  std::vector<std::pair<int, std::string>> messages{};  // queue
  int readers = 1, writers = 1;                         // stream
  size_t room = 2;                                      // queue: for how many messages
  bool removed = false;                                 // queue
  bool operator==(const SmallObject &) const = default;
};

// An attempt: complete with `result`, or not, having done what `done` says.
struct Attempted {
  SmallObject object{};
  std::optional<std::string> result{};
  std::string done{};
};
using Attempt = std::vector<Attempted> (*)(const SmallObject &, const TextCall &, const std::string &done);

struct SmallModel {
  using Operation = TextCall;
  using Result = std::string;
  struct Waiting {
    TextCall call{};
    std::string done{};
    bool operator==(const Waiting &) const = default;
  };
  struct State {
    std::map<std::string, SmallObject> objects{};
    std::map<uint32_t, Waiting> waiting{};
    bool operator==(const State &) const = default;
  };
  using Moves = std::vector<Move<State, Result>>;

  std::string kind{};
  Attempt attempt = nullptr;
  std::string (*describe)(const SmallObject &) = nullptr;
  SmallObject fresh{};  // what each object is at the start

  Moves begin(const State &state, uint32_t actor, const TextCall &call) const;
  Moves go_on(const State &state) const;
  uint64_t hash(const State &state) const;
  std::string text(const State &state) const;
  std::string text(const TextCall &call) const;
  std::string text(const std::string &result) const { return result; }
  std::vector<std::string> objects(uint32_t actor, const TextCall &call) const;

  // Of queues: when each message was received, if it was sent once and received at most once. Of two of a type the
  // first is received first, so one that was received before the other's receive began cannot stand behind it.
  struct Received {
    uint32_t sent = 0, times = 0;
    uint32_t call = 0, returned = 0;
  };
  struct Future {
    std::map<std::string, Received> messages{};  // by their bytes
    bool open = false;                           // a call was cut off: who knows what it received
  };
  Future foresee(const TextHistory &history) const;
  bool possible(const State &state, const Future &future) const;

 private:
  Moves moves(const State &state, uint32_t actor, const Waiting &w, bool first) const;
};

// write(v) = 0, read() = v, swap(v) = old value. The value is text.
SmallModel register_model();

// A pipe of 8 bytes whose PIPE_BUF is 4. write(bytes) = n waits for room, up to 4 bytes as one point, more byte by
// byte; read(n) = what is there up to n, "" at the end of file; readall(n) assembles n bytes; tryread, trywrite do not
// wait; open_r, open_w, close_r, close_w change the ends. `stream 2 3` has two readers and three writers.
SmallModel stream_model(int readers = 1, int writers = 1);

// A System V message queue for `room` messages. send(type, text) = 0 waits for room; recv(type, most) = type and text
// of the first of any type (0), of this type, or of the lowest up to it (negative), and -1 E2BIG if longer than most,
// which takes nothing; trysend, tryrecv do not wait; count() and remove().
SmallModel queue_model(size_t room = 2);

}  // namespace ipcvet::linear
