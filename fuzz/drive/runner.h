// Runs Programs one after the other in one of the modes, each with a fresh state.
#pragma once

#include <sys/types.h>

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/drive/campaign.h"

namespace ipcvet::fuzz {

class Runner {
 public:
  virtual ~Runner() = default;
  virtual RunReport run(const Program &program) = 0;
  // One after the other, so many at once being fastest; a run that broke is the last one told of.
  virtual size_t at_once() const { return 1; }
  virtual std::vector<RunReport> run_all(const std::vector<Program> &programs);
  // The process that makes the calls, where it is always the same one; for measuring.
  virtual pid_t process() const { return 0; }
};

std::expected<std::unique_ptr<Runner>, std::string> make_runner(const CampaignOptions &options, uint64_t seed);
std::expected<std::unique_ptr<Runner>, std::string> make_actors_runner(const CampaignOptions &options, uint64_t seed);
std::expected<std::unique_ptr<Runner>, std::string> make_inside_runner(const CampaignOptions &options);

}  // namespace ipcvet::fuzz
