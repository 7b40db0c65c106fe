// Segments in the model; their attachments are mappings (harness/mechanism/mmap/model.h) that name the segment.
#pragma once

#include <cstdint>

#include "harness/model/cow.h"
#include "harness/model/ipc.h"

namespace ipcvet::model {

struct Segment {
  IpcObject object{};
  int64_t size = 0;
  int32_t inode = -1;                        // its memory
  int64_t maker = 0, last = 0;               // cpid, lpid
  int64_t attach_time = 0, detach_time = 0;  // tokens, or 0
  // Whether fork and exit leave their process and time here is open; so these may not be known.
  bool last_open = false, attach_time_open = false, detach_time_open = false;
  bool locked = false;
  int64_t locked_by = 0;  // the real user whose limit it counts against
  bool doomed = false;    // removed, but attached
  bool operator==(const Segment &) const = default;
};

struct Segments {
  Table<Segment> segments{};  // the destroyed ones too
  bool operator==(const Segments &) const = default;
};

}  // namespace ipcvet::model
