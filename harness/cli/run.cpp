// `ipcvet run`: case texts in, a verdict on this system out.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>

#include "harness/case/catalogue.h"
#include "harness/case/lint/lint.h"
#include "harness/case/parser.h"
#include "harness/cli/cli.h"
#include "harness/cli/gate.h"
#include "harness/cli/model_verdicts.h"
#include "harness/cli/outputs.h"
#include "harness/cli/progress.h"
#include "harness/cli/run_journal.h"
#include "harness/cli/run_on.h"
#include "harness/cli/run_record.h"
#include "harness/cli/select.h"
#include "harness/run/scheduler.h"
#include "harness/run/system.h"
#include "reports/text.h"

namespace ipcvet::cli {
namespace {

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
Cases gather(const RunOptions &options) {
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

std::expected<std::vector<Case>, int> instances_of(const RunOptions &options, const Cases &cases) {
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

ScheduleOptions schedule_options(const RunOptions &options) {
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

// What the caller sees of a run while it goes on: a line of progress, or the journal.
class Voice {
 public:
  Voice(const RunOptions &options, size_t total, std::optional<JournalWriter> journal, const Called &called)
      : options_(options), progress_(total, options.quiet || journal), journal_(std::move(journal)), called_(called) {
    if (!journal_) return;
    catalogue_ = load_catalogue(chosen_texts(options.cases).requirements);
    tell_system({});
  }
  void add_to(ScheduleOptions &schedule) {
    if (!journal_) return;
    schedule.probed = [this](const ScheduleResult &run) { tell_system(run); };
    schedule.begins = [this](const Case &c) { journal_->write(Frame::Kind::begin, c.instance_id()); };
  }
  void done(const CaseRun &one) {
    progress_.done(one.instance->instance_id(), one.verdict);
    if (journal_) journal_->write(Frame::Kind::result, json_of(result_of(one, catalogue_)));
  }
  void tell_system(const ScheduleResult &run) {
    if (journal_) journal_->write(Frame::Kind::system, json_of(describe_system(options_, run, called_)));
  }
  void tell(const std::string &trouble) {
    err("ipcvet: " + trouble + "\n");
    if (journal_) journal_->write(Frame::Kind::trouble, trouble);
  }
  int tell_trouble(const std::string &why) {
    tell(why);
    return tell_end(exit_harness);
  }
  // The status, or another one if it could not be told.
  int tell_end(int status) {
    if (journal_) journal_->end(status);
    if (!journal_ || !journal_->failed()) return status;
    err("ipcvet: the journal could not be written\n");
    return exit_harness;
  }
  void finish() { progress_.finish(); }
  bool is_journal() const { return journal_.has_value(); }

 private:
  const RunOptions &options_;
  Progress progress_;
  std::optional<JournalWriter> journal_;
  const Called &called_;
  Catalogue catalogue_{};
};

int tell_text(const RunOptions &options, const Record &record, const RunStats &stats) {
  const bool written = write_outputs(options.outputs, record);
  TextOptions text;
  text.color = isatty(STDOUT_FILENO) != 0;
  text.reports = options.outputs.paths();
  write_text(std::cout, record, text);
  std::cout << model_verdicts(record);
  if (options.stats) print_stats(stats, record.system.seconds);
  std::cout.flush();
  return written ? exit_expected : exit_harness;
}

int run_here(const RunOptions &options, const std::vector<Case> &instances, const std::vector<Case> &probes,
             const std::vector<Baseline> &layers) {
  std::optional<JournalWriter> journal;
  if (!options.journal.empty()) {
    auto opened = JournalWriter::open(options.journal);
    if (!opened) return err("ipcvet: " + opened.error() + "\n"), exit_bad_input;
    journal = std::move(*opened);
  }
  Called called{command_line(), std::time(nullptr), 0};
  const auto clock = std::chrono::steady_clock::now();
  Voice voice(options, instances.size() * options.repeat, std::move(journal), called);
  ScheduleOptions schedule = schedule_options(options);
  voice.add_to(schedule);
  auto result = run_cases(instances, probes, schedule, [&](const CaseRun &one) { voice.done(one); });
  voice.finish();
  if (!result) return voice.tell_trouble(result.error());
  called.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count();

  voice.tell_system(*result);
  const Record record = make_record(describe_system(options, *result, called), *result,
                                    load_catalogue(chosen_texts(options.cases).requirements));
  if (result->workers_lost != 0) voice.tell(std::to_string(result->workers_lost) + " workers were lost");
  if (voice.is_journal()) return voice.tell_end(result->workers_lost != 0 ? exit_harness : status_of(record));
  const int told = tell_text(options, record, result->stats);
  if (told != exit_expected || result->workers_lost != 0) return exit_harness;
  return pass_gate(record, layers, options.gate);
}

int run(const RunOptions &options) {
  Cases cases = gather(options);
  if (!cases.errors.empty()) {
    err(render(cases.errors));
    return exit_bad_input;
  }
  const auto layers = load_baselines(options.gate.baselines);
  if (!layers) return exit_bad_input;
  const auto instances = instances_of(options, cases);
  if (!instances) return instances.error();
  cases.cases = {};  // their instances are what is run; a whole run is mostly memory for what cases say
  catch_signals();
  return options.on.empty() ? run_here(options, *instances, cases.probes, *layers)
                            : run_on(options, *instances, *layers, stop_requested);
}

void add_on_options(CLI::App &command, RunOptions &o) {
  command.add_option("--on", o.on, "run on these targets instead of here (see `ipcvet targets`); may be repeated")
      ->type_name("TARGET,...")
      ->allow_extra_args(false);
  command.add_option("--records", o.records, "with --on: write each target's record to DIR/TARGET.json")
      ->type_name("DIR");
  command.add_option("--program", o.program, "with --on: the static ipcvet to start on the target")->type_name("FILE");
  command
      .add_option("--targets-at-once", o.targets_at_once,
                  "with --on: targets at the same time (default: the processors)")
      ->type_name("N")
      ->check(CLI::Range(1, 64));
  command
      .add_option("--target-limit", o.target_limit,
                  "with --on: seconds without a result after which a target is ended (default 300)")
      ->type_name("SECONDS")
      ->check(CLI::Range(1.0, 86400.0));
}

}  // namespace

void add_run(CLI::App &app, int &status) {
  auto o = std::make_shared<RunOptions>();
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
  command->add_option("--journal", o->journal, "tell results, as they come, to this descriptor or file; nothing else")
      ->type_name("FD|FILE");
  add_on_options(*command, *o);
  command->add_flag("--quiet", o->quiet, "no progress");
  command->add_flag("--stats", o->stats, "print what the run cost");
  command->callback([o, &status] { status = run(*o); });
}

}  // namespace ipcvet::cli
