#include "reports/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/tally.h"
#include "reports/transcript.h"

namespace ipcvet {
namespace {

std::string_view color_of(VerdictClass c) {
  switch (c) {
    case VerdictClass::pass:
      return "\x1b[32m";
    case VerdictClass::skip:
      return "\x1b[33m";
    case VerdictClass::fail:
    case VerdictClass::error:
    case VerdictClass::timeout:
      return "\x1b[31m";
    default:
      return "\x1b[35m";
  }
}

std::string painted(std::string_view text, std::string_view color, bool on) {
  return on ? fmt::format("{}{}\x1b[0m", color, text) : std::string(text);
}

// Columns are those verdicts that occurred, pass and fail always.
std::vector<VerdictClass> columns_of(const Counts &counts) {
  std::vector<VerdictClass> columns;
  for (VerdictClass c : all_verdicts)
    if (counts[c] != 0 || c == VerdictClass::pass || c == VerdictClass::fail) columns.push_back(c);
  return columns;
}

std::string row(std::string_view name, size_t width, const Counts &counts, const std::vector<VerdictClass> &columns,
                bool color) {
  std::string out = fmt::format("{:<{}}", name, width);
  for (VerdictClass c : columns) {
    const std::string cell = fmt::format("{:>12}", counts[c] == 0 ? "." : std::to_string(counts[c]));
    out += counts[c] == 0 ? cell : painted(cell, color_of(c), color);
  }
  return out + "\n";
}

void write_table(std::ostream &out, const Record &record, bool color) {
  const Counts all = count(record);
  const auto groups = count_by_mechanism(record);
  const std::vector<VerdictClass> columns = columns_of(all);
  size_t width = 10;
  for (const auto &[name, counts] : groups) width = std::max(width, name.size());
  out << std::string(width, ' ');
  for (VerdictClass c : columns) out << fmt::format("{:>12}", verdict_name(c));
  out << "\n";
  for (const auto &[name, counts] : groups) out << row(name, width, counts, columns, color);
  if (groups.size() > 1) out << row("all", width, all, columns, color);
}

bool is_noteworthy(const CaseResult &r) {
  return r.verdict.cls != VerdictClass::pass && r.verdict.cls != VerdictClass::skip;
}

void write_transcripts(std::ostream &out, const Record &record, const TextOptions &options) {
  size_t shown = 0, left = 0;
  for (const CaseResult &r : record.cases) {
    if (!is_noteworthy(r)) continue;
    if (!options.transcripts || shown == options.max_transcripts) {
      ++left;
      continue;
    }
    out << transcript(r) << "\n";
    ++shown;
  }
  if (left != 0 && options.transcripts) out << left << " more are not shown here.\n\n";
}

// Skipped instances by their reason: one missing capability skips many cases.
void write_skipped(std::ostream &out, const Record &record) {
  std::vector<std::pair<std::string, std::vector<std::string>>> reasons;
  for (const CaseResult &r : record.cases) {
    if (r.verdict.cls != VerdictClass::skip) continue;
    auto it = std::find_if(reasons.begin(), reasons.end(), [&](const auto &e) { return e.first == r.verdict.reason; });
    if (it == reasons.end()) it = reasons.insert(reasons.end(), {r.verdict.reason, {}});
    it->second.push_back(r.instance_id());
  }
  for (const auto &[reason, ids] : reasons)
    out << fmt::format("skip        {}: {}{}\n", reason, ids[0],
                       ids.size() > 1 ? fmt::format(" and {} more", ids.size() - 1) : "");
}

// Instances that were repeated and did not come to the same each time, and how sure their rate is.
void write_flaky(std::ostream &out, const Record &record) {
  const Tallies tallies(record);
  for (const Tally *t : flaky(tallies))
    out << fmt::format("flaky       {}: did not pass in {}\n", t->id, rate_text(t->bad(), t->ran()));
}

void write_list(std::ostream &out, const Record &record, bool color) {
  for (const CaseResult &r : record.cases)
    if (is_noteworthy(r))
      out << painted(fmt::format("{:<10}", verdict_name(r.verdict.cls)), color_of(r.verdict.cls), color) << "  "
          << r.instance_id() << ": " << r.verdict.reason << "\n";
  write_flaky(out, record);
  write_skipped(out, record);
  for (const CaseResult &r : record.cases)
    for (const std::string &leak : r.history.leaks) out << "leak        " << r.instance_id() << ": " << leak << "\n";
}

}  // namespace

void write_text(std::ostream &out, const Record &record, const TextOptions &options) {
  write_transcripts(out, record, options);
  write_list(out, record, options.color);
  out << "\n";
  write_table(out, record, options.color);
  const SystemInfo &s = record.system;
  out << fmt::format("\n{} {} {}, {}, profile {}, {} instances in {:.1f} s{}\n", s.kernel, s.release, s.machine, s.libc,
                     profile_name(s.profile), record.cases.size(), s.seconds, s.interrupted ? ", interrupted" : "");
  if (!s.trouble.empty()) out << "target " << s.target << ": " << s.trouble << "\n";
  for (const std::string &path : options.reports) out << "report: " << path << "\n";
}

}  // namespace ipcvet
