#include "harness/run/scheduler.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>

#include "harness/judge/text_pool.h"
#include "harness/run/encode.h"

namespace ipcvet {
namespace {

// The wire's descriptors have numbers from WIRE_SHM_FD on: the limit must allow them.
std::expected<void, std::string> allow_wire_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t wanted = WIRE_FDS_END + 11;
  if (limit.rlim_cur >= wanted) return {};
  if (limit.rlim_max < wanted)
    return std::unexpected("the limit on open files (RLIMIT_NOFILE) is below " + std::to_string(wanted));
  limit.rlim_cur = wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
  return {};
}

class Schedule {
 public:
  Schedule(const std::vector<Case> &instances, const std::vector<Case> &probes, const ScheduleOptions &options,
           const std::function<void(const CaseRun &)> &done)
      : instances_(instances), probes_(probes), options_(options), done_(done) {
    out_.results.resize(instances.size() * options.repeat);
    for (size_t i = 0; i < out_.results.size(); ++i) {
      out_.results[i].instance = &instances[i % instances.size()];
      out_.results[i].repeat = static_cast<uint32_t>(i / instances.size());
    }
  }

  std::expected<ScheduleResult, std::string> run() {
    if (auto allowed = allow_wire_descriptors(); !allowed) return std::unexpected(allowed.error());
    auto images = open_images(options_.actor_path);
    if (!images) return std::unexpected(images.error());
    images_ = std::move(*images);
    std::vector<std::thread> workers;
    const uint32_t n =
        std::clamp<uint32_t>(options_.jobs, 1, static_cast<uint32_t>(std::max<size_t>(1, out_.results.size())));
    std::thread first([&] { work(true); });
    probed_.wait(false);
    for (uint32_t i = 1; i < n && problem_.empty(); ++i) workers.emplace_back([&] { work(false); });
    first.join();
    for (std::thread &w : workers) w.join();
    if (!problem_.empty() && next_ == 0) return std::unexpected(problem_);
    const auto *stop = options_.sequencer.limits.stop;
    out_.interrupted = stop && stop->load();
    return std::move(out_);
  }

 private:
  // One worker. Its thread outlives the server it starts: a server dies with the thread that started it.
  void work(bool first) {
    prctl(PR_SET_TIMERSLACK, 1UL);
    RunStats stats;
    auto server = Server::start(images_);
    if (first) {
      if (server) out_.actor = actor_facts(server->area());
      out_.actor.platform = images_.platform;
      if (server) probe(*server, stats);
      if (!server) problem_ = server.error();
      if (server && options_.probed) options_.probed(out_);
      probed_ = true;
      probed_.notify_all();
    }
    if (server) take_cases(*server, stats);
    const std::lock_guard lock(mutex_);
    out_.stats.add(stats);
  }

  void probe(Server &server, RunStats &stats) {
    std::set<std::string> needs;
    for (const Case &c : instances_)
      for (const Need &need : c.needs) needs.insert(need.capability);
    out_.capabilities = probe_needs(server, images_, needs, probes_, options_.sequencer, stats);
  }

  bool ending() const {
    const auto *stop = options_.sequencer.limits.stop;
    return fail_fast_ || (stop && stop->load(std::memory_order_relaxed));
  }

  void take_cases(Server &server, RunStats &stats) {
    for (size_t i; !ending() && (i = next_++) < out_.results.size();) {
      CaseRun &result = out_.results[i];
      if (options_.begins) {
        const std::lock_guard lock(mutex_);
        options_.begins(*result.instance);
      }
      run_one(server, result, stats);
      if (result.history.why == "interrupted") continue;
      result.ran = true;
      const std::lock_guard lock(mutex_);
      texts_.compact(result.history);
      if (out_.sandbox.empty()) out_.sandbox = result.history.sandbox;
      const VerdictClass cls = result.verdict.cls;
      if (options_.fail_fast && cls != VerdictClass::pass && cls != VerdictClass::skip) fail_fast_ = true;
      done_(result);
      if (!server.alive()) {
        ++out_.workers_lost;
        return;
      }
    }
  }

  void run_one(Server &server, CaseRun &result, RunStats &stats) {
    const Case &c = *result.instance;
    for (const Need &need : c.needs) {
      const auto at = out_.capabilities.find(need.capability);
      if (at == out_.capabilities.end() || at->second.empty()) continue;
      result.history.end = RunEnd::skipped;
      result.history.why = "needs " + need.capability + ": " + at->second;
      break;
    }
    if (result.history.end != RunEnd::skipped) result.history = run_case(server, c, options_.sequencer, stats);
    result.verdict = judge(c, result.history, options_.sequencer.judge, area_constants(server.area()));
  }

  const std::vector<Case> &instances_;
  const std::vector<Case> &probes_;
  const ScheduleOptions &options_;
  const std::function<void(const CaseRun &)> &done_;
  Images images_;
  ScheduleResult out_;
  TextPool texts_;  // of what is in out_
  std::mutex mutex_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> probed_{false}, fail_fast_{false};
  std::string problem_;
};

}  // namespace

std::expected<ScheduleResult, std::string> run_cases(const std::vector<Case> &instances,
                                                     const std::vector<Case> &probes, const ScheduleOptions &options,
                                                     const std::function<void(const CaseRun &)> &done) {
  return Schedule(instances, probes, options, done).run();
}

}  // namespace ipcvet
