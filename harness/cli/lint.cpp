// `ipcvet lint`: mistakes in case files and in the catalogue.
#include <CLI/CLI.hpp>
#include <memory>

#include "harness/case/parser.h"
#include "harness/cli/cli.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string cases;
  std::vector<std::string> files;
};

Texts given(const std::vector<std::string> &files) {
  Texts texts;
  for (const std::string &path : files) {
    auto text = read_text(path, largest_case);
    if (text)
      texts.cases.push_back({path, std::move(*text)});
    else
      texts.errors.push_back(std::move(text.error()));
  }
  return texts;
}

int lint(const Options &options) {
  Texts texts = options.files.empty() ? chosen_texts(options.cases) : given(options.files);
  Cases cases = parse_cases(texts);
  err(render(cases.errors));
  return cases.errors.empty() ? exit_expected : exit_bad_input;
}

}  // namespace

void add_lint(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("lint", "report mistakes in case files and in the catalogue");
  add_cases_option(*command, options->cases);
  command->add_option("files", options->files, "case files; all of the cases where none is given")->type_name("FILE");
  command->callback([options, &status] { status = lint(*options); });
}

}  // namespace ipcvet::cli
