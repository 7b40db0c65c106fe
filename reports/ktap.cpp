#include "reports/ktap.h"

#include <map>
#include <vector>

#include "harness/case/text.h"
#include "reports/escape.h"
#include "reports/transcript.h"

namespace ipcvet {
namespace {

// A description ends at a hash sign, so none may stand in it.
std::string description(const std::string &text) {
  std::string out;
  for (char c : one_line(text)) out += c == '#' ? std::string("\\x23") : std::string(1, c);
  return out;
}

std::string directive(const Verdict &v) {
  const std::string reason = one_line(v.reason);
  switch (v.cls) {
    case VerdictClass::pass:
      return "";
    case VerdictClass::fail:
      return reason.empty() ? "" : " # " + reason;
    case VerdictClass::skip:
      return " # SKIP " + reason;
    case VerdictClass::timeout:
      return " # TIMEOUT " + reason;
    default:
      return std::string(" # ERROR ") + verdict_name(v.cls) + ": " + reason;
  }
}

bool is_ok(VerdictClass c) { return c == VerdictClass::pass || c == VerdictClass::skip; }

void write_diagnostics(std::ostream &out, const CaseResult &r) {
  const std::string text = printable(transcript(r));
  for (std::string_view line : lines_of(text)) out << "  #" << (line.empty() ? "" : " ") << line << "\n";
}

void write_instance(std::ostream &out, const CaseResult &r, size_t number) {
  if (!is_ok(r.verdict.cls)) write_diagnostics(out, r);
  out << "  " << (is_ok(r.verdict.cls) ? "ok " : "not ok ") << number << " " << description(r.instance_id())
      << directive(r.verdict) << "\n";
}

struct Mechanism {
  std::string name;
  std::vector<const CaseResult *> results{};
};

std::vector<Mechanism> by_mechanism(const Record &record) {
  std::vector<Mechanism> out;
  std::map<std::string_view, size_t> known;
  for (const CaseResult &r : record.cases) {
    const auto [at, is_new] = known.emplace(r.mechanism, out.size());
    if (is_new) out.push_back({r.mechanism});
    out[at->second].results.push_back(&r);
  }
  return out;
}

}  // namespace

void write_ktap(std::ostream &out, const Record &record) {
  const SystemInfo &s = record.system;
  const std::vector<Mechanism> mechanisms = by_mechanism(record);
  out << "KTAP version 1\n# ipcvet " << one_line(s.ipcvet) << " on " << one_line(s.kernel) << " " << one_line(s.release)
      << " " << one_line(s.machine) << ", " << one_line(s.libc) << ", profile " << profile_name(s.profile) << "\n1.."
      << mechanisms.size() + (s.trouble.empty() ? 0 : 1) << "\n";
  for (size_t m = 0; m < mechanisms.size(); ++m) {
    const auto &results = mechanisms[m].results;
    bool ok = true, skipped = true;
    out << "  KTAP version 1\n  1.." << results.size() << "\n";
    for (size_t i = 0; i < results.size(); ++i) {
      write_instance(out, *results[i], i + 1);
      ok = ok && is_ok(results[i]->verdict.cls);
      skipped = skipped && results[i]->verdict.cls == VerdictClass::skip;
    }
    out << (ok ? "ok " : "not ok ") << m + 1 << " " << description(mechanisms[m].name)
        << (skipped ? " # SKIP every instance was skipped" : "") << "\n";
  }
  if (s.trouble.empty()) return;
  out << "# " << one_line(s.trouble) << "\nnot ok " << mechanisms.size() + 1 << " " << description("target " + s.target)
      << "\n";
}

}  // namespace ipcvet
