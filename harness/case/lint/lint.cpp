#include "harness/case/lint/lint.h"
#include "harness/case/capabilities.h"

#include <algorithm>
#include <set>

#include "harness/case/lint/flow.h"
#include "harness/case/lint/shape.h"
#include "harness/case/parser.h"
#include "harness/case/text.h"

namespace ipcvet {
namespace {

using Errors = std::vector<Diagnostic>;

void append(Errors &all, Errors more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// The same id in two files; the second is reported.
void report_same_ids(const std::vector<std::pair<Case, const TextFile *>> &parsed, Errors &errors) {
  std::map<std::string, const TextFile *> seen;
  for (const auto &[c, file] : parsed) {
    auto [first, fresh] = seen.try_emplace(c.id, file);
    if (fresh) continue;
    Source source(file->path, file->text);
    uint32_t length = static_cast<uint32_t>(source.line(c.pos.line).size());
    errors.push_back(source.error(c.pos, "the case '" + c.id + "' is also in " + first->second->path, length));
  }
}

void report_uncited(const std::vector<std::pair<Case, const TextFile *>> &parsed, const Catalogue &catalogue,
                    const std::vector<TextFile> &files, Errors &errors) {
  std::set<std::string, std::less<>> cited;
  for (const auto &[c, file] : parsed)
    for (const Spec &spec : c.specs) cited.insert(spec.requirement);
  for (const Requirement &r : catalogue.requirements) {
    std::string message;
    if (!cited.contains(r.id) && !r.untestable)
      message = "no case cites '" + r.id + "'; cite it, or say why it is untestable";
    else if (cited.contains(r.id) && r.untestable)
      message = "'" + r.id + "' is marked untestable, but a case cites it";
    if (message.empty()) continue;
    auto file = std::find_if(files.begin(), files.end(), [&](const TextFile &f) { return f.path == r.file; });
    errors.push_back(Source(file->path, file->text).error(r.pos, message, static_cast<uint32_t>(r.id.size() + 2)));
  }
}

}  // namespace

Surroundings surroundings(const Catalogue &catalogue, const Cases &cases) {
  Surroundings around{&catalogue, {std::begin(built_in_capabilities), std::end(built_in_capabilities)}, {}};
  for (const Case &c : cases.probes) add_to(around, c);
  for (const Case &c : cases.cases) add_to(around, c);
  return around;
}

std::vector<Diagnostic> lint(const Case &c, std::string_view text, const Surroundings &around) {
  Source source(c.file, text);
  Report report(source);
  lint_shape(c, around, report);
  for (const Case &instance : expand(c)) {
    report.in_row(instance.row.value_or(0));
    Names names;
    FlowLint(report, names).run(instance);
  }
  return report.take();
}

std::vector<Diagnostic> lint_tree(const Texts &texts) {
  Catalogue catalogue = load_catalogue(texts.requirements);
  Errors errors = texts.errors;
  append(errors, catalogue.errors);
  std::vector<std::pair<Case, const TextFile *>> parsed;
  Surroundings around{&catalogue, {std::begin(built_in_capabilities), std::end(built_in_capabilities)}, {}};
  for (const TextFile &file : texts.cases) {
    auto c = parse(file.text, file.path);
    if (!c) {
      append(errors, std::move(c.error()));
      continue;
    }
    add_to(around, *c);
    parsed.emplace_back(std::move(*c), &file);
  }
  for (const auto &[c, file] : parsed) append(errors, lint(c, file->text, around));
  report_same_ids(parsed, errors);
  report_uncited(parsed, catalogue, texts.requirements, errors);
  return errors;
}

}  // namespace ipcvet
