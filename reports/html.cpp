#include "reports/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/html_data.h"
#include "reports/html_text.h"
#include "reports/viewer/assets.h"

namespace ipcvet {
namespace {

constexpr size_t most_plain_rows = 500;  // of what did not pass, in the summary for readers without a script

bool is_noteworthy(const CaseResult &r) {
  return r.verdict.cls != VerdictClass::pass && r.verdict.cls != VerdictClass::skip;
}

std::string page_title(std::span<const Record> records) {
  if (records.size() != 1) return fmt::format("ipcvet: {} systems", records.size());
  const SystemInfo &s = records[0].system;
  return fmt::format("ipcvet: {} {} {}", s.kernel, s.release, s.machine);
}

void write_head(std::ostream &out, std::span<const Record> records) {
  out << "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      << "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src '" << page_script_hash
      << "'; style-src '" << page_style_hash
      << "'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n<title>"
      << html_text(page_title(records)) << "</title>\n<style>" << page_style << "</style></head>\n";
}

void write_counts(std::ostream &out, const std::string &name, const Counts &counts, const char *tag) {
  out << fmt::format("<tr><{0} scope=\"row\">{1}</{0}>", tag, html_text(name));
  for (VerdictClass c : all_verdicts) out << "<td>" << (counts[c] == 0 ? "·" : std::to_string(counts[c])) << "</td>";
  out << "<td>" << counts.total() << "</td></tr>\n";
}

void write_plain_table(std::ostream &out, const Record &record, const std::string &name) {
  out << "<table><caption>" << html_text(name) << "</caption>\n<thead><tr><th scope=\"col\">mechanism</th>";
  for (VerdictClass c : all_verdicts) out << "<th scope=\"col\">" << verdict_name(c) << "</th>";
  out << "<th scope=\"col\">all</th></tr></thead>\n<tbody>\n";
  for (const auto &[mechanism, counts] : count_by_mechanism(record)) write_counts(out, mechanism, counts, "th");
  write_counts(out, "all", count(record), "th");
  out << "</tbody></table>\n";
}

void write_plain_deviations(std::ostream &out, const Record &record) {
  size_t written = 0, all = 0;
  for (const CaseResult &r : record.cases) {
    if (!is_noteworthy(r) || ++all > most_plain_rows) continue;
    out << (written++ ? "" : "<ul>\n")
        << fmt::format("<li><b>{}</b> <code>{}</code>: {}</li>\n", verdict_name(r.verdict.cls),
                       html_text(r.instance_id()), html_text(r.verdict.reason));
  }
  if (written) out << "</ul>\n";
  if (all > written) out << "<p>and " << all - written << " more.</p>\n";
}

// What a reader without a script sees; the viewer takes its place.
void write_plain(std::ostream &out, std::span<const Record> records) {
  const std::vector<std::string> names = system_names(records);
  out << "<main id=\"plain\">\n<h1>" << html_text(page_title(records)) << "</h1>\n";
  for (size_t i = 0; i < records.size(); ++i) {
    const SystemInfo &s = records[i].system;
    write_plain_table(out, records[i], names[i]);
    out << "<p>"
        << html_text(fmt::format("{} instances in {:.1f} s, profile {}, {}, ipcvet {}{}{}", records[i].cases.size(),
                                 s.seconds, profile_name(s.profile), s.libc, s.ipcvet,
                                 s.started.empty() ? "" : ", " + s.started, s.interrupted ? ", interrupted" : ""))
        << "</p>\n";
    if (!s.trouble.empty()) out << "<pre>" << html_text("target " + s.target + ": " + s.trouble) << "</pre>\n";
    write_plain_deviations(out, records[i]);
  }
  out << "<noscript><p>The cases, their transcripts and diagrams need JavaScript; the page asks nothing of a "
         "network.</p></noscript>\n</main>\n";
}

void write_data(std::ostream &out, std::span<const Record> records) {
  const std::vector<PageRow> rows = page_rows(records);
  std::vector<size_t> starts;
  for (size_t from = 0; from < rows.size();) {
    const Chunk chunk = page_chunk(rows, from);
    out << "<script type=\"application/json\" id=\"chunk-" << starts.size() << "\">" << chunk.json << "</script>\n";
    starts.push_back(from);
    from = chunk.to;
  }
  out << "<script type=\"application/json\" id=\"index\">";
  write_page_index(out, records, rows, starts);
  out << "</script>\n";
}

}  // namespace

void write_page(std::ostream &out, std::span<const Record> records) {
  write_head(out, records);
  out << "<body>\n";
  write_plain(out, records);
  out << "<div id=\"app\" hidden></div>\n";
  write_data(out, records);
  out << "<script>" << page_script << "</script>\n</body></html>\n";
}

void write_html(std::ostream &out, const Record &record) { write_page(out, {&record, 1}); }

}  // namespace ipcvet
