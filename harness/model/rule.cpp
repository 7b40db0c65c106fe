#include "harness/model/rule.h"

#include <vector>

namespace ipcvet::model {
namespace {

std::vector<Rule *> &all() {
  static std::vector<Rule *> list;
  return list;
}

std::atomic<size_t> count{0};

}  // namespace

Rule::Rule(std::string_view id, std::string_view where, uint32_t at)
    : requirement(id), file(where), line(at), hash(hash_of(id)) {
  all().push_back(this);
}

void Rule::mark() {
  if (!reached.exchange(true, std::memory_order_relaxed)) count.fetch_add(1, std::memory_order_relaxed);
}

size_t reached_rules() { return count.load(std::memory_order_relaxed); }

std::span<Rule *const> rules() { return all(); }

}  // namespace ipcvet::model
