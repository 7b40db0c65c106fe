// What one instance came to in one record, all its repeats together, and how sure that is.
//
// A rate seen in n repeats is told with its 95 % Wilson score interval: it stays sensible for few repeats and for rates
// of none or all, where the plain estimate claims certainty.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "reports/result.h"

namespace ipcvet {

struct Interval {
  double low = 0, high = 1;
};
// Of k hits in n tries; n of 0: everything is possible.
Interval wilson(size_t k, size_t n);
// "3 of 100 (3.0 %, 95 % confidence: 1.0 to 8.5 %)"
std::string rate_text(size_t k, size_t n);

struct Tally {
  enum class Kind : uint8_t { good, bad, skipped, flaky };  // flaky: passed and did not

  std::string id{};                           // of the instance
  std::vector<const CaseResult *> results{};  // in the record's order; never empty
  Counts counts{};
  size_t ran() const { return counts.total() - counts[VerdictClass::skip]; }
  size_t bad() const { return ran() - counts[VerdictClass::pass]; }
  Kind kind() const;
  // The first result that is not a pass, or else the first.
  const CaseResult &worst() const;
  // What was observed, by name: every value seen, as text, in order and once.
  std::map<std::string, std::vector<std::string>> observed() const;
};

// The instances of a record in order of first appearance. Points into the record.
struct Tallies {
  explicit Tallies(const Record &record);
  const Tally *find(const std::string &id) const;
  std::vector<Tally> all{};

 private:
  std::unordered_map<std::string, size_t> index_{};
};

// Instances that were run more than once and did not come to the same each time.
std::vector<const Tally *> flaky(const Tallies &tallies);

}  // namespace ipcvet
