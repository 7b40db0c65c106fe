#include "reports/markdown.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/case/parser.h"
#include "reports/escape.h"
#include "reports/groups.h"
#include "reports/tally.h"
#include "reports/transcript.h"

namespace ipcvet {
namespace {

constexpr size_t longest_transcript = 20 * 1000;
constexpr size_t longest_line = 500;
constexpr size_t reserve = 1000;  // for what says that something was left out

// Takes whole pieces as long as there is room.
class Budget {
 public:
  explicit Budget(std::ostream &out) : out_(out) {}
  bool add(const std::string &piece) {
    if (used_ + piece.size() > largest_summary - reserve) return false;
    out_ << piece;
    used_ += piece.size();
    return true;
  }
  void add_last(const std::string &piece) { out_ << piece.substr(0, reserve); }

 private:
  std::ostream &out_;
  size_t used_ = 0;
};

std::string md(std::string_view text) { return markdown_escaped(shortened(text, longest_line)); }

std::string counts_row(std::string_view name, const Counts &counts) {
  std::string row = fmt::format("| {} |", md(name));
  for (VerdictClass c : all_verdicts) row += counts[c] == 0 ? "   |" : fmt::format(" {} |", counts[c]);
  return row + "\n";
}

std::string headline(const Record &record) {
  const Counts counts = count(record);
  const size_t skipped = counts[VerdictClass::skip], ran = counts.total() - skipped;
  const size_t failed = counts[VerdictClass::fail], other = ran - counts[VerdictClass::pass] - failed;
  std::string text =
      fmt::format("## ipcvet: {} of {} instances ", failed == 0 && other == 0 ? ran : failed + other, ran);
  if (ran == 0)
    text = "## ipcvet: nothing ran";
  else if (failed == 0 && other == 0)
    text += "as expected";
  else
    text += other == 0 ? "deviate" : fmt::format("deviate ({}) or came to no verdict ({})", failed, other);
  if (skipped != 0) text += fmt::format(", {} skipped", skipped);
  text += record.system.interrupted ? ", interrupted\n\n" : "\n\n";
  const std::string &trouble = record.system.trouble;
  return trouble.empty() ? text : text + "Target " + md(record.system.target) + ": " + md(trouble) + "\n\n";
}

std::string system_line(const SystemInfo &s) {
  return fmt::format("{} {} {}, {}, profile {}, ipcvet {}\n\n", md(s.kernel), md(s.release), md(s.machine), md(s.libc),
                     profile_name(s.profile), md(s.ipcvet));
}

std::string table(const Record &record) {
  std::string out = "| |", line = "| --- |";
  for (VerdictClass c : all_verdicts) {
    out += fmt::format(" {} |", verdict_name(c));
    line += " ---: |";
  }
  out += "\n" + line + "\n";
  const auto groups = count_by_mechanism(record);
  constexpr size_t most_rows = 100;
  for (size_t i = 0; i < groups.size() && i < most_rows; ++i) out += counts_row(groups[i].first, groups[i].second);
  if (groups.size() > most_rows) out += fmt::format("| {} more |\n", groups.size() - most_rows);
  return out + counts_row("all", count(record)) + "\n";
}

std::string requirement_of(const CaseResult &r) {
  if (r.requirements.empty()) return "";
  const RequirementRef &q = r.requirements[0];
  std::string text = fmt::format("{} ({})", md(q.id), level_name(q.level));
  if (!q.rule.empty()) text += ": " + md(q.rule);
  return text + "\n";
}

// Not an item of a list: the lines of the transcript are not indented, and would end it.
std::string finding_text(const Record &record, const Finding &f) {
  const CaseResult &r = record.cases[f.members[0]];
  std::string text =
      fmt::format("**{}** {}: {}\n", verdict_name(f.cls), md(members_name(record, f)), md(r.verdict.reason));
  if (const std::string rule = requirement_of(r); !rule.empty()) text += "<br>" + rule;
  return text + "\n<details><summary>transcript</summary>\n\n<pre>" +
         html_escaped(shortened(transcript(r), longest_transcript)) + "</pre>\n\n</details>\n\n";
}

// Those of one kind under a title; counts what there was no room for.
size_t add_findings(Budget &budget, const Record &record, const std::vector<Finding> &all, bool failed,
                    const std::string &title) {
  size_t left_out = 0;
  bool any = false;
  for (const Finding &f : all) {
    if ((f.cls == VerdictClass::fail) != failed) continue;
    if (left_out != 0 || !budget.add((any ? "" : title) + finding_text(record, f)))
      ++left_out;
    else
      any = true;
  }
  return left_out;
}

size_t add_flaky(Budget &budget, const Record &record) {
  const Tallies tallies(record);
  size_t left_out = 0;
  bool any = false;
  for (const Tally *t : flaky(tallies)) {
    const std::string line = fmt::format("- {} did not pass in {}\n", md(t->id), rate_text(t->bad(), t->ran()));
    if (left_out != 0 || !budget.add((any ? "" : "### Flaky\n\n") + line)) ++left_out;
    any = true;
  }
  if (any) budget.add("\n");
  return left_out;
}

size_t add_skips(Budget &budget, const Record &record) {
  size_t left_out = 0;
  const auto all = skips(record);
  if (!all.empty() && !budget.add("### Skipped\n\n")) return all.size();
  for (const Finding &f : all) {
    const CaseResult &r = record.cases[f.members[0]];
    const std::string line = fmt::format("- {} {}: {}\n", f.members.size(),
                                         f.members.size() == 1 ? "instance" : "instances", md(r.verdict.reason));
    if (left_out != 0 || !budget.add(line)) ++left_out;
  }
  return left_out;
}

// In a workflow command `%` and line ends are escaped; in a property also `:` and `,`.
std::string command_text(std::string_view text, bool property) {
  std::string out;
  for (char c : one_line(text)) {
    if (c == '%' || (property && (c == ':' || c == ',')))
      out += fmt::format("%{:02X}", static_cast<int>(c));
    else
      out += c;
  }
  return out;
}

void annotate(std::ostream &out, const char *kind, const Record &record, const std::vector<const Finding *> &all) {
  for (size_t i = 0; i < all.size() && i < most_annotations; ++i) {
    const CaseResult &r = record.cases[all[i]->members[0]];
    std::string message = r.verdict.reason;
    if (i + 1 == most_annotations && all.size() > most_annotations)
      message += fmt::format(" (and {} more findings like this line, not shown)", all.size() - most_annotations);
    out << "::" << kind << " title=" << command_text(verdict_name(all[i]->cls), true) << " "
        << command_text(members_name(record, *all[i]), true) << "::" << command_text(shortened(message, 1000), false)
        << "\n";
  }
}

}  // namespace

void write_markdown(std::ostream &out, const Record &record) {
  Budget budget(out);
  budget.add(headline(record) + system_line(record.system) + table(record));
  const auto all = findings(record);
  size_t left_out = add_findings(budget, record, all, true, "### Deviations\n\n");
  left_out += add_findings(budget, record, all, false, "### No verdict\n\n");
  left_out += add_flaky(budget, record);
  left_out += add_skips(budget, record);
  if (left_out != 0)
    budget.add_last(fmt::format("\n{} more findings are in the record; this page has no more room.\n", left_out));
}

void write_annotations(std::ostream &out, const Record &record) {
  const auto all = findings(record);
  std::vector<const Finding *> failed, other;
  for (const Finding &f : all) (f.cls == VerdictClass::fail ? failed : other).push_back(&f);
  annotate(out, "error", record, failed);
  annotate(out, "warning", record, other);
}

}  // namespace ipcvet
