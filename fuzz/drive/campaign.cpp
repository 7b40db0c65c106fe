#include "fuzz/drive/campaign.h"

#include <sys/resource.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include "fuzz/drive/actors.h"
#include "fuzz/drive/engine.h"
#include "fuzz/drive/runner.h"
#include "fuzz/program/minimise.h"
#include "harness/model/rule.h"

namespace ipcvet::fuzz {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint32_t confirmations = 5;

// Of this process and of all it has waited for: fork servers and what they reaped.
double cpu_seconds() {
  double sum = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage used{};
    getrusage(who, &used);
    for (const timeval &t : {used.ru_utime, used.ru_stime})
      sum += static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  }
  return sum;
}
constexpr size_t most_questions = 400;

class Campaign {
 public:
  Campaign(const CampaignOptions &options, const std::function<void(const Tally &, size_t)> &progress)
      : options_(options), progress_(progress), start_(Clock::now()), end_(start_ + options.time) {}

  CampaignResult run() {
    std::vector<std::thread> workers;
    for (uint32_t i = 1; i < options_.jobs; ++i) workers.emplace_back([this, i] { work(i); });
    work(0);
    for (std::thread &w : workers) w.join();
    count_rules();
    for (auto &[kind, finding] : findings_) result_.findings.push_back(std::move(finding));
    result_.tally.seconds = elapsed();
    result_.tally.cpu_seconds = cpu_seconds();
    return std::move(result_);
  }

 private:
  double elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  bool over() const {
    return Clock::now() >= end_ || executions_ >= options_.runs || failed_ || enough_ ||
           (options_.stop && options_.stop->load(std::memory_order_relaxed));
  }

  void fail(std::string why) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    if (result_.broken.empty()) result_.broken = std::move(why);
  }

  void work(uint32_t job) {
    const uint64_t seed = options_.seed + job;
    auto runner = make_runner(options_, seed);
    if (!runner) return fail(runner.error());
    Engine engine({options_.mechanism, options_.mode == Mode::sequential, most_steps}, seed, options_.corpus);
    for (uint64_t n = 0; !over();) {
      std::vector<Program> programs;
      for (uint64_t wanted = claim((*runner)->at_once()); wanted > 0; --wanted) programs.push_back(engine.next());
      if (programs.empty()) break;
      std::vector<RunReport> reports = (*runner)->run_all(programs);
      for (size_t i = 0; i < reports.size(); ++i, ++n)
        if (!follow(**runner, engine, programs[i], reports[i], seed, n)) return;
    }
  }

  // So many of the runs that are left are the caller's.
  uint64_t claim(uint64_t most) {
    const std::lock_guard lock(mutex_);
    const uint64_t claimed = std::min(most, options_.runs - claimed_);
    claimed_ += claimed;
    return claimed;
  }

  // What came of a run; false if nothing more is to be run.
  bool follow(Runner &runner, Engine &engine, const Program &program, RunReport &report, uint64_t seed, uint64_t n) {
    if (report.broken == "interrupted") return false;
    if (!report.broken.empty()) {
      fail(report.broken);
      return false;
    }
    const bool fresh = engine.learn(program, report.features);
    account(report, engine, fresh ? &program : nullptr);
    if (report.found) examine(runner, program, std::move(*report.found), seed, n);
    return true;
  }

  void account(const RunReport &report, const Engine &engine, const Program *fresh) {
    const std::lock_guard lock(mutex_);
    ++executions_;
    result_.tally.executions = executions_;
    result_.tally.calls += report.performed;
    result_.tally.skipped += report.skipped;
    if (!report.undecided.empty()) ++result_.undecided[report.undecided];
    result_.tally.undecided += report.undecided.empty() ? 0u : 1u;
    result_.tally.partly += report.partly ? 1 : 0;
    result_.tally.features = std::max<uint64_t>(result_.tally.features, engine.features());
    if (fresh) result_.corpus.push_back({*fresh, report.features});
    if (Clock::now() < next_progress_) return;
    next_progress_ = Clock::now() + std::chrono::seconds(1);
    count_rules();
    result_.tally.seconds = elapsed();
    progress_(result_.tally, findings_.size());
  }

  void count_rules() {
    result_.tally.all_rules = model::rules().size();
    result_.tally.rules = static_cast<size_t>(std::count_if(model::rules().begin(), model::rules().end(),
                                                            [](const model::Rule *r) { return r->reached.load(); }));
  }

  // A deviation: known, or new; a new one is run again, made small, and kept whether or not it shows again.
  void examine(Runner &runner, const Program &program, Found found, uint64_t seed, uint64_t execution) {
    const std::string kind = found.kind;
    {
      const std::lock_guard lock(mutex_);
      const auto known = findings_.find(kind);
      if (known != findings_.end()) {
        ++known->second.times;
        return;
      }
      findings_.emplace(kind, Finding{found, program, seed, execution, 0, confirmations, 1});
    }
    Finding finding{std::move(found), program, seed, execution, 0, confirmations, 1};
    const auto shows = [&](const Program &p) {
      RunReport report = runner.run(p);
      if (!report.found || report.found->kind != kind) return false;
      finding.found = std::move(*report.found);
      return true;
    };
    if (options_.fail_fast) enough_ = true;
    finding.of = options_.fail_fast ? 1 : confirmations;
    for (uint32_t i = 0; i < finding.of; ++i) finding.again += shows(program) ? 1u : 0u;
    const int tries = finding.again == confirmations ? 1 : 4;
    if (finding.again > 0 && !options_.fail_fast) {
      const auto deadline = std::max(end_, Clock::now()) + std::chrono::seconds(5);
      finding.program = minimised(
          program,
          [&](const Program &p) {
            for (int i = 0; i < tries && Clock::now() < deadline; ++i)
              if (shows(p)) return true;
            return false;
          },
          most_questions);
    }
    const std::lock_guard lock(mutex_);
    finding.times = findings_.at(kind).times;
    findings_.at(kind) = std::move(finding);
  }

  const CampaignOptions &options_;
  const std::function<void(const Tally &, size_t)> &progress_;
  Clock::time_point start_, end_, next_progress_{};
  std::mutex mutex_;
  std::atomic<uint64_t> executions_{0};
  uint64_t claimed_ = 0;
  std::atomic<bool> failed_{false}, enough_{false};
  std::map<std::string, Finding> findings_;
  CampaignResult result_;
};

}  // namespace

std::optional<Mode> mode_of(std::string_view name) {
  for (const Mode mode : {Mode::sequential, Mode::actors, Mode::concurrent})
    if (name == mode_name(mode)) return mode;
  return std::nullopt;
}

const char *mode_name(Mode mode) {
  return mode == Mode::sequential ? "sequential" : mode == Mode::actors ? "actors" : "concurrent";
}

CampaignResult campaign(const CampaignOptions &options,
                        const std::function<void(const Tally &, size_t findings)> &progress) {
  return Campaign(options, progress).run();
}

}  // namespace ipcvet::fuzz
