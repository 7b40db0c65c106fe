#include "harness/cli/gate.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>

#include "harness/case/loader.h"
#include "harness/cli/cli.h"
#include "harness/cli/outputs.h"
#include "reports/baselines.h"

namespace ipcvet::cli {
namespace {

constexpr size_t largest_baseline = size_t{4} << 20;

std::expected<std::string, std::string> text_of(const std::string &name) {
  for (const EmbeddedBaseline &one : embedded_baselines())
    if (one.name == name) return one.text;
  auto text = read_text(name, largest_baseline);
  if (text) return std::move(*text);
  return std::unexpected(render(text.error()));
}

bool is_date(const std::string &text) {
  if (text.size() != 10) return false;
  for (size_t i = 0; i < text.size(); ++i)
    if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  return true;
}

}  // namespace

void add_gate_options(CLI::App &command, Gate &gate) {
  std::string names;
  for (const EmbeddedBaseline &one : embedded_baselines()) names += (names.empty() ? "" : ", ") + one.name;
  command
      .add_option("--baseline", gate.baselines,
                  "what is known to deviate; may be repeated, later ones count more (in the program: " + names + ")")
      ->type_name("FILE|NAME")
      ->allow_extra_args(false);
  command.add_option("--today", gate.today, "the date that entries expire by (default: by the clock)")
      ->type_name("YYYY-MM-DD")
      ->check([](const std::string &text) { return is_date(text) ? "" : "is no date"; });
}

std::optional<std::vector<Baseline>> load_baselines(const std::vector<std::string> &names) {
  std::vector<Baseline> layers;
  for (const std::string &name : names) {
    const auto text = text_of(name);
    if (!text) return err(text.error()), std::nullopt;
    auto parsed = parse_baseline(*text, name);
    if (!parsed) return err(render(parsed.error())), std::nullopt;
    layers.push_back(std::move(*parsed));
  }
  return layers;
}

std::string today_of(const Gate &gate) {
  if (!gate.today.empty()) return gate.today;
  const std::time_t now = std::time(nullptr);
  std::tm tm{};
  char text[16];
  gmtime_r(&now, &tm);
  std::strftime(text, sizeof text, "%Y-%m-%d", &tm);
  return text;
}

int pass_gate(const Record &record, const std::vector<Baseline> &layers, const Gate &gate) {
  const int plain = status_of(record);
  if (layers.empty()) return plain;
  const Assessment assessment = assess(record, layers, today_of(gate));
  out(describe(assessment, record));
  if (record.system.interrupted || plain == exit_nothing) return plain;
  const auto failed = [&](const auto &j) { return record.cases[j.index].verdict.cls == VerdictClass::error; };
  if (std::any_of(assessment.unexplained.begin(), assessment.unexplained.end(), failed)) return exit_harness;
  return assessment.unexplained.empty() ? exit_expected : exit_deviations;
}

}  // namespace ipcvet::cli
