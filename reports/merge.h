// One record of several that are parts of one run: shards, possibly on several machines of one kind.
//
// What cannot be true of one system at once is a conflict, and a conflict is an error, never a choice: another kernel,
// libc, limit or constant, a capability one part had and another had not, an instance that two parts ran.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "reports/result.h"

namespace ipcvet {

struct Part {
  std::string name{};  // for messages: its file
  Record record{};
};

// Results by id and row, repeats together. The error is every conflict found, a sentence each.
std::expected<Record, std::vector<std::string>> merge(std::vector<Part> parts);

}  // namespace ipcvet
