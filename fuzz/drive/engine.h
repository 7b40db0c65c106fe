// The simple engine behind `ipcvet fuzz`: makes Programs from a seed, keeps those that reached something new.
#pragma once

#include <unordered_set>
#include <vector>

#include "fuzz/drive/report.h"
#include "fuzz/program/generate.h"

namespace ipcvet::fuzz {

class Engine {
 public:
  // What the next Program depends on beside the corpus: an engine that knows the same corpus makes the same one there.
  struct Place {
    uint64_t random = 0;
    size_t replayed = 0;
  };

  Engine(Taste taste, uint64_t seed, std::vector<Program> corpus)
      : taste_(taste), random_(seed), corpus_(std::move(corpus)), given_(corpus_.size()) {}

  // First each of the corpus as it is, then new ones and changed ones.
  Program next();
  // True if it reached something new: then it is in the corpus from now on.
  bool learn(const Program &program, const std::vector<uint64_t> &features);

  Place place() const { return {random_.state(), replayed_}; }
  void go_to(Place place) { random_ = Random(place.random), replayed_ = place.replayed; }

  size_t features() const { return seen_.size(); }
  const std::vector<Program> &corpus() const { return corpus_; }

 private:
  Taste taste_;
  Random random_;
  std::vector<Program> corpus_;
  size_t given_ = 0, replayed_ = 0;
  std::unordered_set<uint64_t> seen_;
};

}  // namespace ipcvet::fuzz
