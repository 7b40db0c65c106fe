// `ipcvet diff`: what changed from one record to another.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <sstream>

#include "harness/cli/cli.h"
#include "harness/cli/outputs.h"
#include "reports/compare_write.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string before, after, markdown, json, html;
  bool strict = false, quiet = false;
};

template <typename Write>
bool write(const std::string &path, const Comparison &comparison, Write writer) {
  if (path.empty()) return true;
  std::ostringstream text;
  writer(text, comparison);
  return write_text_file(path, text.str());
}

int diff(const Options &options) {
  const ReadOptions light{.histories = false};
  const auto before = read_record(options.before, light);
  const auto after = before ? read_record(options.after, light) : std::nullopt;
  if (!before || !after) return exit_bad_input;
  const Comparison comparison = compare(*before, *after);
  std::ostringstream text;
  write_text(text, comparison, isatty(STDOUT_FILENO) != 0);
  if (!options.quiet) out(text.str());
  using Writer = void (*)(std::ostream &, const Comparison &);
  bool written = write(options.markdown, comparison, static_cast<Writer>(write_markdown));
  written = write(options.json, comparison, static_cast<Writer>(write_json)) && written;
  written = write(options.html, comparison, static_cast<Writer>(write_html)) && written;
  if (!written) return exit_harness;
  if (after->cases.empty()) return exit_nothing;
  return comparison.has_regressions() || (options.strict && comparison.has_lost_coverage()) ? exit_deviations
                                                                                            : exit_expected;
}

}  // namespace

void add_diff(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command =
      app.add_subcommand("diff", "tell what changed from one record to another; exit 1 for regressions");
  command->add_option("old", options->before, "the earlier record")->required()->type_name("OLD");
  command->add_option("new", options->after, "the later record")->required()->type_name("NEW");
  command->add_option("--markdown", options->markdown, "write it for a CI run's summary")->type_name("FILE");
  command->add_option("--json", options->json, "write it for programs")->type_name("FILE");
  command->add_option("--html", options->html, "write it as a page")->type_name("FILE");
  command->add_flag("--strict", options->strict, "exit 1 also for vanished and newly skipped cases");
  command->add_flag("--quiet", options->quiet, "nothing on standard output");
  command->callback([options, &status] { status = diff(*options); });
}

}  // namespace ipcvet::cli
