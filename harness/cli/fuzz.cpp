// `ipcvet fuzz MECHANISM`: random programs against this system, with the model as what they are judged by.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "fuzz/drive/campaign.h"
#include "fuzz/program/menu.h"
#include "harness/case/printer.h"
#include "harness/cli/cli.h"
#include "harness/model/rule.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string mechanism, mode = "actors", actor, directory = ".", corpus, keep;
  double seconds = 60;
  uint64_t runs = 0, seed = 0;
  uint32_t jobs = 1;
  bool seeded = false, quiet = false, unreached = false, fail_fast = false;
};

std::atomic<bool> stop_requested{false};
extern "C" void request_end(int) {
  if (stop_requested.exchange(true)) _exit(130);
}

std::string line_of(const fuzz::Tally &t, size_t findings) {
  const double s = t.seconds > 0 ? t.seconds : 1;
  return fmt::format("{} executions, {:.0f}/s, {:.0f} calls/s, model rules {}/{}, features {}, deviations {}",
                     t.executions, static_cast<double>(t.executions) / s, static_cast<double>(t.calls) / s, t.rules,
                     t.all_rules, t.features, findings);
}

// Rewritten on a terminal; elsewhere a line every half minute.
class LiveLine {
 public:
  explicit LiveLine(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0) {}
  void show(const fuzz::Tally &tally, size_t findings) {
    if (quiet_ || (!terminal_ && tally.seconds < next_)) return;
    next_ = tally.seconds + 30;
    err((terminal_ ? "\r\x1b[K" : "") + line_of(tally, findings) + (terminal_ ? "" : "\n"));
  }
  void end() const {
    if (!quiet_ && terminal_) err("\r\x1b[K");
  }

 private:
  bool quiet_, terminal_;
  double next_ = 0;
};

constexpr size_t most_seeds = 1600;

bool begins_with(const Options &options, const Case &c) {
  const std::string_view mechanism = mechanism_of(c);
  if (options.mechanism == "all") return mechanism != "needs";
  return mechanism == options.mechanism || (options.mechanism == "process" && mechanism == "signal");
}

// What cases of the mechanism do is where fuzzing starts: one instance of each, then further ones.
std::vector<fuzz::Program> seeds(const Options &options) {
  std::vector<fuzz::Program> out, further;
  const Cases cases = parse_cases(chosen_texts(options.corpus));
  for (const Case &c : cases.cases) {
    if (!begins_with(options, c)) continue;
    auto *to = &out;
    for (const Case &instance : expand(c)) {
      if (fuzz::Program p = fuzz::from_case(instance); !p.steps.empty()) to->push_back(std::move(p));
      to = &further;
    }
  }
  const size_t room = out.size() < most_seeds ? most_seeds - out.size() : 0;
  further.resize(std::min(further.size(), room));
  out.insert(out.end(), std::make_move_iterator(further.begin()), std::make_move_iterator(further.end()));
  return out;
}

std::string write_finding(const Options &options, const fuzz::Finding &finding) {
  Case story = finding.found.story;
  const std::string name =
      fmt::format("{}-{:08x}", options.mechanism, std::hash<std::string>{}(finding.found.kind) & 0xffffffffu);
  story.id = std::string(mechanism_of(story)) + "/" + name;
  story.case_trivia.before.push_back(fmt::format(" seen again in {} of {} runs", finding.again, finding.of));
  const std::string path = (std::filesystem::path(options.directory) / (name + ".ipc")).string();
  std::ofstream file(path);
  file << print(story);
  return file.flush() ? path : "";
}

// Few Programs that reach what the run has reached, named by what they are.
bool keep_corpus(const Options &options, const std::vector<fuzz::Kept> &all) {
  const std::vector<fuzz::Program> few = fuzz::cover(all);
  for (const fuzz::Program &program : few) {
    const auto hash = std::hash<std::string>{}(fuzz::text(program, "a/a")) & 0xffffffffu;
    const std::string name = fmt::format("{}-{:08x}", options.mechanism, hash);
    std::ofstream file(std::filesystem::path(options.keep) / (name + ".ipc"));
    file << fuzz::text(program, options.mechanism + "/" + name);
    if (!file.flush()) return false;
  }
  out(fmt::format("kept {} programs in {}\n", few.size(), options.keep));
  return true;
}

std::string histories_line(const fuzz::Tally &t) {
  return fmt::format("histories {}, undecided {}, judged in part for want of a rule {}\n", t.executions, t.undecided,
                     t.partly);
}

// By place, so that one finds them.
void tell_unreached() {
  std::vector<std::string> lines;
  for (const model::Rule *rule : model::rules())
    if (!rule->reached)
      lines.push_back(fmt::format("not reached: {}:{} {}\n", rule->file, rule->line, rule->requirement));
  std::sort(lines.begin(), lines.end());
  for (const std::string &line : lines) out(line);
}

int tell(const Options &options, const fuzz::CampaignResult &result, uint64_t seed) {
  bool written = true;
  for (const fuzz::Finding &finding : result.findings) {
    const std::string path = write_finding(options, finding);
    written = written && !path.empty();
    out(fmt::format("deviation: {}\n  seen {} times, again in {} of {} runs, first with seed {} at execution {}\n",
                    finding.found.what, finding.times, finding.again, finding.of, finding.seed, finding.execution));
    out(path.empty() ? "  could not be written to " + options.directory + "\n" : "  ipcvet run " + path + "\n");
  }
  out(
      fmt::format("{} --mode {} --seed {}: {} in {:.1f} s ({:.1f} s of CPU), {} steps not made for want of a rule or a "
                  "free actor\n",
                  options.mechanism, options.mode, seed, line_of(result.tally, result.findings.size()),
                  result.tally.seconds, result.tally.cpu_seconds, result.tally.skipped));
  if (options.mode == "concurrent") out(histories_line(result.tally));
  for (const auto &[why, times] : result.undecided) out(fmt::format("undecided {} times: {}\n", times, why));
  if (!options.keep.empty()) written = keep_corpus(options, result.corpus) && written;
  if (options.unreached) tell_unreached();
  if (!result.broken.empty()) {
    err("ipcvet: " + result.broken + "\n");
    return exit_harness;
  }
  if (!written) return exit_harness;
  if (!result.findings.empty()) return exit_deviations;
  return result.tally.executions == 0 ? exit_nothing : exit_expected;
}

int fuzz_for(const Options &options) {
  struct sigaction action{};
  action.sa_handler = request_end;
  for (const int signo : {SIGINT, SIGTERM, SIGHUP}) sigaction(signo, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  fuzz::CampaignOptions campaign;
  campaign.mechanism = options.mechanism;
  campaign.mode = *fuzz::mode_of(options.mode);
  campaign.time = std::chrono::milliseconds(static_cast<int64_t>(options.seconds * 1000));
  if (options.runs != 0) campaign.runs = options.runs;
  campaign.jobs = options.jobs;
  campaign.fail_fast = options.fail_fast;
  campaign.seed = options.seeded ? options.seed
                                 : static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  campaign.actor_path = options.actor;
  campaign.corpus = seeds(options);
  campaign.stop = &stop_requested;
  LiveLine live(options.quiet);
  const auto result =
      fuzz::campaign(campaign, [&](const fuzz::Tally &tally, size_t findings) { live.show(tally, findings); });
  live.end();
  return tell(options, result, campaign.seed);
}

}  // namespace

void add_fuzz(CLI::App &app, int &status) {
  auto o = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("fuzz", "run random programs on this system and hold them against the model");
  std::vector<std::string> names(fuzz::mechanisms().begin(), fuzz::mechanisms().end());
  command->add_option("mechanism", o->mechanism, "whose calls to make, or all")
      ->required()
      ->check(CLI::IsMember(names));
  command->add_option("--time", o->seconds, "seconds after which to end (default 60)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 1e7));
  command->add_option("--runs", o->runs, "end after N programs")->type_name("N")->check(CLI::Range(1, 2000000000));
  command->add_option("--mode", o->mode, "sequential, actors (default) or concurrent")
      ->check(CLI::IsMember({"sequential", "actors", "concurrent"}));
  command->add_option("--jobs", o->jobs, "programs at the same time (default 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 256));
  command
      ->add_option_function<uint64_t>(
          "--seed",
          [o](uint64_t seed) {
            o->seed = seed;
            o->seeded = true;
          },
          "the same programs for the same SEED")
      ->type_name("SEED");
  command->add_option("--actor", o->actor, "perform the calls with this actor program instead of the one inside")
      ->type_name("PATH");
  command->add_option("--output", o->directory, "where to write what deviates (default: here)")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command->add_option("--cases", o->corpus, "start from the cases of this directory instead of the built-in ones")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command->add_option("--keep", o->keep, "where to write a few programs that reach what all of the run did")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command->add_flag("--fail-fast", o->fail_fast, "end at the first deviation, without making it small");
  command->add_flag("--unreached", o->unreached, "list the places of the model that were not reached");
  command->add_flag("--quiet", o->quiet, "no progress");
  command->callback([o, &status] { status = fuzz_for(*o); });
}

}  // namespace ipcvet::cli
