// What a record's members mean; json_stream.h takes the document apart, json_place.h checks every access.
#include "harness/actor/wire.h"
#include "reports/json_stream.h"
#include "reports/json_values.h"

namespace ipcvet {
namespace {

constexpr size_t largest_record = size_t{1} << 30;   // bytes, to be held whole
constexpr size_t largest_without = size_t{4} << 30;  // bytes, where histories are left out

constexpr std::pair<const char *, VerdictClass> verdict_names[] = {
    {"pass", VerdictClass::pass},           {"fail", VerdictClass::fail},
    {"skip", VerdictClass::skip},           {"unresolved", VerdictClass::unresolved},
    {"undecided", VerdictClass::undecided}, {"timeout", VerdictClass::timeout},
    {"error", VerdictClass::error}};
constexpr std::pair<const char *, Level> level_names[] = {
    {"shall", Level::shall}, {"may", Level::may}, {"linux", Level::linux_}, {"observe", Level::observe}};
constexpr std::pair<const char *, Profile> profile_names[] = {
    {"linux", Profile::linux_}, {"posix", Profile::posix}, {"any", Profile::any}};
constexpr std::pair<const char *, RunEnd> end_names[] = {{"finished", RunEnd::finished},
                                                         {"skipped", RunEnd::skipped},
                                                         {"timed_out", RunEnd::timed_out},
                                                         {"broken", RunEnd::broken}};
StressRecord read_stress_record(const Place &p) {
  if (p.is_array() && p.size() == 4) return {p.at(0).small(), p.at(1).small(), p.at(2).small(), p.at(3).small()};
  p.fail("is no record of four numbers");
  return {};
}

// [what, writer, first sequence number, size, how many]
void read_stress_run(const Place &p, std::vector<StressRecord> &records) {
  if (!p.is_array() || p.size() != 5) return p.fail("is no run of five numbers");
  StressRecord one{p.at(0).small(), p.at(1).small(), p.at(2).small(), p.at(3).small()};
  const uint32_t times = p.at(4).small();
  if (!p.unfold(times * sizeof one)) return;
  for (uint32_t i = 0; i < times; ++i, ++one.seq) records.push_back(one);
}

constexpr std::pair<uint32_t, const char *> stress_counts[] = {{WIRE_REC_SENT, "sent"},
                                                               {WIRE_REC_WHOLE, "received"},
                                                               {WIRE_REC_TORN, "torn"},
                                                               {WIRE_REC_SHORT, "short"},
                                                               {WIRE_REC_FAILED, "failed"}};

StressCounts read_counts(const Place &p) {
  StressCounts counts{};
  for (const auto &[what, name] : stress_counts) counts[what] = static_cast<uint64_t>(p[name].number(0));
  return counts;
}

StressLog read_stress(const Place &p) {
  StressLog log;
  log.role = p["role"].required_text();
  log.copy = p["copy"].small();
  log.slot = p["slot"].small();
  log.finished = p["finished"].flag();
  log.calls = p["calls"].number();
  log.added = p["added"].number();
  log.last_result = p["last_result"].number();
  log.last_error = p["last_error"].number();
  log.trouble = read_events(p["trouble"]);
  p["records"].each([&](const Place &r) { log.records.push_back(read_stress_record(r)); });
  p["runs"].each([&](const Place &r) { read_stress_run(r, log.records); });
  return log;
}

History read_history(const Place &p) {
  History h;
  h.events = read_events(p["history"]);
  p["stress"].each([&](const Place &s) { h.stress.push_back(read_stress(s)); });
  h.has_counter = p["counter"].present();
  h.counter = p["counter"].number();
  h.end = p["end"].present() ? p["end"].named(end_names) : RunEnd::finished;
  h.why = p["why"].text();
  h.started = p["started"].number();
  h.root = p["root"].text();
  h.root_pid = p["root_pid"].number();
  h.sandbox = p["sandbox"].text();
  h.leaks = read_texts(p["leaks"]);
  h.seconds = p["seconds"].real();
  return h;
}

Verdict read_verdict(const Place &p) {
  Verdict v;
  v.cls = p["verdict"].named(verdict_names);
  v.reason = p["reason"].text();
  v.step = read_step(p["step"]);
  v.allowed = p["allowed"].text();
  v.actual = p["actual"].text();
  p["observations"].each(
      [&](const Place &o) { v.observations.push_back({o["name"].required_text(), read_value(o["value"])}); });
  return v;
}

RequirementRef read_requirement(const Place &p) {
  return {p["id"].required_text(), p["level"].named(level_names), p["rule"].text(), p["source"].text()};
}

CaseResult read_case(const Place &p) {
  CaseResult r;
  if (!p.is_object()) return p.fail("is no object"), r;
  r.id = p["id"].required_text();
  if (p["row"].present()) r.row = p["row"].small();
  r.mechanism = p["mechanism"].required_text();
  r.brief = p["brief"].text();
  r.verdict = read_verdict(p);
  p["requirements"].each([&](const Place &q) { r.requirements.push_back(read_requirement(q)); });
  r.cells = read_fields(p["cells"]);
  r.history = read_history(p);
  p["stress"].each([&](const Place &log) {
    if (!log["records"].present() && !log["runs"].present()) r.stress_counts.push_back(read_counts(log));
  });
  if (r.stress_counts.size() != r.history.stress.size() && !r.stress_counts.empty())
    p["stress"].fail("has records of some roles only");
  r.steps = read_texts(p["steps"]);
  r.stress = read_texts(p["stress_lines"]);
  r.text = p["text"].text();
  return r;
}

void read_limits(const Place &place, std::vector<Limit> &limits) {
  if (!place.present()) return;
  if (!place.is_object()) return place.fail("is no object");
  for (const auto &[name, value] : place.json()->items()) limits.push_back({name, place[name.c_str()].number()});
}

void read_constants(const Place &place, std::vector<SystemConstant> &constants) {
  if (!place.present()) return;
  if (!place.is_object()) return place.fail("is no object");
  for (const auto &[name, value] : place.json()->items()) {
    const Place one = place[name.c_str()];
    constants.push_back({name, one.present() ? std::optional(one.number()) : std::nullopt});
  }
}

SystemInfo read_system(const Place &p) {
  SystemInfo s;
  if (!p.is_object()) return p.fail(p.present() ? "is no object" : "is missing"), s;
  s.kernel = p["kernel"].text();
  s.release = p["release"].text();
  s.version = p["version"].text();
  s.machine = p["machine"].text();
  s.platform = p["platform"].text();
  s.libc = p["libc"].text();
  s.abi = p["abi"].text();
  s.cpus = p["cpus"].small();
  s.sandbox = read_texts(p["sandbox"]);
  read_limits(p["limits"], s.limits);
  read_constants(p["constants"], s.constants);
  p["capabilities"].each([&](const Place &c) {
    s.capabilities.push_back({c["name"].required_text(), c["had"].flag(), c["reason"].text()});
  });
  s.ipcvet = p["ipcvet"].text();
  if (p["profile"].present()) s.profile = p["profile"].named(profile_names);
  s.command = read_texts(p["command"]);
  s.started = p["started"].text();
  s.seconds = p["seconds"].real();
  s.interrupted = p["interrupted"].flag();
  s.target = p["target"].text();
  s.trouble = p["trouble"].text();
  s.boot_seconds = p["boot_seconds"].real();
  s.target_seconds = p["target_seconds"].real();
  return s;
}

std::optional<RecordError> schema_error(const std::string &schema) {
  if (schema == record_schema) return std::nullopt;
  constexpr std::string_view family = "ipcvet/record/";
  if (schema.starts_with(family))
    return RecordError{"schema", "the record is of version " + schema.substr(family.size(), 20) +
                                     ", this program reads version " + std::to_string(record_version)};
  return RecordError{"schema", "is not that of an ipcvet record"};
}

// Receives the parts of a document in whatever order they come. An error of a part waits until the end: a broken
// document and a record of another version are told first.
class Reader {
 public:
  explicit Reader(const ReadOptions &options) : options_(options) {}

  std::expected<Record, RecordError> read(std::string_view text) {
    static constexpr std::string_view wanted[] = {"schema", "system", "uncited"};
    static constexpr std::string_view heavy[] = {"history", "stress", "steps", "stress_lines", "text"};
    RecordParts parts;
    parts.member = [&](const std::string &name, const nlohmann::json &value) { member(name, value); };
    parts.element = [&](size_t i, const nlohmann::json &value) { element(i, value); };
    parts.wanted = wanted;
    if (!options_.histories) parts.left_out = heavy;
    if (auto error = take_apart(text, parts)) return std::unexpected(*error);
    if (auto error = schema_error(schema_)) return std::unexpected(*error);
    if (!had_system_) fail("system", "is missing");
    if (!had_cases_) fail("cases", "is missing");
    if (!shared_.error.what.empty()) return std::unexpected(shared_.error);
    return std::move(record_);
  }

 private:
  void fail(const char *where, const char *what) { Place(nullptr, where, shared_).fail(what); }
  bool failed() const { return !shared_.error.what.empty(); }

  void member(const std::string &name, const nlohmann::json &value) {
    const Place place(&value, name, shared_);
    if (name == "schema") {
      schema_ = value.is_string() ? value.get<std::string>() : "";
    } else if (name == "cases") {
      had_cases_ = place.present();
      if (had_cases_ && !place.is_array()) place.fail("is no array");
    } else if (name == "uncited") {
      if (!failed())
        place.each([&](const Place &u) { record_.uncited.push_back({read_requirement(u), u["untestable"].text()}); });
    } else if (!failed()) {
      had_system_ = place.present();
      if (had_system_) record_.system = read_system(place);
    }
  }

  void element(size_t i, const nlohmann::json &value) {
    if (!failed()) record_.cases.push_back(read_case(Place(&value, "cases[" + std::to_string(i) + "]", shared_)));
  }

  ReadOptions options_;
  Place::Shared shared_{};
  Record record_{};
  std::string schema_{};
  bool had_system_ = false, had_cases_ = false;
};

}  // namespace

std::expected<SystemInfo, RecordError> read_json_system(std::string_view text) {
  if (!nlohmann::json::accept(text)) return std::unexpected(RecordError{"system", "is no JSON"});
  const std::string whole = std::string(R"({"schema": ")") + record_schema + R"(", "cases": [], "system": )";
  auto record = read_json(whole + std::string(text) + "}");
  if (!record) return std::unexpected(record.error());
  return std::move(record->system);
}

std::expected<CaseResult, RecordError> read_json_case(std::string_view text) {
  if (!nlohmann::json::accept(text)) return std::unexpected(RecordError{"case", "is no JSON"});
  const std::string whole = std::string(R"({"schema": ")") + record_schema + R"(", "system": {}, "cases": [)";
  auto record = read_json(whole + std::string(text) + "]}");
  if (!record) return std::unexpected(record.error());
  if (record->cases.size() != 1) return std::unexpected(RecordError{"cases", "is not one case"});
  return std::move(record->cases[0]);
}

std::expected<Record, RecordError> read_json(std::string_view text, ReadOptions options) {
  const size_t most = options.histories ? largest_record : largest_without;
  if (text.size() > most)
    return std::unexpected(RecordError{"", "is larger than " + std::to_string(most >> 20) + " MiB"});
  return Reader(options).read(text);
}

}  // namespace ipcvet
