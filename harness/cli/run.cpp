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
#include <set>

#include "harness/case/catalogue.h"
#include "harness/case/lint/lint.h"
#include "harness/case/parser.h"
#include "harness/cli/cli.h"
#include "harness/cli/gate.h"
#include "harness/cli/model_verdicts.h"
#include "harness/cli/outputs.h"
#include "harness/cli/progress.h"
#include "harness/cli/select.h"
#include "harness/run/scheduler.h"
#include "harness/run/system.h"
#include "reports/text.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string cases, shard, actor;
  Outputs outputs;
  Gate gate;
  std::vector<std::string> filters, files;
  std::string profile = "linux";
  uint32_t jobs = 0, repeat = 1;
  uint64_t shuffle = 0;
  bool shuffled = false, fail_fast = false, quiet = false, raw = false, stats = false;
  double timeout = 60;
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

// What would make running a file senseless: an unknown call, an actor in two calls, ... What a file refers to
// (requirements, capabilities, falsifiers elsewhere) is `ipcvet lint`'s concern.
std::vector<Diagnostic> mistakes(const Case &c, const TextFile &file) {
  Surroundings around;
  for (const Need &need : c.needs) around.capabilities.push_back(need.capability);
  around.falsified.insert(invariant_names().begin(), invariant_names().end());
  Case elsewhere = c;
  elsewhere.file = c.id + ".ipc";  // a file given by hand may lie anywhere
  std::vector<Diagnostic> found = lint(elsewhere, file.text, around);
  for (Diagnostic &d : found) d.file = file.path;
  return found;
}

void add_file(Cases &chosen, const TextFile &file) {
  auto parsed = parse(file.text, file.path);
  const std::vector<Diagnostic> found = parsed ? mistakes(*parsed, file) : parsed.error();
  chosen.errors.insert(chosen.errors.end(), found.begin(), found.end());
  if (parsed) chosen.cases.push_back(std::move(*parsed));
}

// The cases to choose from: the files given, or a whole directory, or those in the program. Probes come along.
Cases gather(const Options &options) {
  Cases all = parse_cases(chosen_texts(options.cases));
  if (options.files.empty()) return all;
  Cases chosen;
  chosen.probes = std::move(all.probes);
  for (const std::string &path : options.files) {
    auto text = read_text(path, largest_case);
    if (text)
      add_file(chosen, {path, std::move(*text)});
    else
      chosen.errors.push_back(text.error());
  }
  return chosen;
}

// As ipcvet was called.
std::vector<std::string> command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  return words;
}

std::string utc(std::time_t t) {
  char text[32];
  std::tm tm{};
  gmtime_r(&t, &tm);
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
  return text;
}

SystemInfo describe_system(const Options &options, const ScheduleResult &run, std::time_t started, double seconds,
                           const std::vector<std::string> &command) {
  const SystemFacts facts = system_facts();
  SystemInfo info;
  info.kernel = facts.kernel;
  info.release = facts.release;
  info.version = facts.version;
  info.machine = run.actor.machine.empty() ? facts.machine : run.actor.machine;
  info.platform = facts.platform.empty() || run.actor.platform.empty() ? facts.platform + run.actor.platform
                                                                       : facts.platform + ", " + run.actor.platform;
  info.libc = run.actor.libc;
  info.abi = run.actor.abi;
  info.cpus = facts.cpus;
  info.sandbox = {run.sandbox};
  for (const auto &[name, value] : facts.limits) info.limits.push_back({name, value});
  for (const auto &[name, why] : run.capabilities) info.capabilities.push_back({name, why.empty(), why});
  for (const auto &[name, value] : run.actor.constants) info.constants.push_back({name, value});
  const auto by_name = [](const auto &a, const auto &b) { return a.name < b.name; };
  std::sort(info.limits.begin(), info.limits.end(), by_name);
  std::sort(info.constants.begin(), info.constants.end(), by_name);
  info.ipcvet = IPCVET_VERSION;
  info.profile = options.profile == "posix" ? Profile::posix : Profile::linux_;
  info.command = command;
  info.started = utc(started);
  info.seconds = seconds;
  info.interrupted = run.interrupted;
  return info;
}

std::string source_of(const Requirement &r) { return r.standard + ", " + r.section; }

// Every requirement a result cites, with its rule and source from the catalogue.
void cite(CaseResult &result, const Catalogue &catalogue) {
  for (RequirementRef &ref : result.requirements) {
    const Requirement *requirement = catalogue.find(ref.id);
    if (!requirement) continue;
    ref.rule = requirement->rule;
    ref.source = source_of(*requirement);
  }
}

// What nothing in this record cites, by the catalogue.
std::vector<Uncited> uncited(const Record &record, const Catalogue &catalogue) {
  std::set<std::string_view> cited;
  for (const CaseResult &r : record.cases)
    for (const RequirementRef &q : r.requirements) cited.insert(q.id);
  std::vector<Uncited> out;
  for (const Requirement &r : catalogue.requirements)
    if (!cited.contains(r.id)) out.push_back({{r.id, r.level, r.rule, source_of(r)}, r.untestable.value_or("")});
  return out;
}

Record make_record(SystemInfo system, ScheduleResult &run, const Catalogue &catalogue) {
  Record record;
  record.system = std::move(system);
  for (CaseRun &one : run.results) {
    if (!one.ran) continue;
    record.cases.push_back(make_result(*one.instance, std::move(one.history), std::move(one.verdict)));
    cite(record.cases.back(), catalogue);
  }
  record.uncited = uncited(record, catalogue);
  return record;
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
  limits.rest = limits.whole / 20;
  limits.stop = &stop_requested;
  out.sequencer.judge.profile = options.profile == "posix" ? Profile::posix : Profile::linux_;
  out.sequencer.raw = options.raw;
  return out;
}

int run(const Options &options, const std::vector<std::string> &command) {
  const Cases cases = gather(options);
  if (!cases.errors.empty()) {
    err(render(cases.errors));
    return exit_bad_input;
  }
  const auto layers = load_baselines(options.gate.baselines);
  if (!layers) return exit_bad_input;
  const auto instances = instances_of(options, cases);
  if (!instances) return instances.error();

  catch_signals();
  const std::time_t started = std::time(nullptr);
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
  const Record record = make_record(describe_system(options, *result, started, seconds, command), *result,
                                    load_catalogue(chosen_texts(options.cases).requirements));

  const bool written = write_outputs(options.outputs, record);
  TextOptions text;
  text.color = isatty(STDOUT_FILENO) != 0;
  text.reports = options.outputs.paths();
  write_text(std::cout, record, text);
  std::cout << model_verdicts(record);
  if (options.stats) print_stats(result->stats, seconds);
  std::cout.flush();
  if (!written || result->workers_lost != 0) return exit_harness;
  return pass_gate(record, *layers, options.gate);
}

}  // namespace

void add_run(CLI::App &app, int &status) {
  auto o = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("run", "run cases on this system and judge what happens");
  add_cases_option(*command, o->cases);
  command->add_option("files", o->files, "run these case files instead")->type_name("FILE.ipc");
  add_output_options(*command, o->outputs);
  add_gate_options(*command, o->gate);
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
  command->add_option("--timeout", o->timeout, "seconds after which a case is ended (default 60)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 86400.0));
  command->add_flag("--fail-fast", o->fail_fast,
                    "end the run at the first instance that neither passes nor is skipped");
  command->add_option("--profile", o->profile, "what is promised: linux (default) or posix alone")
      ->check(CLI::IsMember({"linux", "posix"}));
  command
      ->add_option("--actor", o->actor,
                   "perform the calls with this actor program instead of the one inside, or with that for an ABI "
                   "(i386, musl, aarch64, s390x, riscv64)")
      ->type_name("PATH|ABI");
  command->add_flag("--raw", o->raw, "perform calls as bare system calls where there is one");
  command->add_flag("--quiet", o->quiet, "no progress");
  command->add_flag("--stats", o->stats, "print what the run cost");
  command->callback([o, &status] { status = run(*o, command_line()); });
}

}  // namespace ipcvet::cli
