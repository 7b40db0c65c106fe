// The names of a case at one of its lines: what is bound, to which sort of thing, and where.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "harness/case/lint/report.h"
#include "harness/case/value.h"
#include "harness/mechanism/table.h"

namespace ipcvet {

// What a name stands for. An `integer` may turn out to be any of the other numbers.
enum class Sense : uint8_t { integer, descriptor, identifier, address, process, actor, bytes };
std::string_view sense_text(Sense sense);  // "a descriptor"
Sense sense_of(Ret returns);

class Names {
 public:
  struct Bound {
    Sense sense;
    Pos pos;
  };
  const Bound *find(std::string_view name) const;
  void bind(const std::string &name, Sense sense, Pos pos) { bound_.try_emplace(name, Bound{sense, pos}); }

  // Why `name` can be given to nothing, with the nearest name that could: reported at `at`.
  void report_unknown(Report &report, const Value &at, std::string_view name) const;

 private:
  std::map<std::string, Bound, std::less<>> bound_;
};

}  // namespace ipcvet
