// `ipcvet show`: a case with the rows of its table expanded.
#include <CLI/CLI.hpp>
#include <memory>

#include "harness/case/printer.h"
#include "harness/cli/cli.h"

namespace ipcvet::cli {

void add_show(CLI::App &app, int &status) {
  struct Options {
    std::string cases, id;
  };
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("show", "print a case with the rows of its table expanded");
  add_cases_option(*command, options->cases);
  command->add_option("case", options->id, "the id of a case")->required()->type_name("CASE");
  command->callback([options, &status] {
    Cases cases = parse_cases(chosen_texts(options->cases));
    status = exit_bad_input;
    for (const Case &c : cases.cases) {
      if (c.id != options->id) continue;
      for (const Case &instance : expand(c)) out(print(instance));
      status = exit_expected;
    }
  });
}

}  // namespace ipcvet::cli
