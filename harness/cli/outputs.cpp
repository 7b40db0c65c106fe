#include "harness/cli/outputs.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

#include "harness/cli/cli.h"
#include "reports/html.h"
#include "reports/junit.h"
#include "reports/kcidb.h"
#include "reports/ktap.h"
#include "reports/markdown.h"

namespace ipcvet::cli {

struct Format {
  const char *option, *help;
  void (*write)(std::ostream &, const Record &);
};

namespace {

constexpr Format formats[] = {
    {"--json", "write the record of the run", write_json},
    {"--junit", "write JUnit XML", write_junit},
    {"--html", "write a page to read", write_html},
    {"--ktap", "write KTAP, version 1", write_ktap},
    {"--kcidb", "write a KCIDB report, version 5.3", write_kcidb},
    {"--markdown", "write a summary for a CI run", write_markdown},
    {"--annotations", "write GitHub annotations, ten errors and warnings at most", write_annotations},
};

bool cannot(const std::string &what, const std::string &path) {
  err("ipcvet: cannot " + what + " " + path + ": " + std::strerror(errno) + "\n");
  return false;
}

bool write_one(const Format &format, const std::string &path, const Record &record) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (file) format.write(file, record);
  file.close();
  return file ? true : cannot("write", path);
}

std::optional<Record> told(std::expected<Record, RecordError> record, const std::string &path) {
  if (record) return std::move(*record);
  err("ipcvet: " + path + ": " + record.error().text() + "\n");
  return std::nullopt;
}

}  // namespace

std::vector<std::string> Outputs::paths() const {
  std::vector<std::string> out;
  for (const auto &[format, path] : files) out.push_back(path);
  return out;
}

void add_output_options(CLI::App &command, Outputs &outputs) {
  for (const Format &format : formats)
    command
        .add_option_function<std::string>(
            format.option, [&outputs, &format](const std::string &path) { outputs.files.emplace_back(&format, path); },
            format.help)
        ->type_name("FILE");
}

bool write_outputs(const Outputs &outputs, const Record &record) {
  bool written = true;
  for (const auto &[format, path] : outputs.files) written = write_one(*format, path, record) && written;
  return written;
}

bool write_text_file(const std::string &path, const std::string &text) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return file ? true : cannot("write", path);
}

std::optional<Record> read_record(const std::string &path, ReadOptions options) {
  errno = 0;
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  if (path != "-" && !file.is_open()) return cannot("read", path), std::nullopt;
  std::ostringstream text;
  text << (path == "-" ? std::cin : file).rdbuf();
  return told(read_json(text.view(), options), path);
}

int status_of(const Record &record) {
  const Counts counts = count(record);
  if (counts[VerdictClass::error] != 0 || record.system.interrupted) return exit_harness;
  if (counts.total() == counts[VerdictClass::skip]) return exit_nothing;
  return counts.total() == counts[VerdictClass::pass] + counts[VerdictClass::skip] ? exit_expected : exit_deviations;
}

}  // namespace ipcvet::cli
