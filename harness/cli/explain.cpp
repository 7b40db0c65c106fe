// `ipcvet explain`: what a case or a requirement is about, where the rule stands, and who cites it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "harness/case/catalogue.h"
#include "harness/case/parser.h"
#include "harness/case/query.h"
#include "harness/cli/cli.h"
#include "harness/cli/find.h"

namespace ipcvet::cli {
namespace {

constexpr size_t widest = 96;

std::string_view level_meaning(Level level) {
  switch (level) {
    case Level::shall:
      return "shall: required by POSIX";
    case Level::linux_:
      return "linux: promised by the Linux manual";
    case Level::may:
      return "may: permitted, not required";
    case Level::observe:
      return "observe: recorded, never failed";
  }
  return "";
}

// The text in lines that are not too wide, each behind `margin`.
std::string wrapped(const std::string &text, const std::string &margin) {
  std::string lines, line;
  size_t at = 0;
  while (at < text.size()) {
    size_t end = std::min(text.find_first_of(" \n", at), text.size());
    std::string word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (!line.empty() && margin.size() + line.size() + 1 + word.size() > widest) {
      lines += margin + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? lines : lines + margin + line + "\n";
}

std::string rule_of(const Requirement &r, const std::string &margin) {
  return margin + r.standard + ", " + r.section + " (" + std::string(level_meaning(r.level)) + ")\n" +
         wrapped(r.rule, margin);
}

std::string explained(const Requirement &r, const Cases &cases) {
  std::string text = r.id + "\n" + rule_of(r, "  ");
  if (r.untestable) text += "\nNo case can show it:\n" + wrapped(*r.untestable, "  ");
  std::string citing;
  for (const Case &c : cases.cases)
    for (const Spec &spec : c.specs)
      if (spec.requirement == r.id) citing += "  " + c.id + "\n" + wrapped(c.brief, "      ");
  return text + (citing.empty() ? "" : "\nCited by\n" + citing);
}

std::string explained(const Case &c, const Catalogue &catalogue, const Cases &cases) {
  std::string text = c.id + "\n" + wrapped(c.brief, "  ");
  if (c.where) text += "  " + std::to_string(c.where->rows.size()) + " rows, see `ipcvet show " + c.id + "`\n";
  std::string tags;
  for (const std::string &tag : tags_of(c)) tags += (tags.empty() ? "" : ", ") + tag;
  if (!tags.empty()) text += "  tags: " + tags + "\n";
  for (const Spec &spec : c.specs) {
    const Requirement *r = catalogue.find(spec.requirement);
    text += "\n" + spec.requirement + "\n" + (r ? rule_of(*r, "  ") : "  not in the catalogue\n");
  }
  if (!c.needs.empty()) text += "\nNeeds\n";
  for (const Need &need : c.needs) {
    auto probe = std::find_if(cases.probes.begin(), cases.probes.end(),
                              [&](const Case &p) { return capability_of(p) == need.capability; });
    text += "  " + need.capability + "\n" + (probe == cases.probes.end() ? "" : wrapped(probe->brief, "      "));
  }
  return text;
}

int explain(const std::string &directory, const std::string &name) {
  Texts texts = chosen_texts(directory);
  Cases cases = parse_cases(texts);
  Catalogue catalogue = load_catalogue(texts.requirements);
  if (const Requirement *r = catalogue.find(name)) {
    out(explained(*r, cases));
    return exit_expected;
  }
  if (const Case *c = find_case(split_row(name).first, cases)) {
    out(explained(*c, catalogue, cases));
    return exit_expected;
  }
  std::vector<std::string_view> known;
  for (const Case &c : cases.cases) known.push_back(c.id);
  for (const Requirement &r : catalogue.requirements) known.push_back(r.id);
  if (!name.ends_with(".ipc")) tell_unknown("case or requirement", name, known);
  return exit_bad_input;
}

}  // namespace

void add_explain(CLI::App &app, int &status) {
  struct Options {
    std::string cases, name;
  };
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("explain", "say what a case or a requirement is about");
  add_cases_option(*command, options->cases);
  command->add_option("name", options->name, "the id of a case or of a requirement, or a file")
      ->required()
      ->type_name("CASE|REQUIREMENT");
  command->callback([options, &status] { status = explain(options->cases, options->name); });
}

}  // namespace ipcvet::cli
