// The annotated transcript: the case's own lines, and in the gutter what became of each.
//
//      ok   P  read(r, _, 16) ...                   # blocked: asleep in read
//      >>   P  ... read(r, "bye", 16) = 3
//             allowed:  3
//             actual:   -1 EINTR
//      --   P  close(r) = 0
//
// `ok` happened as the line says, `>>` deviated, `--` was not reached. The same text goes into the terminal, JUnit and
// the page, so that a deviation is one thing everywhere.
#pragma once

#include <string>
#include <vector>

#include "reports/result.h"

namespace ipcvet {

struct TranscriptLine {
  enum class Mark : uint8_t { none, ok, deviation, not_reached };
  Mark mark = Mark::none;
  std::string text{};    // a line of the case, or a note below one
  std::string remark{};  // on the right: how blocking was proven, what a name was bound to
  bool operator==(const TranscriptLine &) const = default;
};

std::vector<TranscriptLine> transcript_lines(const CaseResult &result);
// Header, requirements, lines, and below them sandbox, observations and leaks; ends with a newline.
std::string transcript(const CaseResult &result);

}  // namespace ipcvet
