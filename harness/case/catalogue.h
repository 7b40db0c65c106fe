// The catalogue of requirements: what the standards demand, one entry a rule, in cases/requirements/*.toml.
//
//     [[requirement]]
//     id = "posix/read/pipe-no-writer-eof"
//     standard = "POSIX.1-2024"
//     section = "read, DESCRIPTION"
//     level = "shall"                      # shall, linux, may or observe
//     rule = "With no writer left, read on an empty pipe returns 0."
//     untestable = "why no case can show it"   # optional
//
// Cases cite requirements by id; reports give coverage by them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/case/case.h"
#include "harness/case/loader.h"
#include "harness/case/source.h"

namespace ipcvet {

struct Requirement {
  std::string id, standard, section, rule;
  Level level = Level::shall;
  std::optional<std::string> untestable{};  // the reason
  std::string file{};
  Pos pos{};  // of its id
};

struct Catalogue {
  std::vector<Requirement> requirements;  // sorted by id
  std::vector<Diagnostic> errors;

  const Requirement *find(std::string_view id) const;
};

Catalogue load_catalogue(const std::vector<TextFile> &files);
Catalogue embedded_catalogue();

std::optional<Level> level_of(std::string_view word);

}  // namespace ipcvet
