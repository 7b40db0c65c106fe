// What the page is told: the results of one or several systems as compact JSON, in two parts.
//
// The index is read when the page opens: systems, requirements, and one short entry an instance; verdicts are a
// letter an instance in one string a system. The details (lines, marks, events) lie in chunks that are parsed when one
// of their cases is looked at. What several systems have in common is written once, so that eight systems cost little
// more than one where they agree. reports/viewer/data.js reads all of it.
#pragma once

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "reports/result.h"

namespace ipcvet {

// One case instance, and its result on each system; nullptr where a record has none.
struct PageRow {
  std::string id{};
  uint32_t run = 1;  // the k-th result of this instance in a record that repeats it
  std::vector<const CaseResult *> by_system{};
  const CaseResult &first() const;
};

// In order of first appearance. The records must outlive the rows.
std::vector<PageRow> page_rows(std::span<const Record> records);

// A short name for each system, different for each: its release, and the traits that tell it from the others.
std::vector<std::string> system_names(std::span<const Record> records);

// "p", "f", "s", "u", "d", "t", "e".
char verdict_letter(VerdictClass c);

// The details of rows [from, to) as a JSON list, where `to` is where a chunk is large enough.
struct Chunk {
  size_t to = 0;
  std::string json{};
};
Chunk page_chunk(const std::vector<PageRow> &rows, size_t from);

// `chunk_starts`: the first row of each chunk.
void write_page_index(std::ostream &out, std::span<const Record> records, const std::vector<PageRow> &rows,
                      const std::vector<size_t> &chunk_starts);

}  // namespace ipcvet
