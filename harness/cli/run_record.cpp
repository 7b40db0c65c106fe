#include "harness/cli/run_record.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "harness/run/system.h"

namespace ipcvet::cli {
namespace {

std::string source_of(const Requirement &r) { return r.standard + ", " + r.section; }

}  // namespace

std::vector<std::string> command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  return words;
}

std::string utc(std::time_t t) {
  char text[32];
  std::tm tm{};
  gmtime_r(&t, &tm);
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
  return text;
}

SystemInfo describe_system(const RunOptions &options, const ScheduleResult &run, const Called &called) {
  const SystemFacts facts = system_facts();
  SystemInfo info;
  info.kernel = facts.kernel;
  info.release = facts.release;
  info.version = facts.version;
  info.machine = run.actor.machine.empty() ? facts.machine : run.actor.machine;
  info.platform = facts.platform.empty() || run.actor.platform.empty() ? facts.platform + run.actor.platform
                                                                       : facts.platform + ", " + run.actor.platform;
  info.libc = run.actor.libc;
  info.abi = run.actor.abi;
  info.cpus = facts.cpus;
  info.sandbox = {run.sandbox};
  for (const auto &[name, value] : facts.limits) info.limits.push_back({name, value});
  for (const auto &[name, why] : run.capabilities) info.capabilities.push_back({name, why.empty(), why});
  for (const auto &[name, value] : run.actor.constants) info.constants.push_back({name, value});
  const auto by_name = [](const auto &a, const auto &b) { return a.name < b.name; };
  std::sort(info.limits.begin(), info.limits.end(), by_name);
  std::sort(info.constants.begin(), info.constants.end(), by_name);
  info.ipcvet = IPCVET_VERSION;
  info.profile = options.profile == "posix" ? Profile::posix : Profile::linux_;
  info.command = called.command;
  info.started = utc(called.started);
  info.seconds = called.seconds;
  info.interrupted = run.interrupted;
  return info;
}

CaseResult result_of(CaseRun run, const Catalogue &catalogue) {
  CaseResult result = make_result(*run.instance, std::move(run.history), std::move(run.verdict));
  for (RequirementRef &ref : result.requirements) {
    const Requirement *requirement = catalogue.find(ref.id);
    if (!requirement) continue;
    ref.rule = requirement->rule;
    ref.source = source_of(*requirement);
  }
  return result;
}

std::vector<Uncited> uncited(const Record &record, const Catalogue &catalogue) {
  const std::set<std::string_view> cited = cited_requirements(record);
  std::vector<Uncited> out;
  for (const Requirement &r : catalogue.requirements)
    if (!cited.contains(r.id)) out.push_back({{r.id, r.level, r.rule, source_of(r)}, r.untestable.value_or("")});
  return out;
}

Record make_record(SystemInfo system, ScheduleResult &run, const Catalogue &catalogue) {
  Record record;
  record.system = std::move(system);
  for (CaseRun &one : run.results)
    if (one.ran) record.cases.push_back(result_of(std::move(one), catalogue));
  record.uncited = uncited(record, catalogue);
  return record;
}

}  // namespace ipcvet::cli
