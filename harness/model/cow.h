// Parts of a world that are shared until somebody changes them.
//
// The checker and the linearisation search copy worlds all the time and change little in each copy. A Cow is a value
// that is copied by counting; `edit()` makes it one's own first. Counts are plain: a world and its copies stay within
// one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ipcvet::model {

template <typename T>
class Cow {
 public:
  Cow() : box_(new Box{}) {}
  explicit Cow(T value) : box_(new Box{std::move(value), 1}) {}
  Cow(const Cow &other) noexcept : box_(other.box_) { ++box_->count; }
  Cow(Cow &&other) noexcept : box_(std::exchange(other.box_, nullptr)) {}
  Cow &operator=(Cow other) noexcept {
    std::swap(box_, other.box_);
    return *this;
  }
  ~Cow() {
    if (box_ && --box_->count == 0) delete box_;
  }

  const T &operator*() const { return box_->value; }
  const T *operator->() const { return &box_->value; }
  T &edit() {
    if (box_->count > 1) *this = Cow(box_->value);
    return box_->value;
  }
  bool operator==(const Cow &other) const { return box_ == other.box_ || box_->value == other.box_->value; }

 private:
  struct Box {
    T value{};
    uint32_t count = 1;
  };
  Box *box_;
};

// Things that are named by their index, which stays theirs for the life of a world.
template <typename T>
class Table {
 public:
  const T &operator[](size_t i) const { return *(*rows_)[i]; }
  T &edit(size_t i) { return rows_.edit()[i].edit(); }
  size_t add(T row) {
    rows_.edit().emplace_back(std::move(row));
    return rows_->size() - 1;
  }
  size_t size() const { return rows_->size(); }
  bool operator==(const Table &) const = default;

 private:
  Cow<std::vector<Cow<T>>> rows_{};
};

}  // namespace ipcvet::model
