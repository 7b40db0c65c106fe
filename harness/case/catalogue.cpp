#include "harness/case/catalogue.h"

// Header only, and errors as values; reports/baseline_parse.cpp is the other file that includes it.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <algorithm>
#include <tuple>

#include "harness/case/parser.h"
#include "harness/case/text.h"

namespace ipcvet {
namespace {

Pos pos_of(const toml::source_region &region) { return {region.begin.line, region.begin.column}; }

// Reads the tables of one file.
class Reader {
 public:
  Reader(const TextFile &file, Catalogue &catalogue) : file_(file), source_(file.path, file.text), out_(catalogue) {}
  void run();

 private:
  void entry(const toml::table &table);
  std::string text(const toml::table &table, std::string_view key);
  void error(Pos pos, std::string message, uint32_t length = 1) {
    out_.errors.push_back(source_.error(pos, std::move(message), length));
  }

  const TextFile &file_;
  Source source_;
  Catalogue &out_;
};

void Reader::run() {
  toml::parse_result parsed = toml::parse(file_.text, file_.path);
  if (!parsed) {
    error(pos_of(parsed.error().source()), std::string(parsed.error().description()));
    return;
  }
  for (const auto &[key, node] : parsed.table()) {
    const toml::array *entries = node.as_array();
    if (key.str() != "requirement" || !entries) {
      error(pos_of(key.source()), "expected [[requirement]], found '" + std::string(key.str()) + "'",
            static_cast<uint32_t>(key.str().size()));
      continue;
    }
    for (const toml::node &one : *entries)
      if (const toml::table *table = one.as_table()) entry(*table);
  }
}

std::string Reader::text(const toml::table &table, std::string_view key) {
  const toml::node *node = table.get(key);
  const toml::value<std::string> *value = node ? node->as_string() : nullptr;
  if (value && !value->get().empty()) return value->get();
  if (node)
    error(pos_of(node->source()), "'" + std::string(key) + "' must be a string that is not empty");
  else
    error(pos_of(table.source()), "the requirement has no '" + std::string(key) + "'");
  return {};
}

void Reader::entry(const toml::table &table) {
  constexpr std::string_view required[] = {"id", "standard", "section", "level", "rule"};
  std::vector<std::string_view> known(std::begin(required), std::end(required));
  known.push_back("untestable");
  for (const auto &[key, node] : table)
    if (std::find(known.begin(), known.end(), key.str()) == known.end())
      error(pos_of(key.source()), "unknown key '" + std::string(key.str()) + "'" + suggestion(key.str(), known),
            static_cast<uint32_t>(key.str().size()));
  Requirement r;
  r.id = text(table, "id");
  r.standard = text(table, "standard");
  r.section = text(table, "section");
  r.rule = text(table, "rule");
  std::string word = text(table, "level");
  if (table.contains("untestable")) r.untestable = text(table, "untestable");
  if (auto level = level_of(word))
    r.level = *level;
  else if (!word.empty())
    error(pos_of(table.get("level")->source()), "unknown level '" + word + "'; there are shall, linux, may and observe",
          static_cast<uint32_t>(word.size() + 2));
  r.file = file_.path;
  r.pos = pos_of(table.contains("id") ? table.get("id")->source() : table.source());
  bool plain = r.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_./") == std::string::npos;
  if (!plain) error(r.pos, "an id is made of lower-case letters, digits and - _ . /");
  if (!r.id.empty() && plain) out_.requirements.push_back(std::move(r));
}

void report_duplicates(const std::vector<TextFile> &files, Catalogue &catalogue) {
  std::vector<Requirement> &all = catalogue.requirements;
  for (size_t i = 1; i < all.size(); ++i) {
    if (all[i].id != all[i - 1].id) continue;
    auto file = std::find_if(files.begin(), files.end(), [&](const TextFile &f) { return f.path == all[i].file; });
    Source source(file->path, file->text);
    std::string where = all[i - 1].file + ":" + std::to_string(all[i - 1].pos.line);
    catalogue.errors.push_back(source.error(all[i].pos, "the requirement '" + all[i].id + "' is also in " + where,
                                            static_cast<uint32_t>(all[i].id.size() + 2)));
  }
}

}  // namespace

const Requirement *Catalogue::find(std::string_view id) const {
  auto found = std::lower_bound(requirements.begin(), requirements.end(), id,
                                [](const Requirement &r, std::string_view wanted) { return r.id < wanted; });
  return found != requirements.end() && found->id == id ? &*found : nullptr;
}

Catalogue load_catalogue(const std::vector<TextFile> &files) {
  Catalogue catalogue;
  for (const TextFile &file : files) Reader(file, catalogue).run();
  std::sort(catalogue.requirements.begin(), catalogue.requirements.end(),
            [](const Requirement &a, const Requirement &b) {
              return std::tie(a.id, a.file, a.pos.line) < std::tie(b.id, b.file, b.pos.line);
            });
  report_duplicates(files, catalogue);
  return catalogue;
}

Catalogue embedded_catalogue() { return load_catalogue(embedded_case_texts().requirements); }

std::optional<Level> level_of(std::string_view word) {
  for (Level level : {Level::shall, Level::may, Level::linux_, Level::observe})
    if (word == level_name(level)) return level;
  return std::nullopt;
}

}  // namespace ipcvet
