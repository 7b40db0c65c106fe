#include "harness/model/rule.h"

#include <vector>

namespace ipcvet::model {
namespace {

std::vector<Rule *> &all() {
  static std::vector<Rule *> list;
  return list;
}

}  // namespace

Rule::Rule(std::string_view id, std::string_view where, uint32_t at) : requirement(id), file(where), line(at) {
  all().push_back(this);
}

std::span<Rule *const> rules() { return all(); }

}  // namespace ipcvet::model
