// What choosing and checking arguments share.
#pragma once

#include <algorithm>
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

inline std::string_view word_of(const Value &v) {
  const auto *name = v.as<Value::Name>();
  return name ? std::string_view(name->text) : std::string_view();
}
// The argument called so, as a word: the command of fcntl or msgctl.
std::string_view command_word(const Call &call, const CallSpec &spec);

// numbers.cpp
Value choose_number(const Position &at, Random &random);
Value choose_flags(const Position &at, Random &random);
Value choose_process(const Position &at, Random &random);
Value choose_signal(Random &random);
// Numbers that are safe in this position.
bool number_fits(const Position &at, int64_t n);
bool signal_fits(const Value &v);

// structures.cpp
Value choose_bytes(size_t n, Random &random);
Value choose_structure(const Position &at, Random &random);
bool structure_fits(const Position &at, const Value &v);
// Which resource a descriptor, identifier or address position wants.
bool wanted_resource(const Position &at, const Resource &r);
Value choose_resource(const Position &at, Random &random);

}  // namespace ipcvet::fuzz
