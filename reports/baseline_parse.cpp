// Reading a baseline: every key is known or an error with its place; nothing is taken for granted.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "harness/case/text.h"
#include "reports/baseline.h"
#include "reports/traits.h"

namespace ipcvet {
namespace {

Pos pos_of(const toml::node &node) { return {node.source().begin.line, node.source().begin.column}; }
Pos pos_of(const toml::key &key) { return {key.source().begin.line, key.source().begin.column}; }

bool is_trait(std::string_view key) {
  const auto &names = trait_names();
  return std::find(names.begin(), names.end(), key) != names.end();
}

class Reader {
 public:
  Reader(const std::string &text, const std::string &name) : source_(name, text) { baseline_.name = name; }

  std::expected<Baseline, std::vector<Diagnostic>> read(const std::string &text) {
    toml::parse_result parsed = toml::parse(text, source_.name());
    if (!parsed) {
      const toml::source_position at = parsed.error().source().begin;
      error({at.line, at.column}, std::string(parsed.error().description()));
      return std::unexpected(errors_);
    }
    for (const auto &[key, node] : parsed.table()) top(key, node);
    if (!errors_.empty()) return std::unexpected(errors_);
    return std::move(baseline_);
  }

 private:
  void error(Pos pos, const std::string &what) {
    if (pos.line == 0 || pos.line > source_.lines())
      errors_.push_back({source_.name(), pos, 1, what, ""});
    else
      errors_.push_back(source_.error(pos, what));
  }

  void top(const toml::key &key, const toml::node &node) {
    if (key == "system" && node.is_table()) {
      for (const auto &[name, value] : *node.as_table()) pattern(name, value, baseline_.where);
    } else if (key == "expect" && node.is_array_of_tables()) {
      for (const toml::node &one : *node.as_array()) expectation(*one.as_table());
    } else {
      error(pos_of(key), "a baseline has [system] and [[expect]], and no '" + std::string(key.str()) + "' like this");
    }
  }

  void pattern(const toml::key &key, const toml::node &node, TraitPatterns &where) {
    if (!is_trait(key.str()))
      error(pos_of(key), "unknown trait '" + std::string(key.str()) + "'" + suggestion(key.str(), trait_names()));
    else if (const auto *text = node.as_string())
      where.emplace_back(key.str(), text->get());
    else
      error(pos_of(node), "a pattern is a text");
  }

  std::string text(const toml::key &key, const toml::node &node) {
    if (const auto *text = node.as_string()) return text->get();
    error(pos_of(node), "'" + std::string(key.str()) + "' is a text");
    return "";
  }

  // A text, or a list of them.
  std::vector<std::string> texts(const toml::key &key, const toml::node &node) {
    if (!node.is_array()) return {text(key, node)};
    std::vector<std::string> out;
    for (const toml::node &one : *node.as_array()) out.push_back(text(key, one));
    return out;
  }

  void verdicts(const toml::key &key, const toml::node &node, Expectation &e) {
    for (const std::string &name : texts(key, node)) {
      const auto at = std::find_if(all_verdicts.begin(), all_verdicts.end(),
                                   [&](VerdictClass c) { return name == verdict_name(c); });
      if (at == all_verdicts.end())
        error(pos_of(node), "unknown verdict '" + name + "'");
      else
        e.verdicts.push_back(*at);
    }
  }

  void expires(const toml::node &node, Expectation &e) {
    const auto *date = node.as_date();
    if (!date) return error(pos_of(node), "'expires' is a date, as in 2027-06-30");
    std::ostringstream text;
    text << date->get();
    e.expires = text.str();
  }

  void expectation(const toml::table &table) {
    Expectation e;
    e.pos = pos_of(table);
    for (const auto &[key, node] : table) {
      if (key == "case")
        e.cases = texts(key, node);
      else if (key == "verdict")
        verdicts(key, node, e);
      else if (key == "reason")
        e.reason = text(key, node);
      else if (key == "link")
        e.link = text(key, node);
      else if (key == "expires")
        expires(node, e);
      else if (key == "flaky" && node.is_boolean())
        e.flaky = node.as_boolean()->get();
      else
        pattern(key, node, e.where);
    }
    if (e.cases.empty()) error(e.pos, "an expectation needs 'case'");
    if (e.verdicts.empty()) error(e.pos, "an expectation needs 'verdict'");
    if (e.reason.empty()) error(e.pos, "an expectation needs 'reason'");
    baseline_.expectations.push_back(std::move(e));
  }

  Source source_;
  Baseline baseline_{};
  std::vector<Diagnostic> errors_{};
};

}  // namespace

std::expected<Baseline, std::vector<Diagnostic>> parse_baseline(const std::string &text, const std::string &name) {
  if (text.size() > (size_t{4} << 20))
    return std::unexpected(std::vector{Diagnostic{name, {}, 1, "is larger than 4 MiB", ""}});
  return Reader(text, name).read(text);
}

}  // namespace ipcvet
