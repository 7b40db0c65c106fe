// Programs of one mechanism (target_mechanism, a line of its own in each target) under any engine with the portable
// entry points, judged by the model.
//
// An input is a Program: in its binary form, or as the text of a case. Mutation and crossover work on Programs, never
// on bytes. In mode `sequential` (the default) it runs inside this process, with IPCVET_FUZZ_MODE=actors on real
// actors. A deviation is printed as a case and aborts.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "fuzz/drive/inside_run.h"
#include "fuzz/drive/runner.h"
#include "fuzz/program/generate.h"
#include "harness/case/printer.h"

#ifdef IPCVET_EXTRA_COUNTERS
// What the model and the system answered is coverage for libFuzzer, as branches are.
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t extra_counters[1 << 15];
// Programs give the system bad addresses on purpose; one that was AddressSanitizer's own stack before is none of ours.
extern "C" const char *__asan_default_options() { return "detect_stack_use_after_return=0"; }
#endif

extern const char *const target_mechanism;

namespace {

using namespace ipcvet;
using namespace ipcvet::fuzz;

bool with_actors() {
  const char *mode = std::getenv("IPCVET_FUZZ_MODE");
  return mode && std::string_view(mode) == "actors";
}

const Taste &taste() {
  static const Taste taste{target_mechanism, !with_actors(), most_steps};
  return taste;
}

Program program_of(const uint8_t *data, size_t size) {
  const std::string_view text(reinterpret_cast<const char *>(data), size);
  if (!text.starts_with("case ")) return decode({data, size});
  auto program = parse_program(text);
  return program ? *program : Program{};
}

[[noreturn]] void cannot(const std::string &why) {
  std::fprintf(stderr, "nothing can be run: %s\n", why.c_str());
  std::_Exit(77);
}

RunReport run_inside(const Program &program) {
  static auto inside = Inside::make(Inside::Place::shared);
  if (!inside) cannot(inside.error());
  return (*inside)->run(program, target_mechanism);
}

RunReport run_actors(const Program &program) {
  static const CampaignOptions options{.mechanism = target_mechanism};
  static auto runner = make_actors_runner(options, 0);
  if (!runner) cannot(runner.error());
  return (*runner)->run(program);
}

void count(const RunReport &report) {
#ifdef IPCVET_EXTRA_COUNTERS
  for (const uint64_t f : report.features) {
    uint8_t &counter = extra_counters[f % sizeof extra_counters];
    counter += counter < 255;
  }
#else
  (void)report;
#endif
}

size_t put(const Program &program, uint8_t *data, size_t most) {
  Program fits = program;
  std::string bytes = encode(fits);
  while (bytes.size() > most && !fits.steps.empty()) {
    fits.steps.pop_back();
    bytes = encode(fits);
  }
  std::memcpy(data, bytes.data(), bytes.size());
  return bytes.size();
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
  if (!with_actors()) run_inside({});
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const Program program = program_of(data, size);
  const RunReport report = with_actors() ? run_actors(program) : run_inside(program);
  if (!report.broken.empty()) cannot(report.broken);
  count(report);
  if (!report.found) return 0;
  std::fprintf(stderr, "deviation: %s\n\n%s\n", report.found->what.c_str(), print(report.found->story).c_str());
  std::abort();
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  Random random(seed);
  return put(mutated(program_of(data, size), taste(), random), data, most);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other,
                                            size_t other_size, uint8_t *out, size_t most, unsigned seed) {
  Random random(seed);
  return put(crossed(program_of(one, one_size), program_of(other, other_size), taste(), random), out, most);
}
