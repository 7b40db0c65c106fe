#include "harness/mechanism/mmap/memory.h"

#include <algorithm>

namespace ipcvet::model {

void Memory::resize(int64_t size) {
  if (size < size_) {
    drop_from((size + grain - 1) / grain * grain);
    zero(size, grain - 1 - (size + grain - 1) % grain);
  } else if (size > size_) {
    const int64_t tail = std::min(size, (size_ + grain - 1) / grain * grain);
    if (read(size_, tail - size_).find_first_not_of('\0') != std::string::npos) unknown_.emplace_back(size_, tail);
  }
  size_ = size;
}

std::string Memory::read(int64_t at, int64_t count) const {
  std::string out(static_cast<size_t>(std::max<int64_t>(count, 0)), '\0');
  for (auto it = pages_.lower_bound(at / grain); it != pages_.end(); ++it) {
    const int64_t begin = it->first * grain, from = std::max(begin, at), to = std::min(begin + grain, at + count);
    if (from >= at + count) break;
    out.replace(static_cast<size_t>(from - at), static_cast<size_t>(to - from), *it->second,
                static_cast<size_t>(from - begin), static_cast<size_t>(to - from));
  }
  return out;
}

void Memory::write(int64_t at, std::string_view bytes) {
  make_known(at, static_cast<int64_t>(bytes.size()));
  while (!bytes.empty()) {
    const int64_t offset = at % grain;
    const auto n = static_cast<size_t>(std::min(grain - offset, static_cast<int64_t>(bytes.size())));
    std::string &page = pages_[at / grain].edit();
    page.resize(grain);
    page.replace(static_cast<size_t>(offset), n, bytes, 0, n);
    bytes.remove_prefix(n);
    at += static_cast<int64_t>(n);
  }
}

void Memory::zero(int64_t at, int64_t count) {
  make_known(at, count);
  const int64_t end = at + count;
  for (auto it = pages_.lower_bound(at / grain); it != pages_.end() && it->first * grain < end;) {
    const int64_t begin = it->first * grain, from = std::max(begin, at), to = std::min(begin + grain, end);
    if (to - from == grain) {
      it = pages_.erase(it);
      continue;
    }
    it->second.edit().replace(static_cast<size_t>(from - begin), static_cast<size_t>(to - from),
                              static_cast<size_t>(to - from), '\0');
    ++it;
  }
}

bool Memory::known(int64_t at, int64_t count) const {
  return std::none_of(unknown_.begin(), unknown_.end(),
                      [&](const Range &r) { return r.first < at + count && at < r.second; });
}

void Memory::drop_from(int64_t at) {
  pages_.erase(pages_.lower_bound(at / grain), pages_.end());
  make_known(at, INT64_MAX - at);
}

void Memory::keep(int64_t from, int64_t to) {
  pages_.erase(pages_.begin(), pages_.lower_bound(from / grain));
  pages_.erase(pages_.lower_bound((to + grain - 1) / grain), pages_.end());
}

void Memory::absorb(const Memory &other) { pages_.insert(other.pages_.begin(), other.pages_.end()); }

void Memory::make_known(int64_t at, int64_t count) {
  std::vector<Range> left;
  for (const auto &[first, last] : unknown_) {
    if (first < std::min(last, at)) left.emplace_back(first, std::min(last, at));
    if (std::max(first, at + count) < last) left.emplace_back(std::max(first, at + count), last);
  }
  unknown_ = std::move(left);
}

}  // namespace ipcvet::model
