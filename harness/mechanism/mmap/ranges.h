// Ranges of addresses as the calls about mappings are given them.
#pragma once

#include <algorithm>

#include "harness/mechanism/mmap/rules.h"

namespace ipcvet::model {

struct Range {
  int64_t address = 0, size = 0;  // whole pages
  int64_t end() const { return address + size; }
};

inline constexpr int64_t address_space = int64_t{1} << 47;

inline bool has(int64_t flags, int64_t flag) { return (flags & flag) != 0; }
inline bool aligned(const Attempt &a, int64_t n) { return n % a.setting.limits.page == 0; }

// Ends the attempt and says true where the actor may have something of its own in the range.
bool strange(Attempt &a, const Range &r);
// Where the first page without a mapping begins; the range's end if there is none.
int64_t first_hole(const Attempt &a, const Range &r);

inline bool overlaps(const Attempt &a, const Mapping &m, const Range &r) {
  const int64_t begin = address_of(a.world, m);
  return begin < r.end() && r.address < begin + m.size;
}

template <typename Test>
bool any_in_range(const Attempt &a, const Range &r, Test test) {
  const auto &list = a.world.mappings->of(a.process_id()).mappings;
  return std::any_of(list.begin(), list.end(), [&](const Mapping &m) { return overlaps(a, m, r) && test(m); });
}

// Changes the mappings, or their parts, that lie in the range.
template <typename Change>
void change_range(Attempt &a, const Range &r, Change change) {
  split_at(a.world, a.setting, a.process_id(), r.address, r.size);
  for (Mapping &m : a.world.mappings.edit().edit(a.process_id()).mappings)
    if (overlaps(a, m, r)) change(m);
  join_mappings(a.world, a.process_id());
}

// mremap() and madvise().
void mremap_call(Attempt &a);
void madvise_call(Attempt &a);
// The memory steps.
void store_step(Attempt &a);
void load_step(Attempt &a);

}  // namespace ipcvet::model
