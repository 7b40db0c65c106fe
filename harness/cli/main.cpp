#include <fcntl.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "harness/case/loader.h"
#include "harness/case/parser.h"
#include "harness/cli/cli.h"
#include "harness/target/roles.h"

namespace ipcvet::cli {

void out(const std::string &text) { std::fwrite(text.data(), 1, text.size(), stdout); }
void err(const std::string &text) { std::fwrite(text.data(), 1, text.size(), stderr); }

void add_cases_option(CLI::App &command, std::string &directory) {
  command.add_option("--cases", directory, "use the cases of this directory instead of those in the program")
      ->type_name("DIR");
}

Texts chosen_texts(const std::string &directory) {
  return directory.empty() ? embedded_case_texts() : read_texts(directory);
}

Texts texts_of(const std::vector<std::string> &files) {
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

}  // namespace ipcvet::cli

// Descriptors 0 to 2 are never handed to something else, also where the caller closed them.
static void open_standard_streams() {
  for (int fd = 0; fd <= 2; ++fd)
    if (fcntl(fd, F_GETFD) == -1) (void)!open("/dev/null", O_RDWR);
}

int main(int argc, char **argv) {
  if (const auto status = ipcvet::play_role(argc, argv)) return *status;
  open_standard_streams();
  using namespace ipcvet::cli;
  CLI::App app("tells whether a system's inter-process communication behaves as POSIX and the Linux manual say");
  app.name("ipcvet");
  app.set_version_flag("--version", "ipcvet " IPCVET_VERSION);
  app.require_subcommand(1);
  int status = exit_expected;
  add_run(app, status);
  add_targets(app, status);
  add_report(app, status);
  add_judge(app, status);
  add_diff(app, status);
  add_merge(app, status);
  add_matrix(app, status);
  add_baseline(app, status);
  add_bisect(app, status);
  add_list(app, status);
  add_show(app, status);
  add_explain(app, status);
  add_calls(app, status);
  add_check(app, status);
  add_lint(app, status);
  add_fmt(app, status);
  add_fuzz(app, status);
  add_export(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? exit_expected : exit_bad_input;
  }
  return status;
}
