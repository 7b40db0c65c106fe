// What choosing and checking arguments share.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "fuzz/program/arguments.h"

namespace ipcvet::fuzz {

// A position to fill: the call with the arguments that stand already, and who makes it.
struct Position {
  const Call &call;
  const CallSpec &spec;
  uint32_t i;
  const std::string &actor;
  const Pool &pool;
  const ArgSpec &arg() const { return spec.args[i]; }
};

inline constexpr int64_t page = 4096;
inline int64_t whole_pages(int64_t bytes) { return (bytes + page - 1) / page * page; }

// An address in a mapping of the Program's own: the mapping's name, or that name and an offset.
struct Address {
  const Resource *mapping = nullptr;
  int64_t offset = 0;
};
Address address_of(const Position &at, const Value &v);
// The bytes a length may cover from the address the call is given: more would be somebody else's memory.
int64_t room(const Position &at);

// The argument called so, as a word: the command of fcntl or msgctl.
std::string_view command_word(const Call &call, const CallSpec &spec);

// numbers.cpp
Value choose_number(const Position &at, Random &random);
Value choose_flags(const Position &at, Random &random);
Value choose_process(const Position &at, Random &random);
Value choose_signal(const Position &at, Random &random);
// Numbers that are safe in this position.
bool number_fits(const Position &at, int64_t n);
bool signal_fits(const Value &v);
bool signal_fits(const Position &at, const Value &v);
bool user_fits(int64_t id);
// The numbers that stand for an index, or an identifier the system gives early.
bool is_small_id(int64_t n);
// `0-A`: how a process group is meant.
Value group_of(Value actor);

// texts.h keeps what may be named; arguments.cpp chooses among it. The bytes that a text, or `"n"*255`, stands for.
std::optional<std::string> bytes_of_text(const Value &v);

// structures.cpp
Value choose_bytes(size_t n, Random &random);
Value choose_structure(const Position &at, Random &random);
bool structure_fits(const Position &at, const Value &v);
// Which resource a descriptor, identifier or address position wants.
bool wanted_resource(const Position &at, const Resource &r);
// An address the Program may give in this position.
bool address_fits(const Position &at, const Value &v);
Value choose_resource(const Position &at, Random &random);

}  // namespace ipcvet::fuzz
