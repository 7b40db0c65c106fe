// What the subcommands of ipcvet share. CLI11 is used in this folder only.
//
// One file a subcommand: each defines `void add_NAME(CLI::App &, int &status)`, which declares its options and sets a
// callback; the callback does the work and stores the exit status. main.cpp lists them.
#pragma once

#include <string>

#include "harness/case/loader.h"

namespace CLI {
class App;
}

namespace ipcvet::cli {

// The exit statuses of every subcommand.
enum Exit : int {
  exit_expected = 0,    // everything as expected
  exit_deviations = 1,  // a deviation; a file that is not formatted
  exit_bad_input = 2,   // usage, or a file that cannot be read, parsed or is wrong
  exit_harness = 3,     // ipcvet itself failed
  exit_nothing = 4,     // nothing ran or matched
};

void add_run(CLI::App &app, int &status);
void add_targets(CLI::App &app, int &status);
void add_list(CLI::App &app, int &status);
void add_show(CLI::App &app, int &status);
void add_explain(CLI::App &app, int &status);
void add_lint(CLI::App &app, int &status);
void add_fmt(CLI::App &app, int &status);
void add_fuzz(CLI::App &app, int &status);
void add_export(CLI::App &app, int &status);
void add_calls(CLI::App &app, int &status);
void add_report(CLI::App &app, int &status);
void add_judge(CLI::App &app, int &status);
void add_check(CLI::App &app, int &status);
void add_diff(CLI::App &app, int &status);
void add_merge(CLI::App &app, int &status);
void add_matrix(CLI::App &app, int &status);
void add_baseline(CLI::App &app, int &status);
void add_bisect(CLI::App &app, int &status);

// `--cases DIR`, on a subcommand.
void add_cases_option(CLI::App &command, std::string &directory);
// The texts of that directory, or the embedded ones where none was given.
Texts chosen_texts(const std::string &directory);
// Those of these files; what cannot be read is among the errors.
Texts texts_of(const std::vector<std::string> &files);

// Writes to standard output, and to standard error.
void out(const std::string &text);
void err(const std::string &text);

}  // namespace ipcvet::cli
