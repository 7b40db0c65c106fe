// `ipcvet run`: case texts in, a verdict on this system out.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>

#include "harness/case/parser.h"
#include "harness/case/printer.h"
#include "harness/cli/cli.h"
#include "harness/cli/progress.h"
#include "harness/cli/select.h"
#include "harness/run/scheduler.h"
#include "harness/run/system.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string cases, json, junit, html, shard, actor;
  std::vector<std::string> filters, files;
  std::string profile = "linux";
  uint32_t jobs = 0, repeat = 1;
  uint64_t shuffle = 0;
  bool shuffled = false, fail_fast = false, quiet = false, raw = false, stats = false;
  double timeout = 20;
};

std::atomic<bool> stop_requested{false};
extern "C" void request_stop(int) {
  // A second signal ends the program at once; the fork servers see that and clean up.
  if (stop_requested.exchange(true)) _exit(130);
}

void catch_signals() {
  struct sigaction action{};
  action.sa_handler = request_stop;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGHUP, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

// The cases to choose from: the files given, or a whole directory, or those in the program. Probes come along.
Cases gather(const Options &options) {
  Cases all = parse_cases(chosen_texts(options.cases));
  if (options.files.empty()) return all;
  Cases chosen;
  chosen.probes = std::move(all.probes);
  for (const std::string &path : options.files) {
    const auto text = read_text(path, largest_case);
    if (!text) {
      chosen.errors.push_back(text.error());
      continue;
    }
    auto parsed = parse(*text, path);
    if (parsed)
      chosen.cases.push_back(std::move(*parsed));
    else
      chosen.errors.insert(chosen.errors.end(), parsed.error().begin(), parsed.error().end());
  }
  return chosen;
}

struct Counts {
  size_t by[7] = {};
  size_t operator[](VerdictClass c) const { return by[static_cast<size_t>(c)]; }
  size_t total() const { return by[0] + by[1] + by[2] + by[3] + by[4] + by[5] + by[6]; }
};

void print_run(const CaseRun &one) {
  const Verdict &v = one.verdict;
  if (v.cls == VerdictClass::pass) return;
  fmt::print("{} {}: {}\n    allowed: {}\n    actual:  {}\n", verdict_name(v.cls), one.instance->instance_id(),
             v.reason, v.allowed, v.actual);
  for (const Event &e : one.history.events) {
    fmt::print("    [{}] {} {}", e.step == no_step ? -1 : static_cast<int>(e.step), e.actor, e.name);
    for (const Value &a : e.args) fmt::print(" {}", print_actual(a));
    fmt::print(" = {} {}\n", print_actual(e.result), e.proof);
  }
}

int status_of(const ScheduleResult &run) {
  Counts counts;
  for (const CaseRun &one : run.results)
    if (one.ran) ++counts.by[static_cast<size_t>(one.verdict.cls)];
  fmt::print("{} passed, {} failed, {} skipped, {} unresolved, {} timeout, {} error\n", counts[VerdictClass::pass],
             counts[VerdictClass::fail], counts[VerdictClass::skip], counts[VerdictClass::unresolved],
             counts[VerdictClass::timeout], counts[VerdictClass::error]);
  if (counts[VerdictClass::error] != 0 || run.workers_lost != 0) return exit_harness;
  if (run.interrupted) return exit_harness;
  if (counts.total() == counts[VerdictClass::skip]) return exit_nothing;
  return counts.total() == counts[VerdictClass::pass] + counts[VerdictClass::skip] ? exit_expected : exit_deviations;
}

void print_stats(const RunStats &stats, double seconds) {
  std::vector<uint32_t> proofs = stats.proof_ns;
  std::sort(proofs.begin(), proofs.end());
  const auto at = [&](double q) {
    return proofs.empty() ? 0.0 : proofs[static_cast<size_t>(q * static_cast<double>(proofs.size() - 1))] / 1000.0;
  };
  fmt::print("stats: cases {} calls {} forks {} proofs {} checks {} seconds {:.3f}\n", stats.cases, stats.calls,
             stats.forks, stats.proofs, stats.checks, seconds);
  fmt::print("stats: proof of blocking in us: p50 {:.1f} p90 {:.1f} p99 {:.1f} max {:.1f} of {}\n", at(0.5), at(0.9),
             at(0.99), at(1.0), proofs.size());
}

std::expected<std::vector<Case>, int> instances_of(const Options &options, const Cases &cases) {
  Selection selection;
  selection.filters = options.filters;
  if (options.shuffled) selection.shuffle = options.shuffle;
  const auto from_environment = environment_shard();
  std::string problem = from_environment ? "" : from_environment.error();
  if (from_environment && *from_environment) selection.shard = **from_environment;
  if (!options.shard.empty()) {
    const auto shard = parse_shard(options.shard);
    shard ? void(selection.shard = *shard) : void(problem = shard.error());
  }
  if (!problem.empty()) {
    err("ipcvet: " + problem + "\n");
    return std::unexpected(exit_bad_input);
  }
  std::vector<Case> instances = select(cases.cases, selection);
  if (!instances.empty()) return instances;
  err("ipcvet: no case matches; `ipcvet list` shows what there is\n");
  return std::unexpected(exit_nothing);
}

ScheduleOptions schedule_options(const Options &options) {
  ScheduleOptions out;
  out.jobs = options.jobs != 0 ? options.jobs : system_facts().cpus * 2;
  out.repeat = options.repeat;
  out.fail_fast = options.fail_fast;
  out.actor_path = options.actor;
  auto &limits = out.sequencer.limits;
  limits.whole = std::chrono::nanoseconds(static_cast<int64_t>(options.timeout * 1e9));
  limits.rest = limits.whole / 10;
  limits.stop = &stop_requested;
  out.sequencer.judge.profile = options.profile == "posix" ? Profile::posix : Profile::linux_;
  out.sequencer.raw = options.raw;
  return out;
}

int run(const Options &options) {
  const Cases cases = gather(options);
  if (!cases.errors.empty()) {
    err(render(cases.errors));
    return exit_bad_input;
  }
  const auto instances = instances_of(options, cases);
  if (!instances) return instances.error();

  catch_signals();
  const auto clock = std::chrono::steady_clock::now();
  Progress progress(instances->size() * options.repeat, options.quiet);
  auto result = run_cases(*instances, cases.probes, schedule_options(options),
                          [&](const CaseRun &one) { progress.done(one.instance->instance_id(), one.verdict); });
  progress.finish();
  if (!result) {
    err("ipcvet: " + result.error() + "\n");
    return exit_harness;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count();
  for (const CaseRun &one : result->results)
    if (one.ran) print_run(one);
  if (options.stats) print_stats(result->stats, seconds);
  std::cout.flush();
  return status_of(*result);
}

}  // namespace

void add_run(CLI::App &app, int &status) {
  auto o = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("run", "run cases on this system and judge what happens");
  add_cases_option(*command, o->cases);
  command->add_option("files", o->files, "run these case files instead")->type_name("FILE.ipc");
  command->add_option("--json", o->json, "write the record of the run")->type_name("FILE");
  command->add_option("--junit", o->junit, "write JUnit XML")->type_name("FILE");
  command->add_option("--html", o->html, "write a page to read")->type_name("FILE");
  command->add_option("--filter", o->filters, "only cases whose id matches (`!GLOB`: not those); may be repeated")
      ->type_name("GLOB")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--jobs", o->jobs, "cases at the same time (default: twice the processors)")
      ->type_name("N")
      ->check(CLI::Range(1, 256));
  command->add_option("--shard", o->shard, "only the I-th of N parts of the cases")->type_name("I/N");
  command->add_option("--repeat", o->repeat, "run everything N times")->type_name("N")->check(CLI::Range(1, 1000000));
  command
      ->add_option_function<uint64_t>(
          "--shuffle",
          [o](uint64_t seed) {
            o->shuffle = seed;
            o->shuffled = true;
          },
          "run in an order made from SEED")
      ->type_name("SEED");
  command->add_option("--timeout", o->timeout, "seconds after which a case is ended (default 20)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 86400.0));
  command->add_flag("--fail-fast", o->fail_fast,
                    "end the run at the first instance that neither passes nor is skipped");
  command->add_option("--profile", o->profile, "what is promised: linux (default) or posix alone")
      ->check(CLI::IsMember({"linux", "posix"}));
  command->add_option("--actor", o->actor, "perform the calls with this actor program instead of the one inside")
      ->type_name("PATH");
  command->add_flag("--raw", o->raw, "perform calls as bare system calls where there is one");
  command->add_flag("--quiet", o->quiet, "no progress");
  command->add_flag("--stats", o->stats, "print what the run cost");
  command->callback([o, &status] { status = run(*o); });
}

}  // namespace ipcvet::cli
