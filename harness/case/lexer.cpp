#include "harness/case/lexer.h"

#include <charconv>

#include "harness/case/text.h"

namespace ipcvet {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_'; }

namespace {

bool is_id(char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_' || c == '.' || c == '/'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool Lexer::skip_blanks() {
  size_t start = at_;
  while (here() == ' ' || here() == '\t') ++at_;
  return at_ > start;
}

bool Lexer::at_end() {
  skip_blanks();
  return at_ >= line_.size() || here() == '#';
}

std::string Lexer::comment() const {
  if (here() != '#') return {};
  std::string_view text = line_.substr(at_ + 1);
  size_t last = text.find_last_not_of(" \t");
  return last == std::string_view::npos ? "" : std::string(text.substr(0, last + 1));
}

bool Lexer::accept(std::string_view sign) {
  if (!looking_at(sign)) return false;
  at_ += sign.size();
  return true;
}

bool Lexer::accept_next(std::string_view sign) {
  skip_blanks();
  return accept(sign);
}

bool Lexer::accept_keyword(std::string_view keyword) {
  if (peek_word() != keyword) return false;
  at_ += keyword.size();
  return true;
}

std::string_view Lexer::peek_word() {
  skip_blanks();
  if (is_digit(here())) return {};
  size_t length = 0;
  while (is_word(here(length))) ++length;
  return line_.substr(at_, length);
}

std::string_view Lexer::word() {
  std::string_view found = peek_word();
  at_ += found.size();
  return found;
}

std::string_view Lexer::id() {
  skip_blanks();
  size_t start = at_;
  while (is_id(here())) ++at_;
  return line_.substr(start, at_ - start);
}

std::optional<Value> Lexer::integer() {
  uint32_t start = col();
  bool negative = accept("-");
  auto base = here() != '0'       ? Value::Base::dec
              : here(1) == 'x'    ? Value::Base::hex
              : is_digit(here(1)) ? Value::Base::oct
                                  : Value::Base::dec;
  if (base == Value::Base::hex) at_ += 2;
  size_t length = 0;
  while (is_word(here(length))) ++length;
  std::string_view digits = line_.substr(at_, length);
  at_ += length;
  auto whole = [&](std::string message) { return fail_at(start, col() - start, std::move(message)); };

  int radix = base == Value::Base::hex ? 16 : base == Value::Base::oct ? 8 : 10;
  uint64_t magnitude = 0;
  auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, radix);
  bool octal = radix == 8 && digits.find_first_not_of("0123456789") == std::string_view::npos;
  if (octal && end != digits.data() + digits.size()) return whole("an octal number has the digits 0 to 7 only");
  if (digits.empty() || end != digits.data() + digits.size())
    return whole("not a number: integers are written 42, 0600 or 0x1f");
  constexpr uint64_t limit = uint64_t{1} << 63;
  if (status == std::errc::result_out_of_range || magnitude > limit - (negative ? 0 : 1))
    return whole("the number does not fit in 64 bits with a sign");
  int64_t value = static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
  return Value{Value::Int{value, base}, {}};
}

std::optional<char> Lexer::escape() {
  uint32_t start = col();
  ++at_;  // the backslash
  char c = here();
  if (c == '\0') return fail_at(start, 1, "the line ends within an escape");
  ++at_;
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case '0':
      return '\0';
    case '\\':
    case '"':
      return c;
    case 'x':
      if (int high = hex_digit(here()), low = hex_digit(here(1)); high >= 0 && low >= 0) {
        at_ += 2;
        return static_cast<char>(high * 16 + low);
      }
      return fail_at(start, 2, "\\x needs two hexadecimal digits");
    default:
      return fail_at(start, 2, "unknown escape; there are \\n \\t \\r \\0 \\\\ \\\" and \\xNN");
  }
}

std::optional<std::string> Lexer::string() {
  uint32_t start = col();
  if (!accept("\"")) return expected("a string");
  std::string bytes;
  while (!accept("\"")) {
    if (at_ >= line_.size()) return fail_at(start, 1, "the string has no closing quote");
    if (here() == '\\') {
      auto byte = escape();
      if (!byte) return std::nullopt;
      bytes += *byte;
      continue;
    }
    auto c = code_point(line_, at_);
    if (!c || !is_printable(c->value))
      return fail_at(col(), c ? c->bytes : 1, "this character cannot be seen; write it as \\xNN");
    bytes.append(line_, at_, c->bytes);
    at_ += c->bytes;
  }
  return bytes;
}

size_t Lexer::length_here() const {
  size_t length = 0;
  while (is_word(here(length))) ++length;
  if (length > 0 || here() == '\0') return length;
  auto c = code_point(line_, at_);
  return c ? c->bytes : 1;
}

std::string Lexer::found() const {
  if (here() == '\0') return "the end of the line";
  if (here() == '#') return "a comment";
  if (here() == '"') return "a string";
  for (std::string_view sign : {"...?", "...", "+++", "---", ":=", "=="})
    if (looking_at(sign)) return "'" + std::string(sign) + "'";
  return "'" + std::string(line_.substr(at_, std::min<size_t>(length_here(), 64))) + "'";
}

std::nullopt_t Lexer::fail_at(uint32_t col, uint32_t length, std::string message) {
  if (!problem_) problem_ = Problem{col, length, std::move(message)};
  return std::nullopt;
}

std::nullopt_t Lexer::fail(std::string message) {
  return fail_at(col(), static_cast<uint32_t>(length_here()), std::move(message));
}

std::nullopt_t Lexer::expected(std::string what) {
  skip_blanks();
  return fail("expected " + std::move(what) + ", found " + found());
}

}  // namespace ipcvet
