#include "harness/case/printer.h"

#include <algorithm>

#include "harness/case/parser.h"
#include "harness/case/text.h"

namespace ipcvet {
namespace {

constexpr size_t widest_commented = 72;  // a longer line does not push its neighbours' comments to the right

size_t width(std::string_view text) {
  size_t columns = 0;
  for (size_t at = 0; at < text.size(); ++columns) {
    auto c = code_point(text, at);
    at += c ? c->bytes : 1;
  }
  return columns;
}

std::string padded(std::string text, size_t columns) {
  size_t now = width(text);
  return now < columns ? text.append(columns - now, ' ') : text;
}

// Gathers lines, and at the end sets the comments of neighbouring lines under each other.
class Page {
 public:
  void line(std::string text, const Trivia &trivia, size_t indent = 0) {
    above(trivia.before, indent);
    lines_.push_back({std::string(indent, ' ') + std::move(text), trivia.after});
  }
  void above(const std::vector<std::string> &before, size_t indent = 0) {
    for (const std::string &text : before) {
      if (text.empty())
        blank();
      else
        lines_.push_back({std::string(indent, ' ') + (text == " " ? "#" : "#" + text), {}});
    }
  }
  void blank() { lines_.emplace_back(); }
  std::string text() const;

 private:
  struct Line {
    std::string text, comment;
  };
  std::vector<Line> lines_;
};

std::string Page::text() const {
  std::string out;
  for (size_t first = 0; first < lines_.size();) {
    size_t end = first, column = 0;
    for (; end < lines_.size() && (end == first || !lines_[end].text.empty()); ++end) {
      size_t columns = width(lines_[end].text);
      if (!lines_[end].comment.empty() && columns <= widest_commented) column = std::max(column, columns);
    }
    for (; first < end; ++first) {
      const Line &line = lines_[first];
      out += line.comment.empty() ? line.text : padded(line.text, column) + "  #" + line.comment;
      out += "\n";
    }
  }
  return out;
}

void print_header(Page &page, const Case &c) {
  page.line("case  " + c.id, c.case_trivia);
  if (!c.brief.empty()) page.line("brief " + quoted(c.brief), c.brief_trivia);
  size_t longest = 0;
  for (const Spec &spec : c.specs) longest = std::max(longest, spec.requirement.size());
  for (const Spec &spec : c.specs)
    page.line("spec  " + padded(spec.requirement, longest) + "  " + level_name(spec.level), spec.trivia);
  if (c.needs.empty()) return;
  std::string needs = "needs";
  for (const Need &need : c.needs) needs += " " + need.capability;
  page.line(needs, c.needs_trivia);
}

std::string cells_line(const std::vector<std::string> &cells, const std::vector<size_t> &widths) {
  std::string out;
  for (size_t i = 0; i < cells.size(); ++i) out += i + 1 < cells.size() ? padded(cells[i], widths[i]) + "  " : cells[i];
  return out;
}

void print_table(Page &page, const Table &table) {
  std::vector<std::vector<std::string>> rows{table.columns};
  for (const Table::Row &row : table.rows) {
    rows.emplace_back();
    for (const Value &cell : row.cells) rows.back().push_back(print(cell));
  }
  std::vector<size_t> widths(table.columns.size());
  for (const auto &row : rows)
    for (size_t i = 0; i < std::min(row.size(), widths.size()); ++i) widths[i] = std::max(widths[i], width(row[i]));
  constexpr std::string_view keyword = "where  ";
  page.line(std::string(keyword) + cells_line(rows[0], widths), table.trivia);
  for (size_t i = 0; i < table.rows.size(); ++i)
    page.line(cells_line(rows[i + 1], widths), table.rows[i].trivia, keyword.size());
}

void print_step(Page &page, const Step &step) {
  if (step.kind != Step::Kind::any_order) {
    page.line(print(step), step.trivia);
    return;
  }
  page.line("any order", step.trivia);
  for (const Step &member : step.members) page.line(print(member), member.trivia, 2);
}

void print_stress(Page &page, const Stress &stress) {
  page.line("stress", stress.trivia);
  std::vector<std::string> names;
  size_t longest = 0;
  for (const Role &role : stress.roles) {
    names.push_back(role.copies ? role.actor + "*" + print(*role.copies) : role.actor);
    longest = std::max(longest, width(names.back()));
  }
  for (size_t i = 0; i < stress.roles.size(); ++i) {
    std::string text = padded(names[i], longest) + "  ";
    for (const Statement &statement : stress.roles[i].statements)
      text += (&statement == stress.roles[i].statements.data() ? "" : "; ") + print(statement);
    page.line(std::move(text), stress.roles[i].trivia, 2);
  }
  std::string holds = "holds ";
  for (const std::string &name : stress.holds) holds += (&name == stress.holds.data() ? "" : ", ") + name;
  page.line(holds, stress.holds_trivia, 2);
}

}  // namespace

std::string print(const Case &c) {
  Page page;
  print_header(page, c);
  if (c.where) {
    page.blank();
    print_table(page, *c.where);
  }
  for (const Step &step : c.steps) {
    if (&step == c.steps.data()) page.blank();
    print_step(page, step);
  }
  if (c.stress) {
    page.blank();
    print_stress(page, *c.stress);
  }
  page.above(c.trailing);
  return page.text();
}

}  // namespace ipcvet
