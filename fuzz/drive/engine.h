// The simple engine behind `ipcvet fuzz`: makes Programs from a seed, keeps those that reached something new.
#pragma once

#include <unordered_set>
#include <vector>

#include "fuzz/drive/report.h"
#include "fuzz/program/generate.h"

namespace ipcvet::fuzz {

class Engine {
 public:
  Engine(Taste taste, uint64_t seed, std::vector<Program> corpus)
      : taste_(taste), random_(seed), corpus_(std::move(corpus)), given_(corpus_.size()) {}

  // First each of the corpus as it is, then new ones and changed ones.
  Program next();
  // True if it reached something new: then it is in the corpus from now on.
  bool learn(const Program &program, const std::vector<uint64_t> &features);

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
