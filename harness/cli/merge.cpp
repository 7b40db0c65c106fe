// `ipcvet merge`: one record of the shards of a run.
#include <CLI/CLI.hpp>
#include <memory>

#include "harness/cli/cli.h"
#include "harness/cli/outputs.h"
#include "reports/merge.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::vector<std::string> records;
  Outputs outputs;
};

int merge_records(const Options &options) {
  std::vector<Part> parts;
  for (const std::string &path : options.records) {
    auto record = read_record(path);
    if (!record) return exit_bad_input;
    parts.push_back({path, std::move(*record)});
  }
  const auto merged = merge(std::move(parts));
  if (!merged) {
    for (const std::string &conflict : merged.error()) err("ipcvet: cannot merge: " + conflict + "\n");
    return exit_bad_input;
  }
  if (!write_outputs(options.outputs, *merged)) return exit_harness;
  out("merged " + std::to_string(options.records.size()) + " records: " + std::to_string(merged->cases.size()) +
      " results\n");
  return status_of(*merged);
}

}  // namespace

void add_merge(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("merge", "make one record of the shards of a run");
  command->add_option("records", options->records, "the shards' records")->required()->type_name("RECORD");
  add_output_options(*command, options->outputs);
  command->callback([options, &status] { status = merge_records(*options); });
}

}  // namespace ipcvet::cli
