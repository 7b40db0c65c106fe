// The bytes of a memory object: a file's content, a segment, anonymous shared memory.
//
// Sparse, so that objects of any size cost only what was stored, and shared between copies page by page, because
// worlds are copied all the time. Bytes behind the end can be stored through a mapping of the last page; what of them
// shows when the object grows over them is open, so those bytes are `unknown` then.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/model/cow.h"

namespace ipcvet::model {

class Memory {
 public:
  static constexpr int64_t grain = 4096;  // of sharing; not the system's page

  int64_t size() const { return size_; }
  // What is cut off is gone, what is added is zero.
  void resize(int64_t size);

  // Bytes never stored are zeros, also behind the end.
  std::string read(int64_t at, int64_t count) const;
  void write(int64_t at, std::string_view bytes);
  void zero(int64_t at, int64_t count);
  // Whether the standard says what is there.
  bool known(int64_t at, int64_t count) const;

  // Of private copies: a grain is there once something was stored in it.
  bool has(int64_t at) const { return pages_.contains(at / grain); }
  void drop_from(int64_t at);
  void keep(int64_t from, int64_t to);
  void absorb(const Memory &other);

  bool operator==(const Memory &) const = default;

 private:
  using Range = std::pair<int64_t, int64_t>;  // [first, last)
  void make_known(int64_t at, int64_t count);

  int64_t size_ = 0;
  std::map<int64_t, Cow<std::string>> pages_{};
  std::vector<Range> unknown_{};
};

}  // namespace ipcvet::model
