#include "reports/junit.h"

#include <fmt/format.h>

#include <pugixml.hpp>

#include "harness/case/parser.h"
#include "reports/escape.h"
#include "reports/transcript.h"

namespace ipcvet {
namespace {

void set(pugi::xml_node node, const char *name, std::string_view value) {
  node.append_attribute(name).set_value(printable(value).c_str());
}
void set(pugi::xml_node node, const char *name, size_t value) { set(node, name, std::to_string(value)); }
void set(pugi::xml_node node, const char *name, double value) { set(node, name, fmt::format("{:.3f}", value)); }

size_t errors(const Counts &counts) {
  return counts.total() - counts[VerdictClass::pass] - counts[VerdictClass::fail] - counts[VerdictClass::skip];
}

// `more` are errors that are of no case.
void set_counts(pugi::xml_node node, const Counts &counts, size_t more = 0) {
  set(node, "tests", counts.total() + more);
  set(node, "failures", counts[VerdictClass::fail]);
  set(node, "errors", errors(counts) + more);
  set(node, "skipped", counts[VerdictClass::skip]);
}

void add_outcome(pugi::xml_node test, const CaseResult &r) {
  const VerdictClass cls = r.verdict.cls;
  if (cls == VerdictClass::pass) return;
  pugi::xml_node node = test.append_child(cls == VerdictClass::fail   ? "failure"
                                          : cls == VerdictClass::skip ? "skipped"
                                                                      : "error");
  set(node, "message", r.verdict.reason);
  if (cls == VerdictClass::skip) return;
  set(node, "type", verdict_name(cls));
  node.text().set(printable(transcript(r)).c_str());
}

void add_properties(pugi::xml_node test, const CaseResult &r) {
  pugi::xml_node properties = test.append_child("properties");
  const auto add = [&](const char *name, std::string_view value) {
    pugi::xml_node p = properties.append_child("property");
    set(p, "name", name);
    set(p, "value", value);
  };
  for (const RequirementRef &q : r.requirements) add("requirement", q.id + " " + level_name(q.level));
  for (const Observation &o : r.verdict.observations) add("observed", o.name);
}

void add_test(pugi::xml_node suite, const CaseResult &r) {
  pugi::xml_node test = suite.append_child("testcase");
  set(test, "classname", r.mechanism);
  set(test, "name", r.instance_id());
  set(test, "time", r.history.seconds);
  add_properties(test, r);
  add_outcome(test, r);
}

// A target that died, so that cases are missing: one more test, which went wrong.
void add_trouble(pugi::xml_node suites, const SystemInfo &s) {
  pugi::xml_node suite = suites.append_child("testsuite");
  set(suite, "name", std::string_view("target"));
  set_counts(suite, {}, 1);
  pugi::xml_node test = suite.append_child("testcase");
  set(test, "classname", std::string_view("target"));
  set(test, "name", s.target);
  set(test, "time", s.target_seconds);
  pugi::xml_node error = test.append_child("error");
  set(error, "message", s.trouble.substr(0, s.trouble.find('\n')));
  set(error, "type", std::string_view("error"));
  error.text().set(printable(s.trouble).c_str());
}

double seconds_of(const Record &record, const std::string &mechanism) {
  double sum = 0;
  for (const CaseResult &r : record.cases)
    if (r.mechanism == mechanism) sum += r.history.seconds;
  return sum;
}

}  // namespace

void write_junit(std::ostream &out, const Record &record) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.prepend_child(pugi::node_declaration);
  set(declaration, "version", std::string_view("1.0"));
  set(declaration, "encoding", std::string_view("UTF-8"));
  pugi::xml_node suites = document.append_child("testsuites");
  set(suites, "name", std::string_view("ipcvet"));
  set_counts(suites, count(record), record.system.trouble.empty() ? 0 : 1);
  set(suites, "time", record.system.seconds);
  for (const auto &[mechanism, counts] : count_by_mechanism(record)) {
    pugi::xml_node suite = suites.append_child("testsuite");
    set(suite, "name", mechanism);
    set_counts(suite, counts);
    set(suite, "time", seconds_of(record, mechanism));
    if (!record.system.started.empty()) set(suite, "timestamp", record.system.started);
    for (const CaseResult &r : record.cases)
      if (r.mechanism == mechanism) add_test(suite, r);
  }
  if (!record.system.trouble.empty()) add_trouble(suites, record.system);
  document.save(out, "  ");
}

}  // namespace ipcvet
