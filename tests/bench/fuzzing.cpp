// What fuzzing inside a process costs beside its calls: the engine's whole loop, as `ipcvet fuzz --mode sequential` has
// it, and the same programs' calls replayed bare in a loop by the same runner. One JSON array on standard output, an
// object for each mechanism; nanoseconds of CPU time, so that others on the machine do not count.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "fuzz/drive/engine.h"
#include "fuzz/drive/inside_run.h"
#include "fuzz/drive/memory.h"
#include "fuzz/drive/runner.h"
#include "fuzz/program/menu.h"

namespace ipcvet::fuzz {
namespace {

constexpr int rounds = 5, passes = 5;
constexpr size_t warming = 1500, sample = 300;  // programs of a round
constexpr uint32_t fewest = 8, most = 64;       // calls of a program

int64_t now(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}
int64_t cpu_time() { return now(CLOCK_PROCESS_CPUTIME_ID); }

// Of a round. `engine`: making programs and learning of them; `judged`: running them with the model; `fuzzed`: all of
// the loop, of both processes; `bare`: the calls alone.
struct Times {
  uint64_t programs = 0, calls = 0, engine_calls = 0, bare_calls = 0, otherwise = 0;
  int64_t fuzzed = 0, engine = 0, judged = 0, bare = 0;
};

// In a process of its own, whose programs are those of the caller.
void replay(const std::vector<Program> &programs, const std::string &mechanism, Times &times) {
  auto inside = Inside::make(Inside::Place::own);
  if (!inside) return;
  std::vector<std::vector<BareCall>> bare;
  for (const Program &program : programs) {
    bare.push_back((*inside)->bare(program, mechanism));
    times.otherwise += (*inside)->again(bare.back());
  }
  for (int pass = 0; pass < passes; ++pass) {
    int64_t start = cpu_time();
    for (auto &calls : bare) {
      (*inside)->again(calls);
      times.bare_calls += calls.size();
    }
    times.bare += cpu_time() - start;
    start = cpu_time();
    for (const Program &program : programs) (*inside)->run(program, mechanism);
    times.judged += cpu_time() - start;
  }
}

bool replay_apart(const std::vector<Program> &programs, const std::string &mechanism, Times &times) {
  const pid_t child = fork();
  if (child == 0) {
    replay(programs, mechanism, times);
    _exit(0);
  }
  return child > 0 && waitpid(child, nullptr, 0) == child && times.bare_calls > 0;
}

// The programs of a stint, made once more by an engine that was where the runner's was.
std::vector<Program> made_again(Engine engine, const Stint &stint, Times &times) {
  std::vector<Program> programs;
  auto told = stint.told.begin();
  const int64_t start = cpu_time();
  for (size_t run = 0; run < stint.ran.size(); ++run) {
    programs.push_back(engine.next());
    if (told == stint.told.end() || told->run != run) continue;
    engine.learn(programs.back(), told->report.features);
    ++told;
  }
  times.engine += cpu_time() - start;
  for (const Stint::Ran &ran : stint.ran) times.engine_calls += ran.performed;
  return programs;
}

// As many as the runner runs before anybody looks. What it takes besides the programs themselves is theirs in equal
// parts.
std::string fuzz_some(Runner &runner, clockid_t other, std::vector<Program> &kept, Times &times) {
  Engine before = runner.engine();
  const int64_t start = cpu_time() + now(other);
  const Stint stint = runner.fuzz(runner.at_once());
  int64_t besides = cpu_time() + now(other) - start;
  if (!stint.broken.empty()) return stint.broken;
  for (const Stint::Ran &ran : stint.ran) besides -= ran.nanoseconds;
  std::vector<Program> programs = made_again(std::move(before), stint, times);
  for (size_t i = 0; i < stint.ran.size(); ++i) {
    const Stint::Ran &ran = stint.ran[i];
    const bool found = !stint.told.empty() && stint.told.back().run == i && stint.told.back().report.found;
    if (found || ran.performed < fewest || ran.performed > most) continue;
    times.fuzzed += ran.nanoseconds + besides / static_cast<int64_t>(stint.ran.size());
    times.calls += ran.performed;
    kept.push_back(std::move(programs[i]));
  }
  return "";
}

// Runs what the engine makes until there are programs enough; those that are too short or too long are left out.
std::string fuzz_on(Runner &runner, size_t wanted, std::vector<Program> &kept, Times &times) {
  clockid_t other{};
  if (clock_getcpuclockid(runner.process(), &other) != 0) return "the runner's process cannot be timed";
  for (size_t tries = 0; kept.size() < wanted && tries < wanted; ++tries)
    if (std::string problem = fuzz_some(runner, other, kept, times); !problem.empty()) return problem;
  times.programs = kept.size();
  return "";
}

std::string measure(const std::string &mechanism, Times *shared) {
  const CampaignOptions options{.mechanism = mechanism, .mode = Mode::sequential};
  auto runner = make_runner(options, 1);
  if (!runner) return runner.error();
  std::vector<Program> kept;
  Times unused;
  if (std::string problem = fuzz_on(**runner, warming, kept, unused); !problem.empty()) return problem;
  for (int round = 0; round < rounds; ++round) {
    kept.clear();
    if (std::string problem = fuzz_on(**runner, sample, kept, shared[round]); !problem.empty()) return problem;
    if (!replay_apart(kept, mechanism, shared[round])) return "the programs could not be replayed";
  }
  return "";
}

double median(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

template <typename Of>
double middle(const Times *times, Of of) {
  std::vector<double> all;
  for (int i = 0; i < rounds; ++i) all.push_back(of(times[i]));
  return median(std::move(all));
}

double each(int64_t nanoseconds, uint64_t calls) {
  return static_cast<double>(nanoseconds) / static_cast<double>(std::max<uint64_t>(calls, 1));
}

void print(const std::string &mechanism, const Times *t, bool first) {
  uint64_t programs = 0, calls = 0, otherwise = 0;
  double low = 1e9, high = 0;
  const auto share = [](const Times &r) { return each(r.bare, r.bare_calls) / each(r.fuzzed, r.calls); };
  for (int i = 0; i < rounds; ++i) {
    programs += t[i].programs, calls += t[i].calls, otherwise += t[i].otherwise;
    low = std::min(low, share(t[i])), high = std::max(high, share(t[i]));
  }
  std::printf("%s  {\"mechanism\": \"%s\", \"rounds\": %d, \"programs\": %llu, \"calls\": %llu, \"otherwise\": %llu,\n",
              first ? "[\n" : ",\n", mechanism.c_str(), rounds, static_cast<unsigned long long>(programs),
              static_cast<unsigned long long>(calls), static_cast<unsigned long long>(otherwise));
  std::printf("   \"share\": %.4f, \"least\": %.4f, \"most\": %.4f, \"bare_ns\": %.0f, \"fuzzed_ns\": %.0f, ",
              middle(t, share), low, high, middle(t, [](const Times &r) { return each(r.bare, r.bare_calls); }),
              middle(t, [](const Times &r) { return each(r.fuzzed, r.calls); }));
  std::printf("\"judged_ns\": %.0f, \"engine_ns\": %.0f}",
              middle(t, [](const Times &r) { return each(r.judged, r.bare_calls); }),
              middle(t, [](const Times &r) { return each(r.engine, r.engine_calls); }));
  std::fflush(stdout);
}

int bench() {
  keep_memory();  // as the runner's process does
  void *p = mmap(nullptr, sizeof(Times) * rounds, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return 3;
  auto *shared = static_cast<Times *>(p);
  bool first = true;
  for (const std::string_view mechanism : mechanisms()) {
    std::fill_n(shared, rounds, Times{});
    if (const std::string problem = measure(std::string(mechanism), shared); !problem.empty()) {
      std::fprintf(stderr, "fuzzing: %s\n", problem.c_str());
      return 3;
    }
    print(std::string(mechanism), shared, first);
    first = false;
  }
  std::printf("\n]\n");
  return 0;
}

}  // namespace
}  // namespace ipcvet::fuzz

int main() { return ipcvet::fuzz::bench(); }
