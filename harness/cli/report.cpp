// `ipcvet report`: what `run` would have written and told, from a record.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "harness/cli/cli.h"
#include "harness/cli/gate.h"
#include "harness/cli/outputs.h"
#include "reports/text.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string record;
  Outputs outputs;
  Gate gate;
};

int report(const Options &options) {
  const auto layers = load_baselines(options.gate.baselines);
  const auto record = layers ? read_record(options.record) : std::nullopt;
  if (!record) return exit_bad_input;
  if (!write_outputs(options.outputs, *record)) return exit_harness;
  if (options.outputs.files.empty()) write_text(std::cout, *record, {.color = isatty(STDOUT_FILENO) != 0});
  std::cout.flush();
  return pass_gate(*record, *layers, options.gate);
}

}  // namespace

void add_report(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("report", "write reports of a record; without options, to the terminal");
  command->add_option("record", options->record, "the record, as `ipcvet run --json` wrote it")
      ->required()
      ->type_name("RECORD");
  add_output_options(*command, options->outputs);
  add_gate_options(*command, options->gate);
  command->callback([options, &status] { status = report(*options); });
}

}  // namespace ipcvet::cli
