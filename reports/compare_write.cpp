#include "reports/compare_write.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reports/escape.h"
#include "reports/markdown.h"
#include "reports/plain_page.h"

namespace ipcvet {
namespace {

using Kind = Change::Kind;

struct Section {
  Kind kind;
  const char *title;
  const char *color;
};
constexpr Section sections[] = {
    {Kind::regression, "Regressions", "\x1b[31m"},
    {Kind::fix, "Fixes", "\x1b[32m"},
    {Kind::other, "Deviates otherwise", "\x1b[33m"},
    {Kind::appeared, "New cases", ""},
    {Kind::vanished, "Vanished cases", "\x1b[33m"},
    {Kind::observation, "Observations", ""},
    {Kind::skip, "Skips", "\x1b[33m"},
};

std::string subject(const Change &c) { return c.what.empty() ? c.id : c.id + " " + c.what; }

std::string transition(const Change &c) {
  if (c.kind == Kind::appeared) return c.after;
  if (c.kind == Kind::vanished) return "was " + c.before;
  return c.before + " -> " + c.after;
}

std::string explanation(const Change &c, const Comparison &all) {
  std::string out;
  for (size_t i : c.explained_by) out += (out.empty() ? "" : "; ") + all.traits[i].text();
  return out;
}

std::string totals(const Comparison &c) {
  std::string out = fmt::format("{} unchanged", c.same);
  for (const Section &s : sections)
    if (c.count(s.kind) != 0) out += fmt::format(", {} {}", c.count(s.kind), kind_name(s.kind));
  return out;
}

nlohmann::ordered_json change_json(const Change &c, const Comparison &all) {
  nlohmann::ordered_json out = {{"kind", kind_name(c.kind)},
                                {"id", printable(c.id)},
                                {"mechanism", printable(c.mechanism)},
                                {"before", printable(c.before)},
                                {"after", printable(c.after)}};
  if (!c.what.empty()) out["observation"] = printable(c.what);
  if (c.kind == Kind::appeared) out["bad"] = c.bad;
  auto &names = out["explained_by"] = nlohmann::ordered_json::array();
  for (size_t i : c.explained_by) names.push_back(printable(all.traits[i].name));
  return out;
}

std::string dumped(const nlohmann::ordered_json &json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

void write_text(std::ostream &out, const Comparison &c, bool color) {
  out << "old: " << one_line(c.before) << "\nnew: " << one_line(c.after) << "\n";
  for (const TraitDifference &d : c.traits) out << "     " << one_line(d.text()) << "\n";
  for (const Section &s : sections) {
    if (c.count(s.kind) == 0) continue;
    const bool painted = color && *s.color;
    out << "\n" << (painted ? s.color : "") << s.title << (painted ? "\x1b[0m" : "") << "\n";
    for (const Change &change : c.changes) {
      if (change.kind != s.kind) continue;
      out << "  " << one_line(subject(change)) << ": " << one_line(transition(change)) << "\n";
      if (const std::string why = explanation(change, c); !why.empty())
        out << "      perhaps by: " << one_line(why) << "\n";
    }
  }
  out << "\n" << totals(c) << "\n";
}

void write_markdown(std::ostream &out, const Comparison &c) {
  std::string text = fmt::format("## ipcvet diff: {}\n\n- old: {}\n- new: {}\n", totals(c), markdown_escaped(c.before),
                                 markdown_escaped(c.after));
  for (const TraitDifference &d : c.traits) text += "- " + markdown_escaped(shortened(d.text(), 500)) + "\n";
  text += "\n";
  size_t left_out = 0;
  for (const Section &s : sections) {
    bool any = false;
    for (const Change &change : c.changes) {
      if (change.kind != s.kind) continue;
      std::string line = any ? "" : fmt::format("### {}\n\n", s.title);
      line += fmt::format("- {}: {}", markdown_escaped(shortened(subject(change), 300)),
                          markdown_escaped(shortened(transition(change), 1000)));
      if (const std::string why = explanation(change, c); !why.empty())
        line += "  \n  perhaps by: " + markdown_escaped(shortened(why, 500));
      if (left_out != 0 || text.size() + line.size() + 200 > largest_summary) {
        ++left_out;
        continue;
      }
      text += line + "\n";
      any = true;
    }
    if (any) text += "\n";
  }
  if (left_out != 0) text += fmt::format("{} more changes had no room here.\n", left_out);
  out << text;
}

void write_json(std::ostream &out, const Comparison &c) {
  out << "{\"schema\": \"ipcvet/diff/1\",\n\"before\": " << dumped(printable(c.before))
      << ",\n\"after\": " << dumped(printable(c.after)) << ",\n\"same\": " << c.same << ",\n\"traits\": [";
  for (size_t i = 0; i < c.traits.size(); ++i)
    out << (i ? ",\n" : "\n")
        << dumped({{"name", printable(c.traits[i].name)},
                   {"before", printable(c.traits[i].before)},
                   {"after", printable(c.traits[i].after)}});
  out << "\n],\n\"changes\": [";
  for (size_t i = 0; i < c.changes.size(); ++i) out << (i ? ",\n" : "\n") << dumped(change_json(c.changes[i], c));
  out << "\n]}\n";
}

void write_html(std::ostream &out, const Comparison &c) {
  begin_plain_page(out, "ipcvet diff");
  out << "<h1>" << html_escaped(totals(c)) << "</h1>\n<table class=\"facts\">\n<tr><th>old</th><td>"
      << html_escaped(c.before) << "</td></tr>\n<tr><th>new</th><td>" << html_escaped(c.after) << "</td></tr>\n";
  for (const TraitDifference &d : c.traits)
    out << "<tr><th>" << html_escaped(d.name) << "</th><td>" << html_escaped(d.before) << " &rarr; "
        << html_escaped(d.after) << "</td></tr>\n";
  out << "</table>\n";
  for (const Section &s : sections) {
    if (c.count(s.kind) == 0) continue;
    out << "<h2>" << s.title << " (" << c.count(s.kind)
        << ")</h2>\n<table>\n<tr><th scope=\"col\">case</th><th scope=\"col\">old</th>"
        << "<th scope=\"col\">new</th><th scope=\"col\">perhaps by</th></tr>\n";
    for (const Change &change : c.changes)
      if (change.kind == s.kind)
        out << "<tr class=\"" << kind_name(s.kind) << "\"><th scope=\"row\">" << html_escaped(subject(change))
            << "</th><td>" << html_escaped(change.before) << "</td><td>" << html_escaped(change.after) << "</td><td>"
            << html_escaped(explanation(change, c)) << "</td></tr>\n";
    out << "</table>\n";
  }
  end_plain_page(out);
}

}  // namespace ipcvet
