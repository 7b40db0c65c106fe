// A step of a Program, with what its own text and the table of calls say of it wherever it stands.
//
// Programs are made of one another, and most steps of a changed one are as they were: so they are shared and never
// change, and what is asked of a step again and again is worked out once.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "harness/case/case.h"
#include "harness/mechanism/known_numbers.h"
#include "harness/mechanism/table.h"

namespace ipcvet::fuzz {

// What later steps can use by a name.
enum class Kind : uint8_t { read_end, write_end, either_end, file, epoll, queue, segment, mapping };
inline bool is_descriptor(Kind k) { return k <= Kind::epoll; }

// A name or a word; empty: it is none.
inline std::string_view word_of(const Value &v) {
  const auto *name = v.as<Value::Name>();
  return name ? std::string_view(name->text) : std::string_view();
}

// What a step needs of the sandbox so that it means nothing outside: where that is not to be had, it is not made.
struct Wants {
  bool users = false;    // a root that may become any user
  bool ipc = false;      // System V objects of its own: what tells of all of them
  bool objects = false;  // a /dev/shm of its own
  bool owner = false;    // process ids of its own: signals of input and output
  bool null = false;     // a /dev/null that cannot be changed: what changes open files
  bool above = false;    // a /tmp of its own, where the directory above its own lies
};
Wants wants_of(const Step &step);

const CallSpec *spec_of(const Step &step);  // memory lines have one, too; nullptr: there is no such call
inline bool is_memory(const Step &step) { return step.kind == Step::Kind::store || step.kind == Step::Kind::expect; }

// Names are those of the step's text.
struct About {
  enum class Away : uint8_t { nothing, closed, unmapped, removed };

  const CallSpec *spec = nullptr;
  Wants wants{};
  bool inside = false;          // the only actor of a program can make it inside the fuzzing process itself
  bool structured = false;      // it has arguments that the model is given in another form than the actor
  bool mended = false;          // nothing in it that a Program does not hold; where it stands may still be wrong
  std::optional<Kind> makes{};  // of its result
  std::string_view binds{};     // the name of its result
  std::string_view ends[2]{};   // `[r, w]`
  std::string_view first{};     // the name its first argument is, or is about
  int64_t bytes = 0;            // of what it makes
  int64_t length = 0;           // its second argument
  Away away = Away::nothing;    // what becomes of the first argument
  Call access{};                // of a memory line: the call it is performed by
  KnownNumbers numbers{};       // the arguments that are numbers by themselves
};

class SharedStep {
 public:
  SharedStep(Step step);  // NOLINT(google-explicit-constructor): any step can be one

  const Step &operator*() const { return known_->step; }
  const Step *operator->() const { return &known_->step; }
  operator const Step &() const { return known_->step; }  // NOLINT(google-explicit-constructor)
  const About &about() const { return known_->about; }
  // The call it is performed by.
  const Call &call() const { return is_memory(**this) ? about().access : known_->step.call; }
  // The arguments of a mended step that fit whatever the steps before have made, a bit each.
  uint8_t settled() const;

  // Another step in its place: this one, changed.
  template <typename Change>
  void change(Change change) {
    Step step = **this;
    change(step);
    *this = SharedStep(std::move(step));
  }

  bool operator==(const SharedStep &other) const {
    return known_ == other.known_ || known_->step == other.known_->step;
  }

 private:
  struct Known {
    explicit Known(Step of) : step(std::move(of)) {}
    Step step;
    About about{};
    mutable std::atomic<uint16_t> settled{0};  // not worked out before somebody asks
  };
  std::shared_ptr<const Known> known_;
};

}  // namespace ipcvet::fuzz
