// Reading a record that may be anything: every access is checked, the first thing wrong is told with its place.
#include <nlohmann/json.hpp>

#include <cmath>

#include "harness/actor/wire.h"
#include "harness/judge/resolve.h"
#include "reports/json.h"

namespace ipcvet {
namespace {

using Json = nlohmann::json;

constexpr size_t largest_record = size_t{512} << 20;  // bytes
constexpr size_t most_unfolded = size_t{512} << 20;   // bytes of data in all, runs written out
constexpr int deepest = 64;

// One place in the document. All places of a document share the first error.
class Place {
 public:
  struct Shared {
    RecordError error{};
    size_t unfolded = 0;
  };

  Place(const Json *json, std::string path, Shared &shared) : json_(json), path_(std::move(path)), shared_(&shared) {}

  bool ok() const { return shared_->error.what.empty(); }
  void fail(const std::string &what) const {
    if (ok()) shared_->error = {path_, what};
  }
  const Json *json() const { return json_; }
  bool present() const { return json_ && !json_->is_null(); }
  bool is_array() const { return json_ && json_->is_array(); }
  bool is_object() const { return json_ && json_->is_object(); }

  Place operator[](const char *key) const {
    const Json *found = nullptr;
    if (is_object())
      if (auto it = json_->find(key); it != json_->end()) found = &*it;
    return {found, path_.empty() ? key : path_ + "." + key, *shared_};
  }
  Place at(size_t i) const { return {&(*json_)[i], path_ + "[" + std::to_string(i) + "]", *shared_}; }
  size_t size() const { return json_->size(); }

  // Every element of an array; an absent one is empty.
  template <typename Visit>
  void each(Visit visit) const {
    if (!present()) return;
    if (!is_array()) return fail("is no array");
    for (size_t i = 0; i < size() && ok(); ++i) visit(at(i));
  }

  std::string text() const {
    if (!present()) return "";
    if (const auto *s = json_->get_ptr<const std::string *>()) return *s;
    if (is_object() && json_->contains("hex")) return from_hex((*this)["hex"]);
    fail("is no text");
    return "";
  }
  std::string required_text() const {
    if (!present()) fail("is missing");
    return text();
  }
  int64_t number(int64_t low = INT64_MIN, int64_t high = INT64_MAX) const {
    if (!present()) return 0;
    if (!json_->is_number_integer()) return fail("is no integer"), 0;
    const auto *u = json_->get_ptr<const Json::number_unsigned_t *>();
    if (u && *u > static_cast<uint64_t>(INT64_MAX)) return fail("is too large"), 0;
    const auto n = json_->get<int64_t>();
    if (n < low || n > high) return fail("is out of range"), 0;
    return n;
  }
  uint32_t small() const { return static_cast<uint32_t>(number(0, UINT32_MAX)); }
  uint32_t step() const { return present() ? small() : no_step; }
  double real() const {
    if (!present()) return 0;
    if (!json_->is_number()) return fail("is no number"), 0.0;
    return json_->get<double>();
  }
  bool flag() const {
    if (!present()) return false;
    if (const auto *b = json_->get_ptr<const bool *>()) return *b;
    fail("is neither true nor false");
    return false;
  }
  // Counts what folded data grows to, so that a small file cannot ask for all memory.
  bool unfold(size_t bytes) const {
    shared_->unfolded += bytes;
    if (shared_->unfolded > most_unfolded) fail("unfolds to too many bytes");
    return ok();
  }

 private:
  static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }
  static std::string from_hex(const Place &place) {
    const auto *s = place.present() ? place.json_->get_ptr<const std::string *>() : nullptr;
    if (!s || s->size() % 2 != 0) return place.fail("is no hexadecimal text"), "";
    std::string out;
    for (size_t i = 0; i < s->size(); i += 2) {
      const int high = digit((*s)[i]), low = digit((*s)[i + 1]);
      if (high < 0 || low < 0) return place.fail("is no hexadecimal text"), "";
      out += static_cast<char>(high * 16 + low);
    }
    return out;
  }

  const Json *json_;
  std::string path_;
  Shared *shared_;
};

template <typename Enum, size_t N>
Enum named(const Place &place, const std::pair<const char *, Enum> (&names)[N]) {
  const std::string text = place.required_text();
  for (const auto &[name, value] : names)
    if (text == name) return value;
  place.fail("has the unknown value \"" + text.substr(0, 40) + "\"");
  return names[0].second;
}

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
constexpr std::pair<const char *, Event::Kind> kind_names[] = {
    {"call", Event::Kind::call},     {"returned", Event::Kind::returned}, {"blocked", Event::Kind::blocked},
    {"still", Event::Kind::still},   {"signal", Event::Kind::signal},     {"ended", Event::Kind::ended},
    {"memory", Event::Kind::memory}, {"note", Event::Kind::note}};
constexpr std::pair<const char *, Value::Op> op_names[] = {{"*", Value::Op::mul},
                                                           {"+", Value::Op::add},
                                                           {"-", Value::Op::sub},
                                                           {"|", Value::Op::bits},
                                                           {".", Value::Op::range}};

Value read_value(const Place &place);

std::vector<Value> read_values(const Place &place) {
  std::vector<Value> out;
  place.each([&](const Place &p) { out.push_back(read_value(p)); });
  return out;
}

std::vector<Field> read_fields(const Place &place) {
  std::vector<Field> out;
  place.each([&](const Place &p) { out.push_back({p["name"].required_text(), read_value(p["value"])}); });
  return out;
}

Value read_runs(const Place &place) {
  std::string out;
  place.each([&](const Place &run) {
    if (!run.is_array() || run.size() != 2) return run.fail("is no pair of text and count");
    const std::string text = run.at(0).text();
    const auto times = static_cast<size_t>(run.at(1).number(0, static_cast<int64_t>(max_bytes)));
    if (text.size() * times > max_bytes - std::min(out.size(), max_bytes)) return run.fail("makes too many bytes");
    if (!run.unfold(text.size() * times)) return;
    for (size_t i = 0; i < times; ++i) out += text;
  });
  return Value::bytes(std::move(out));
}

Value read_binary(const Place &place) {
  Value::Binary binary{named(place["op"], op_names), read_values(place["sides"])};
  if (binary.sides.size() == 2) return {std::move(binary), {}};
  place.fail("has not two sides");
  return Value::any();
}

Value read_int(const Place &place) {
  const int64_t base = place["base"].number(8, 16);
  return {Value::Int{place["int"].number(), base == 8 ? Value::Base::oct : Value::Base::hex}, {}};
}

Value read_object(const Place &p) {
  const Json &json = *p.json();
  if (json.contains("hex")) return Value::bytes(p.text());
  if (json.contains("runs")) return read_runs(p["runs"]);
  if (json.contains("int")) return read_int(p);
  if (json.contains("word")) return Value::name(p["word"].required_text());
  if (json.contains("errno")) return Value::error(p["errno"].required_text());
  if (json.contains("observe")) return {Value::Observe{p["observe"].text()}, {}};
  if (json.contains("record")) return Value::record(read_fields(p["record"]));
  if (json.contains("op")) return read_binary(p);
  p.fail("is no value");
  return Value::any();
}

Value read_value(const Place &place) {
  if (!place.present()) return Value::any();
  if (place.json()->is_number_integer()) return Value::integer(place.number());
  if (place.json()->is_string()) return Value::bytes(place.text());
  if (place.is_array()) return Value::list(read_values(place));
  if (place.is_object()) return read_object(place);
  place.fail("is no value");
  return Value::any();
}

std::vector<std::string> read_texts(const Place &place) {
  std::vector<std::string> out;
  place.each([&](const Place &p) { out.push_back(p.required_text()); });
  return out;
}

Event read_event(const Place &p) {
  Event e;
  e.kind = named(p["kind"], kind_names);
  e.step = p["step"].step();
  e.actor = p["actor"].text();
  e.name = p["name"].text();
  e.args = read_values(p["args"]);
  e.result = read_value(p["result"]);
  e.proof = p["proof"].text();
  e.woke = p["woke"].flag();
  e.guard_broken = p["guard_broken"].flag();
  e.clock = p["clock"].number();
  return e;
}

std::vector<Event> read_events(const Place &place) {
  std::vector<Event> out;
  place.each([&](const Place &p) { out.push_back(read_event(p)); });
  return out;
}

StressRecord read_stress_record(const Place &p) {
  if (p.is_array() && p.size() == 4) return {p.at(0).small(), p.at(1).small(), p.at(2).small(), p.at(3).small()};
  p.fail("is no record of four numbers");
  return {};
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
  return log;
}

History read_history(const Place &p) {
  History h;
  h.events = read_events(p["history"]);
  p["stress"].each([&](const Place &s) { h.stress.push_back(read_stress(s)); });
  h.has_counter = p["counter"].present();
  h.counter = p["counter"].number();
  h.end = p["end"].present() ? named(p["end"], end_names) : RunEnd::finished;
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
  v.cls = named(p["verdict"], verdict_names);
  v.reason = p["reason"].text();
  v.step = p["step"].step();
  v.allowed = p["allowed"].text();
  v.actual = p["actual"].text();
  p["observations"].each(
      [&](const Place &o) { v.observations.push_back({o["name"].required_text(), read_value(o["value"])}); });
  return v;
}

RequirementRef read_requirement(const Place &p) {
  return {p["id"].required_text(), named(p["level"], level_names), p["rule"].text(), p["source"].text()};
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
    if (!log["records"].present()) r.stress_counts.push_back(read_counts(log));
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

SystemInfo read_system(const Place &p) {
  SystemInfo s;
  if (!p.is_object()) return p.fail(p.present() ? "is no object" : "is missing"), s;
  s.kernel = p["kernel"].text();
  s.release = p["release"].text();
  s.version = p["version"].text();
  s.machine = p["machine"].text();
  s.libc = p["libc"].text();
  s.cpus = p["cpus"].small();
  s.sandbox = read_texts(p["sandbox"]);
  read_limits(p["limits"], s.limits);
  p["capabilities"].each([&](const Place &c) {
    s.capabilities.push_back({c["name"].required_text(), c["had"].flag(), c["reason"].text()});
  });
  s.ipcvet = p["ipcvet"].text();
  if (p["profile"].present()) s.profile = named(p["profile"], profile_names);
  s.command = read_texts(p["command"]);
  s.started = p["started"].text();
  s.seconds = p["seconds"].real();
  s.interrupted = p["interrupted"].flag();
  return s;
}

// Before anything is built: is it JSON at all, and not too deep?
class Checker : public nlohmann::json_sax<Json> {
 public:
  RecordError error{};

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t &) override { return true; }
  bool string(string_t &) override { return true; }
  bool binary(binary_t &) override { return true; }
  bool key(string_t &) override { return true; }
  bool start_object(std::size_t) override { return deeper(); }
  bool start_array(std::size_t) override { return deeper(); }
  bool end_object() override { return --depth_ >= 0; }
  bool end_array() override { return --depth_ >= 0; }
  bool parse_error(std::size_t position, const std::string &token, const Json::exception &) override {
    error = {"byte " + std::to_string(position), token.empty() ? "the record ends too early" : "is no JSON"};
    return false;
  }

 private:
  bool deeper() {
    if (++depth_ <= deepest) return true;
    error = {"", "nests more than " + std::to_string(deepest) + " levels"};
    return false;
  }
  int depth_ = 0;
};

std::optional<RecordError> check_schema(const Place &root) {
  if (!root.is_object()) return RecordError{"", "is no record: the outermost value is no object"};
  const std::string schema = root["schema"].text();
  if (schema == record_schema) return std::nullopt;
  constexpr std::string_view family = "ipcvet/record/";
  if (schema.starts_with(family))
    return RecordError{"schema", "the record is of version " + schema.substr(family.size(), 20) +
                                     ", this program reads version " + std::to_string(record_version)};
  return RecordError{"schema", "is not that of an ipcvet record"};
}

}  // namespace

std::expected<Record, RecordError> read_json(std::string_view text) {
  if (text.size() > largest_record) return std::unexpected(RecordError{"", "is larger than 512 MiB"});
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return std::unexpected(RecordError{"", "is empty"});
  Checker checker;
  if (!Json::sax_parse(text.begin(), text.end(), &checker)) {
    if (checker.error.what == "is no JSON" && checker.error.where == "byte " + std::to_string(text.size() + 1))
      checker.error.what = "the record ends too early";
    return std::unexpected(checker.error);
  }
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  Place::Shared shared;
  const Place root(&json, "", shared);
  if (auto error = check_schema(root)) return std::unexpected(*error);
  Record record;
  record.system = read_system(root["system"]);
  if (!root["cases"].present()) root["cases"].fail("is missing");
  root["cases"].each([&](const Place &p) { record.cases.push_back(read_case(p)); });
  if (!shared.error.what.empty()) return std::unexpected(shared.error);
  return record;
}

}  // namespace ipcvet
