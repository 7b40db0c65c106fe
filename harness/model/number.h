// Numbers the system chooses: process and thread ids, identifiers, addresses, serial numbers.
//
// The model cannot know them, so it makes a token and goes on with that. Whoever drives the model binds the token to
// what was observed, or, where there is no system, to an invented number. Tokens are integers themselves, from a range
// no call returns, and so fit wherever a number does.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace ipcvet::model {

enum class NumberKind : uint8_t { process, identifier, address, serial, user, time };

inline constexpr int64_t first_token = INT64_MIN + (int64_t{1} << 40);
inline constexpr int64_t last_token = first_token + (int64_t{1} << 20);

inline bool is_token(int64_t n) { return n >= first_token && n < last_token; }

class Numbers {
 public:
  int64_t fresh(NumberKind kind, int64_t extent = 0) {
    rows_.push_back({0, extent, kind, false});
    return first_token + static_cast<int64_t>(rows_.size()) - 1;
  }
  // What a number is known to be: itself, or what its token was bound to, or still the token.
  int64_t value(int64_t n) const {
    if (!is_token(n)) return n;
    const Row &row = rows_[index(n)];
    return row.bound ? row.value : n;
  }
  // One of another world is not bound in this.
  bool unbound(int64_t n) const { return is_token(n) && (index(n) >= rows_.size() || !rows_[index(n)].bound); }
  void bind(int64_t token, int64_t value) {
    rows_[index(token)].value = value;
    rows_[index(token)].bound = true;
  }
  // An identifier is not negative, and never one that the same numbering has had. An address begins a page.
  bool may_be(int64_t token, int64_t value) const {
    const Row &row = rows_[index(token)];
    if (row.kind == NumberKind::address) return value != 0 && (value & 0xfff) == 0;
    if (row.kind != NumberKind::identifier) return true;
    const bool taken = std::any_of(rows_.begin(), rows_.end(), [&](const Row &r) {
      return r.bound && r.kind == row.kind && r.extent == row.extent && r.value == value;
    });
    return value >= 0 && !taken;
  }
  NumberKind kind(int64_t token) const { return rows_[index(token)].kind; }
  // Of an address: the bytes behind it. Of an identifier: which numbering it belongs to.
  int64_t extent(int64_t token) const { return rows_[index(token)].extent; }
  // The first token not bound, or 0.
  int64_t first_unbound() const {
    for (size_t i = 0; i < rows_.size(); ++i)
      if (!rows_[i].bound) return first_token + static_cast<int64_t>(i);
    return 0;
  }
  // For a world without a system: distinct, and such as a system could choose.
  int64_t invent(int64_t token) const {
    const auto i = static_cast<int64_t>(index(token));
    switch (rows_[index(token)].kind) {
      case NumberKind::process:
        return 1000 + i;
      case NumberKind::address:
        return 0x7f0000000000 + i * 0x100000000;
      case NumberKind::serial:
        return 500000 + i;
      case NumberKind::user:
        return 0;
      case NumberKind::time:
        return 1700000000 + i;
      case NumberKind::identifier:
        break;
    }
    return place_in_numbering(index(token));
  }
  bool operator==(const Numbers &) const = default;

 private:
  struct Row {
    int64_t value = 0, extent = 0;
    NumberKind kind{};
    bool bound = false;
    bool operator==(const Row &) const = default;
  };
  int64_t place_in_numbering(size_t at) const {
    int64_t before = 0;
    for (size_t i = 0; i < at; ++i)
      if (rows_[i].kind == rows_[at].kind && rows_[i].extent == rows_[at].extent) ++before;
    return before;
  }
  static size_t index(int64_t n) { return static_cast<size_t>(n - first_token); }
  std::vector<Row> rows_{};
};

}  // namespace ipcvet::model
