// What was seen of actors that did not wait for each other, as a case and as what it teaches.
#pragma once

#include <string>
#include <vector>

#include "fuzz/drive/report.h"
#include "fuzz/program/program.h"
#include "harness/judge/concurrent.h"

namespace ipcvet::fuzz {

struct ConcurrentStory {
  ConcurrentHistory history{};
  std::vector<const Step *> steps{};  // of each event; nullptr: of none
};

// A history without an explanation: its lines in the order in which they were seen, the explanation above them. Actors
// that race need not do the same again, so the case shows what was seen and expects nothing.
Found found_in(const ConcurrentStory &story, const linear::Linearisation &no, const std::string &mechanism,
               const std::vector<std::string> &comments);

// What sets this history apart from others, as numbers: for coverage.
void features(const ConcurrentStory &story, std::vector<uint64_t> &out);

}  // namespace ipcvet::fuzz
