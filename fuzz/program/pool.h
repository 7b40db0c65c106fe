// What the steps of a Program so far have made: typed names that later steps can use.
//
// An approximation made from the text alone: whether a call will succeed is the system's business. It errs on the side
// of offering what may be gone, because calls on what is gone are worth making too, except where they would touch an
// actor's own memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/program/program.h"
#include "fuzz/program/random.h"

namespace ipcvet::fuzz {

// A name of at most seven letters as a number, by which it is found at once; 0: a longer one. Those that Programs bind
// have four.
inline uint64_t packed(std::string_view name) {
  uint64_t out = 1;
  if (name.size() >= sizeof out) return 0;
  for (const char letter : name) out = out << 8 | static_cast<unsigned char>(letter);
  return out;
}

struct Resource {
  std::string name;
  uint64_t packed_name = packed(name);
  Kind kind{};
  int64_t bytes = 0;     // of a segment, mapping
  uint32_t made_in = 0;  // processes it can be used in, a bit each
  uint32_t gone_in = 0;
};

struct PoolActor {
  std::string name;
  uint64_t packed_name = packed(name);
  uint32_t process = 0;
  bool thread = false;
  bool gone = false;
};

class Pool {
 public:
  Pool();
  void apply(const SharedStep &step);

  const std::vector<PoolActor> &actors() const { return asked_ = true, actors_; }
  const std::vector<Resource> &resources() const { return asked_ = true, resources_; }
  const PoolActor *actor(std::string_view name) const;
  const Resource *resource(std::string_view name) const;
  bool taken(std::string_view name) const { return actor(name) || resource(name); }
  // Is the mapping there in the actor's process, as far as can be told?
  bool mapped(std::string_view actor, const Resource &mapping) const;
  // Has anybody wanted to know anything of it?
  bool asked() const { return asked_; }

  // A name like `d3` or, of actors, `B`, that is not taken; "" where there are actors enough.
  std::string fresh(char prefix) const;
  std::string fresh_actor() const;
  // One of those `wanted` likes: mostly one the actor's process can use, late ones more often.
  template <typename Wanted>
  const Resource *some(Random &random, std::string_view actor, Wanted wanted) const {
    const uint32_t bit = 1u << process_of(actor);
    std::vector<const Resource *> near, all;
    for (const Resource &r : resources()) {
      if (!wanted(r)) continue;
      all.push_back(&r);
      if ((r.made_in & bit) && !(r.gone_in & bit)) near.push_back(&r);
    }
    if (!near.empty() && !random.chance(8)) return near[late(random, near.size())];
    return all.empty() ? nullptr : all[random.below(all.size())];
  }
  const PoolActor &some_actor(Random &random) const;

 private:
  static size_t late(Random &random, size_t n) { return random.chance(60) ? n - 1 : random.below(n); }
  uint32_t process_of(std::string_view actor) const;
  void add(const SharedStep &step, std::string_view name, Kind kind, int64_t bytes = 0);
  void birth(const SharedStep &step);
  void opened(const SharedStep &step);
  void removed(const SharedStep &step);
  bool leaves_some(const SharedStep &step) const;

  std::vector<PoolActor> actors_;
  std::vector<Resource> resources_;
  uint32_t processes_ = 1;
  mutable bool asked_ = false;
};

// True if the step, perhaps mended, can stand behind those in the pool: see repaired().
bool mended(Step &step, const Pool &pool);
// A plain number written as an integer, a constant, or an expression of them.
std::optional<int64_t> number_of(const Value &value);
// What kind of letter names of this kind start with, and what kind a call's result is.
std::optional<Kind> made_kind(const Call &call, const CallSpec &spec);
char prefix_of(Kind kind);
// `r0`, `q12`: the form of all names a Program binds.
bool is_program_name(std::string_view name, char prefix);

}  // namespace ipcvet::fuzz
