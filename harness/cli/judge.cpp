// `ipcvet judge`: the verdicts of a record, found again on this machine.
#include <CLI/CLI.hpp>
#include <memory>

#include "harness/cli/cli.h"
#include "harness/cli/model_verdicts.h"
#include "harness/cli/outputs.h"
#include "reports/rejudge.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string record, profile;
  Outputs outputs;
};

int judge_record(const Options &options) {
  auto record = read_record(options.record);
  if (!record) return exit_bad_input;
  Profile profile = record->system.profile;
  if (!options.profile.empty()) profile = options.profile == "posix" ? Profile::posix : Profile::linux_;
  const Rejudged rejudged = judge_again(*record, profile);
  out(describe(rejudged, *record) + model_verdicts(*record));
  return write_outputs(options.outputs, *record) ? status_of(*record) : exit_harness;
}

}  // namespace

void add_judge(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("judge", "judge a recorded run again, wherever it ran");
  command->add_option("record", options->record, "the record, as `ipcvet run --json` wrote it")
      ->required()
      ->type_name("RECORD");
  command->add_option("--profile", options->profile, "what is promised: linux or posix alone (default: the record's)")
      ->check(CLI::IsMember({"linux", "posix"}));
  add_output_options(*command, options->outputs);
  command->callback([options, &status] { status = judge_record(*options); });
}

}  // namespace ipcvet::cli
