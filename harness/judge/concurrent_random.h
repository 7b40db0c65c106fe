// Random histories of overlapping reads and writes on pipes, made by running the model of the system. For tests and
// measurements.
#pragma once

#include "harness/judge/concurrent_model.h"
#include "harness/judge/linear_run.h"

namespace ipcvet {

struct PipeRuns {
  model::Setting setting{};
  model::World start{};  // as many pipes as asked for, with descriptors 3 and 4, 5 and 6, ... in each of the actors
  uint32_t pipes = 1;
  ModelSpecification specification;

  PipeRuns(uint32_t actors, uint32_t pipes);
  PipeRuns(const PipeRuns &) = delete;
  linear::History<ModelSpecification::Operation, ModelSpecification::Result> run(linear::RunShape shape,
                                                                                 std::mt19937 &random) const;
};

}  // namespace ipcvet
