// `ipcvet export`: a case as a program for people who do not have ipcvet.
#include <CLI/CLI.hpp>
#include <memory>

#include "fuzz/export/c_program.h"
#include "harness/cli/cli.h"
#include "harness/cli/find.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string cases, id;
  bool c = false;
};

int export_case(const Options &options) {
  if (!options.c) {
    err("ipcvet: export writes C so far: --c\n");
    return exit_bad_input;
  }
  Cases cases = parse_cases(chosen_texts(options.cases));
  const auto [id, row] = split_row(options.id);
  const Case *found = find_case_or_tell(id, cases);
  if (!found) return exit_bad_input;
  const std::vector<Case> instances = expand(*found);
  const uint32_t chosen = row == 0 ? 1 : row;
  if (chosen > instances.size()) {
    err("ipcvet: '" + id + "' has " + std::to_string(instances.size()) + " rows\n");
    return exit_bad_input;
  }
  const auto text = fuzz::c_program(instances[chosen - 1]);
  if (!text) {
    err("ipcvet: " + instances[chosen - 1].instance_id() + " cannot be exported: " + text.error() + "\n");
    return exit_bad_input;
  }
  out(*text);
  return exit_expected;
}

}  // namespace

void add_export(CLI::App &app, int &status) {
  auto o = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("export", "print a case as a C program that needs nothing but a C compiler");
  add_cases_option(*command, o->cases);
  command->add_flag("--c", o->c, "a program in C");
  command->add_option("case", o->id, "the id of a case, of one of its rows as in id[2], or a file")
      ->required()
      ->type_name("CASE");
  command->callback([o, &status] { status = export_case(*o); });
}

}  // namespace ipcvet::cli
