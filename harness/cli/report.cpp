// `ipcvet report`: what `run` would have written and told, from a record.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "harness/cli/cli.h"
#include "harness/cli/outputs.h"
#include "reports/text.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string record;
  Outputs outputs;
};

int report(const Options &options) {
  const auto record = read_record(options.record);
  if (!record) return exit_bad_input;
  if (!write_outputs(options.outputs, *record)) return exit_harness;
  if (options.outputs.files.empty()) write_text(std::cout, *record, {.color = isatty(STDOUT_FILENO) != 0});
  std::cout.flush();
  return status_of(*record);
}

}  // namespace

void add_report(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("report", "write reports of a record; without options, to the terminal");
  command->add_option("record", options->record, "the record, as `ipcvet run --json` wrote it")
      ->required()
      ->type_name("RECORD");
  add_output_options(*command, options->outputs);
  command->callback([options, &status] { status = report(*options); });
}

}  // namespace ipcvet::cli
