#include "reports/kcidb.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "reports/escape.h"
#include "reports/groups.h"
#include "reports/transcript.h"

namespace ipcvet {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char *origin = "ipcvet";
constexpr size_t longest_excerpt = 16384;  // characters; bytes are never fewer

// FNV-1a. Ids need not be secret, only stable and apart.
class Hash {
 public:
  Hash &add(std::string_view text) {
    for (char c : text) step(static_cast<unsigned char>(c));
    step(0);
    return *this;
  }
  std::string text() const { return fmt::format("{:016x}", value_); }

 private:
  void step(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3ULL; }
  uint64_t value_ = 0xcbf29ce484222325ULL;
};

const char *status(const CaseResult &r) {
  switch (r.verdict.cls) {
    case VerdictClass::pass:
      return level_of(r) == Level::observe ? "DONE" : "PASS";  // an observation says nothing of the code
    case VerdictClass::fail:
      return "FAIL";
    case VerdictClass::skip:
      return "SKIP";
    case VerdictClass::error:
      return "MISS";
    default:
      return "ERROR";
  }
}

std::string time_of(int64_t seconds) {
  const auto t = static_cast<std::time_t>(seconds);
  std::tm tm{};
  if (seconds <= 0 || seconds > 253402300799 || !gmtime_r(&t, &tm)) return "";
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S+00:00", &tm);
  return text;
}

std::string architecture(std::string machine) {
  for (char &c : machine) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) c = '_';
  }
  return machine;
}

void put(Json &object, const char *name, const std::string &text) {
  if (!text.empty()) object[name] = text;
}

Json environment(const SystemInfo &s) {
  Json limits = Json::object(), missing = Json::array();
  for (const Limit &l : s.limits) limits[l.name] = l.value;
  for (const Capability &c : s.capabilities)
    if (!c.had) missing.push_back(one_line(c.name));
  Json out = {{"misc", {{"cpus", s.cpus}, {"limits", limits}, {"missing_capabilities", missing}}}};
  std::string sandbox;
  for (const std::string &part : s.sandbox) sandbox += (sandbox.empty() ? "" : "; ") + one_line(part);
  put(out["misc"], "sandbox", sandbox);
  put(out["misc"], "libc", one_line(s.libc));
  put(out["misc"], "abi", one_line(s.abi));
  put(out["misc"], "target", one_line(s.target));
  put(out["misc"], "trouble", one_line(s.trouble));
  out["misc"]["profile"] = profile_name(s.profile);
  return out;
}

Json misc(const CaseResult &r) {
  Json requirements = Json::array();
  for (const RequirementRef &q : r.requirements) requirements.push_back(one_line(q.id));
  return {{"id", one_line(r.instance_id())}, {"verdict", verdict_name(r.verdict.cls)}, {"requirements", requirements}};
}

Json test(const CaseResult &r, const std::string &build, size_t index, const Json &environment) {
  Json out = {{"build_id", build},
              {"id", build + "." + std::to_string(index + 1)},
              {"origin", origin},
              {"environment", environment},
              {"path", kcidb_path(r)}};
  put(out, "comment", one_line(r.brief));
  if (r.verdict.cls != VerdictClass::pass) {
    const bool ran = r.verdict.cls != VerdictClass::skip;
    put(out, "log_excerpt", shortened(printable(ran ? transcript(r) : r.verdict.reason), longest_excerpt));
  }
  out["status"] = status(r);
  put(out, "start_time", time_of(r.history.started));
  if (r.history.seconds >= 0) out["duration"] = r.history.seconds;
  out["misc"] = misc(r);
  return out;
}

}  // namespace

std::string kcidb_path(const CaseResult &result) {
  std::string out = "ipcvet.";
  for (char c : result.id.empty() ? std::string("unnamed") : result.id) {
    const bool allowed =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (c == '/')
      out += out.back() == '.' ? "_." : ".";
    else
      out += allowed ? c : '_';
  }
  if (out.back() == '.') out += '_';
  return result.row ? out + "." + std::to_string(*result.row) : out;
}

void write_kcidb(std::ostream &out, const Record &record) {
  const SystemInfo &s = record.system;
  Hash hash;
  hash.add(s.kernel).add(s.release).add(s.version).add(s.machine);
  const std::string checkout = std::string(origin) + ":" + hash.text();
  const std::string build = std::string(origin) + ":" + hash.add(s.libc).add(s.abi).add(s.started).text();
  const std::string name = one_line(s.kernel + " " + s.release + " " + s.version);
  const auto dumped = [](const Json &json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); };
  out << R"({"version":{"major":5,"minor":3},)" << "\n\"checkouts\":["
      << dumped({{"id", checkout}, {"origin", origin}, {"comment", name}, {"valid", true}}) << "],\n\"builds\":["
      << dumped({{"checkout_id", checkout},
                 {"id", build},
                 {"origin", origin},
                 {"architecture", architecture(s.machine)},
                 {"comment", name},
                 {"status", "PASS"}})
      << "],\n\"tests\":[";
  const Json where = environment(s);
  for (size_t i = 0; i < record.cases.size(); ++i)
    out << (i ? ",\n" : "\n") << dumped(test(record.cases[i], build, i, where));
  out << "\n]}\n";
}

}  // namespace ipcvet
