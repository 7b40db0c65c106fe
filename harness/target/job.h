// The directory of a job: made for one target, removed with everything in it when the target has ended.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "harness/case/loader.h"
#include "harness/target/target.h"

namespace ipcvet {

// What a job is made of: files of this machine, and texts.
struct JobParts {
  std::vector<std::string> arguments{};  // of `ipcvet run`, but for what follows
  std::string program{};                 // a file; empty: none
  std::string actor{};                   // likewise
  std::vector<TextFile> cases{};         // for --cases: paths relative to that directory
  std::vector<TextFile> files{};         // case files given by hand, in this order
  unsigned jobs = 0;
};

// A fresh directory, of this user alone. The error is a sentence.
std::expected<std::string, std::string> make_job_directory();
std::expected<Job, std::string> lay_out(const JobParts &parts, const std::string &directory);
// Removes it, but nothing that is mounted in it.
void remove_tree(const std::string &directory);

// A link to the file, or a copy where there can be none.
std::expected<void, std::string> place_file(const std::string &from, const std::string &to);
std::expected<void, std::string> write_file(const std::string &path, const std::string &text);

// A static ipcvet to start elsewhere: `asked` if it is one, this program if it is, or one found where builds leave it.
std::expected<std::string, std::string> static_program(const std::string &asked);
// Whether an ELF file names a dynamic loader: nothing if it is no ELF file.
std::optional<bool> wants_loader(const std::string &path);

}  // namespace ipcvet
