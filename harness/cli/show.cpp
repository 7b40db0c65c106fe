// `ipcvet show`: a case with the rows of its table expanded.
#include <CLI/CLI.hpp>
#include <memory>

#include "harness/case/printer.h"
#include "harness/cli/cli.h"
#include "harness/cli/find.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string cases, id;
};

std::string header(const Case &c) {
  Case only = c;
  only.where.reset();
  only.steps.clear();
  only.stress.reset();
  only.trailing.clear();
  return print(only);
}

// The steps of an instance, under a comment that says which row it is.
std::string steps(const Case &instance) {
  std::string title = "# " + instance.instance_id();
  for (const Field &cell : instance.cells)
    title += (&cell == instance.cells.data() ? "  " : ", ") + cell.name + " = " + print(cell.value);
  Case only = instance;
  only.brief.clear();
  only.specs.clear();
  only.needs.clear();
  only.case_trivia = {};
  std::string text = print(only);
  return "\n" + title + text.substr(text.find('\n'));
}

int show(const Options &options) {
  Cases cases = parse_cases(chosen_texts(options.cases));
  auto [id, row] = split_row(options.id);
  const Case *found = find_case_or_tell(id, cases);
  if (!found) return exit_bad_input;
  const std::vector<Case> instances = expand(*found);
  if (row > instances.size() || (row && !found->where)) {
    err("ipcvet: '" + id + "' has " + (found->where ? std::to_string(instances.size()) : "no") + " rows\n");
    return exit_bad_input;
  }
  if (!found->where) {
    out(print(*found));
    return exit_expected;
  }
  out(header(*found));
  for (const Case &instance : instances)
    if (!row || instance.row == row) out(steps(instance));
  return exit_expected;
}

}  // namespace

void add_show(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("show", "print a case with the rows of its table expanded");
  add_cases_option(*command, options->cases);
  command->add_option("case", options->id, "the id of a case, of one of its rows as in id[2], or a file")
      ->required()
      ->type_name("CASE");
  command->callback([options, &status] { status = show(*options); });
}

}  // namespace ipcvet::cli
