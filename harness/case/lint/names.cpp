#include "harness/case/lint/names.h"

#include <vector>

#include "harness/case/text.h"

namespace ipcvet {
namespace {

// O_NONBLOK, EAGIAN: written like a constant. A single capital or Word is written like an actor.
bool looks_constant(std::string_view name) {
  bool capital = false;
  for (char c : name) {
    if (c >= 'a' && c <= 'z') return false;
    capital = capital || (c >= 'A' && c <= 'Z');
  }
  return capital && name.size() > 2;
}

}  // namespace

std::string_view sense_text(Sense sense) {
  switch (sense) {
    case Sense::integer:
      return "a number";
    case Sense::descriptor:
      return "a descriptor";
    case Sense::identifier:
      return "an identifier";
    case Sense::address:
      return "an address";
    case Sense::process:
      return "a process id";
    case Sense::actor:
      return "an actor";
    case Sense::bytes:
      return "bytes";
  }
  return "?";
}

Sense sense_of(Ret returns) {
  switch (returns) {
    case Ret::FD:
      return Sense::descriptor;
    case Ret::ID:
      return Sense::identifier;
    case Ret::PID:
      return Sense::process;
    case Ret::ADDR:
      return Sense::address;
    case Ret::ACTOR:
      return Sense::actor;
    default:
      return Sense::integer;
  }
}

const Names::Bound *Names::find(std::string_view name) const {
  auto found = bound_.find(name);
  return found == bound_.end() ? nullptr : &found->second;
}

void Names::report_unknown(Report &report, const Value &at, std::string_view name) const {
  std::vector<std::string_view> known;
  for (const auto &[bound, what] : bound_) known.push_back(bound);
  bool constant = looks_constant(name);
  bool capital = name[0] >= 'A' && name[0] <= 'Z';
  if (constant || capital || name[0] == '_')
    for (const Constant &c : constants()) known.push_back(c.name);
  std::string meant = suggestion(name, known);
  std::string quoted_name = "'" + std::string(name) + "'";
  if (constant)
    report.add(at, "unknown constant " + quoted_name + meant);
  else if (capital)
    report.add(at, "there is no actor or constant " + quoted_name + meant);
  else
    report.add(at, "the name " + quoted_name + " is not bound yet" + meant);
}

}  // namespace ipcvet
