// Makes Programs and runs them one after the other in one of the modes, each with a fresh state.
#pragma once

#include <sys/types.h>

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/drive/campaign.h"
#include "fuzz/drive/engine.h"

namespace ipcvet::fuzz {

// What came of making and running some Programs.
struct Stint {
  struct Ran {
    uint32_t performed = 0, skipped = 0;  // as in RunReport
    int64_t nanoseconds = 0;              // of CPU time, from making the Program to having learned of it
  };
  struct Told {
    size_t run = 0;  // its place in `ran`
    Program program{};
    RunReport report{};
    bool fresh = false;  // it reached something new
  };
  std::vector<Ran> ran{};
  std::vector<Told> told{};  // those of them that there is something to tell of, in their order
  std::string broken{};      // the harness failed behind them: in this way
};

class Runner {
 public:
  explicit Runner(Engine engine) : engine_(std::move(engine)) {}
  virtual ~Runner() = default;
  // Runs what the engine makes, at most so many Programs, and has the engine learn of them.
  virtual Stint fuzz(size_t most);
  // As many as are best run before anybody looks.
  virtual size_t at_once() const { return 1; }
  // The engine learns nothing of this one.
  virtual RunReport run(const Program &program) = 0;
  // The process that makes the calls, where it is always the same one; for measuring.
  virtual pid_t process() const { return 0; }

  const Engine &engine() const { return engine_; }

 protected:
  Engine engine_;
};

std::expected<std::unique_ptr<Runner>, std::string> make_runner(const CampaignOptions &options, uint64_t seed);
std::expected<std::unique_ptr<Runner>, std::string> make_actors_runner(const CampaignOptions &options, uint64_t seed);
std::expected<std::unique_ptr<Runner>, std::string> make_inside_runner(const CampaignOptions &options, uint64_t seed);

// The engine of a worker whose Programs are those of the seed.
Engine make_engine(const CampaignOptions &options, uint64_t seed);

}  // namespace ipcvet::fuzz
