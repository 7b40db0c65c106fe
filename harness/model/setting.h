// What a world is judged by and does not change: the profile, the system's constants and its limits.
//
// Constants are fields named like the constant with `_` behind it (`k.O_NONBLOCK_`), so that no system header's
// macro is meant: flags differ between ABIs, and a history is judged with the values of the system it comes from.
#pragma once

#include <cstdint>

#include "harness/judge/judge.h"

namespace ipcvet::model {

struct Numerals {
#define C(name, group) int64_t name##_ = INT64_MIN;
#include "harness/mechanism/constants.def"

  // What F_GETFL shows of each file that a 64-bit program opened: O_LARGEFILE, which the C library says is 0 there.
  // Kernels number it by machine, and O_DIRECT with it.
  int64_t large_file() const { return O_DIRECT_ == 0200000 ? 0400000 : O_DIRECT_ == 0400000 ? 0200000 : 0100000; }
};

// What an implementation chooses and says somewhere. The defaults are those of a stock Linux on a 64-bit machine.
struct Limits {
  int64_t page = 4096;
  int64_t pipe_buf = 4096;
  int64_t pipe_pages = 16;               // of a new pipe
  int64_t pipe_max_pages = 256;          // without privilege
  int64_t pipe_most = int64_t{1} << 31;  // F_SETPIPE_SZ beyond it is refused
  int64_t iov_max = 1024;
  int64_t name_max = 255;
  int64_t path_max = 4096;
  int64_t open_files = 1024;        // RLIMIT_NOFILE at the start
  int64_t copy_most = 0x7ffff000;   // bytes one call moves
  int64_t message_most = 8192;      // msgmax
  int64_t queue_bytes = 16384;      // msgmnb
  int64_t queues = 32000;           // msgmni
  int64_t segments = 4096;          // shmmni
  bool sealed_shared_read = false;  // surely maps a file under F_SEAL_WRITE shared for reading; kernels differ
};

// Who the root actor is, and its parent, the sandbox's init. Numbers not known (0) are tokens, or invented.
inline constexpr int64_t unknown_user = -1;
struct Start {
  int64_t pid = 0, parent = 1;
  int64_t uid = 0, gid = 0;
  bool takes_users = true;      // root may become any user
  bool takes_resources = true;  // root may go beyond limits: where not, the model does not say what comes of it
  // Calls overlap others, and so do ends: who is killed may act for a while, who has no parent left is reaped later,
  // and an object that is removed may have been found before.
  bool calls_overlap = false;
};

struct Setting {
  Profile profile = Profile::linux_;
  Constants constants{};
  Numerals k{};
  Limits limits{};
  Start start{};

  bool linux_profile() const { return profile != Profile::posix; }
};

// Fills in the constants, and the limits that are constants of the language.
Setting make_setting(Profile profile, Constants constants);

}  // namespace ipcvet::model
