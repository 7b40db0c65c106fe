#include "harness/case/lint/shape.h"

#include <algorithm>
#include <set>

#include "harness/case/parser.h"
#include "harness/case/printer.h"
#include "harness/case/text.h"
#include "harness/mechanism/table.h"

namespace ipcvet {
namespace {

void lint_id(const Case &c, Report &report) {
  if (c.id.find('/') == std::string::npos)
    report.add_at_word(c.pos, c.id, "an id is a mechanism and a name, such as pipe/" + c.id);
  bool matches = ("/" + c.file).ends_with("/" + c.id + ".ipc");
  if (!matches)
    report.add_at_word(c.pos, c.id, "the file of this case must be " + c.id + ".ipc under the cases directory");
}

void lint_specs(const Case &c, const Surroundings &around, Report &report) {
  if (c.brief.empty()) report.add(c.pos, "the case has no 'brief' line");
  if (c.specs.empty() && capability_of(c).empty())
    report.add(c.pos, "the case cites no requirement: it needs a 'spec' line");
  std::set<std::string> seen;
  std::vector<std::string_view> known;
  if (around.catalogue)
    for (const Requirement &r : around.catalogue->requirements) known.push_back(r.id);
  for (const Spec &spec : c.specs) {
    if (!seen.insert(spec.requirement).second)
      report.add(spec.pos, spec.requirement.size(), "the requirement is cited twice");
    if (!around.catalogue) continue;
    const Requirement *found = around.catalogue->find(spec.requirement);
    if (!found)
      report.add(spec.pos, spec.requirement.size(),
                 "unknown requirement '" + spec.requirement + "'" + suggestion(spec.requirement, known));
    else if (found->level != spec.level)
      report.add_at_word({spec.pos.line, spec.pos.col + static_cast<uint32_t>(spec.requirement.size())},
                         level_name(spec.level), "the catalogue says '" + std::string(level_name(found->level)) + "'");
  }
}

void lint_needs(const Case &c, const Surroundings &around, Report &report) {
  const std::vector<std::string_view> known(around.capabilities.begin(), around.capabilities.end());
  std::set<std::string> seen;
  for (const Need &need : c.needs) {
    if (!seen.insert(need.capability).second)
      report.add(need.pos, need.capability.size(), "the capability is named twice");
    if (std::find(known.begin(), known.end(), need.capability) == known.end())
      report.add(need.pos, need.capability.size(),
                 "unknown capability '" + need.capability + "': there is no needs/" + need.capability + ".ipc" +
                     suggestion(need.capability, known));
  }
}

// The names that stand anywhere in the case, where a cell could take their place.
class NamesUsed {
 public:
  explicit NamesUsed(const Case &c) {
    for (const Step &one : c.steps) step(one);
    if (c.stress) stress(*c.stress);
  }
  bool contains(const std::string &name) const { return names_.contains(name); }

 private:
  void value(const Value &v) {
    if (const auto *name = v.as<Value::Name>()) names_.insert(name->text);
    if (const auto *list = v.as<Value::List>())
      for (const Value &item : list->items) value(item);
    if (const auto *record = v.as<Value::Record>())
      for (const Field &field : record->fields) value(field.value);
    if (const auto *binary = v.as<Value::Binary>())
      for (const Value &side : binary->sides) value(side);
  }
  void call(const Call &c) {
    names_.insert(c.name);
    for (const Value &argument : c.args) value(argument);
  }
  void step(const Step &s) {
    call(s.call);
    for (const Alternative &alternative : s.outcome) value(alternative.value);
    names_.insert(s.signal);
    names_.insert(s.memory);
    value(s.value);
    value(s.offset);
    for (const Step &member : s.members) step(member);
  }
  void stress(const Stress &s) {
    for (const Role &role : s.roles) {
      if (role.copies) value(*role.copies);
      for (const Statement &statement : role.statements) {
        call(statement.call);
        if (statement.repeat) value(*statement.repeat);
        if (statement.until) value(*statement.until);
      }
    }
  }

  std::set<std::string> names_;
};

// Words a column must not hide. Others, such as `actor`, are free where a case does not use them as words.
bool has_one_meaning(std::string_view word) {
  return word == "NULL" || word == "bad" || word == "now" || word == "record" || word == "jumped";
}

// A column of names would take the place of a call that is called like it.
bool hides_call(const Table &table, const std::string &column) {
  auto index =
      static_cast<size_t>(std::find(table.columns.begin(), table.columns.end(), column) - table.columns.begin());
  return find_call(column) && std::any_of(table.rows.begin(), table.rows.end(), [&](const Table::Row &row) {
           return index < row.cells.size() && row.cells[index].as<Value::Name>();
         });
}

std::string column_problem(const Case &c, size_t index, const NamesUsed &used) {
  const std::vector<std::string> &columns = c.where->columns;
  const std::string &column = columns[index];
  for (size_t i = 0; i < index; ++i)
    if (columns[i] == column) return "the column '" + column + "' is there twice";
  if (has_one_meaning(column) || find_constant(column) || hides_call(*c.where, column))
    return "'" + column + "' has a meaning already and cannot be a column";
  if (column == "falsifies") return c.stress ? "" : "'falsifies' is for cases with a stress part";
  if (column[0] >= 'A' && column[0] <= 'Z') return "a column's name starts with a lower-case letter";
  return used.contains(column) ? "" : "the column '" + column + "' is not used in the case";
}

void lint_table(const Case &c, Report &report) {
  if (!c.where) return;
  NamesUsed used(c);
  for (size_t i = 0; i < c.where->columns.size(); ++i) {
    std::string problem = column_problem(c, i, used);
    if (!problem.empty()) report.add_at_nth(c.where->pos, i + 1, problem);
  }
  for (size_t i = 0; i < c.where->rows.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (c.where->rows[i].cells == c.where->rows[j].cells)
        report.add(c.where->rows[i].pos, "this row is the same as row " + std::to_string(j + 1));
}

using Named = std::vector<std::pair<std::string, Pos>>;

// The invariants a `falsifies` cell names.
void cell_names(const Value &cell, Named &names) {
  if (const auto *name = cell.as<Value::Name>()) names.emplace_back(name->text, cell.pos);
  if (const auto *binary = cell.as<Value::Binary>())
    for (const Value &side : binary->sides) cell_names(side, names);
}

Named falsified_by(const Case &c) {
  Named names;
  if (!c.where) return names;
  const auto &columns = c.where->columns;
  auto column = static_cast<size_t>(std::find(columns.begin(), columns.end(), "falsifies") - columns.begin());
  for (const Table::Row &row : c.where->rows)
    if (column < row.cells.size()) cell_names(row.cells[column], names);
  return names;
}

void lint_falsifiers(const Case &c, const Surroundings &around, Report &report) {
  const std::vector<std::string> &holds = c.stress->holds;
  std::set<std::string> falsified;
  for (const auto &[name, pos] : falsified_by(c)) {
    falsified.insert(name);
    if (std::find(holds.begin(), holds.end(), name) == holds.end())
      report.add(pos, name.size(), "the stress part does not say that '" + name + "' holds");
  }
  for (const std::string &name : holds)
    if (!falsified.contains(name) && !around.falsified.contains(name))
      report.add_at_word(c.stress->holds_pos, name,
                         "no case has a row that falsifies '" + name +
                             "', so nothing shows that the check can fail; add one with a 'falsifies' column");
}

void lint_stress(const Case &c, const Surroundings &around, Report &report) {
  if (!c.stress) return;
  std::set<std::string> seen;
  const std::vector<std::string_view> &known = invariant_names();
  for (const std::string &name : c.stress->holds) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      report.add_at_word(c.stress->holds_pos, name, "unknown invariant '" + name + "'" + suggestion(name, known));
    if (!seen.insert(name).second) report.add(c.stress->holds_pos, "the invariant '" + name + "' is named twice");
  }
  lint_falsifiers(c, around, report);
}

}  // namespace

const std::vector<std::string_view> &invariant_names() {
  static const std::vector<std::string_view> names = {"whole",           "none-lost", "none-duplicated",
                                                      "fifo-per-writer", "conserved", "sum"};
  return names;
}

void add_to(Surroundings &around, const Case &c) {
  if (auto capability = capability_of(c); !capability.empty()) around.capabilities.emplace_back(capability);
  for (const auto &[name, pos] : falsified_by(c)) around.falsified.insert(name);
}

void lint_shape(const Case &c, const Surroundings &around, Report &report) {
  lint_id(c, report);
  lint_specs(c, around, report);
  lint_needs(c, around, report);
  lint_table(c, report);
  lint_stress(c, around, report);
  if (c.steps.empty() && !c.stress) report.add(c.pos, "the case has no steps");
}

}  // namespace ipcvet
