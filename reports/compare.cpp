#include "reports/compare.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/tally.h"

namespace ipcvet {
namespace {

using Kind = Change::Kind;

std::string told(const Tally &t) {
  const CaseResult &r = t.worst();
  std::string text = verdict_name(r.verdict.cls);
  if (t.kind() == Tally::Kind::flaky) text = "not passed " + rate_text(t.bad(), t.ran()) + ", as in " + text;
  return text + (r.verdict.reason.empty() ? "" : ": " + r.verdict.reason);
}

bool is_bad(const Tally &t) { return t.kind() == Tally::Kind::bad || t.kind() == Tally::Kind::flaky; }

std::string joined(const std::vector<std::string> &values) {
  std::string out;
  for (const std::string &v : values) out += (out.empty() ? "" : " or ") + v;
  return out.empty() ? "nothing" : out;
}

// Bad before and after: is the rate clearly another one? Intervals that do not meet say so.
std::optional<Kind> change_of_rate(const Tally &before, const Tally &after) {
  const Interval was = wilson(before.bad(), before.ran()), is = wilson(after.bad(), after.ran());
  if (is.low > was.high) return Kind::regression;
  if (is.high < was.low) return Kind::fix;
  return std::nullopt;
}

std::optional<Kind> kind_of(const Tally &before, const Tally &after) {
  const bool skipped_before = before.kind() == Tally::Kind::skipped,
             skipped_after = after.kind() == Tally::Kind::skipped;
  if (skipped_before && skipped_after)
    return before.worst().verdict.reason == after.worst().verdict.reason ? std::nullopt : std::optional(Kind::skip);
  if (is_bad(after) && !is_bad(before)) return Kind::regression;
  if (skipped_before || skipped_after) return Kind::skip;
  if (is_bad(before) && !is_bad(after)) return Kind::fix;
  if (!is_bad(after)) return std::nullopt;
  if (auto rate = change_of_rate(before, after)) return rate;
  const Verdict &was = before.worst().verdict, &is = after.worst().verdict;
  return was.cls == is.cls && was.reason == is.reason ? std::nullopt : std::optional(Kind::other);
}

class Comparer {
 public:
  Comparer(const Record &before, const Record &after) : before_(before), after_(after) {
    out_.before = system_name(before.system);
    out_.after = system_name(after.system);
    out_.traits = trait_differences(before.system, after.system);
  }

  Comparison run() {
    for (const Tally &was : before_.all) {
      const Tally *is = after_.find(was.id);
      if (is)
        compare_one(was, *is);
      else
        add(Kind::vanished, &was, nullptr, told(was), "").explained_by.clear();  // it was not chosen
    }
    for (const Tally &is : after_.all)
      if (!before_.find(is.id)) {
        Change &change = add(Kind::appeared, nullptr, &is, "", told(is));
        change.bad = is_bad(is);
        if (!change.bad) change.explained_by.clear();
      }
    std::stable_sort(out_.changes.begin(), out_.changes.end(),
                     [](const Change &a, const Change &b) { return a.kind < b.kind; });
    return std::move(out_);
  }

 private:
  void compare_one(const Tally &was, const Tally &is) {
    const size_t changes = out_.changes.size();
    if (const auto kind = kind_of(was, is)) add(*kind, &was, &is, told(was), told(is));
    if (was.ran() != 0 && is.ran() != 0) compare_observations(was, is);
    if (out_.changes.size() == changes) ++out_.same;
  }

  void compare_observations(const Tally &was, const Tally &is) {
    const auto old_values = was.observed();
    auto names = old_values;
    const auto new_values = is.observed();
    names.insert(new_values.begin(), new_values.end());
    for (const auto &[name, values] : names) {
      const auto at = old_values.find(name), now = new_values.find(name);
      const std::string before = at == old_values.end() ? "nothing" : joined(at->second);
      const std::string after = now == new_values.end() ? "nothing" : joined(now->second);
      if (before == after) continue;
      add(Kind::observation, &was, &is, before, after);
      out_.changes.back().what = name;
      explain_by_value(out_.changes.back());
    }
  }

  // A limit or constant that changed in the same way as what was observed.
  void explain_by_value(Change &change) const {
    for (size_t i = 0; i < out_.traits.size(); ++i) {
      const TraitDifference &d = out_.traits[i];
      if (d.kind == TraitDifference::Kind::system || d.before != change.before || d.after != change.after) continue;
      if (std::find(change.explained_by.begin(), change.explained_by.end(), i) == change.explained_by.end())
        change.explained_by.push_back(i);
    }
  }

  Change &add(Kind kind, const Tally *was, const Tally *is, std::string before, std::string after) {
    const Tally &any = is ? *is : *was;
    out_.changes.push_back({kind, any.id, any.worst().mechanism, "", std::move(before), std::move(after), false,
                            explaining(was ? &was->worst() : nullptr, is ? &is->worst() : nullptr, out_.traits)});
    return out_.changes.back();
  }

  const Tallies before_, after_;
  Comparison out_{};
};

}  // namespace

const char *kind_name(Kind kind) {
  switch (kind) {
    case Kind::regression:
      return "regression";
    case Kind::fix:
      return "fix";
    case Kind::other:
      return "other";
    case Kind::appeared:
      return "new";
    case Kind::vanished:
      return "vanished";
    case Kind::observation:
      return "observation";
    case Kind::skip:
      return "skip";
  }
  return "other";
}

size_t Comparison::count(Kind kind) const {
  return static_cast<size_t>(
      std::count_if(changes.begin(), changes.end(), [&](const Change &c) { return c.kind == kind; }));
}

bool Comparison::has_regressions() const {
  return std::any_of(changes.begin(), changes.end(),
                     [](const Change &c) { return c.kind == Kind::regression || c.bad; });
}

bool Comparison::has_lost_coverage() const {
  return std::any_of(changes.begin(), changes.end(), [](const Change &c) {
    return c.kind == Kind::vanished || (c.kind == Kind::skip && c.after.starts_with("skip"));
  });
}

std::string system_name(const SystemInfo &s) {
  std::string name = s.platform.empty() ? "" : s.platform + ": ";
  name += fmt::format("{} {} {}", s.kernel, s.release, s.machine);
  return s.libc.empty() ? name : name + ", " + s.libc;
}

Comparison compare(const Record &before, const Record &after) { return Comparer(before, after).run(); }

}  // namespace ipcvet
