// Values of a case as expressions of C.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "harness/case/value.h"

namespace ipcvet::fuzz {

// Names of the case by the place in `value[]` that holds what they stand for; actors first, in the order of their
// slots.
class CNames {
 public:
  int place(const std::string &name);
  std::string of(const std::string &name) { return "V(" + std::to_string(place(name)) + ")"; }
  bool bound(const std::string &name) const { return bound_.contains(name); }
  void bind(const std::string &name) { bound_.insert(name); }
  size_t size() const { return places_.size(); }

 private:
  std::map<std::string, int> places_;
  std::set<std::string> bound_;
};

struct CBytes {
  std::string at, length;  // expressions
};

std::string c_string(std::string_view bytes);  // a literal
// nullopt: it is no number.
std::optional<std::string> c_number(const Value &v, CNames &names);
std::optional<CBytes> c_bytes(const Value &v, CNames &names);

}  // namespace ipcvet::fuzz
