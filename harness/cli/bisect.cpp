// `ipcvet bisect`: a script for `git bisect run` in a kernel's source tree.
#include <CLI/CLI.hpp>
#include <memory>

#include "harness/cli/cli.h"
#include "harness/cli/find.h"
#include "reports/bisect_script.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string cases, id, expect = "pass";
  BisectOptions script;
};

int bisect(const Options &options) {
  Cases cases = parse_cases(chosen_texts(options.cases));
  const auto [id, row] = split_row(options.id);
  const Case *found = find_case_or_tell(id, cases);
  if (!found) return exit_bad_input;
  if (row != 0 && (!found->where || row > found->where->rows.size())) {
    err("ipcvet: '" + id + "' has no row " + std::to_string(row) + "\n");
    return exit_bad_input;
  }
  BisectOptions script = options.script;
  script.filter = options.id;
  script.bad_is_pass = options.expect == "fail";
  out(bisect_script(script));
  return exit_expected;
}

}  // namespace

void add_bisect(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand(
      "bisect", "print a script for `git bisect run` that builds and boots a kernel and runs a case");
  add_cases_option(*command, options->cases);
  command->add_option("case", options->id, "the id of a case, or of one of its rows as in id[2]")
      ->required()
      ->type_name("CASE");
  command->add_option("--boot", options->script.boot, "how to boot: uml (default: User-Mode Linux) or qemu")
      ->check(CLI::IsMember({"uml", "qemu"}));
  command->add_option("--good", options->expect, "what a good kernel does: pass (default) or fail, to find a fix")
      ->check(CLI::IsMember({"pass", "fail"}));
  command->add_option("--repeat", options->script.repeat, "run the case N times; one deviation is bad (default 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 100000));
  command->callback([options, &status] { status = bisect(*options); });
}

}  // namespace ipcvet::cli
