#include "reports/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/case/parser.h"
#include "harness/case/printer.h"
#include "harness/case/text.h"
#include "harness/judge/describe.h"
#include "reports/html_style.h"
#include "reports/transcript.h"

namespace ipcvet {
namespace {

// Text for an element or a quoted attribute. What is no printable UTF-8 is shown as \xNN.
std::string escaped(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const auto c = code_point(text, at);
    if (!c || (!is_printable(c->value) && c->value != '\n')) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
      ++at;
      continue;
    }
    switch (c->value) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += text.substr(at, c->bytes);
    }
    at += c->bytes;
  }
  return out;
}

bool is_noteworthy(const CaseResult &r) {
  return r.verdict.cls != VerdictClass::pass && r.verdict.cls != VerdictClass::skip;
}

void write_counts(std::ostream &out, const std::string &name, const Counts &counts, const std::string &anchor) {
  out << "<tr><td>"
      << (anchor.empty() ? escaped(name) : fmt::format("<a href=\"#{}\">{}</a>", escaped(anchor), escaped(name)))
      << "</td>";
  for (VerdictClass c : all_verdicts)
    out << fmt::format("<td class=\"{}\">{}</td>", counts[c] == 0 ? "zero" : verdict_name(c), counts[c]);
  out << "<td>" << counts.total() << "</td></tr>\n";
}

void write_summary(std::ostream &out, const Record &record) {
  out << "<table>\n<tr><th>mechanism</th>";
  for (VerdictClass c : all_verdicts) out << "<th>" << verdict_name(c) << "</th>";
  out << "<th>all</th></tr>\n";
  for (const auto &[mechanism, counts] : count_by_mechanism(record))
    write_counts(out, mechanism, counts, "m-" + mechanism);
  write_counts(out, "all", count(record), "");
  out << "</table>\n";
}

// A requirement cited by several cases has a line of its own counts.
void write_requirements(std::ostream &out, const Record &record) {
  std::map<std::string, std::pair<Counts, RequirementRef>> by_id;
  for (const CaseResult &r : record.cases)
    for (const RequirementRef &q : r.requirements) {
      auto &[counts, requirement] = by_id[q.id];
      ++counts.by[static_cast<size_t>(r.verdict.cls)];
      requirement = q;
    }
  out << "<details><summary>" << by_id.size() << " requirements</summary><div><table>\n";
  for (const auto &[id, entry] : by_id) {
    const auto &[counts, requirement] = entry;
    out << "<tr><td><code>" << escaped(id) << "</code> (" << level_name(requirement.level) << ") "
        << escaped(requirement.rule) << "</td><td>";
    for (VerdictClass c : all_verdicts)
      if (counts[c] != 0) out << fmt::format("<span class=\"{0}\">{1} {0}</span> ", verdict_name(c), counts[c]);
    out << "</td></tr>\n";
  }
  out << "</table></div></details>\n";
}

void write_fact(std::ostream &out, const std::string &name, const std::string &value) {
  if (!value.empty()) out << "<tr><td>" << escaped(name) << "</td><td>" << escaped(value) << "</td></tr>\n";
}

std::string joined(const std::vector<std::string> &words, const char *by) {
  std::string out;
  for (const std::string &w : words) out += (out.empty() ? "" : by) + w;
  return out;
}

void write_system(std::ostream &out, const SystemInfo &s) {
  out << "<details><summary>The system, its limits and capabilities</summary><div><table class=\"facts\">\n";
  write_fact(out, "kernel", s.kernel + " " + s.release + " " + s.version);
  write_fact(out, "machine", s.machine + ", " + std::to_string(s.cpus) + " CPUs");
  write_fact(out, "libc", s.libc);
  write_fact(out, "sandbox", joined(s.sandbox, "; "));
  write_fact(out, "ipcvet", s.ipcvet + ", profile " + profile_name(s.profile));
  write_fact(out, "command", joined(s.command, " "));
  for (const Capability &c : s.capabilities)
    write_fact(out, "capability " + c.name,
               std::string(c.had ? "there" : "missing") + (c.reason.empty() ? "" : ": " + c.reason));
  for (const Limit &l : s.limits) write_fact(out, "limit " + l.name, std::to_string(l.value));
  out << "</table></div></details>\n";
}

const char *line_class(TranscriptLine::Mark mark) {
  switch (mark) {
    case TranscriptLine::Mark::ok:
      return "ok";
    case TranscriptLine::Mark::deviation:
      return "bad";
    case TranscriptLine::Mark::not_reached:
      return "off";
    case TranscriptLine::Mark::none:
      return "note";
  }
  return "";
}

const char *gutter(TranscriptLine::Mark mark) {
  switch (mark) {
    case TranscriptLine::Mark::ok:
      return " ok  ";
    case TranscriptLine::Mark::deviation:
      return " &gt;&gt;  ";
    case TranscriptLine::Mark::not_reached:
      return " --  ";
    case TranscriptLine::Mark::none:
      return "     ";
  }
  return "";
}

void write_lines(std::ostream &out, const CaseResult &r) {
  const auto lines = transcript_lines(r);
  const bool ran =
      std::any_of(lines.begin(), lines.end(), [](const auto &l) { return l.mark != TranscriptLine::Mark::none; });
  out << "<pre>";
  for (const TranscriptLine &line : lines) {
    const char *style = !ran ? "off" : line_class(line.mark);
    out << "<span class=\"" << style << "\">" << gutter(line.mark) << escaped(line.text);
    if (!line.remark.empty()) {
      const size_t pad = line.text.size() < 44 ? 44 - line.text.size() : 0;
      out << std::string(pad, ' ') << "  <i># " << escaped(line.remark) << "</i>";
    }
    out << "\n</span>";
  }
  out << "</pre>\n";
}

void write_notes(std::ostream &out, const CaseResult &r) {
  if (!r.verdict.reason.empty()) out << "<p><b>" << escaped(r.verdict.reason) << "</b></p>\n";
  for (const RequirementRef &q : r.requirements) {
    out << "<p class=\"rule\"><code>" << escaped(q.id) << "</code> (" << level_name(q.level) << ")";
    if (!q.rule.empty()) out << " " << escaped(q.rule);
    if (!q.source.empty()) out << " <span class=\"dim\">[" << escaped(q.source) << "]</span>";
    out << "</p>\n";
  }
  if (r.cells.empty()) return;
  out << "<p class=\"rule\">row " << r.row.value_or(0) << ":";
  for (const Field &cell : r.cells) out << " <code>" << escaped(cell.name + " = " + print(cell.value)) << "</code>";
  out << "</p>\n";
}

void write_facts_of_case(std::ostream &out, const CaseResult &r) {
  out << "<p class=\"dim\">";
  if (!r.history.sandbox.empty()) out << "sandbox: " << escaped(r.history.sandbox) << "<br>";
  for (const Observation &o : r.verdict.observations)
    out << "observed: " << escaped(o.name + " = " + show(o.value)) << "<br>";
  for (const std::string &leak : r.history.leaks) out << "left behind: " << escaped(leak) << "<br>";
  out << fmt::format("{:.1f} ms</p>\n", r.history.seconds * 1000);
}

void write_case(std::ostream &out, const CaseResult &r) {
  const char *verdict = verdict_name(r.verdict.cls);
  const bool open = is_noteworthy(r);
  out << fmt::format("<details id=\"{}\"{}><summary><b class=\"{}\">{}</b> <code>{}</code> {}</summary><div>\n",
                     escaped(r.instance_id()), open ? " open" : "", verdict, verdict, escaped(r.instance_id()),
                     escaped(r.brief));
  write_notes(out, r);
  write_lines(out, r);
  write_facts_of_case(out, r);
  out << "<details><summary>The case as written</summary><div><pre>" << escaped(r.text) << "</pre></div></details>\n";
  out << "</div></details>\n";
}

void write_deviations(std::ostream &out, const Record &record) {
  if (std::none_of(record.cases.begin(), record.cases.end(), is_noteworthy)) return;
  out << "<h2>Not passed</h2>\n<ul>\n";
  for (const CaseResult &r : record.cases)
    if (is_noteworthy(r))
      out << fmt::format("<li><b class=\"{0}\">{0}</b> <a href=\"#{1}\">{1}</a>: {2}</li>\n",
                         verdict_name(r.verdict.cls), escaped(r.instance_id()), escaped(r.verdict.reason));
  out << "</ul>\n";
}

}  // namespace

void write_html(std::ostream &out, const Record &record) {
  const SystemInfo &s = record.system;
  const std::string title = fmt::format("ipcvet: {} {} {}", s.kernel, s.release, s.machine);
  out << "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
      << escaped(title) << "</title>\n<style>" << html_style << "</style></head><body>\n<h1>" << escaped(title)
      << "</h1>\n<p class=\"dim\">"
      << escaped(fmt::format("{} instances in {:.1f} s, profile {}, ipcvet {}{}{}", record.cases.size(), s.seconds,
                             profile_name(s.profile), s.ipcvet, s.started.empty() ? "" : ", " + s.started,
                             s.interrupted ? ", interrupted" : ""))
      << "</p>\n";
  write_summary(out, record);
  write_deviations(out, record);
  out << "<h2>By requirement</h2>\n";
  write_requirements(out, record);
  out << "<h2>The system</h2>\n";
  write_system(out, s);
  for (const auto &[mechanism, counts] : count_by_mechanism(record)) {
    out << "<h2 id=\"" << escaped("m-" + mechanism) << "\">" << escaped(mechanism) << "</h2>\n";
    for (const CaseResult &r : record.cases)
      if (r.mechanism == mechanism) write_case(out, r);
  }
  out << "</body></html>\n";
}

}  // namespace ipcvet
