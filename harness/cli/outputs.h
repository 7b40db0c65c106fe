// The report files of `run`, `judge`, `report` and `merge`: the same options, written from a record alone.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "reports/json.h"
#include "reports/result.h"

namespace CLI {
class App;
}

namespace ipcvet::cli {

struct Format;  // a format's name and writer; outputs.cpp lists them

struct Outputs {
  std::vector<std::pair<const Format *, std::string>> files{};  // in the order given
  std::vector<std::string> paths() const;
};

// `--json FILE`, `--junit FILE`, ...
void add_output_options(CLI::App &command, Outputs &outputs);
// False, and told on standard error, if one could not be written.
bool write_outputs(const Outputs &outputs, const Record &record);
// Writes text to a file; false, and told, if that fails.
bool write_text_file(const std::string &path, const std::string &text);

// Reads a record from a file, or standard input for "-"; what is wrong is told on standard error.
std::optional<Record> read_record(const std::string &path, ReadOptions options = {});

// What a gate is told of a record by itself: 1 for anything that neither passed nor was skipped, 4 if nothing ran.
int status_of(const Record &record);

}  // namespace ipcvet::cli
