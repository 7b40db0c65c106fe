#include "reports/baseline.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/case/text.h"
#include "reports/escape.h"
#include "reports/traits.h"

namespace ipcvet {
namespace {

std::vector<int64_t> numbers_of(std::string_view release) {
  std::vector<int64_t> out;
  for (size_t at = 0; at < release.size() && out.size() < 4;) {
    if (release[at] < '0' || release[at] > '9') break;
    int64_t n = 0;
    for (; at < release.size() && release[at] >= '0' && release[at] <= '9'; ++at)
      n = std::min<int64_t>(n * 10 + (release[at] - '0'), 1'000'000'000);
    out.push_back(n);
    if (at < release.size() && release[at] == '.') ++at;
  }
  out.resize(4);
  return out;
}

bool satisfies(std::string_view condition, const std::string &release) {
  const size_t digits = condition.find_first_of("0123456789");
  if (digits == std::string_view::npos) return false;
  const std::string_view op = condition.substr(0, digits);
  const auto wanted = numbers_of(condition.substr(digits)), have = numbers_of(release);
  if (op == ">=") return have >= wanted;
  if (op == ">") return have > wanted;
  if (op == "<=") return have <= wanted;
  if (op == "<") return have < wanted;
  return false;
}

bool names(const Expectation &e, const std::string &instance) {
  return std::any_of(e.cases.begin(), e.cases.end(),
                     [&](const std::string &glob) { return glob_matches(glob, instance); });
}

}  // namespace

bool release_matches(const std::string &pattern, const std::string &release) {
  if (!pattern.starts_with('<') && !pattern.starts_with('>')) return glob_matches(pattern, release);
  for (size_t from = 0; from < pattern.size();) {
    const size_t end = std::min(pattern.find(' ', from), pattern.size());
    if (end > from && !satisfies(std::string_view(pattern).substr(from, end - from), release)) return false;
    from = end + 1;
  }
  return true;
}

bool applies(const TraitPatterns &where, const SystemInfo &system) {
  return std::all_of(where.begin(), where.end(), [&](const auto &pattern) {
    const std::string value = trait(system, pattern.first);
    return pattern.first == "release" ? release_matches(pattern.second, value) : glob_matches(pattern.second, value);
  });
}

namespace {

struct Layered {
  const Baseline *baseline;
  const Expectation *expectation;
  bool expired;
};

class Assessor {
 public:
  Assessor(const Record &record, const std::vector<Baseline> &layers, const std::string &today) : record_(record) {
    for (const Baseline &layer : layers) {
      if (!applies(layer.where, record.system)) {
        out_.not_applicable.push_back(&layer);
        continue;
      }
      for (const Expectation &e : layer.expectations)
        if (applies(e.where, record.system)) entries_.push_back({&layer, &e, !e.expires.empty() && e.expires < today});
    }
  }

  Assessment run() {
    for (size_t i = 0; i < record_.cases.size(); ++i) assess_one(i);
    return std::move(out_);
  }

 private:
  // The last entry that names it.
  const Layered *entry_for(const std::string &instance) const {
    const auto at = std::find_if(entries_.rbegin(), entries_.rend(),
                                 [&](const Layered &l) { return names(*l.expectation, instance); });
    return at == entries_.rend() ? nullptr : &*at;
  }

  void assess_one(size_t i) {
    const CaseResult &r = record_.cases[i];
    const VerdictClass cls = r.verdict.cls;
    const Layered *entry = entry_for(r.instance_id());
    if (entry && entry->expired) note_expired(*entry);
    if (cls == VerdictClass::skip || (cls == VerdictClass::pass && !entry)) return;
    if (!entry) return out_.unexplained.push_back({i, nullptr, nullptr});
    const auto &expected = entry->expectation->verdicts;
    const bool is_expected = std::find(expected.begin(), expected.end(), cls) != expected.end();
    const Assessment::Judged judged{i, entry->baseline, entry->expectation};
    if (cls == VerdictClass::pass) {
      if (!is_expected && !entry->expectation->flaky && !entry->expired) out_.unexpected_passes.push_back(judged);
    } else {
      (is_expected && !entry->expired ? out_.explained : out_.unexplained).push_back(judged);
    }
  }

  void note_expired(const Layered &entry) {
    const std::pair one(entry.baseline, entry.expectation);
    if (std::find(out_.expired.begin(), out_.expired.end(), one) == out_.expired.end()) out_.expired.push_back(one);
  }

  const Record &record_;
  std::vector<Layered> entries_{};
  Assessment out_{};
};

std::string place(const Baseline *b, const Expectation *e) { return fmt::format("{}:{}", b->name, e->pos.line); }

}  // namespace

Assessment assess(const Record &record, const std::vector<Baseline> &layers, const std::string &today) {
  return Assessor(record, layers, today).run();
}

std::string describe(const Assessment &a, const Record &record) {
  std::string out;
  for (const auto &j : a.unexplained) {
    const CaseResult &r = record.cases[j.index];
    out += fmt::format("unexplained {}: {}: {}", one_line(r.instance_id()), verdict_name(r.verdict.cls),
                       one_line(r.verdict.reason));
    if (j.expectation)
      out += fmt::format(" ({} {})", place(j.baseline, j.expectation),
                         j.expectation->expires.empty()
                             ? "expects something else"
                             : "expired " + j.expectation->expires + " or expects something else");
    out += "\n";
  }
  for (const auto &j : a.unexpected_passes)
    out += fmt::format("passes now  {}: no longer deviates as {} says\n", one_line(record.cases[j.index].instance_id()),
                       place(j.baseline, j.expectation));
  for (const auto &[b, e] : a.expired)
    out += fmt::format("expired     {} on {}: {}\n", place(b, e), e->expires, e->reason);
  for (const Baseline *b : a.not_applicable) out += fmt::format("not used    {}: this is another system\n", b->name);
  out += fmt::format("baseline: {} unexplained, {} explained, {} pass unexpectedly, {} entries expired\n",
                     a.unexplained.size(), a.explained.size(), a.unexpected_passes.size(), a.expired.size());
  return out;
}

}  // namespace ipcvet
