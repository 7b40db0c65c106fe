#include "harness/case/parser.h"

#include <utility>

#include "harness/case/line_parser.h"
#include "harness/case/text.h"

namespace ipcvet {
namespace {

struct LevelWord {
  std::string_view word;
  Level level;
};
constexpr LevelWord levels[] = {
    {"shall", Level::shall}, {"may", Level::may}, {"linux", Level::linux_}, {"observe", Level::observe}};

class FileParser {
 public:
  explicit FileParser(const Source &source) : source_(source) { case_.file = source.name(); }
  std::expected<Case, std::vector<Diagnostic>> run();

 private:
  enum class Part : uint8_t { header, table, steps, group, stress, finished };

  bool readable(uint32_t line);
  void comment_line(Lexer &in);
  bool line(LineParser &parser);
  bool indented_line(LineParser &parser);
  bool header_line(LineParser &parser, std::string_view keyword);
  bool case_line(LineParser &parser);
  bool brief_line(LineParser &parser);
  bool spec_line(LineParser &parser);
  bool needs_line(LineParser &parser);
  bool where_line(LineParser &parser);
  bool row_line(LineParser &parser);
  bool step_line(LineParser &parser);
  bool member_line(LineParser &parser);
  bool stress_line(LineParser &parser);
  bool stress_member(LineParser &parser);
  bool finish(LineParser &parser, Trivia &trivia, bool opens_part = false);
  void after_the_last_line();

  const Source &source_;
  Case case_;
  std::vector<Diagnostic> errors_;
  std::vector<std::string> pending_;  // comments and blank lines above the next line
  Part part_ = Part::header;
  bool lost_ = false;  // the line that would open a part was wrong: what is indented under it is not looked at
};

// Is the line text? A byte that is no UTF-8, or a control character, is an error wherever it stands.
bool FileParser::readable(uint32_t number) {
  std::string_view line = source_.line(number);
  for (size_t at = 0; at < line.size();) {
    if (line[at] >= ' ' && line[at] <= '~') {  // nearly all there is
      ++at;
      continue;
    }
    auto c = code_point(line, at);
    Pos pos{number, static_cast<uint32_t>(at + 1)};
    constexpr char digits[] = "0123456789abcdef";
    auto byte = static_cast<uint8_t>(line[at]);
    std::string shown = std::string("0x") + digits[byte >> 4] + digits[byte & 15];
    std::string message;
    if (!c)
      message = "the byte " + shown + " is not UTF-8; in a string, write it as \\x" + shown.substr(2);
    else if (c->value == '\r' && at + 1 == line.size())
      message = "the line ends with a carriage return; lines end with a newline alone";
    else if (number == 1 && at == 0 && c->value == 0xfeff)
      message = "the file begins with a byte order mark; cases are plain UTF-8";
    else if ((c->value < 0x20 && c->value != '\t') || c->value == 0x7f)
      message = "the control character " + shown + " is not allowed; in a string, write it as \\x" + shown.substr(2);
    if (!message.empty()) {
      errors_.push_back(source_.error(pos, message));
      return false;
    }
    at += c->bytes;
  }
  return true;
}

std::expected<Case, std::vector<Diagnostic>> FileParser::run() {
  for (uint32_t number = 1; number <= source_.lines() && errors_.size() < most_errors; ++number) {
    if (!readable(number)) continue;
    LineParser parser(source_.line(number), number);
    if (parser.in.at_end()) {
      comment_line(parser.in);
      continue;
    }
    parser.in.go_back_to(1);
    bool indented = parser.in.indented();
    if (indented && lost_) continue;
    bool fine = indented ? indented_line(parser) : line(parser);
    if (!indented) lost_ = !fine && (part_ == Part::header || part_ == Part::steps);
    if (fine) continue;
    pending_.clear();
    const Problem &problem = *parser.in.problem();
    errors_.push_back(source_.error({number, problem.col}, problem.message, problem.length));
  }
  after_the_last_line();
  if (!errors_.empty()) return std::unexpected(std::move(errors_));
  return std::move(case_);
}

void FileParser::after_the_last_line() {
  while (!pending_.empty() && pending_.back().empty()) pending_.pop_back();
  case_.trailing = std::move(pending_);
  if (!errors_.empty()) return;
  if (case_.id.empty()) {
    bool nothing = source_.lines() == 0;
    errors_.push_back(source_.error(nothing ? Pos{} : Pos{1, 1}, nothing
                                                                     ? "the file is empty; a case begins with 'case ID'"
                                                                     : "the file has no 'case' line"));
  } else if (part_ == Part::group && case_.steps.back().members.empty()) {
    errors_.push_back(source_.error(case_.steps.back().pos, "'any order' has no lines under it", 9));
  } else if (case_.where && case_.where->rows.empty()) {
    errors_.push_back(source_.error(case_.where->pos, "the table has no rows", 5));
  } else if (case_.stress && case_.stress->roles.empty()) {
    errors_.push_back(source_.error(case_.stress->pos, "the stress part has no roles", 6));
  } else if (case_.stress && case_.stress->holds.empty()) {
    errors_.push_back(
        source_.error(case_.stress->pos, "the stress part has no 'holds' line, so nothing is checked", 6));
  }
}

void FileParser::comment_line(Lexer &in) {
  if (in.here() != '#') {
    bool repeated = pending_.empty() ? part_ == Part::header && case_.id.empty() && case_.brief.empty() &&
                                           case_.specs.empty() && case_.needs.empty()
                                     : pending_.back().empty();
    if (!repeated) pending_.emplace_back();
    return;
  }
  std::string text = in.comment();
  pending_.push_back(text.empty() ? " " : text);  // a bare `#` is not a blank line
}

// The end of a line: its comment, and the lines above it. A blank line is always printed above a part, so it is not
// kept.
bool FileParser::finish(LineParser &parser, Trivia &trivia, bool opens_part) {
  if (!parser.end()) return false;
  if (opens_part && !pending_.empty() && pending_.front().empty()) pending_.erase(pending_.begin());
  trivia.before = std::exchange(pending_, {});
  trivia.after = parser.in.comment();
  return true;
}

bool FileParser::line(LineParser &parser) {
  std::string_view word = parser.in.peek_word();
  for (std::string_view keyword : {"case", "brief", "spec", "needs"})
    if (word == keyword) return header_line(parser, keyword);
  if (part_ == Part::group && case_.steps.back().members.empty())
    return parser.in.refuse("'any order' above has no indented lines under it");
  if (word == "where") return where_line(parser);
  if (word == "stress") return stress_line(parser);
  if (part_ == Part::stress || part_ == Part::finished)
    return parser.in.refuse("nothing follows the stress part; its lines are indented");
  bool keyword = word == "one" || word == "any";
  if (!keyword && !word.empty() && word[0] >= 'a' && word[0] <= 'z') {
    std::string meant = suggestion(word, {"case", "brief", "spec", "needs", "where", "stress", "one", "any"});
    if (parser.in.here(word.size()) != ' ' || !meant.empty())
      return parser.in.refuse("expected an actor or a keyword, found '" + std::string(word.substr(0, 64)) + "'" +
                              meant);
  }
  return step_line(parser);
}

bool FileParser::indented_line(LineParser &parser) {
  switch (part_) {
    case Part::table:
      return row_line(parser);
    case Part::group:
      return member_line(parser);
    case Part::stress:
      return stress_member(parser);
    case Part::finished:
      return parser.in.wants("nothing after the 'holds' line");
    default:
      parser.in.skip_blanks();
      return parser.in.refuse("this line is indented, but is not under 'where', 'any order' or 'stress'");
  }
}

bool FileParser::header_line(LineParser &parser, std::string_view keyword) {
  if (part_ != Part::header)
    return parser.in.refuse("'" + std::string(keyword) + "' belongs to the header, above the table and the steps");
  bool again = (keyword == "case" && !case_.id.empty()) || (keyword == "brief" && !case_.brief.empty()) ||
               (keyword == "needs" && !case_.needs.empty());
  if (again) return parser.in.refuse("a second '" + std::string(keyword) + "' line");
  if (keyword == "case") case_.pos = parser.pos();
  parser.in.word();
  if (keyword == "case") return case_line(parser);
  if (keyword == "brief") return brief_line(parser);
  return keyword == "spec" ? spec_line(parser) : needs_line(parser);
}

bool FileParser::case_line(LineParser &parser) {
  uint32_t start = (parser.in.skip_blanks(), parser.in.col());
  std::string id(parser.in.id());
  if (id.empty()) return parser.in.wants("the case's id, such as pipe/last-close");
  bool plain = id.find_first_of("_.") == std::string::npos && id.find("//") == std::string::npos && id[0] != '/' &&
               id.back() != '/';
  if (!plain)
    return parser.in.refuse_at(start, static_cast<uint32_t>(id.size()),
                               "an id is lower-case words joined by '-', folders by '/'");
  if (!finish(parser, case_.case_trivia, true)) return false;
  case_.id = std::move(id);
  return true;
}

bool FileParser::brief_line(LineParser &parser) {
  uint32_t start = (parser.in.skip_blanks(), parser.in.col());
  auto text = parser.in.string();
  if (!text) return false;
  if (text->empty()) return parser.in.refuse_at(start, 2, "the brief is empty");
  if (!finish(parser, case_.brief_trivia)) return false;
  case_.brief = std::move(*text);
  return true;
}

bool FileParser::spec_line(LineParser &parser) {
  Spec spec;
  parser.in.skip_blanks();
  spec.pos = parser.pos();
  spec.requirement = parser.in.id();
  if (spec.requirement.empty()) return parser.in.wants("a requirement's id");
  std::string_view word = parser.in.peek_word();
  const LevelWord *found = nullptr;
  for (const LevelWord &candidate : levels)
    if (candidate.word == word) found = &candidate;
  if (!found) return parser.in.wants("a level: shall, linux, may or observe");
  parser.in.word();
  spec.level = found->level;
  if (!finish(parser, spec.trivia)) return false;
  case_.specs.push_back(std::move(spec));
  return true;
}

bool FileParser::needs_line(LineParser &parser) {
  std::vector<Need> needs;
  while (!parser.in.at_end()) {
    Need need{.capability = {}, .pos = parser.pos()};
    need.capability = parser.in.id();
    if (need.capability.empty()) return parser.in.wants("a capability");
    needs.push_back(std::move(need));
  }
  if (needs.empty()) return parser.in.wants("a capability");
  case_.needs = std::move(needs);
  return finish(parser, case_.needs_trivia);
}

bool FileParser::where_line(LineParser &parser) {
  if (case_.where) return parser.in.refuse("a second table; a case has one");
  if (part_ != Part::header) return parser.in.refuse("the table stands above the steps");
  part_ = Part::table;
  Table table;
  table.pos = parser.pos();
  parser.in.word();
  case_.where = Table{.columns = {}, .rows = {}, .pos = table.pos};
  while (!parser.in.at_end()) {
    std::string_view column = parser.in.peek_word();
    if (column.empty() || column == "_") return parser.in.wants("a column's name");
    table.columns.emplace_back(parser.in.word());
  }
  if (table.columns.empty()) return parser.in.wants("the names of the columns");
  if (!finish(parser, table.trivia, true)) return false;
  case_.where = std::move(table);
  return true;
}

bool FileParser::row_line(LineParser &parser) {
  const std::vector<std::string> &columns = case_.where->columns;
  Table::Row row;
  parser.in.skip_blanks();
  row.pos = parser.pos();
  while (!parser.in.at_end()) {
    bool falsifies = row.cells.size() < columns.size() && columns[row.cells.size()] == "falsifies";
    auto cell = falsifies ? parser.falsifies_cell() : parser.value();
    if (!cell) return false;
    row.cells.push_back(std::move(*cell));
    char next = parser.in.here();
    if (falsifies && next == ',') return parser.in.refuse("join several invariants with '|'");
    if (next != ' ' && next != '\t' && !parser.in.at_end()) return parser.in.wants("a space after the cell");
  }
  if (!columns.empty() && row.cells.size() != columns.size()) {
    auto count = [](size_t n, std::string word) { return std::to_string(n) + " " + word + (n == 1 ? "" : "s"); };
    return parser.in.refuse_at(
        row.pos.col, 1,
        "the row has " + count(row.cells.size(), "cell") + ", the table " + count(columns.size(), "column"));
  }
  if (!finish(parser, row.trivia)) return false;
  case_.where->rows.push_back(std::move(row));
  return true;
}

bool FileParser::step_line(LineParser &parser) {
  auto step = parser.step();
  if (!step || !finish(parser, step->trivia, case_.steps.empty())) return false;
  part_ = step->kind == Step::Kind::any_order ? Part::group : Part::steps;
  case_.steps.push_back(std::move(*step));
  return true;
}

bool FileParser::member_line(LineParser &parser) {
  parser.in.skip_blanks();
  uint32_t start = parser.in.col();
  auto step = parser.step();
  if (!step) return false;
  if (step->kind == Step::Kind::any_order) return parser.in.refuse_at(start, 9, "'any order' within 'any order'");
  if (!finish(parser, step->trivia)) return false;
  case_.steps.back().members.push_back(std::move(*step));
  return true;
}

bool FileParser::stress_line(LineParser &parser) {
  if (case_.stress) return parser.in.refuse("a second stress part; a case has one");
  part_ = Part::stress;
  Stress stress;
  stress.pos = parser.pos();
  parser.in.word();
  case_.stress = Stress{};
  if (!finish(parser, stress.trivia, true)) return false;
  case_.stress = std::move(stress);
  return true;
}

bool FileParser::stress_member(LineParser &parser) {
  Stress &stress = *case_.stress;
  parser.in.skip_blanks();
  Pos start = parser.pos();
  if (parser.in.accept_keyword("holds")) {
    auto names = parser.holds();
    if (!names || !finish(parser, stress.holds_trivia)) return false;
    stress.holds = std::move(*names);
    stress.holds_pos = start;
    part_ = Part::finished;
    return true;
  }
  auto role = parser.role();
  if (!role || !finish(parser, role->trivia)) return false;
  stress.roles.push_back(std::move(*role));
  return true;
}

}  // namespace

std::expected<Case, std::vector<Diagnostic>> parse(std::string_view text, std::string file) {
  if (text.size() > largest_case) {
    std::string message = "the file is larger than 1 MiB (" + std::to_string(text.size()) + " bytes)";
    return std::unexpected(std::vector{Diagnostic{std::move(file), {}, 1, std::move(message)}});
  }
  Source source(std::move(file), text);
  return FileParser(source).run();
}

std::expected<Value, std::vector<Diagnostic>> parse_value(std::string_view text) {
  LineParser parser(text.substr(0, largest_case), 1);
  auto value = parser.value();
  if (value && parser.end() && parser.in.here() == '\0') return std::move(*value);
  Problem problem = parser.in.problem().value_or(Problem{1, 1, "a comment is no part of a value"});
  Source source("value", text);
  return std::unexpected(std::vector{source.error({1, problem.col}, problem.message, problem.length)});
}

const char *level_name(Level level) {
  for (const LevelWord &candidate : levels)
    if (candidate.level == level) return candidate.word.data();
  return "?";
}

}  // namespace ipcvet
