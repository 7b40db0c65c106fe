// The record as JSON: the form that is kept, compared and judged again. Described by schema/record-1.json.
//
// Written case by case, one a line, so that writing needs no second copy of the run in memory and a line tool can look
// at it. Text that is not UTF-8 is written as {"hex": "..."}, so that nothing is lost. Reading trusts nothing:
// truncated, corrupt, newer or hostile input is an error that says where, never an exception or a crash.
#pragma once

#include <expected>
#include <ostream>
#include <string>
#include <string_view>

#include "reports/result.h"

namespace ipcvet {

struct RecordError {
  std::string where{};  // "byte 1234", or a path such as "cases[3].history[0].kind"
  std::string what{};
  std::string text() const { return where.empty() ? what : where + ": " + what; }
};

void write_json(std::ostream &out, const Record &record);

struct ReadOptions {
  // Without: events, stress logs, lines and texts are passed over. What compares verdicts needs no more, in a fraction
  // of the memory.
  bool histories = true;
};
std::expected<Record, RecordError> read_json(std::string_view text, ReadOptions options = {});

// Parts of a record alone, as a journal (harness/target/journal.h) carries them: `system`, and one of `cases`. One
// line.
std::string json_of(const SystemInfo &system);
std::string json_of(const CaseResult &result);
std::expected<SystemInfo, RecordError> read_json_system(std::string_view text);
std::expected<CaseResult, RecordError> read_json_case(std::string_view text);

}  // namespace ipcvet
