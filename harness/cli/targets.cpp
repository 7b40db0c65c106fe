// `ipcvet targets`: where cases can be run from here.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "harness/cli/cli.h"
#include "harness/target/job.h"
#include "harness/target/target.h"

namespace ipcvet::cli {
namespace {

struct Row {
  std::string name, text;
  bool usable = false;
};

std::string name_of(const TargetKind &kind, const std::string &argument) {
  const std::string name(kind.name);
  if (!argument.empty()) return name + ":" + argument;
  if (kind.argument.empty()) return name;
  return kind.argument.starts_with('[') ? name + "[:" + std::string(kind.argument.substr(1))
                                        : name + ":" + std::string(kind.argument);
}

Row row_of(const TargetKind &kind, const std::string &argument, const std::string &no_program) {
  Readiness ready = kind.probe(argument);
  if (kind.program == Program::static_only && ready.usable && !no_program.empty()) ready = {false, no_program};
  return {name_of(kind, argument), ready.text, ready.usable};
}

int list_targets(const std::string &program) {
  const auto found = static_program(program);
  const std::string no_program = found ? "" : found.error();
  std::vector<Row> rows;
  for (const TargetKind *kind : target_kinds())
    for (const std::string &argument : kind->known ? kind->known() : std::vector<std::string>{""})
      rows.push_back(row_of(*kind, argument, no_program));
  size_t width = 0;
  for (const Row &row : rows) width = std::max(width, row.name.size());
  for (const Row &row : rows)
    out(fmt::format("{:<{}}  {:<3}  {}\n", row.name, width, row.usable ? "yes" : "no", row.text));
  out("\nstatic program: " + (found ? *found : "none found") + "\n");
  return exit_expected;
}

}  // namespace

void add_targets(CLI::App &app, int &status) {
  auto program = std::make_shared<std::string>();
  CLI::App *command = app.add_subcommand("targets", "list where cases can be run from here, and what is lacking");
  command->add_option("--program", *program, "the static ipcvet to start on targets")->type_name("FILE");
  command->callback([program, &status] { status = list_targets(*program); });
}

}  // namespace ipcvet::cli
