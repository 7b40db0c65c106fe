// What a pipe or FIFO holds.
//
// POSIX leaves the capacity open; Linux keeps the bytes in pages, and how full a page is decides whether the next
// write blocks. So the state is that of Linux: a row of portions of at most a page each. The `posix` profile
// takes what follows from it as one of the permitted choices.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ipcvet::model {

struct Portion {
  std::string bytes{};
  uint32_t end = 0;     // where in its page the bytes end
  bool joins = false;   // a later write may fill the rest of the page
  bool packet = false;  // a read takes no more than this
  int32_t inode = -1;   // of the file whose page it is: what is stored there shows in the pipe, too
  bool operator==(const Portion &) const = default;
};

struct Pipe {
  std::vector<Portion> portions{};
  int64_t pages = 16;
  uint32_t readers = 0, writers = 0;            // open file descriptions
  uint32_t reader_opens = 0, writer_opens = 0;  // so far: what waiting opens of a FIFO look for
  bool operator==(const Pipe &) const = default;

  bool empty() const { return portions.empty(); }
  bool full() const { return static_cast<int64_t>(portions.size()) >= pages; }
  int64_t size() const {
    int64_t n = 0;
    for (const Portion &p : portions) n += static_cast<int64_t>(p.bytes.size());
    return n;
  }
};

}  // namespace ipcvet::model
