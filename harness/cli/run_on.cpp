#include "harness/cli/run_on.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "harness/case/parser.h"
#include "harness/cli/cli.h"
#include "harness/cli/model_verdicts.h"
#include "harness/cli/run_record.h"
#include "harness/cli/select.h"
#include "harness/run/images.h"
#include "harness/run/system.h"
#include "harness/target/assemble.h"
#include "harness/target/job.h"
#include "harness/target/launch.h"
#include "reports/text.h"

namespace ipcvet::cli {
namespace {

// The words that make the run inside the one that was asked for. Reports and baselines are made outside.
std::vector<std::string> inside_arguments(const RunOptions &o) {
  std::vector<std::string> words = {"--quiet",
                                    "--profile",
                                    o.profile,
                                    "--timeout",
                                    fmt::format("{}", o.timeout),
                                    "--repeat",
                                    std::to_string(o.repeat)};
  const auto add = [&](const char *option, const std::string &value) { words.insert(words.end(), {option, value}); };
  for (const std::string &filter : o.filters) words.push_back("--filter=" + filter);
  if (o.jobs != 0) add("--jobs", std::to_string(o.jobs));
  if (o.shuffled) add("--shuffle", std::to_string(o.shuffle));
  if (o.fail_fast) words.push_back("--fail-fast");
  if (o.raw) words.push_back("--raw");
  if (!o.shard.empty())
    add("--shard", o.shard);
  else if (const auto shard = environment_shard(); shard && *shard)
    add("--shard", fmt::format("{}/{}", (*shard)->index + 1, (*shard)->count));
  return words;
}

// Files below a directory, named from there.
void add_relative(std::vector<TextFile> &out, const std::vector<TextFile> &texts, const std::string &directory) {
  for (const TextFile &text : texts)
    out.push_back({std::filesystem::path(text.path).lexically_relative(directory), text.text});
}

// What is the same for all targets: read once, the program apart.
std::expected<JobParts, std::string> job_parts(const RunOptions &options) {
  JobParts parts;
  parts.arguments = inside_arguments(options);
  if (find_abi(options.actor))
    parts.arguments.insert(parts.arguments.end(), {"--actor", options.actor});
  else
    parts.actor = options.actor;
  parts.jobs = options.jobs;
  if (!options.cases.empty()) {
    const Texts texts = read_texts(options.cases);
    add_relative(parts.cases, texts.cases, options.cases);
    add_relative(parts.cases, texts.requirements, options.cases);
  }
  for (const std::string &path : options.files) {
    auto text = read_text(path, largest_case);
    if (!text) return std::unexpected(render(text.error()));
    parts.files.push_back({path, std::move(*text)});
  }
  return parts;
}

std::expected<std::string, std::string> program_for(Program need, const std::string &asked) {
  if (need == Program::none) return "";
  auto found = static_program(asked);
  if (!found && need == Program::any && asked.empty()) return "/proc/self/exe";
  return found;
}

struct Request {
  const RunOptions &options;
  const JobParts &parts;
  const std::vector<std::string> &instances;
  const Catalogue &catalogue;
  const std::atomic<bool> &stop;
};

std::expected<Record, std::string> run_in(const Target &target, const Request &request, const std::string &directory) {
  JobParts parts = request.parts;
  auto program = program_for(target.kind->program, request.options.program);
  if (!program) return std::unexpected(program.error());
  parts.program = *program;
  const auto job = lay_out(parts, directory);
  if (!job) return std::unexpected(job.error());
  const auto launch = target.kind->prepare(*job, target.argument);
  if (!launch) return std::unexpected(launch.error());
  Assembly assembly(request.instances, request.options.repeat, request.options.fail_fast);
  LaunchLimits limits;
  limits.silence = std::chrono::duration<double>(request.options.target_limit);
  limits.stop = &request.stop;
  const auto ending = run_launch(
      *launch, directory, limits,
      {[&](const Frame &frame) { assembly.frame(frame); }, [&](std::string_view line) { assembly.console(line); }});
  if (!ending) return std::unexpected(ending.error());
  return assembly.finish(target.name(), *ending);
}

Record run_target(const Target &target, const Request &request) {
  const auto directory = make_job_directory();
  if (!directory) return record_of_trouble(target.name(), directory.error());
  auto record = run_in(target, request, *directory);
  remove_tree(*directory);  // where the keeper did not get to it
  if (!record) record = record_of_trouble(target.name(), record.error());
  record->system.command = command_line();
  record->uncited = uncited(*record, request.catalogue);
  return std::move(*record);
}

std::string told(const Record &record, size_t width) {
  const Counts counts = count(record);
  std::string verdicts;
  for (VerdictClass c : all_verdicts)
    if (counts[c] != 0) verdicts += fmt::format("{}{} {}", verdicts.empty() ? "" : ", ", counts[c], verdict_name(c));
  const SystemInfo &s = record.system;
  std::string text =
      fmt::format("{:<{}}  {} instances{}{}; {:.1f} s, {:.1f} s of it to start\n", s.target, width, counts.total(),
                  verdicts.empty() ? "" : ": ", verdicts, s.target_seconds, s.boot_seconds);
  return text;
}

// What a record means for all: the worst status wins, and nothing run is worse than all as expected.
int worse(int a, int b) {
  constexpr int order[] = {exit_expected, exit_nothing, exit_deviations, exit_bad_input, exit_harness};
  const auto rank = [&](int s) { return std::find(std::begin(order), std::end(order), s) - std::begin(order); };
  return rank(a) < rank(b) ? b : a;
}

// Records as the targets end; everything that is told or written, one at a time.
class Sink {
 public:
  Sink(const RunOptions &options, const std::vector<Baseline> &layers, const std::vector<Target> &targets)
      : options_(options), layers_(layers), alone_(targets.size() == 1) {
    for (const Target &t : targets) width_ = std::max(width_, t.name().size());
  }
  void take(const Target &target, const Record &record) {
    const std::lock_guard lock(mutex_);
    bool written = write_outputs(options_.outputs, record);
    if (alone_) tell_whole(record);
    out(told(record, width_));
    if (!alone_ && !record.system.trouble.empty()) out("  " + record.system.trouble + "\n");
    if (!options_.records.empty()) written = write_record(target, record) && written;
    std::fflush(stdout);
    const bool trouble = !written || !record.system.trouble.empty();
    status_ = worse(status_, trouble ? int{exit_harness} : pass_gate(record, layers_, options_.gate));
  }
  int status() const { return status_; }

 private:
  void tell_whole(const Record &record) {
    TextOptions text;
    text.reports = options_.outputs.paths();
    write_text(std::cout, record, text);
    std::cout << model_verdicts(record) << "\n" << std::flush;
  }
  bool write_record(const Target &target, const Record &record) {
    const std::string path = options_.records + "/" + target.file_name() + ".json";
    std::ostringstream text;
    write_json(text, record);
    return write_text_file(path, text.str());
  }

  const RunOptions &options_;
  const std::vector<Baseline> &layers_;
  bool alone_;
  size_t width_ = 0;
  std::mutex mutex_{};
  int status_ = exit_expected;
};

std::expected<std::vector<Target>, std::string> targets_of(const RunOptions &options) {
  std::vector<Target> all;
  std::set<std::string> files;
  for (const std::string &text : options.on) {
    auto some = parse_targets(text);
    if (!some) return some;
    for (Target &t : *some) {
      if (!files.insert(t.file_name()).second) return std::unexpected("target " + t.name() + " is named twice");
      all.push_back(std::move(t));
    }
  }
  if (all.size() > 1 && !options.outputs.files.empty())
    return std::unexpected("a report file is of one target; for several there is --records DIR");
  if (!options.journal.empty()) return std::unexpected("--journal is for the run on a target, not beside --on");
  return all;
}

}  // namespace

int run_on(const RunOptions &options, const std::vector<Case> &instances, const std::vector<Baseline> &layers,
           const std::atomic<bool> &stop) {
  const auto wrong = [](const std::string &why) { return err("ipcvet: " + why + "\n"), exit_bad_input; };
  const auto targets = targets_of(options);
  if (!targets) return wrong(targets.error());
  const auto parts = job_parts(options);
  if (!parts) return wrong(parts.error());
  std::error_code error;
  if (!options.records.empty()) std::filesystem::create_directories(options.records, error);
  if (error) return wrong(options.records + ": " + error.message());

  std::vector<std::string> ids;
  for (const Case &c : instances) ids.push_back(c.instance_id());
  const Catalogue catalogue = load_catalogue(chosen_texts(options.cases).requirements);
  const Request request{options, *parts, ids, catalogue, stop};
  Sink sink(options, layers, *targets);
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i; (i = next++) < targets->size();) sink.take((*targets)[i], run_target((*targets)[i], request));
  };
  const size_t at_once = options.targets_at_once != 0 ? options.targets_at_once : system_facts().cpus;
  std::vector<std::thread> workers;
  for (size_t i = 0; i < std::min(at_once, targets->size()); ++i) workers.emplace_back(work);
  for (std::thread &w : workers) w.join();
  return sink.status();
}

}  // namespace ipcvet::cli
