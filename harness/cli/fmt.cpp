// `ipcvet fmt`: case files in their canonical form.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "harness/case/parser.h"
#include "harness/case/printer.h"
#include "harness/cli/cli.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  bool check = false;
};

// Replaces a file as a whole, so that no reader ever sees half of it. The mode is kept.
bool replace(const std::string &path, const std::string &text) {
  std::string fresh = path + ".new";
  std::error_code ignored;
  FILE *file = std::fopen(fresh.c_str(), "we");
  bool ok = file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file) ok = std::fclose(file) == 0 && ok;
  if (ok) {
    std::filesystem::permissions(fresh, std::filesystem::status(path, ignored).permissions(), ignored);
    ok = std::rename(fresh.c_str(), path.c_str()) == 0;
  }
  if (!ok) {
    err(path + ": error: cannot be written: " + std::strerror(errno) + "\n");
    std::remove(fresh.c_str());
  }
  return ok;
}

int format_file(const std::string &path, bool check) {
  auto text = read_text(path, largest_case);
  if (!text) {
    err(render(text.error()));
    return exit_bad_input;
  }
  auto parsed = parse(*text, path);
  if (!parsed) {
    err(render(parsed.error()));
    return exit_bad_input;
  }
  std::string canonical = print(*parsed);
  if (canonical == *text) return exit_expected;
  if (check) {
    out(path + "\n");
    return exit_deviations;
  }
  return replace(path, canonical) ? exit_expected : exit_bad_input;
}

}  // namespace

void add_fmt(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("fmt", "write case files in their canonical form");
  command->add_flag("--check", options->check,
                    "change nothing: name the files that are not canonical, and exit with 1");
  command->add_option("files", options->files, "case files")->required()->type_name("FILE");
  command->callback([options, &status] {
    for (const std::string &path : options->files) status = std::max(status, format_file(path, options->check));
  });
}

}  // namespace ipcvet::cli
