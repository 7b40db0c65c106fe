// `ipcvet list`: the ids of the cases.
#include <CLI/CLI.hpp>
#include <memory>

#include "harness/case/text.h"
#include "harness/cli/cli.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string cases;
  std::vector<std::string> globs;
};

bool chosen(const Options &options, const Case &c) {
  for (const std::string &glob : options.globs)
    if (glob_matches(glob, c.id)) return true;
  return options.globs.empty();
}

int list(const Options &options) {
  Cases cases = parse_cases(chosen_texts(options.cases));
  err(render(cases.errors));
  bool any = false;
  for (const Case &c : cases.cases) {
    if (!chosen(options, c)) continue;
    out(c.id + "\n");
    any = true;
  }
  return !cases.errors.empty() ? exit_bad_input : any ? exit_expected : exit_nothing;
}

}  // namespace

void add_list(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("list", "list cases");
  add_cases_option(*command, options->cases);
  command->add_option("globs", options->globs, "only cases whose id matches one of these")->type_name("GLOB");
  command->callback([options, &status] { status = list(*options); });
}

}  // namespace ipcvet::cli
