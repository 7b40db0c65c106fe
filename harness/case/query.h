// Questions about cases that lists and selections ask: what a case is about, and which cases a user means.
#pragma once

#include <string>
#include <vector>

#include "harness/case/case.h"

namespace ipcvet {

// What a case does, read off its steps: blocking, exec, falsifier, memory, signals, stress, table, threads.
std::vector<std::string> tags_of(const Case &c);
// All there are.
const std::vector<std::string> &known_tags();

// Empty lists ask for nothing; of several entries one must fit, of several lists all must. Entries are globs, but for
// tags.
struct Query {
  std::vector<std::string> ids, mechanisms, tags, requirements, needs;
};
bool answers(const Case &c, const Query &query);

}  // namespace ipcvet
