#include "harness/case/random_case.h"

namespace ipcvet {

std::string RandomCase::word() {
  constexpr const char *words[] = {"r",  "w",     "id", "PIPE_BUF", "O_NONBLOCK", "n",     "W",     "NULL", "bad",
                                   "or", "until", "_x", "x9",       "record",     "linux", "holds", "one"};
  return words[below(std::size(words))];
}

std::string RandomCase::actor() {
  constexpr const char *actors[] = {"P", "W", "Reader", "R2", "T"};
  return actors[below(std::size(actors))];
}

std::string RandomCase::id() {
  std::string out = "pipe";
  for (uint32_t parts = below(3) + 1; parts > 0; --parts) out += chance(30) ? "-a1" : "/b2";
  return out;
}

std::string RandomCase::bytes() {
  std::string out;
  for (uint32_t n = below(12); n > 0; --n)
    out += chance(60) ? static_cast<char>('a' + below(26)) : static_cast<char>(below(256));
  if (chance(10)) out += "\xc3\xa9\xe2\x82\xac";
  return out;
}

Value RandomCase::number() {
  constexpr int64_t interesting[] = {0, 1, -1, 8, 4096, INT64_MAX, INT64_MIN};
  int64_t value = chance(50) ? interesting[below(std::size(interesting))] : static_cast<int64_t>(random_());
  return {Value::Int{value, static_cast<Value::Base>(below(3))}, {}};
}

Value RandomCase::value(uint32_t depth) {
  switch (below(depth < 4 ? 10 : 5)) {
    case 0:
      return Value::any();
    case 1:
      return {Value::Observe{"seen"}, {}};
    case 2:
      return Value::name(word());
    case 3:
      return number();
    case 4:
      return Value::bytes(bytes());
    case 5:
      return Value::error("EAGAIN");
    default:
      return nested(depth + 1);
  }
}

Value RandomCase::nested(uint32_t depth) {
  uint32_t kind = below(3);
  if (kind == 0) {
    constexpr Value::Op ops[] = {Value::Op::mul, Value::Op::add, Value::Op::sub, Value::Op::bits, Value::Op::range};
    Value left = value(depth);
    return {Value::Binary{ops[below(std::size(ops))], {std::move(left), value(depth)}}, {}};
  }
  std::vector<Value> items;
  for (uint32_t n = below(4); n > 0; --n) items.push_back(value(depth));
  if (kind == 1) return Value::list(std::move(items));
  std::vector<Field> fields;
  for (Value &item : items) fields.push_back({word(), std::move(item)});
  return Value::record(std::move(fields));
}

Value RandomCase::falsifies() {
  constexpr const char *names[] = {"whole", "none-lost", "fifo-per-writer"};
  Value cell = chance(30) ? Value::any() : Value::name(names[below(3)]);
  while (chance(30)) cell = {Value::Binary{Value::Op::bits, {cell, Value::name(names[below(3)])}}, {}};
  return cell;
}

Call RandomCase::call() {
  Call call{.name = word(), .args = {}};
  for (uint32_t n = below(5); n > 0; --n) call.args.push_back(value());
  return call;
}

Outcome RandomCase::outcome() {
  if (chance(5)) return {{{Value::Observe{}, {}}, Profile::any}};
  Outcome outcome;
  do {
    outcome.push_back({value(), static_cast<Profile>(below(3))});
  } while (chance(30));
  return outcome;
}

Step RandomCase::step(bool member) {
  Step step;
  step.kind = static_cast<Step::Kind>(below(10));
  step.actors = {actor()};
  step.trivia = trivia();
  switch (step.kind) {
    case Step::Kind::wakes:
      while (chance(25)) step.actors.push_back(actor());
      [[fallthrough]];
    case Step::Kind::returns:
      step.call = call();
      step.outcome = outcome();
      break;
    case Step::Kind::blocks:
    case Step::Kind::may_block:
      step.call = call();
      break;
    case Step::Kind::killed:
      step.signal = "SIGKILL";
      break;
    case Step::Kind::exited:
      step.value = value();
      break;
    case Step::Kind::signal:
      step.signal = "sig";
      if (chance(50)) step.value = Value::record({{"si_pid", value()}});
      break;
    case Step::Kind::store:
    case Step::Kind::expect:
      step.memory = "m";
      step.offset = value();
      step.value = value();
      break;
    default:
      break;
  }
  return !member && chance(10) ? any_order() : step;
}

Step RandomCase::any_order() {
  Step group;
  group.kind = Step::Kind::any_order;
  group.trivia = trivia();
  for (uint32_t n = below(3) + 1; n > 0; --n) group.members.push_back(step(true));
  return group;
}

Table RandomCase::table() {
  Table table;
  table.trivia = trivia(true);
  for (uint32_t n = below(4) + 1; n > 0; --n)
    table.columns.push_back(chance(20) ? "falsifies" : "c" + std::to_string(n));
  for (uint32_t n = below(4) + 1; n > 0; --n) {
    Table::Row row;
    row.trivia = trivia();
    for (const std::string &column : table.columns) row.cells.push_back(column == "falsifies" ? falsifies() : value());
    table.rows.push_back(std::move(row));
  }
  return table;
}

Role RandomCase::role() {
  Role role;
  role.actor = actor();
  role.trivia = trivia();
  if (chance(50)) role.copies = value();
  for (uint32_t n = below(3) + 1; n > 0; --n) {
    Statement statement{.call = call()};
    uint32_t bound = below(3);
    if (bound == 1) statement.repeat = value();
    if (bound == 2) statement.until = value();
    role.statements.push_back(std::move(statement));
  }
  return role;
}

Stress RandomCase::stress() {
  Stress stress;
  stress.trivia = trivia(true);
  for (uint32_t n = below(3) + 1; n > 0; --n) stress.roles.push_back(role());
  stress.holds = {"whole"};
  while (chance(50)) stress.holds.push_back("none-lost");
  stress.holds_trivia = trivia();
  return stress;
}

std::string RandomCase::comment() {
  constexpr const char *comments[] = {" why", "x", " \"quoted\" # twice", " caf\xc3\xa9"};
  return comments[below(std::size(comments))];
}

std::vector<std::string> RandomCase::lines_above(bool opens_part) {
  std::vector<std::string> lines;
  while (chance(20)) {
    bool blank = chance(40);
    bool allowed = lines.empty() ? !opens_part : !lines.back().empty();
    lines.push_back(!blank ? comment() : allowed ? "" : " ");
  }
  return lines;
}

Trivia RandomCase::trivia(bool opens_part) { return {lines_above(opens_part), chance(20) ? comment() : ""}; }

Case RandomCase::make() {
  Case c;
  c.id = id();
  c.case_trivia = trivia(true);
  c.brief = "A brief \"with\" quotes";
  c.brief_trivia = trivia();
  for (uint32_t n = below(3); n > 0; --n) c.specs.push_back({id(), static_cast<Level>(below(4)), {}, trivia()});
  for (uint32_t n = below(3); n > 0; --n) c.needs.push_back({"need-" + std::to_string(n), {}});
  if (!c.needs.empty()) c.needs_trivia = trivia();
  if (chance(50)) c.where = table();
  for (uint32_t n = below(8); n > 0; --n) c.steps.push_back(step(false));
  if (!c.steps.empty()) {
    std::vector<std::string> &above = c.steps.front().trivia.before;
    if (!above.empty() && above.front().empty()) above.erase(above.begin());
  }
  if (chance(30)) c.stress = stress();
  c.trailing = lines_above(false);
  while (!c.trailing.empty() && c.trailing.back().empty()) c.trailing.pop_back();
  return c;
}

}  // namespace ipcvet
