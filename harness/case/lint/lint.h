// Does a case make sense? What the parser cannot see: whether calls, constants, requirements and capabilities exist,
// whether arguments fit, names are bound before they are used, and actors do what their state lets them do.
//
// Everything follows from the tables of harness/mechanism. The rows of a table are checked one by one, because only a
// row tells what a column holds. Pure; errors come in the order of the file, at most one a place.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/case/case.h"
#include "harness/case/catalogue.h"
#include "harness/case/loader.h"
#include "harness/case/source.h"

namespace ipcvet {

// What a case may refer to.
struct Surroundings {
  const Catalogue *catalogue = nullptr;   // nullptr: requirements are not checked
  std::vector<std::string> capabilities;  // those with a probe, needs/NAME.ipc
  // Invariants that a row of some case breaks, so that their check is seen to fail.
  std::set<std::string, std::less<>> falsified{};
};

Surroundings surroundings(const Catalogue &catalogue, const Cases &cases);

// One case; `text` is what it was parsed from.
std::vector<Diagnostic> lint(const Case &c, std::string_view text, const Surroundings &around);

// Cases of a tree with their catalogue, and what only all of them together show: an id given twice, a requirement that
// no case cites. Includes the errors of reading and parsing.
std::vector<Diagnostic> lint_tree(const Texts &texts);

// The invariants a stress part can hold.
const std::vector<std::string_view> &invariant_names();

}  // namespace ipcvet
