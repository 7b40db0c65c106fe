#include "harness/case/query.h"

#include <algorithm>

#include "harness/case/loader.h"
#include "harness/case/text.h"

namespace ipcvet {
namespace {

using Words = std::vector<std::string>;

template <typename Predicate>
bool any_step(const std::vector<Step> &steps, Predicate fits) {
  return std::any_of(steps.begin(), steps.end(),
                     [&](const Step &step) { return fits(step) || any_step(step.members, fits); });
}

bool calls_one_of(const Case &c, const Words &names) {
  return any_step(c.steps, [&](const Step &step) {
    bool thread = step.call.name == "spawn" && std::find(names.begin(), names.end(), "thread") != names.end();
    return thread || std::find(names.begin(), names.end(), step.call.name) != names.end();
  });
}

bool has_kind(const Case &c, std::initializer_list<Step::Kind> kinds) {
  return any_step(c.steps,
                  [&](const Step &step) { return std::find(kinds.begin(), kinds.end(), step.kind) != kinds.end(); });
}

bool has_tag(const Case &c, const std::string &tag) {
  using Kind = Step::Kind;
  if (tag == "blocking") return has_kind(c, {Kind::blocks, Kind::may_block});
  if (tag == "exec") return calls_one_of(c, {"exec"});
  if (tag == "memory") return has_kind(c, {Kind::store, Kind::expect});
  if (tag == "signals") return has_kind(c, {Kind::signal, Kind::killed});
  if (tag == "stress") return c.stress.has_value();
  if (tag == "table") return c.where.has_value();
  if (tag == "threads") return calls_one_of(c, {"thread"});
  return tag == "falsifier" && c.where &&
         std::find(c.where->columns.begin(), c.where->columns.end(), "falsifies") != c.where->columns.end();
}

bool fits_one(const Words &globs, const std::string &text) {
  return std::any_of(globs.begin(), globs.end(), [&](const std::string &glob) { return glob_matches(glob, text); });
}

}  // namespace

const Words &known_tags() {
  static const Words tags = {"blocking", "exec", "falsifier", "memory", "signals", "stress", "table", "threads"};
  return tags;
}

Words tags_of(const Case &c) {
  Words tags;
  for (const std::string &tag : known_tags())
    if (has_tag(c, tag)) tags.push_back(tag);
  return tags;
}

bool answers(const Case &c, const Query &query) {
  auto open_or = [](const Words &wanted, bool fits) { return wanted.empty() || fits; };
  auto spec = [&](const Spec &s) { return fits_one(query.requirements, s.requirement); };
  auto need = [&](const Need &n) { return fits_one(query.needs, n.capability); };
  auto tag = [&](const std::string &t) { return has_tag(c, t); };
  return open_or(query.ids, fits_one(query.ids, c.id)) &&
         open_or(query.mechanisms, fits_one(query.mechanisms, std::string(mechanism_of(c)))) &&
         open_or(query.requirements, std::any_of(c.specs.begin(), c.specs.end(), spec)) &&
         open_or(query.needs, std::any_of(c.needs.begin(), c.needs.end(), need)) &&
         open_or(query.tags, std::any_of(query.tags.begin(), query.tags.end(), tag));
}

}  // namespace ipcvet
