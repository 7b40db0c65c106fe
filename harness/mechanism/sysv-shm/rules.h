// What the rules of segments share.
#pragma once

#include <cstddef>

#include "harness/mechanism/mmap/rules.h"

namespace ipcvet::model {

using SegmentIndex = int32_t;  // -1: none

inline const Segment &segment_at(const World &world, SegmentIndex s) {
  return world.segments->segments[static_cast<size_t>(s)];
}
inline Segment &edit_segment(World &world, SegmentIndex s) {
  return world.segments.edit().segments.edit(static_cast<size_t>(s));
}
inline SegmentIndex segment_of_id(const World &world, int64_t id) {
  return ipc_of_id(*world.numbers, world.segments->segments, id);
}
// Why a call with an identifier of no segment fails; Linux may tell that there was one.
void no_such_segment(const Attempt &a, const Rule &rule, std::vector<Refusal> &due);
inline constexpr int64_t no_limit = -1;  // RLIM_INFINITY
void destroy_segment(World &world, SegmentIndex s);

void shmctl_call(Attempt &a);
void shminfo_call(Attempt &a);
void shm_info_call(Attempt &a);

}  // namespace ipcvet::model
