// The values a call's arguments can take in a Program: chosen dense at the edges, and checked.
//
// `fits` says whether a value may stand in a position, so that whatever mutation or foreign bytes made is safe to
// perform: names of the right kind, numbers within bounds, no address outside what the Program mapped itself.
#pragma once

#include "fuzz/program/pool.h"

namespace ipcvet::fuzz {

// All arguments of a call by this actor.
std::vector<Value> choose_arguments(const CallSpec &spec, const std::string &actor, const Pool &pool, Random &random);
// One of them, the others being as they are.
Value choose_argument(const Call &call, uint32_t i, const std::string &actor, const Pool &pool, Random &random);
inline bool is_optional(ArgKind kind) { return kind == ArgKind::OPT_INT || kind == ArgKind::OPT_FLAGS; }
// Does the call read its last argument, which others like it do without?
bool needs_option(const Call &call);
bool fits(const Call &call, const CallSpec &spec, uint32_t i, const std::string &actor, const Pool &pool);

// Memory lines: which mapping, where, and how much. Empty if there is none.
std::optional<Step> choose_memory_step(bool store, const std::string &actor, const Pool &pool, Random &random);
bool memory_fits(const Step &step, const Pool &pool);

}  // namespace ipcvet::fuzz
