// What ipcvet's own parts cost here and now: a hand-over to an actor and back, a whole step with encoding, recording
// and judging, the proof of blocking, and a sandbox from its making to its end. ci/bench sets these beside the bare
// figures of floor.c. One JSON object of nanoseconds on standard output.
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

#include "harness/case/parser.h"
#include "harness/mechanism/table.h"
#include "harness/run/sequencer.h"
#include "harness/run/server.h"

namespace ipcvet {
namespace {

using Clock = std::chrono::steady_clock;
using Samples = std::vector<int64_t>;

int64_t since(Clock::time_point start) { return std::chrono::nanoseconds(Clock::now() - start).count(); }

void print(const char *name, Samples samples) {
  if (samples.empty()) return;
  std::sort(samples.begin(), samples.end());
  const size_t n = samples.size();
  const int64_t mean = std::accumulate(samples.begin(), samples.end(), int64_t{0}) / static_cast<int64_t>(n);
  std::printf(
      "  \"%s\": {\"rounds\": %zu, \"p50\": %lld, \"p90\": %lld, \"p99\": %lld, \"max\": %lld, \"mean\": %lld},\n",
      name, n, static_cast<long long>(samples[n / 2]), static_cast<long long>(samples[n * 9 / 10]),
      static_cast<long long>(samples[n * 99 / 100]), static_cast<long long>(samples[n - 1]),
      static_cast<long long>(mean));
}

int fail(const std::string &what) {
  std::fprintf(stderr, "steps: %s\n", what.c_str());
  return 3;
}

Case case_of(const std::string &steps) {
  auto parsed = parse("case  pipe/bench\nbrief \"Steps to be timed\"\nspec  posix/none/none  shall\n\n" + steps);
  return parsed ? *parsed : Case{};
}

// One request and its answer, as bare as ipcvet can: no encoding, no recording.
Samples hand_overs(Server &server, int rounds) {
  Area &area = server.area();
  Samples samples;
  for (uint32_t bell = area.bell(); __atomic_load_n(&area.slot(0).state, __ATOMIC_ACQUIRE) != WIRE_READY;
       bell = area.bell())
    area.wait_bell(bell, std::chrono::seconds(1));
  for (int i = 0; i < rounds; ++i) {
    wire_call &call = area.slot(0).call;
    call = {};
    call.call = static_cast<uint32_t>(find_call("getpid")->id);
    const auto start = Clock::now();
    area.post(0);
    for (uint32_t bell = area.bell(); !area.answered(0); bell = area.bell())
      area.wait_bell(bell, std::chrono::seconds(1));
    if (i > 0) samples.push_back(since(start));
  }
  return samples;
}

// A case of many steps: all of its time, its sandbox included, a step.
Samples whole_steps(Server &server, RunStats &stats) {
  constexpr int steps = 1000;
  std::string text;
  for (int i = 0; i < steps; ++i) text += "P  getpid() = P\n";
  const Case c = case_of(text);
  Samples samples;
  for (int round = 0; round < 10; ++round) {
    const auto start = Clock::now();
    run_case(server, c, {}, stats);
    samples.push_back(since(start) / steps);
  }
  return samples;
}

Samples proofs(Server &server) {
  std::string text = "P  pipe([r, w]) = 0\nP  fork() = W\n";
  for (int i = 0; i < 500; ++i)
    text += "P  read(r, _, 1) ...\nW  write(w, \"a\", 1) = 1\nP  ... read(r, \"a\", 1) = 1\n";
  RunStats stats;
  run_case(server, case_of(text), {}, stats);
  return Samples(stats.proof_ns.begin(), stats.proof_ns.end());
}

Samples sandboxes(Server &server, int rounds) {
  Samples samples;
  for (int i = 0; i < rounds; ++i) {
    const auto start = Clock::now();
    if (!server.start_case(~0u) || !server.end_case()) break;
    samples.push_back(since(start));
  }
  return samples;
}

int bench() {
  auto images = open_images("");
  if (!images) return fail(images.error());
  auto server = Server::start(*images);
  if (!server) return fail(server.error());
  std::printf("{\n");
  if (auto started = server->start_case(~0u); !started) return fail(started.error());
  const uint32_t got = server->area().head().server.got;
  print("hand_over", hand_overs(*server, 10000));
  server->end_case();
  RunStats stats;
  print("whole_step", whole_steps(*server, stats));
  print("proof_of_blocking", proofs(*server));
  print("sandbox", sandboxes(*server, 300));
  cpu_set_t cpus;
  sched_getaffinity(0, sizeof cpus, &cpus);
  std::printf("  \"cpus\": %d,\n  \"sandbox_has\": \"%s\"\n}\n", CPU_COUNT(&cpus), sandbox_text(got).c_str());
  return 0;
}

}  // namespace
}  // namespace ipcvet

int main() { return ipcvet::bench(); }
