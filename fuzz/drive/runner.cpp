#include "fuzz/drive/runner.h"

#include "fuzz/drive/actors.h"

namespace ipcvet::fuzz {
namespace {

// A fork server of its own. What goes wrong with one server is tried with another before it counts.
class ActorsRunner : public Runner {
 public:
  ActorsRunner(Images images, const CampaignOptions &options, uint64_t seed)
      : Runner(make_engine(options, seed)), images_(std::move(images)), options_(options), seed_(seed) {}

  std::string start() {
    auto server = Server::start(images_);
    if (!server) return server.error();
    server_ = std::make_unique<Server>(std::move(*server));
    auto setting = setting_of(*server_);
    if (!setting) return setting.error();
    stage_ = std::make_unique<Stage>(Stage{*server_,
                                           *setting,
                                           options_.mechanism,
                                           {" found by ipcvet fuzz " + options_.mechanism + " --mode " +
                                            mode_name(options_.mode) + " --seed " + std::to_string(seed_)},
                                           options_.mode == Mode::concurrent,
                                           options_.stop});
    return "";
  }

  RunReport run(const Program &program) override {
    RunReport report = run_with_actors(*stage_, program);
    if (report.broken.empty() || report.broken == "interrupted" || server_->alive()) return report;
    stage_.reset();
    server_.reset();
    if (std::string problem = start(); !problem.empty()) {
      report.broken = problem;
      return report;
    }
    return run_with_actors(*stage_, program);
  }

 private:
  Images images_;
  const CampaignOptions &options_;
  uint64_t seed_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Stage> stage_;
};

}  // namespace

Engine make_engine(const CampaignOptions &options, uint64_t seed) {
  return {{options.mechanism, options.mode == Mode::sequential, most_steps}, seed, options.corpus};
}

// Each run is told of: what could not be decided is counted, too.
Stint Runner::fuzz(size_t most) {
  Stint stint;
  while (stint.ran.size() < most) {
    Stint::Told told{.run = stint.ran.size(), .program = engine_.next()};
    told.report = run(told.program);
    if (!told.report.broken.empty()) {
      stint.broken = std::move(told.report.broken);
      break;
    }
    told.fresh = engine_.learn(told.program, told.report.features);
    stint.ran.push_back({.performed = told.report.performed, .skipped = told.report.skipped});
    stint.told.push_back(std::move(told));
  }
  return stint;
}

std::expected<std::unique_ptr<Runner>, std::string> make_actors_runner(const CampaignOptions &options, uint64_t seed) {
  auto images = open_images(options.actor_path);
  if (!images) return std::unexpected(images.error());
  auto runner = std::make_unique<ActorsRunner>(std::move(*images), options, seed);
  if (std::string problem = runner->start(); !problem.empty()) return std::unexpected(problem);
  return runner;
}

std::expected<std::unique_ptr<Runner>, std::string> make_runner(const CampaignOptions &options, uint64_t seed) {
  if (options.mode == Mode::sequential) return make_inside_runner(options, seed);
  return make_actors_runner(options, seed);
}

}  // namespace ipcvet::fuzz
