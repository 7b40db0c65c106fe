#include "harness/case/line_parser.h"

namespace ipcvet {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

bool LineParser::end() {
  if (in.at_end()) return true;
  return in.wants("the end of the line");
}

std::optional<std::string> LineParser::actor() {
  std::string_view word = in.peek_word();
  if (word.empty()) return in.expected("an actor");
  if (!is_upper(word[0])) return in.fail("an actor's name starts with a capital letter");
  return std::string(in.word());
}

std::optional<Call> LineParser::call() {
  in.skip_blanks();
  Call call{.name = {}, .args = {}, .pos = pos()};
  call.name = in.word();
  if (call.name.empty()) return in.expected("a call");
  if (!in.accept("(")) return in.expected("'(' after the call's name");
  if (in.accept_next(")")) return call;
  for (bool done = false; !done;) {
    auto argument = value();
    if (!argument) return std::nullopt;
    call.args.push_back(std::move(*argument));
    if (!separator(')', done)) return std::nullopt;
  }
  return call;
}

std::optional<Outcome> LineParser::outcome() {
  Outcome outcome;
  in.skip_blanks();
  if (in.here() == '?' && !is_word(in.here(1))) {  // the call does not return
    Pos start = pos();
    in.accept("?");
    return Outcome{{Value{Value::Observe{}, start}, Profile::any}};
  }
  do {
    auto allowed = value();
    if (!allowed) return std::nullopt;
    Alternative alternative{std::move(*allowed), Profile::any};
    if (in.accept_next("(")) {
      if (in.accept_keyword("linux"))
        alternative.profile = Profile::linux_;
      else if (in.accept_keyword("posix"))
        alternative.profile = Profile::posix;
      else
        return in.expected("a profile, linux or posix");
      if (!in.accept_next(")")) return in.expected("')' after the profile");
    }
    outcome.push_back(std::move(alternative));
  } while (in.accept_keyword("or"));
  return outcome;
}

std::optional<Step> LineParser::step() {
  in.skip_blanks();
  Step step;
  step.pos = pos();
  if (in.accept_keyword("one")) {
    if (!in.accept_keyword("of")) return in.expected("'of' after 'one'");
    return one_of(std::move(step));
  }
  if (in.accept_keyword("any")) {
    if (!in.accept_keyword("order")) return in.expected("'order' after 'any'");
    step.kind = Step::Kind::any_order;
    return step;
  }
  auto who = actor();
  if (!who) return std::nullopt;
  step.actors.push_back(std::move(*who));
  if (!in.skip_blanks()) return in.expected("two spaces after the actor");
  if (!action(step)) return std::nullopt;
  return step;
}

std::optional<Step> LineParser::one_of(Step step) {
  step.kind = Step::Kind::wakes;
  while (!in.accept_next("...")) {
    auto who = actor();
    if (!who) return std::nullopt;
    step.actors.push_back(std::move(*who));
  }
  if (step.actors.size() < 2) return in.fail_at(step.pos.col, 6, "'one of' names at least two actors");
  if (!called(step)) return std::nullopt;
  return step;
}

bool LineParser::action(Step &step) {
  if (in.accept("...")) return resumed(step);
  if (in.accept("+++")) return ended(step);
  if (in.accept("---")) return signalled(step);
  uint32_t start = in.col();
  if (in.peek_word().empty()) return in.wants("a call, '...', '+++', '---' or memory");
  in.word();
  bool is_memory = in.here() == '[';
  in.go_back_to(start);
  if (is_memory) return memory(step);
  auto made = call();
  if (!made) return false;
  step.call = std::move(*made);
  if (in.accept_next("...?"))
    step.kind = Step::Kind::may_block;
  else if (in.accept("..."))
    step.kind = Step::Kind::blocks;
  else if (in.here() == '=' && in.here(1) != '=') {
    step.kind = Step::Kind::returns;
    in.accept("=");
    auto result = outcome();
    if (!result) return false;
    step.outcome = std::move(*result);
  } else {
    return in.wants("'= OUTCOME', '...' or '...?' after the call");
  }
  return true;
}

bool LineParser::called(Step &step) {
  auto made = call();
  if (!made) return false;
  step.call = std::move(*made);
  if (!in.accept_next("=")) return in.wants("'= OUTCOME' after the call that completes");
  auto result = outcome();
  if (!result) return false;
  step.outcome = std::move(*result);
  return true;
}

bool LineParser::resumed(Step &step) {
  step.kind = Step::Kind::still;
  if (in.at_end()) return true;
  step.kind = Step::Kind::wakes;
  return called(step);
}

bool LineParser::ended(Step &step) {
  if (in.accept_keyword("exited")) {
    step.kind = Step::Kind::exited;
    auto status = value();
    if (status) step.value = std::move(*status);
    return status.has_value();
  }
  if (!in.accept_keyword("killed") || !in.accept_keyword("by"))
    return in.wants("'exited STATUS' or 'killed by SIGNAL' after '+++'");
  step.kind = Step::Kind::killed;
  step.signal = in.word();
  return !step.signal.empty() || in.wants("a signal");
}

bool LineParser::signalled(Step &step) {
  step.kind = Step::Kind::signal;
  step.signal = in.word();
  if (step.signal.empty()) return in.wants("a signal after '---'");
  in.skip_blanks();
  if (in.here() != '{') return true;
  auto fields = record();
  if (fields) step.value = std::move(*fields);
  return fields.has_value();
}

bool LineParser::memory(Step &step) {
  step.memory = in.word();
  in.accept("[");
  auto offset = value();
  if (!offset) return false;
  step.offset = std::move(*offset);
  if (!in.accept_next("]")) return in.wants("']' after the offset");
  if (in.accept_next(":="))
    step.kind = Step::Kind::store;
  else if (in.accept("=="))
    step.kind = Step::Kind::expect;
  else
    return in.wants("':=' to store or '==' to compare");
  auto data = value();
  if (data) step.value = std::move(*data);
  return data.has_value();
}

std::optional<Statement> LineParser::statement() {
  auto made = call();
  if (!made) return std::nullopt;
  Statement statement{.call = std::move(*made)};
  bool repeated = in.accept_next("*");
  if (!repeated && !in.accept_keyword("until")) return statement;
  auto bound = value();
  if (!bound) return std::nullopt;
  (repeated ? statement.repeat : statement.until) = std::move(*bound);
  return statement;
}

std::optional<Role> LineParser::role() {
  in.skip_blanks();
  Role role;
  role.pos = pos();
  auto who = actor();
  if (!who) return std::nullopt;
  role.actor = std::move(*who);
  if (in.accept("*")) {
    auto copies = value();
    if (!copies) return std::nullopt;
    role.copies = std::move(*copies);
  }
  do {
    auto done = statement();
    if (!done) return std::nullopt;
    role.statements.push_back(std::move(*done));
  } while (in.accept_next(";"));
  return role;
}

std::optional<std::string> LineParser::invariant() {
  in.skip_blanks();
  size_t length = 0;
  while (is_word(in.here(length)) || in.here(length) == '-') ++length;
  std::string name;
  for (size_t i = 0; i < length; ++i) name += in.here(i);
  if (name.empty() || is_digit(name[0]) || name[0] == '-') return in.expected("an invariant");
  in.go_back_to(in.col() + static_cast<uint32_t>(length));
  return name;
}

std::optional<std::vector<std::string>> LineParser::holds() {
  std::vector<std::string> names;
  do {
    auto name = invariant();
    if (!name) return std::nullopt;
    names.push_back(std::move(*name));
  } while (in.accept_next(","));
  return names;
}

std::optional<Value> LineParser::falsifies_cell() {
  in.skip_blanks();
  Pos start = pos();
  std::optional<Value> cell;
  uint32_t names = 0;
  do {
    if (++names > deepest) return in.fail("too many invariants in a cell");
    Pos here = pos();
    auto name = invariant();
    if (!name) return std::nullopt;
    Value next = *name == "_" ? Value{Value::Any{}, here} : Value{Value::Name{*name}, here};
    cell = cell ? Value{Value::Binary{Value::Op::bits, {std::move(*cell), std::move(next)}}, start} : std::move(next);
  } while (in.accept("|"));
  return cell;
}

}  // namespace ipcvet
