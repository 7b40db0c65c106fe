// What is known to deviate, and why: layers of expectations, each for the systems its traits describe.
//
//     [system]                    # where this layer holds; absent: everywhere
//     platform = "gVisor*"        # globs on traits: kernel, release, version, machine, libc, abi, platform, sandbox
//     release  = ">=5.10 <6.2"    # of a release also a range
//
//     [[expect]]
//     case    = "pipe/poll-*"     # globs on instances, or a list of them
//     verdict = "fail"            # or a list; "pass" takes back what an earlier layer expects
//     reason  = "poll changes the events field"
//     link    = "https://..."     # optional, as all below
//     expires = 2027-06-30
//     flaky   = true              # it may also pass
//     libc    = "musl*"           # any trait, narrower than the layer's
//
// Of several entries for an instance the last one counts. Everything that neither passed nor was skipped and is not
// expected is unexplained; that, and nothing else, fails a gate. An expired entry explains nothing any more.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/case/source.h"
#include "reports/result.h"

namespace ipcvet {

using TraitPatterns = std::vector<std::pair<std::string, std::string>>;  // name and pattern

struct Expectation {
  std::vector<std::string> cases{};
  std::vector<VerdictClass> verdicts{};
  std::string reason{}, link{};
  std::string expires{};  // YYYY-MM-DD, or empty: never
  bool flaky = false;
  TraitPatterns where{};
  Pos pos{};
};

struct Baseline {
  std::string name{};  // as it was given: a file, or that of one that is built in
  TraitPatterns where{};
  std::vector<Expectation> expectations{};
};

std::expected<Baseline, std::vector<Diagnostic>> parse_baseline(const std::string &text, const std::string &name);
// Does the system have all of these?
bool applies(const TraitPatterns &where, const SystemInfo &system);
// ">=5.10 <6.2" or a glob, against "6.1.0-13-amd64". Numbers are compared, what follows them is not.
bool release_matches(const std::string &pattern, const std::string &release);

struct Assessment {
  struct Judged {
    size_t index = 0;                    // in the record's cases
    const Baseline *baseline = nullptr;  // and entry, where one named the instance
    const Expectation *expectation = nullptr;
  };
  std::vector<Judged> unexplained{};  // fails a gate; an entry is told if it expired or expected something else
  std::vector<Judged> explained{};
  std::vector<Judged> unexpected_passes{};
  std::vector<std::pair<const Baseline *, const Expectation *>>
      expired{};  // and still naming an instance of the record
  std::vector<const Baseline *> not_applicable{};
};

// `today` is YYYY-MM-DD. Points into both arguments.
Assessment assess(const Record &record, const std::vector<Baseline> &layers, const std::string &today);
// For a terminal; empty if there were no layers.
std::string describe(const Assessment &assessment, const Record &record);

}  // namespace ipcvet
