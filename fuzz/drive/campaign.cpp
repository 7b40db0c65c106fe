#include "fuzz/drive/campaign.h"

#include <sys/resource.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include "fuzz/drive/actors.h"
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
    for (uint64_t n = 0, claimed = 0; !over();) {
      if (claimed == 0) claimed = claim((*runner)->at_once());
      if (claimed == 0) break;
      Stint stint = (*runner)->fuzz(claimed);
      account(stint, **runner);
      for (Stint::Told &told : stint.told)
        if (told.report.found) examine(**runner, told.program, std::move(*told.report.found), seed, n + told.run);
      if (stint.broken == "interrupted") return;
      if (!stint.broken.empty()) return fail(std::move(stint.broken));
      claimed -= stint.ran.size();
      n += stint.ran.size();
    }
  }

  // So many of the runs that are left are the caller's.
  uint64_t claim(uint64_t most) {
    const std::lock_guard lock(mutex_);
    const uint64_t claimed = std::min(most, options_.runs - claimed_);
    claimed_ += claimed;
    return claimed;
  }

  void account(const Stint &stint, const Runner &runner) {
    const std::lock_guard lock(mutex_);
    Tally &tally = result_.tally;
    tally.executions = executions_ += stint.ran.size();
    for (const Stint::Ran &ran : stint.ran) tally.calls += ran.performed, tally.skipped += ran.skipped;
    for (const Stint::Told &told : stint.told) account(told);
    tally.features = std::max<uint64_t>(tally.features, runner.engine().features());
    if (Clock::now() < next_progress_) return;
    next_progress_ = Clock::now() + std::chrono::seconds(1);
    count_rules();
    result_.tally.seconds = elapsed();
    progress_(result_.tally, findings_.size());
  }

  void account(const Stint::Told &told) {
    const RunReport &report = told.report;
    if (!report.undecided.empty()) ++result_.undecided[report.undecided];
    result_.tally.undecided += report.undecided.empty() ? 0u : 1u;
    result_.tally.partly += report.partly ? 1 : 0;
    if (told.fresh) result_.corpus.push_back({told.program, report.features});
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
