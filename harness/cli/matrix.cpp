// `ipcvet matrix`: systems side by side.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <sstream>

#include "harness/cli/cli.h"
#include "harness/cli/outputs.h"
#include "reports/compare.h"
#include "reports/html.h"
#include "reports/matrix.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::vector<std::string> records;
  std::string by = "requirement", csv, html, page;
  bool differing = false, quiet = false;
};

MatrixRows rows_of(const std::string &by) {
  if (by == "case") return MatrixRows::case_;
  return by == "observation" ? MatrixRows::observation : MatrixRows::requirement;
}

template <typename Write>
bool write(const std::string &path, const Matrix &m, Write writer) {
  if (path.empty()) return true;
  std::ostringstream text;
  writer(text, m);
  return write_text_file(path, text.str());
}

bool write_systems(const std::string &path, const std::vector<Record> &records) {
  std::ostringstream text;
  write_page(text, records);
  return write_text_file(path, text.str());
}

int matrix(const Options &options) {
  std::vector<std::string> columns;
  for (const std::string &path : options.records) columns.push_back(std::filesystem::path(path).stem().string());
  MatrixBuilder builder(rows_of(options.by), columns);
  std::vector<Record> whole;  // for the page alone: it shows transcripts
  for (size_t i = 0; i < options.records.size(); ++i) {
    auto record = read_record(options.records[i], {.histories = !options.page.empty()});
    if (!record) return exit_bad_input;
    builder.add(i, *record);
    if (!options.quiet) out(columns[i] + ": " + system_name(record->system) + "\n");
    if (!options.page.empty()) whole.push_back(std::move(*record));
  }
  const Matrix m = builder.take(options.differing);
  std::ostringstream text;
  write_text(text, m);
  if (!options.quiet) out("\n" + text.str());
  using Writer = void (*)(std::ostream &, const Matrix &);
  if (!options.page.empty() && !write_systems(options.page, whole)) return exit_harness;
  const bool written = write(options.csv, m, static_cast<Writer>(write_csv));
  if (!write(options.html, m, static_cast<Writer>(write_html)) || !written) return exit_harness;
  return m.rows.empty() && m.left_out == 0 ? exit_nothing : exit_expected;
}

}  // namespace

void add_matrix(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("matrix", "show systems side by side");
  command->add_option("records", options->records, "a record for each column, named by its file")
      ->required()
      ->type_name("RECORD");
  command->add_option("--by", options->by, "what a row is: requirement (default), case or observation")
      ->check(CLI::IsMember({"requirement", "case", "observation"}));
  command->add_flag("--differing", options->differing, "only rows in which the systems differ");
  command->add_option("--csv", options->csv, "write it as CSV")->type_name("FILE");
  command->add_option("--html", options->html, "write it as a page")->type_name("FILE");
  command->add_option("--page", options->page, "write the page of all systems, with filters and transcripts")
      ->type_name("FILE");
  command->add_flag("--quiet", options->quiet, "nothing on standard output");
  command->callback([options, &status] { status = matrix(*options); });
}

}  // namespace ipcvet::cli
