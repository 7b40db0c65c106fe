// `ipcvet judge`: the verdicts of a record, found again on this machine.
#include <CLI/CLI.hpp>
#include <memory>

#include "harness/cli/cli.h"
#include "harness/cli/gate.h"
#include "harness/cli/model_verdicts.h"
#include "harness/cli/outputs.h"
#include "reports/rejudge.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string record, profile;
  Outputs outputs;
  Gate gate;
};

int judge_record(const Options &options) {
  const auto layers = load_baselines(options.gate.baselines);
  auto record = layers ? read_record(options.record) : std::nullopt;
  if (!record) return exit_bad_input;
  Profile profile = record->system.profile;
  if (!options.profile.empty()) profile = options.profile == "posix" ? Profile::posix : Profile::linux_;
  const Rejudged rejudged = judge_again(*record, profile);
  out(describe(rejudged, *record) + model_verdicts(*record));
  if (!write_outputs(options.outputs, *record)) return exit_harness;
  return pass_gate(*record, *layers, options.gate);
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
  add_gate_options(*command, options->gate);
  command->callback([options, &status] { status = judge_record(*options); });
}

}  // namespace ipcvet::cli
