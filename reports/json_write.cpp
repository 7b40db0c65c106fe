// Writing the record. nlohmann::json appears in reports/json_*.cpp only.
#include "harness/actor/wire.h"
#include "harness/case/parser.h"
#include "reports/json.h"
#include "reports/json_events.h"

namespace ipcvet {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t most_stress_records = 2000;  // of a case, one by one; beyond it as runs
constexpr size_t most_stress_runs = 50000;    // of a case; beyond it a log is summarised

StressCounts counted(const StressLog &log) {
  StressCounts counts{};
  for (const StressRecord &r : log.records)
    if (r.what < counts.size()) ++counts[r.what];
  return counts;
}

Json stress_json(const StressLog &log, const StressCounts &counts) {
  Json out = {{"role", text_json(log.role)},
              {"copy", log.copy},
              {"slot", log.slot},
              {"finished", log.finished},
              {"calls", log.calls},
              {"added", log.added},
              {"last_result", log.last_result},
              {"last_error", log.last_error},
              {"sent", counts[WIRE_REC_SENT]},
              {"received", counts[WIRE_REC_WHOLE]},
              {"torn", counts[WIRE_REC_TORN]},
              {"short", counts[WIRE_REC_SHORT]},
              {"failed", counts[WIRE_REC_FAILED]}};
  if (!log.trouble.empty()) out["trouble"] = events_json(log.trouble);
  return out;
}

Json records_json(const StressLog &log) {
  Json out = Json::array();
  for (const StressRecord &r : log.records) out.push_back({r.what, r.writer, r.seq, r.size});
  return out;
}

bool follows(const StressRecord &last, const StressRecord &next) {
  return next.what == last.what && next.writer == last.writer && next.size == last.size && next.seq == last.seq + 1;
}

size_t runs_of(const StressLog &log) {
  size_t runs = log.records.empty() ? 0 : 1;
  for (size_t i = 1; i < log.records.size(); ++i) runs += !follows(log.records[i - 1], log.records[i]);
  return runs;
}

// A writer sends the same over and over, with the next number: one run.
Json runs_json(const StressLog &log) {
  Json out = Json::array();
  const auto &records = log.records;
  for (size_t from = 0; from < records.size();) {
    size_t end = from + 1;
    while (end < records.size() && follows(records[end - 1], records[end])) ++end;
    const StressRecord &r = records[from];
    out.push_back({r.what, r.writer, r.seq, r.size, end - from});
    from = end;
  }
  return out;
}

Json stress_logs_json(const CaseResult &r) {
  const auto &logs = r.history.stress;
  size_t records = 0, runs = 0;
  for (const StressLog &log : logs) {
    records += log.records.size();
    runs += runs_of(log);
  }
  const bool summarised = !r.stress_counts.empty();
  Json out = Json::array();
  for (size_t i = 0; i < logs.size(); ++i) {
    const bool counts_told = summarised && i < r.stress_counts.size();
    out.push_back(stress_json(logs[i], counts_told ? r.stress_counts[i] : counted(logs[i])));
    if (!summarised && records <= most_stress_records)
      out.back()["records"] = records_json(logs[i]);
    else if (!summarised && runs <= most_stress_runs)
      out.back()["runs"] = runs_json(logs[i]);
  }
  return out;
}

Json requirement_json(const RequirementRef &r) {
  Json out = {{"id", text_json(r.id)}, {"level", level_name(r.level)}};
  if (!r.rule.empty()) out["rule"] = text_json(r.rule);
  if (!r.source.empty()) out["source"] = text_json(r.source);
  return out;
}

Json requirements_json(const std::vector<RequirementRef> &requirements) {
  Json out = Json::array();
  for (const RequirementRef &r : requirements) out.push_back(requirement_json(r));
  return out;
}

Json uncited_json(const std::vector<Uncited> &uncited) {
  Json out = Json::array();
  for (const Uncited &u : uncited) {
    out.push_back(requirement_json(u.requirement));
    if (!u.untestable.empty()) out.back()["untestable"] = text_json(u.untestable);
  }
  return out;
}

Json observations_json(const std::vector<Observation> &observations) {
  Json out = Json::array();
  for (const Observation &o : observations)
    out.push_back({{"name", text_json(o.name)}, {"value", value_json(o.value)}});
  return out;
}

Json case_json(const CaseResult &r) {
  const History &h = r.history;
  Json out = {{"id", text_json(r.id)},
              {"row", r.row ? Json(*r.row) : Json(nullptr)},
              {"mechanism", text_json(r.mechanism)},
              {"brief", text_json(r.brief)},
              {"verdict", verdict_name(r.verdict.cls)},
              {"requirements", requirements_json(r.requirements)},
              {"reason", text_json(r.verdict.reason)},
              {"step", step_json(r.verdict.step)},
              {"allowed", text_json(r.verdict.allowed)},
              {"actual", text_json(r.verdict.actual)},
              {"cells", fields_json(r.cells)},
              {"observations", observations_json(r.verdict.observations)},
              {"sandbox", text_json(h.sandbox)},
              {"leaks", texts_json(h.leaks)},
              {"seconds", h.seconds},
              {"end", end_name(h.end)},
              {"why", text_json(h.why)},
              {"started", h.started},
              {"root", text_json(h.root)},
              {"root_pid", h.root_pid},
              {"history", events_json(h.events)}};
  if (!h.stress.empty()) out["stress"] = stress_logs_json(r);
  if (h.has_counter) out["counter"] = h.counter;
  out["steps"] = texts_json(r.steps);
  if (!r.stress.empty()) out["stress_lines"] = texts_json(r.stress);
  out["text"] = text_json(r.text);
  return out;
}

Json system_json(const SystemInfo &s) {
  Json limits = Json::object(), capabilities = Json::array(), constants = Json::object();
  for (const SystemConstant &c : s.constants) constants[c.name] = c.value ? Json(*c.value) : Json(nullptr);
  for (const Limit &l : s.limits) limits[l.name] = l.value;
  for (const Capability &c : s.capabilities)
    capabilities.push_back({{"name", text_json(c.name)}, {"had", c.had}, {"reason", text_json(c.reason)}});
  Json out = {{"kernel", text_json(s.kernel)},
              {"release", text_json(s.release)},
              {"version", text_json(s.version)},
              {"machine", text_json(s.machine)},
              {"platform", text_json(s.platform)},
              {"libc", text_json(s.libc)},
              {"abi", text_json(s.abi)},
              {"cpus", s.cpus},
              {"sandbox", texts_json(s.sandbox)},
              {"limits", std::move(limits)},
              {"capabilities", std::move(capabilities)},
              {"constants", std::move(constants)},
              {"ipcvet", text_json(s.ipcvet)},
              {"profile", profile_name(s.profile)},
              {"command", texts_json(s.command)},
              {"started", text_json(s.started)},
              {"seconds", s.seconds},
              {"interrupted", s.interrupted}};
  if (!s.trouble.empty()) out["trouble"] = text_json(s.trouble);
  if (s.target.empty()) return out;
  out["target"] = text_json(s.target);
  out["boot_seconds"] = s.boot_seconds;
  out["target_seconds"] = s.target_seconds;
  return out;
}

Json summary_json(const Record &record) {
  const Counts counts = count(record);
  Json out = {{"total", counts.total()}};
  for (VerdictClass c : all_verdicts) out[verdict_name(c)] = counts[c];
  return out;
}

// Every string above is UTF-8 by construction; `replace` only keeps dump() from ever throwing.
std::string dumped(const Json &json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string json_of(const SystemInfo &system) { return dumped(system_json(system)); }
std::string json_of(const CaseResult &result) { return dumped(case_json(result)); }

void write_json(std::ostream &out, const Record &record) {
  out << "{\"schema\": \"" << record_schema << "\",\n\"system\": " << dumped(system_json(record.system))
      << ",\n\"summary\": " << dumped(summary_json(record));
  if (!record.uncited.empty()) out << ",\n\"uncited\": " << dumped(uncited_json(record.uncited));
  out << ",\n\"cases\": [";
  for (size_t i = 0; i < record.cases.size(); ++i) out << (i ? ",\n" : "\n") << dumped(case_json(record.cases[i]));
  out << "\n]}\n";
}

}  // namespace ipcvet
