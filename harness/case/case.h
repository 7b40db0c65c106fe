// The syntax tree of a case: what the parser makes, the printer prints, the sequencer runs, the judge
// judges and the fuzzers mutate. docs/language.md explains every construct.
//
// Plain values without invariants beyond their types; whether a tree makes sense is lint's
// question. `parse(print(c)) == c` holds for every tree that lint accepts; positions do not count.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/case/value.h"

namespace ipcvet {

// Comments and blank lines around a line of the file, kept so that formatting loses nothing.
struct Trivia {
  std::vector<std::string> before;  // comment lines above, without '#'; "" marks a blank line, see printer
  std::string after;                // comment at the end of the line, without '#'
  bool operator==(const Trivia &) const = default;
};

enum class Level : uint8_t { shall, may, linux_, observe };
enum class Profile : uint8_t { any, linux_, posix };

struct Spec {
  std::string requirement;  // an id of the catalogue: "posix/read/pipe-no-writer-eof"
  Level level = Level::shall;
  Pos pos{};
  Trivia trivia{};
  bool operator==(const Spec &o) const {
    return requirement == o.requirement && level == o.level && trivia == o.trivia;
  }
};

struct Need {
  std::string capability;
  Pos pos{};
  bool operator==(const Need &o) const { return capability == o.capability; }
};

// `where`: names of columns, and for each row one cell a column.
struct Table {
  struct Row {
    std::vector<Value> cells;
    Pos pos{};
    Trivia trivia{};
    bool operator==(const Row &o) const { return cells == o.cells && trivia == o.trivia; }
  };
  std::vector<std::string> columns;
  std::vector<Row> rows;
  Pos pos{};
  Trivia trivia{};
  bool operator==(const Table &o) const { return columns == o.columns && rows == o.rows && trivia == o.trivia; }
};

struct Call {
  std::string name;
  std::vector<Value> args;
  Pos pos{};
  bool operator==(const Call &o) const { return name == o.name && args == o.args; }
};

// One of the results a line allows, and the profile it is allowed in.
struct Alternative {
  Value value;
  Profile profile = Profile::any;
  bool operator==(const Alternative &) const = default;
};
using Outcome = std::vector<Alternative>;  // never empty where a line has an outcome

struct Step {
  enum class Kind : uint8_t {
    returns,    // A  call = outcome
    blocks,     // A  call ...
    may_block,  // A  call ...?
    wakes,      // A  ... call = outcome      (several actors: one of them)
    still,      // A  ...
    killed,     // A  +++ killed by SIG
    exited,     // A  +++ exited n
    signal,     // A  --- SIG {fields}
    store,      // A  m[n] := data
    expect,     // A  m[n] == data
    any_order,  // a group of wakes, signal, killed and exited steps
  };
  Kind kind = Kind::returns;
  std::vector<std::string> actors;  // one; for `one of` at least two; none for any_order
  Call call{};                      // returns, blocks, may_block, wakes
  Outcome outcome{};                // returns, wakes; `= ?` is one alternative, an Observe without a name
  std::string signal{};             // killed, signal: the signal's name
  Value value{};                    // exited: the status; signal: a record or Any; store, expect: the data
  std::string memory{};             // store, expect: the name bound to an address
  Value offset{};                   // store, expect: bytes from it
  std::vector<Step> members{};      // any_order
  Pos pos{};
  Trivia trivia{};
  bool operator==(const Step &o) const;
};

// A statement of a stress role: performed once, `repeat` times, or until it returns `until`.
struct Statement {
  Call call;
  std::optional<Value> repeat{};
  std::optional<Value> until{};
  bool operator==(const Statement &) const = default;
};

struct Role {
  std::string actor;
  std::optional<Value> copies{};
  std::vector<Statement> statements;
  Pos pos{};
  Trivia trivia{};
  bool operator==(const Role &o) const {
    return actor == o.actor && copies == o.copies && statements == o.statements && trivia == o.trivia;
  }
};

struct Stress {
  std::vector<Role> roles;
  std::vector<std::string> holds;  // names of invariants
  Pos pos{};
  Pos holds_pos{};
  Trivia trivia{};
  Trivia holds_trivia{};
  bool operator==(const Stress &o) const {
    return roles == o.roles && holds == o.holds && trivia == o.trivia && holds_trivia == o.holds_trivia;
  }
};

struct Case {
  std::string id;
  std::string brief;
  std::vector<Spec> specs;
  std::vector<Need> needs;
  std::optional<Table> where;
  std::vector<Step> steps;
  std::optional<Stress> stress;

  std::string file{};  // as given by the user, for messages; not compared
  Pos pos{};
  Trivia case_trivia{};
  Trivia brief_trivia{};
  Trivia needs_trivia{};
  std::vector<std::string> trailing{};  // comment lines at the end of the file

  // Set in an instance made by expand(): the row it stands for (from 1) and what its columns held.
  std::optional<uint32_t> row{};
  std::vector<Field> cells{};

  bool operator==(const Case &o) const;  // everything but file, positions, row and cells
  std::string instance_id() const { return row ? id + "[" + std::to_string(*row) + "]" : id; }
};

// The instances of a case: itself if it has no table, else one a row, with columns replaced by cells.
// A `falsifies` column is not replaced but kept in `cells`. Instances have no `where`.
std::vector<Case> expand(const Case &c);

}  // namespace ipcvet
