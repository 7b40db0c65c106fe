#include "reports/matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reports/escape.h"
#include "reports/plain_page.h"
#include "reports/tally.h"

namespace ipcvet {
namespace {

using Cell = Matrix::Cell;

Cell cell_of(const Tally &t) {
  switch (t.kind()) {
    case Tally::Kind::good:
      return {"pass", Cell::Mood::good};
    case Tally::Kind::skipped:
      return {"skip", Cell::Mood::odd};
    case Tally::Kind::flaky:
      return {fmt::format("{} {}/{}", verdict_name(t.worst().verdict.cls), t.bad(), t.ran()), Cell::Mood::bad};
    case Tally::Kind::bad:
      break;
  }
  const VerdictClass cls = t.worst().verdict.cls;
  const bool no_verdict = cls == VerdictClass::unresolved || cls == VerdictClass::undecided;
  return {verdict_name(cls), no_verdict ? Cell::Mood::odd : Cell::Mood::bad};
}

Cell cell_of(const Counts &counts) {
  const size_t skipped = counts[VerdictClass::skip], ran = counts.total() - skipped;
  if (ran == 0) return {"skip", Cell::Mood::odd};
  std::string text = fmt::format("{}/{}", counts[VerdictClass::pass], ran);
  if (skipped != 0) text += fmt::format(" ({} skip)", skipped);
  return {text, counts[VerdictClass::pass] == ran ? Cell::Mood::good : Cell::Mood::bad};
}

const char *name_of(MatrixRows kind) {
  switch (kind) {
    case MatrixRows::requirement:
      return "requirement";
    case MatrixRows::case_:
      return "case";
    case MatrixRows::observation:
      return "observation";
  }
  return "";
}

// A field of CSV as RFC 4180 has it. One that begins like a formula gets an apostrophe: spreadsheets would run it.
std::string csv(const std::string &text) {
  std::string field = one_line(text);
  if (!field.empty() && std::string_view("=+-@").find(field[0]) != std::string_view::npos) field = "'" + field;
  if (field.find_first_of(",\"") == std::string::npos) return field;
  std::string out = "\"";
  for (char c : field) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

const char *css_class(Cell::Mood mood) {
  switch (mood) {
    case Cell::Mood::good:
      return "good";
    case Cell::Mood::bad:
      return "bad";
    case Cell::Mood::odd:
      return "odd";
    case Cell::Mood::none:
      break;
  }
  return "none";
}

}  // namespace

bool Matrix::Row::differs() const {
  return std::any_of(cells.begin(), cells.end(), [&](const Cell &c) { return c.text != cells[0].text; });
}

MatrixBuilder::MatrixBuilder(MatrixRows kind, std::vector<std::string> columns) : kind_(kind) {
  matrix_.rows_are = name_of(kind);
  matrix_.columns = std::move(columns);
}

std::vector<Cell> &MatrixBuilder::row(const std::string &name) {
  const auto [at, is_new] = index_.try_emplace(name, rows_.size());
  if (is_new) rows_.emplace_back(name, std::vector<Cell>(matrix_.columns.size()));
  return rows_[at->second].second;
}

void MatrixBuilder::add(size_t column, const Record &record) {
  if (kind_ == MatrixRows::requirement) add_requirements(column, record);
  if (kind_ == MatrixRows::case_) add_cases(column, record);
  if (kind_ == MatrixRows::observation) add_observations(column, record);
}

void MatrixBuilder::add_requirements(size_t column, const Record &record) {
  std::map<std::string_view, Counts> by_requirement;
  for (const CaseResult &r : record.cases)
    for (const RequirementRef &q : r.requirements) ++by_requirement[q.id].by[static_cast<size_t>(r.verdict.cls)];
  for (const auto &[id, counts] : by_requirement) row(std::string(id))[column] = cell_of(counts);
}

void MatrixBuilder::add_cases(size_t column, const Record &record) {
  for (const Tally &t : Tallies(record).all) row(t.id)[column] = cell_of(t);
}

void MatrixBuilder::add_observations(size_t column, const Record &record) {
  for (const Tally &t : Tallies(record).all)
    for (const auto &[name, values] : t.observed()) {
      std::string text;
      for (const std::string &v : values) text += (text.empty() ? "" : " or ") + v;
      row(t.id + " " + name)[column] = {text, Cell::Mood::none};
    }
}

Matrix MatrixBuilder::take(bool only_differing) {
  std::sort(rows_.begin(), rows_.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
  for (auto &[name, cells] : rows_) {
    Matrix::Row row{name, std::move(cells)};
    if (!only_differing || row.differs())
      matrix_.rows.push_back(std::move(row));
    else
      ++matrix_.left_out;
  }
  return std::move(matrix_);
}

void write_text(std::ostream &out, const Matrix &m) {
  constexpr size_t widest = 60;
  const auto fitted = [&](const std::string &text) { return one_line(shortened(text, widest)); };
  std::vector<size_t> widths{m.rows_are.size()};
  for (const std::string &c : m.columns) widths.push_back(fitted(c).size());
  for (const Matrix::Row &r : m.rows) {
    widths[0] = std::max(widths[0], fitted(r.name).size());
    for (size_t i = 0; i < r.cells.size(); ++i) widths[i + 1] = std::max(widths[i + 1], fitted(r.cells[i].text).size());
  }
  const auto line = [&](const std::string &name, const auto &text_of) {
    std::string text = fmt::format("{:<{}}", fitted(name), widths[0]);
    for (size_t i = 0; i < m.columns.size(); ++i) {
      const std::string cell = text_of(i);
      text += fmt::format("  {:<{}}", cell.empty() ? "." : fitted(cell), widths[i + 1]);
    }
    out << text.substr(0, text.find_last_not_of(' ') + 1) << "\n";
  };
  line(m.rows_are, [&](size_t i) { return m.columns[i]; });
  for (const Matrix::Row &r : m.rows) line(r.name, [&](size_t i) { return r.cells[i].text; });
  if (m.left_out != 0) out << m.left_out << " more do not differ\n";
}

void write_csv(std::ostream &out, const Matrix &m) {
  out << m.rows_are;
  for (const std::string &c : m.columns) out << "," << csv(c);
  out << "\r\n";
  for (const Matrix::Row &r : m.rows) {
    out << csv(r.name);
    for (const Cell &c : r.cells) out << "," << csv(c.text);
    out << "\r\n";
  }
}

void write_html(std::ostream &out, const Matrix &m) {
  begin_plain_page(out, "ipcvet matrix");
  out << "<h1>" << m.columns.size() << " systems by " << m.rows_are << "</h1>\n";
  if (m.left_out != 0) out << "<p>" << m.left_out << " rows do not differ and are not shown.</p>\n";
  out << "<div class=\"wide\"><table>\n<tr><th scope=\"col\">" << m.rows_are << "</th>";
  for (const std::string &c : m.columns) out << "<th scope=\"col\">" << html_escaped(c) << "</th>";
  out << "</tr>\n";
  for (const Matrix::Row &r : m.rows) {
    out << "<tr><th scope=\"row\">" << html_escaped(r.name) << "</th>";
    for (const Cell &c : r.cells)
      out << "<td class=\"" << css_class(c.mood) << "\">" << (c.text.empty() ? "&middot;" : html_escaped(c.text))
          << "</td>";
    out << "</tr>\n";
  }
  out << "</table></div>\n";
  end_plain_page(out);
}

}  // namespace ipcvet
