// What a search for a linearisation costs, by the length of a history and the number of actors. Histories are made by
// specifications that run under a seeded scheduler, so that every length and overlap can be had; half of those of small
// specifications are then mutated. One JSON array on standard output, an object for each kind, length and number of
// actors.
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "harness/judge/concurrent_random.h"
#include "harness/judge/linear_random.h"
#include "harness/judge/linearise.h"

namespace ipcvet::linear {
namespace {

// Nanoseconds of this process: others on the machine do not count.
int64_t cpu_time() { return static_cast<int64_t>(std::clock()) * (1'000'000'000 / CLOCKS_PER_SEC); }

struct Kind {
  const char *name;
  SmallModel model;
  std::vector<TextCall> calls, of_last;  // the last actor never waits, so that a history goes on
};

std::vector<Kind> kinds() {
  const std::vector<TextCall> messages{
      {"", "send", {"1", "\"aaa\""}}, {"", "send", {"2", "\"aaa\""}}, {"", "recv", {"0"}}, {"", "recv", {"-2"}}};
  const std::vector<TextCall> no_wait{
      {"", "trysend", {"1", "\"aaa\""}}, {"", "trysend", {"2", "\"aaa\""}}, {"", "tryrecv", {"0"}}};
  const std::vector<TextCall> bytes{{"", "write", {"\"a\""}},
                                    {"", "write", {"\"aaa\""}},
                                    {"", "write", {"\"aaaaaa\""}},
                                    {"", "read", {"4"}},
                                    {"", "read", {"8"}}};
  const std::vector<TextCall> bytes_no_wait{{"", "trywrite", {"\"aa\""}}, {"", "tryread", {"8"}}};
  return {{"queue of 2", queue_model(2), messages, no_wait},
          {"queue of 64", queue_model(64), messages, no_wait},
          {"stream", stream_model(), bytes, bytes_no_wait}};
}

// Histories whose length is within a fifth of what is asked for, of those that `make` makes of a seed.
template <typename Make>
auto histories(uint32_t events, const Make &make) {
  std::vector<decltype(make(1u))> found;
  for (uint32_t seed = 1; found.size() < 30 && seed < 300; ++seed) {
    auto h = make(seed);
    if (h.events.size() < events * 4 / 5) continue;
    if (h.events.size() > events) h.events.resize(events);
    found.push_back(std::move(h));
  }
  return found;
}

template <typename S, typename Histories>
void measure(const char *name, const S &s, const typename S::State &start, const Histories &sample, uint32_t events,
             uint32_t actors, bool last) {
  uint64_t done = 0, nodes = 0, answers[3] = {};
  const int64_t begin = cpu_time();
  int64_t spent = 0;
  for (; spent < 100'000'000 && !sample.empty(); spent = cpu_time() - begin) {
    const auto result = linearise(s, start, sample[done++ % sample.size()], {20'000});
    nodes += result.nodes;
    ++answers[static_cast<int>(result.answer)];
  }
  std::printf(
      "  {\"kind\": \"%s\", \"events\": %u, \"actors\": %u, \"histories\": %llu, \"nanoseconds\": %lld, "
      "\"nodes\": %llu, \"yes\": %llu, \"no\": %llu, \"undecided\": %llu}%s\n",
      name, events, actors, static_cast<unsigned long long>(done), static_cast<long long>(spent),
      static_cast<unsigned long long>(nodes), static_cast<unsigned long long>(answers[0]),
      static_cast<unsigned long long>(answers[1]), static_cast<unsigned long long>(answers[2]), last ? "" : ",");
}

void measure_small(const Kind &kind, uint32_t events, uint32_t actors) {
  const auto sample = histories(events, [&](uint32_t seed) {
    std::mt19937 random(seed);
    auto h = random_history(kind.model, {actors, events * 2 / 5 + 2, 40, kind.calls, kind.of_last}, random);
    return seed % 2 ? mutated(std::move(h), random) : h;
  });
  measure(kind.name, kind.model, {}, sample, events, actors, false);
}

// The model of the system: reads and writes on two pipes.
void measure_pipes(uint32_t events, uint32_t actors, bool last) {
  const PipeRuns runs(actors, 2);
  const auto sample = histories(events, [&](uint32_t seed) {
    std::mt19937 random(seed);
    return runs.run({actors, events * 2 / 5 + 2, 40}, random);
  });
  measure("pipes of the model", runs.specification, runs.start, sample, events, actors, last);
}

}  // namespace
}  // namespace ipcvet::linear

int main() {
  using namespace ipcvet::linear;
  const auto all = kinds();
  constexpr uint32_t lengths[] = {10, 30, 100, 300, 1000};
  std::printf("[\n");
  for (const uint32_t actors : {2u, 4u, 8u}) {
    for (const uint32_t events : lengths)
      for (const auto &kind : all) measure_small(kind, events, actors);
    for (const uint32_t events : lengths) measure_pipes(events, actors, actors == 8 && events == 1000);
  }
  std::printf("]\n");
  return 0;
}
