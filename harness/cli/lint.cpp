// `ipcvet lint`: mistakes in case files and in the catalogue.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "harness/case/lint/lint.h"
#include "harness/case/parser.h"
#include "harness/cli/cli.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string cases;
  std::vector<std::string> files;
};

// Where the files of a tree are linted one by one, the catalogue and the probes of that tree count.
Texts around(const Options &options, const Texts &files) {
  if (!options.cases.empty()) return read_texts(options.cases);
  for (const TextFile &file : files.cases) {
    auto c = parse(file.text, file.path);
    if (!c || !file.path.ends_with("/" + c->id + ".ipc")) continue;
    std::string root = file.path.substr(0, file.path.size() - c->id.size() - 4);
    std::error_code ignored;
    if (std::filesystem::is_directory(root + "requirements", ignored)) return read_texts(root);
  }
  return embedded_case_texts();
}

std::vector<Diagnostic> lint_files(const Options &options) {
  Texts files = texts_of(options.files);
  std::vector<Diagnostic> errors = files.errors;
  Texts tree = around(options, files);
  Catalogue catalogue = load_catalogue(tree.requirements);
  Surroundings known = surroundings(catalogue, parse_cases(tree));
  for (const TextFile &file : files.cases) {
    auto c = parse(file.text, file.path);
    std::vector<Diagnostic> found = c ? lint(*c, file.text, known) : std::move(c.error());
    errors.insert(errors.end(), found.begin(), found.end());
  }
  return errors;
}

int lint_chosen(const Options &options) {
  std::vector<Diagnostic> errors = options.files.empty() ? lint_tree(chosen_texts(options.cases)) : lint_files(options);
  err(render(errors));
  if (errors.empty()) return exit_expected;
  err(std::to_string(errors.size()) + (errors.size() == 1 ? " error\n" : " errors\n"));
  return exit_bad_input;
}

}  // namespace

void add_lint(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("lint", "report mistakes in case files and in the catalogue");
  add_cases_option(*command, options->cases);
  command->add_option("files", options->files, "case files; all of the cases where none is given")->type_name("FILE");
  command->callback([options, &status] { status = lint_chosen(*options); });
}

}  // namespace ipcvet::cli
