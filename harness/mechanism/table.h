// The tables that describe every call, record and constant of the case language.
//
// One X-macro line a call (calls.def), record (records.def) and constant (constants.def) is read by this header and by
// the C actor; parser hints, linter, encoder, judge, documentation and completion follow from them. Pure data.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ipcvet {

// What an argument is: how it is encoded, and whether the call fills it in.
enum class ArgKind : uint8_t {
  END,  // no argument
  INT,
  OPT_INT,  // an integer in; OPT_ may be left out
  SIZE,
  FD,
  PID,
  SIGNAL,
  ADDR,  // integers in with a meaning (an actor's name is a PID)
  FLAGS,
  OPT_FLAGS,  // an integer in, named by the constants of group `domain`
  PATH,
  STRING,
  POSIX_NAME,  // a string in; PATH is relative to the case's directory; POSIX_NAME may get a prefix
  BYTES_IN,    // bytes, an address, NULL or bad
  BYTES_OUT,   // the call fills a buffer whose size is the argument named `domain`
  INT_OUT,
  INT_INOUT,     // pointer to an int
  OFFSET_INOUT,  // pointer to a file offset, or NULL
  FDS_OUT,       // [r, w]
  RECORD_IN,
  RECORD_OUT,    // a record of records.def named `domain`
  RECORD_INOUT,  // in or out as another argument says: see record_direction()
  IOV_IN,
  IOV_OUT,  // list of {base, len}
  MSG_IN,
  MSG_OUT,  // {mtype, mtext}; out: `domain` names the size argument
  POLL_INOUT,
  FDSET_INOUT,  // lists of pollfd, of descriptors
  EPOLL_OUT,    // list of epoll_event; `domain` names the count argument
  WSTATUS_OUT,  // {exited: n}, {killed: SIG}, {stopped: SIG}, {continued: 1}
  SIGSET_IN,
  SIGSET_OUT,  // list of signals; NULL
  HANDLER,     // log, count, jump, SIG_DFL, SIG_IGN
  IMAGE,
  SPAWN,
  CHANNEL,  // words: actor, actor_i386, actor_musl; process, thread; pipe, fifo
};

// What the return value is, for binding and display.
enum class Ret : uint8_t { ZERO, INT, COUNT, FD, ID, PID, ADDR, SIGNAL, ACTOR, NEVER };

struct ArgSpec {
  ArgKind kind = ArgKind::END;
  std::string_view name{};
  std::string_view domain{};
};

struct CallSpec {
  uint32_t id;  // enum call_id of the wire
  std::string_view name, mechanism, brief;
  Ret returns;
  uint32_t nargs;
  ArgSpec args[8];
};

enum class FieldKind : uint8_t { INT, OCT, TIME, SIGSET, BYTES };
struct RecordField {
  std::string_view name{};
  FieldKind kind{};
};
struct RecordSpec {
  std::string_view name;
  uint32_t nfields;
  RecordField fields[16];
};

struct Constant {
  std::string_view name, group;
  bool known;     // on the system ipcvet was built on
  int64_t value;  // there; the actor's own value counts in a run
};

std::span<const CallSpec> calls();
std::span<const RecordSpec> records();
std::span<const Constant> constants();  // in the order of constants.def, which is that of wire_area::constant

const CallSpec *find_call(std::string_view name);
const RecordSpec *find_record(std::string_view name);
const Constant *find_constant(std::string_view name);

// Is a value in this position supplied by the case (in), filled by the system (out), or both?
enum class Direction : uint8_t { in, out, inout };
Direction direction(ArgKind kind);
// For RECORD_INOUT: IPC_SET reads the record, every *_STAT and *_INFO command fills it, others ignore it.
Direction record_direction(std::string_view command_name);

// Words that are values by themselves: NULL, bad, now, record, past, soon, far, and handler, image, spawn and channel
// words.
bool is_reserved_word(std::string_view name);

// "EAGAIN" for the host's errno number; nullptr if unknown.
const char *errno_name(int number);

}  // namespace ipcvet
