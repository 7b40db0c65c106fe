// `ipcvet baseline`: what is known to deviate; list it, check it, bring it up to date.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "harness/case/loader.h"
#include "harness/cli/cli.h"
#include "harness/cli/gate.h"
#include "harness/cli/outputs.h"
#include "reports/baseline_update.h"
#include "reports/baselines.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string file, record;
  Gate gate;
};

int update(const Options &options) {
  const auto record = read_record(options.record, {.histories = false});
  if (!record) return exit_bad_input;
  std::string text;
  Baseline old{.name = options.file};
  if (std::filesystem::exists(options.file)) {
    auto layers = load_baselines({options.file});
    auto read = read_text(options.file, size_t{4} << 20);
    if (!layers || !read) return exit_bad_input;
    old = std::move(layers->front());
    text = std::move(*read);
    if (!applies(old.where, record->system)) {
      err("ipcvet: " + options.file + " is for another system than that of " + options.record + "\n");
      return exit_bad_input;
    }
  }
  const auto others = load_baselines(options.gate.baselines);
  if (!others) return exit_bad_input;
  const BaselineUpdate done = update_baseline(text, old, *others, *record, today_of(options.gate));
  if (!write_text_file(options.file, done.text)) return exit_harness;
  out(options.file + ": " + std::to_string(done.added) + " entries added, " + std::to_string(done.removed) +
      " removed\n");
  return exit_expected;
}

int show(const std::string &name) {
  for (const EmbeddedBaseline &one : embedded_baselines())
    if (name.empty())
      out(one.name + "\n");
    else if (one.name == name)
      return out(one.text), exit_expected;
  if (name.empty()) return exit_expected;
  err("ipcvet: there is no baseline '" + name + "' in the program\n");
  return exit_bad_input;
}

}  // namespace

void add_baseline(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("baseline", "keep what is known to deviate");
  command->require_subcommand(1);
  CLI::App *updating = command->add_subcommand(
      "update",
      "add what deviates in a record and is not expected, remove what passes now, keep the rest as it stands");
  updating->add_option("file", options->file, "the baseline; made if it is not there")->required()->type_name("FILE");
  updating->add_option("record", options->record, "the record")->required()->type_name("RECORD");
  add_gate_options(*updating, options->gate);
  updating->callback([options, &status] { status = update(*options); });
  CLI::App *showing = command->add_subcommand("show", "print a baseline of the program, or the names of all");
  showing->add_option("name", options->file, "its name")->type_name("NAME");
  showing->callback([options, &status] { status = show(options->file); });
}

}  // namespace ipcvet::cli
