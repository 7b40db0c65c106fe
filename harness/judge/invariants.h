// The invariants of a stress part, over the logs of its roles. Pure, and linear in the records but for sorting.
//
// Each says in one sentence what the first counter-example is, or nothing when it holds. `none-lost`,
// `none-duplicated` and `fifo-per-writer` speak of records that were received whole; a torn one is `whole`'s to report,
// and counts as lost.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/history.h"

namespace ipcvet {

struct InvariantResult {
  std::string name;
  std::optional<std::string> broken{};  // the first counter-example
  bool vacuous = false;                 // nothing was sent or added: it could not have been broken
};

bool is_invariant(std::string_view name);
InvariantResult check_invariant(std::string_view name, const History &history);

// A role that did not finish, or a call of it that failed where it had to succeed; nullopt if all went well.
std::optional<std::string> stress_trouble(const History &history);

}  // namespace ipcvet
