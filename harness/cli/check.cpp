// `ipcvet check`: every case against the model, with no system.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "harness/case/catalogue.h"
#include "harness/case/parser.h"
#include "harness/cli/cli.h"
#include "harness/cli/select.h"
#include "harness/model/checker.h"
#include "harness/model/rule.h"

namespace ipcvet::cli {
namespace {

using model::CheckResult;

struct Options {
  std::string cases, profile = "linux";
  std::vector<std::string> files, filters;
  bool coverage = false, quiet = false;
};

struct Counts {
  size_t agree = 0, disagree = 0, unmodelled = 0;
  std::map<std::string, size_t> reasons{};
};

std::string described(const Case &c, const CheckResult &r) {
  std::string text = fmt::format("{}:{}: {}\n  {}\n  {}", c.file, r.pos.line, c.instance_id(), r.line, r.why);
  if (!r.requirement.empty()) text += " (" + r.requirement + ")";
  return text + "\n\n";
}

void check_one(const Case &c, const model::Setting &setting, const Options &options, Counts &counts) {
  const CheckResult r = model::check(c, setting);
  switch (r.kind) {
    case CheckResult::Kind::agrees:
      ++counts.agree;
      return;
    case CheckResult::Kind::unmodelled:
      ++counts.unmodelled;
      ++counts.reasons[r.why];
      if (!options.quiet) out(fmt::format("{}:{}: {}: not modelled: {}\n", c.file, r.pos.line, c.instance_id(), r.why));
      return;
    case CheckResult::Kind::disagrees:
      ++counts.disagree;
      out(described(c, r));
  }
}

// Rules no case reached. What cases use only to set their scenes (`scaffold/...`) is no rule of the specification
// under test and is counted apart.
void tell_coverage() {
  std::vector<const model::Rule *> missed;
  std::set<std::string_view> reached, known;
  size_t all = 0, scenes = 0;
  for (const model::Rule *rule : model::rules()) {
    if (rule->requirement.starts_with("scaffold/")) {
      ++scenes;
      continue;
    }
    ++all;
    known.insert(rule->requirement);
    if (rule->reached)
      reached.insert(rule->requirement);
    else
      missed.push_back(rule);
  }
  std::sort(missed.begin(), missed.end(),
            [](const auto *a, const auto *b) { return std::tie(a->file, a->line) < std::tie(b->file, b->line); });
  for (const model::Rule *rule : missed)
    out(fmt::format("{}:{}: not reached: {}\n", rule->file, rule->line, rule->requirement));
  const double share = all == 0 ? 0.0 : 100.0 * static_cast<double>(all - missed.size()) / static_cast<double>(all);
  out(fmt::format("{} of {} rules reached ({:.1f} %), {} of {} requirements of the model; {} more rules set scenes\n",
                  all - missed.size(), all, share, reached.size(), known.size(), scenes));
}

// POSIX alone says nothing about it.
bool not_of_posix(const Case &c) {
  return std::all_of(c.specs.begin(), c.specs.end(),
                     [](const Spec &s) { return s.level == Level::linux_ || s.level == Level::observe; });
}

int check_all(const Options &options) {
  Cases cases = parse_cases(options.files.empty() ? chosen_texts(options.cases) : texts_of(options.files));
  err(render(cases.errors));
  if (!cases.errors.empty()) return exit_bad_input;
  const bool posix = options.profile == "posix";
  const model::Setting setting = model::make_setting(posix ? Profile::posix : Profile::linux_, {});
  std::vector<Case> chosen = select(cases.cases, {options.filters, {}, {}});
  Counts counts;
  for (const Case &c : chosen)
    if (!posix || !not_of_posix(c)) check_one(c, setting, options, counts);
  if (options.quiet)
    for (const auto &[why, times] : counts.reasons) out(fmt::format("{:6} not modelled: {}\n", times, why));
  if (options.coverage) tell_coverage();
  const size_t total = counts.agree + counts.disagree + counts.unmodelled;
  out(fmt::format("{} instances: {} agree, {} disagree, {} not modelled\n", total, counts.agree, counts.disagree,
                  counts.unmodelled));
  if (total == 0) return exit_nothing;
  return counts.disagree > 0 ? exit_deviations : exit_expected;
}

}  // namespace

void add_check(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("check", "hold the cases against the model, without running anything");
  add_cases_option(*command, options->cases);
  command->add_option("files", options->files, "case files; all of the cases where none is given")->type_name("FILE");
  command->add_option("--filter", options->filters, "only instances whose id fits; \"!GLOB\" takes away")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  command->add_option("--profile", options->profile, "what counts as allowed: linux or posix")
      ->check(CLI::IsMember({"linux", "posix"}));
  command->add_flag("--coverage", options->coverage, "list the rules of the model that no case reached");
  command->add_flag("--quiet", options->quiet, "of what is not modelled only the reasons and how often");
  command->callback([options, &status] { status = check_all(*options); });
}

}  // namespace ipcvet::cli
