// The index of the page: systems, requirements, instances, verdicts, observations.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "harness/case/parser.h"
#include "harness/case/printer.h"
#include "harness/judge/describe.h"
#include "reports/html_data.h"
#include "reports/html_text.h"

namespace ipcvet {
namespace {

// Numbers texts in order of first use.
class Interned {
 public:
  size_t operator()(const std::string &text) {
    const auto [it, is_new] = by_text_.try_emplace(text, texts_.size());
    if (is_new) texts_.push_back(text);
    return it->second;
  }
  const std::vector<std::string> &texts() const { return texts_; }

 private:
  std::map<std::string, size_t> by_text_;
  std::vector<std::string> texts_;
};

std::string as_is(const std::string &json) { return json; }

// "asleep in read, ..." of all calls alike is one way of proving.
std::string way_of_proof(const Event &e) {
  std::string proof = e.proof;
  for (const char *in : {"asleep in ", "stopped in "}) {
    const std::string start = in;
    if (!proof.starts_with(start)) continue;
    const size_t end = std::min(proof.find(','), proof.size());
    return start + "the call" + proof.substr(end);
  }
  return proof;
}

std::string counted_json(const std::map<std::string, size_t> &counts) {
  std::vector<std::pair<std::string, size_t>> sorted(counts.begin(), counts.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto &a, const auto &b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  return json_list(sorted, [](const auto &c) { return fmt::format("[{},{}]", json_text(c.first), c.second); });
}

std::string proofs_json(const Record &record) {
  std::map<std::string, size_t> proofs, sandboxes;
  for (const CaseResult &r : record.cases) {
    if (!r.history.sandbox.empty()) ++sandboxes[r.history.sandbox];
    for (const Event &e : r.history.events)
      if (!e.proof.empty()) ++proofs[way_of_proof(e)];
  }
  return "\"proofs\":" + counted_json(proofs) + ",\"sandboxes\":" + counted_json(sandboxes);
}

std::string joined(const std::vector<std::string> &words) {
  std::string out;
  for (const std::string &w : words) out += (out.empty() ? "" : " ") + w;
  return out;
}

std::string system_json(const Record &record, const std::string &name) {
  const SystemInfo &s = record.system;
  return fmt::format(
      "{{\"name\":{},\"kernel\":{},\"release\":{},\"version\":{},\"machine\":{},\"libc\":{},\"abi\":{},\"cpus\":{},"
      "\"sandbox\":{},"
      "\"limits\":{},\"capabilities\":{},\"ipcvet\":{},\"profile\":{},\"command\":{},\"started\":{},\"seconds\":{:.3f},"
      "\"interrupted\":{},\"target\":{},\"trouble\":{},{}}}",
      json_text(name), json_text(s.kernel), json_text(s.release), json_text(s.version), json_text(s.machine),
      json_text(s.libc), json_text(s.abi), s.cpus, json_list(s.sandbox, json_text),
      json_list(s.limits, [](const Limit &l) { return fmt::format("[{},\"{}\"]", json_text(l.name), l.value); }),
      json_list(
          s.capabilities,
          [](const Capability &c) { return fmt::format("[{},{},{}]", json_text(c.name), c.had, json_text(c.reason)); }),
      json_text(s.ipcvet), json_text(profile_name(s.profile)), json_text(joined(s.command)), json_text(s.started),
      std::isfinite(s.seconds) ? s.seconds : 0.0, s.interrupted, json_text(s.target), json_text(s.trouble),
      proofs_json(record));
}

std::string requirement_json(const RequirementRef &q) {
  return fmt::format("[{},{},{},{}]", json_text(q.id), json_text(level_name(q.level)), json_text(q.rule),
                     json_text(q.source));
}

std::string cells_text(const CaseResult &r) {
  std::string out;
  for (const Field &cell : r.cells) out += (out.empty() ? "" : ", ") + cell.name + " = " + print(cell.value);
  return out;
}

// Instances of one case differ in their row alone: [id, brief, mechanism, [requirement...]] is written once.
void write_instances(std::ostream &out, const std::vector<PageRow> &rows) {
  Interned mechanisms, requirements, bases;
  out << ",\"instances\":[";
  Comma comma;
  for (const PageRow &row : rows) {
    const CaseResult &r = row.first();
    const std::string base = fmt::format(
        "[{},{},{},{}]", json_text(r.id), json_text(r.brief), mechanisms(json_text(r.mechanism)),
        json_list(r.requirements,
                  [&](const RequirementRef &q) { return std::to_string(requirements(requirement_json(q))); }));
    out << comma()
        << fmt::format("[{},{},{},{}]", bases(base), r.row ? std::to_string(*r.row) : "null", row.run,
                       json_text(cells_text(r)));
  }
  out << "],\"cases\":" << json_list(bases.texts(), as_is) << ",\"mechanisms\":" << json_list(mechanisms.texts(), as_is)
      << ",\"requirements\":" << json_list(requirements.texts(), as_is);
}

// [requirement, why no case can show it], of what no instance of any record cites.
void write_uncited(std::ostream &out, std::span<const Record> records) {
  std::set<std::string_view> told;
  for (const Record &record : records) told.merge(cited_requirements(record));
  out << ",\"uncited\":[";
  Comma comma;
  for (const Record &record : records)
    for (const Uncited &u : record.uncited)
      if (told.insert(u.requirement.id).second)
        out << comma() << fmt::format("[{},{}]", requirement_json(u.requirement), json_text(u.untestable));
  out << ']';
}

void write_verdicts(std::ostream &out, const std::vector<PageRow> &rows, size_t systems) {
  Interned texts;
  std::string reasons;
  out << ",\"verdicts\":[";
  for (size_t system = 0; system < systems; ++system) {
    std::string letters, own;
    Comma comma;
    for (size_t i = 0; i < rows.size(); ++i) {
      const CaseResult *r = rows[i].by_system[system];
      letters += r ? verdict_letter(r->verdict.cls) : '.';
      if (r && !r->verdict.reason.empty())
        own += fmt::format("{}{},{}", comma(), i, texts(json_text(r->verdict.reason)));
    }
    out << (system ? "," : "") << '"' << letters << '"';
    reasons += (system ? ",[" : "[") + own + "]";
  }
  out << "],\"reasons\":[" << reasons << "],\"texts\":" << json_list(texts.texts(), as_is);
}

// [instance, name, [value or null a system]].
void write_observations(std::ostream &out, const std::vector<PageRow> &rows, size_t systems) {
  out << ",\"observations\":[";
  Comma comma;
  for (size_t i = 0; i < rows.size(); ++i) {
    std::vector<std::pair<std::string, std::vector<std::string>>> values;
    std::map<std::string_view, size_t> places;
    for (size_t system = 0; system < systems; ++system) {
      const CaseResult *r = rows[i].by_system[system];
      if (!r) continue;
      for (const Observation &o : r->verdict.observations) {
        const auto [place, is_new] = places.try_emplace(o.name, values.size());
        if (is_new) values.emplace_back(o.name, std::vector<std::string>(systems, "null"));
        values[place->second].second[system] = json_text(show(o.value));
      }
    }
    for (const auto &[name, by_system] : values)
      out << comma() << fmt::format("[{},{},{}]", i, json_text(name), json_list(by_system, as_is));
  }
  out << ']';
}

}  // namespace

void write_page_index(std::ostream &out, std::span<const Record> records, const std::vector<PageRow> &rows,
                      const std::vector<size_t> &chunk_starts) {
  const std::vector<std::string> names = system_names(records);
  out << "{\"systems\":[";
  for (size_t i = 0; i < records.size(); ++i) out << (i ? "," : "") << system_json(records[i], names[i]);
  out << ']';
  write_instances(out, rows);
  write_uncited(out, records);
  write_verdicts(out, rows, records.size());
  write_observations(out, rows, records.size());
  out << ",\"chunks\":" << json_list(chunk_starts, [](size_t at) { return std::to_string(at); }) << '}';
}

}  // namespace ipcvet
