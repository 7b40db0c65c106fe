// The rows of a table as cases of their own.
#include <algorithm>

#include "harness/case/case.h"

namespace ipcvet {
namespace {

// Puts the cells of one row in the place of the columns' names.
class Substitution {
 public:
  explicit Substitution(const std::vector<Field> &cells) : cells_(cells) {}

  void value(Value &v) const {
    if (const auto *name = v.as<Value::Name>()) {
      if (const Value *cell = cell_of(name->text)) v.node = Value::Node(cell->node);
    } else if (auto *list = v.as<Value::List>()) {
      for (Value &item : list->items) value(item);
    } else if (auto *record = v.as<Value::Record>()) {
      for (Field &field : record->fields) value(field.value);
    } else if (auto *binary = v.as<Value::Binary>()) {
      for (Value &side : binary->sides) value(side);
    }
  }

  void step(Step &s) const {
    call(s.call);
    for (Alternative &alternative : s.outcome) value(alternative.value);
    word(s.signal);
    value(s.value);
    word(s.memory);
    value(s.offset);
    for (Step &member : s.members) step(member);
  }

  void stress(Stress &s) const {
    for (Role &role : s.roles) {
      if (role.copies) value(*role.copies);
      for (Statement &statement : role.statements) {
        call(statement.call);
        if (statement.repeat) value(*statement.repeat);
        if (statement.until) value(*statement.until);
      }
    }
  }

 private:
  void call(Call &c) const {
    word(c.name);
    for (Value &argument : c.args) value(argument);
  }

  // A name that stands outside a value: a call, a signal, memory. Only a cell that is a name can replace it.
  void word(std::string &text) const {
    const Value *cell = cell_of(text);
    if (const auto *name = cell ? cell->as<Value::Name>() : nullptr) text = name->text;
  }

  const Value *cell_of(const std::string &column) const {
    if (column == "falsifies") return nullptr;
    auto found = std::find_if(cells_.begin(), cells_.end(), [&](const Field &f) { return f.name == column; });
    return found == cells_.end() ? nullptr : &found->value;
  }

  const std::vector<Field> &cells_;
};

}  // namespace

std::vector<Case> expand(const Case &c) {
  if (!c.where) return {c};
  std::vector<Case> instances;
  for (const Table::Row &row : c.where->rows) {
    Case instance = c;
    instance.where.reset();
    instance.row = static_cast<uint32_t>(instances.size() + 1);
    for (size_t i = 0; i < std::min(row.cells.size(), c.where->columns.size()); ++i)
      instance.cells.push_back({c.where->columns[i], row.cells[i]});
    Substitution substitution(instance.cells);
    for (Step &step : instance.steps) substitution.step(step);
    if (instance.stress) substitution.stress(*instance.stress);
    instances.push_back(std::move(instance));
  }
  return instances;
}

}  // namespace ipcvet
