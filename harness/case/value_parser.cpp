// The part of LineParser that parses values.
#include "harness/case/line_parser.h"

namespace ipcvet {
namespace {

struct Operator {
  std::string_view sign;
  Value::Op op;
  int precedence;  // the higher, the tighter
};
constexpr Operator operators[] = {
    {"*", Value::Op::mul, 4},  {"+", Value::Op::add, 3},    {"-", Value::Op::sub, 3},
    {"|", Value::Op::bits, 2}, {"..", Value::Op::range, 1},
};

// The operator that stands exactly here; `...`, `+++` and `---` are none.
const Operator *operator_here(const Lexer &in) {
  if (in.looking_at("...") || in.looking_at("+++") || in.looking_at("---")) return nullptr;
  for (const Operator &candidate : operators)
    if (in.looking_at(candidate.sign)) return &candidate;
  return nullptr;
}

bool is_errno(std::string_view word) {
  if (word.size() < 3 || word[0] != 'E') return false;
  for (char c : word)
    if ((c < 'A' || c > 'Z') && !is_digit(c)) return false;
  return true;
}

}  // namespace

bool LineParser::enter() {
  if (++depth_ <= deepest) return true;
  return in.refuse("nested too deeply; at most " + std::to_string(deepest) + " levels");
}

std::optional<Value> LineParser::value() {
  in.skip_blanks();
  return binary(1);
}

std::optional<Value> LineParser::binary(int weakest) {
  Pos start = pos();
  auto left = primary();
  uint32_t chained = 0;
  while (left) {
    const Operator *op = operator_here(in);
    if (!op || op->precedence < weakest) return left;
    if (++chained > deepest) return in.fail("too many operators in one value; at most " + std::to_string(deepest));
    in.accept(op->sign);
    if (in.here() == ' ' || in.here() == '\t') return in.fail("operators are written without spaces around them");
    auto right = binary(op->precedence + 1);
    if (!right) return std::nullopt;
    left = Value{Value::Binary{op->op, {std::move(*left), std::move(*right)}}, start};
  }
  return std::nullopt;
}

std::optional<Value> LineParser::primary() {
  if (!enter()) return std::nullopt;
  std::optional<Value> made;
  Pos start = pos();
  char c = in.here();
  if (c == '"') {
    if (auto bytes = in.string()) made = Value::bytes(std::move(*bytes));
  } else if (is_digit(c) || (c == '-' && is_digit(in.here(1)))) {
    made = number();
  } else if (c == '[') {
    made = list();
  } else if (c == '{') {
    made = record();
  } else if (c == '(') {
    made = group();
  } else {
    made = name();
  }
  --depth_;
  if (made) made->pos = start;
  return made;
}

std::optional<Value> LineParser::number() {
  auto made = in.integer();
  if (!made || *made != Value::integer(-1)) return made;
  uint32_t after = in.col();
  bool blanks = in.skip_blanks();
  if (blanks && is_errno(in.peek_word())) return Value::error(std::string(in.word()));
  in.go_back_to(after);
  return made;
}

std::optional<Value> LineParser::name() {
  bool observed = in.accept("?");
  if (in.here() == '-' && is_word(in.here(1))) {
    uint32_t start = in.col();
    in.accept("-");
    std::string after(in.peek_word());
    return in.fail_at(start, static_cast<uint32_t>(after.size() + 1),
                      "a minus sign stands before digits only; write 0-" + after);
  }
  if (!is_word(in.here()) || is_digit(in.here()))
    return observed ? in.expected("a name after '?'") : in.expected("a value");
  std::string text(in.word());
  if (observed) return text == "_" ? in.fail("'?' wants a name") : std::optional(Value{Value::Observe{text}, {}});
  if (text == "_") return Value::any();
  return Value::name(text);
}

std::optional<Value> LineParser::group() {
  in.accept("(");
  auto inside = value();
  if (!inside) return std::nullopt;
  if (!in.accept_next(")")) return in.expected("')'");
  return inside;
}

// After an element: `,` or the closing bracket, which sets `done`.
bool LineParser::separator(char close, bool &done) {
  uint32_t after = in.col();
  bool blanks = in.skip_blanks();
  if (in.accept(std::string(1, close))) {
    done = true;
    return true;
  }
  if (in.accept(",")) return true;
  if (blanks && operator_here(in)) return in.refuse("operators are written without spaces around them");
  if (in.at_end()) return in.refuse_at(after, 1, "the line ends before the closing '" + std::string(1, close) + "'");
  return in.wants("',' or '" + std::string(1, close) + "'");
}

std::optional<Value> LineParser::list() {
  in.accept("[");
  std::vector<Value> items;
  if (in.accept_next("]")) return Value::list({});
  for (bool done = false; !done;) {
    auto item = value();
    if (!item) return std::nullopt;
    items.push_back(std::move(*item));
    if (!separator(']', done)) return std::nullopt;
  }
  return Value::list(std::move(items));
}

std::optional<Value> LineParser::record() {
  in.accept("{");
  std::vector<Field> fields;
  if (in.accept_next("}")) return Value::record({});
  for (bool done = false; !done;) {
    uint32_t start = (in.skip_blanks(), in.col());
    Field field;
    field.name = in.word();
    if (field.name.empty() || field.name == "_") return in.fail_at(start, 1, "expected a field, written name: value");
    if (!in.accept_next(":")) return in.expected("':' after the field's name");
    auto held = value();
    if (!held) return std::nullopt;
    field.value = std::move(*held);
    fields.push_back(std::move(field));
    if (!separator('}', done)) return std::nullopt;
  }
  return Value::record(std::move(fields));
}

}  // namespace ipcvet
