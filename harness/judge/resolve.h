// What names mean at one moment of a case: bound names, those bound by the match under way, and constants.
//
// The judge matches whole lines: names bound by the outcome are already visible to the output arguments, but are
// committed only when the whole line matched. So a scope has a committed part and a fresh part.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/judge/judge.h"

namespace ipcvet {

struct Scope {
  const Bindings *bound = nullptr;
  const Constants *constants = nullptr;
  std::vector<std::pair<std::string, Value>> fresh{};

  const Value *find(std::string_view name) const;  // bound or fresh; nullptr if neither
};

// Bytes a case may make by repeating and joining; a slot of the wire holds no more.
inline constexpr size_t max_bytes = size_t{2} << 20;

Resolved resolve(const Value &value, const Scope &scope);
// Of two numbers; nothing where the result does not fit, or is a range.
std::optional<int64_t> operated(Value::Op op, int64_t a, int64_t b);
// What resolve() makes of it where that is a number, found without making values of its parts; else nothing.
std::optional<int64_t> resolved_number(const Value &value, const Scope &scope);

// Is this a constant of the language, known on the judged system or not?
bool is_constant(std::string_view name, const Constants &constants);

}  // namespace ipcvet
