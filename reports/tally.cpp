#include "reports/tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/judge/describe.h"

namespace ipcvet {

Interval wilson(size_t k, size_t n) {
  if (n == 0) return {};
  constexpr double z = 1.959963984540054;  // 95 %, both sides
  const auto count = static_cast<double>(n);
  const double p = static_cast<double>(k) / count, z2 = z * z / count;
  const double middle = p + z2 / 2, spread = z * std::sqrt(p * (1 - p) / count + z2 / count / 4);
  return {k == 0 ? 0.0 : std::max(0.0, (middle - spread) / (1 + z2)),
          k == n ? 1.0 : std::min(1.0, (middle + spread) / (1 + z2))};
}

std::string rate_text(size_t k, size_t n) {
  const Interval i = wilson(k, n);
  const double rate = n == 0 ? 0 : static_cast<double>(k) / static_cast<double>(n);
  return fmt::format("{} of {} ({:.1f} %, 95 % confidence: {:.1f} to {:.1f} %)", k, n, 100 * rate, 100 * i.low,
                     100 * i.high);
}

Tally::Kind Tally::kind() const {
  if (ran() == 0) return Kind::skipped;
  if (bad() == 0) return Kind::good;
  return bad() == ran() ? Kind::bad : Kind::flaky;
}

const CaseResult &Tally::worst() const {
  const auto at = std::find_if(results.begin(), results.end(), [](const CaseResult *r) {
    return r->verdict.cls != VerdictClass::pass && r->verdict.cls != VerdictClass::skip;
  });
  return at == results.end() ? *results.front() : **at;
}

std::map<std::string, std::vector<std::string>> Tally::observed() const {
  std::map<std::string, std::vector<std::string>> out;
  for (const CaseResult *r : results)
    for (const Observation &o : r->verdict.observations) out[o.name].push_back(show(o.value));
  for (auto &[name, values] : out) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
  }
  return out;
}

Tallies::Tallies(const Record &record) {
  for (const CaseResult &r : record.cases) {
    const auto [at, is_new] = index_.try_emplace(r.instance_id(), all.size());
    if (is_new) all.push_back({at->first});
    Tally &tally = all[at->second];
    tally.results.push_back(&r);
    ++tally.counts.by[static_cast<size_t>(r.verdict.cls)];
  }
}

const Tally *Tallies::find(const std::string &id) const {
  const auto at = index_.find(id);
  return at == index_.end() ? nullptr : &all[at->second];
}

std::vector<const Tally *> flaky(const Tallies &tallies) {
  std::vector<const Tally *> out;
  for (const Tally &t : tallies.all)
    if (t.results.size() > 1 && t.kind() == Tally::Kind::flaky) out.push_back(&t);
  return out;
}

}  // namespace ipcvet
