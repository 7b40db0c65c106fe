// `ipcvet list`: the ids of the cases.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/case/parser.h"
#include "harness/case/query.h"
#include "harness/cli/cli.h"

namespace ipcvet::cli {
namespace {

struct Options {
  std::string cases;
  Query query;
  bool rows = false, briefs = false, json = false;
};

nlohmann::json as_json(const Case &c) {
  nlohmann::json requirements = nlohmann::json::array(), needs = nlohmann::json::array();
  for (const Spec &spec : c.specs)
    requirements.push_back({{"id", spec.requirement}, {"level", level_name(spec.level)}});
  for (const Need &need : c.needs) needs.push_back(need.capability);
  return {{"id", c.id},
          {"mechanism", mechanism_of(c)},
          {"brief", c.brief},
          {"file", c.file},
          {"rows", c.where ? nlohmann::json(c.where->rows.size()) : nlohmann::json()},
          {"requirements", requirements},
          {"needs", needs},
          {"tags", tags_of(c)}};
}

std::string as_lines(const Case &c, const Options &options) {
  std::string text;
  std::string brief = options.briefs ? "  " + c.brief : "";
  if (!options.rows) return c.id + brief + "\n";
  for (const Case &instance : expand(c)) text += instance.instance_id() + brief + "\n";
  return text;
}

int list(const Options &options) {
  Cases cases = parse_cases(chosen_texts(options.cases));
  err(render(cases.errors));
  nlohmann::json all = nlohmann::json::array();
  std::string text;
  bool any = false;
  for (const Case &c : cases.cases) {
    if (!answers(c, options.query)) continue;
    any = true;
    if (options.json)
      all.push_back(as_json(c));
    else
      text += as_lines(c, options);
  }
  out(options.json ? all.dump(2) + "\n" : text);
  return !cases.errors.empty() ? exit_bad_input : any ? exit_expected : exit_nothing;
}

}  // namespace

void add_list(CLI::App &app, int &status) {
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("list", "list cases");
  Query &query = options->query;
  add_cases_option(*command, options->cases);
  command->add_option("--mechanism", query.mechanisms, "only cases of these mechanisms")->type_name("GLOB");
  command->add_option("--tag", query.tags, "only cases of this sort")->check(CLI::IsMember(known_tags()));
  command->add_option("--requirement", query.requirements, "only cases that cite these")->type_name("GLOB");
  command->add_option("--need", query.needs, "only cases that need these capabilities")->type_name("GLOB");
  command->add_flag("--rows", options->rows, "one line a row of a case's table");
  command->add_flag("--brief", options->briefs, "with what each is about");
  command->add_flag("--json", options->json, "as JSON, with all that the header says");
  command->add_option("ids", query.ids, "only cases whose id matches one of these")->type_name("GLOB");
  command->callback([options, &status] { status = list(*options); });
}

}  // namespace ipcvet::cli
