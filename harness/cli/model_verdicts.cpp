#include "harness/cli/model_verdicts.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>

#include "harness/case/parser.h"
#include "harness/case/printer.h"
#include "harness/judge/steps.h"
#include "harness/model/judge_history.h"
#include "reports/rejudge.h"

namespace ipcvet::cli {
namespace {

using model::HistoryVerdict;

std::string objection(const CaseResult &one, const Case &instance, const HistoryVerdict &v) {
  const auto steps = flatten(instance);
  const std::string line = v.step < steps.size() ? print(*steps[v.step].step) : "the end of the case";
  const char *who = one.verdict.cls == VerdictClass::fail ? "the case and the model object" : "the model alone objects";
  return fmt::format(
      "model       {}: {}\n              at     {}\n              model  {}{}\n              system {}\n",
      one.instance_id(), who, line, v.why, v.requirement.empty() ? "" : " (" + v.requirement + ")", v.actual);
}

// With the limits the recorded system tells of itself. A namespace of its own for IPC begins with the kernel's own.
model::Setting setting_for(const CaseResult &one, const SystemInfo &system, model::Setting setting) {
  const auto told = [&](std::string_view name, int64_t otherwise) {
    for (const auto &limit : system.limits)
      if (limit.name == name && limit.value >= 0) return limit.value;
    return otherwise;
  };
  model::Limits &l = setting.limits;
  l.open_files = std::min(l.open_files, told("RLIMIT_NOFILE", l.open_files));
  l.pipe_max_pages = told("pipe-max-size", l.pipe_max_pages * l.page) / l.page;
  if (one.history.sandbox.find(" ipc") != std::string::npos) return setting;
  l.message_most = told("msgmax", l.message_most);
  l.queue_bytes = told("msgmnb", l.queue_bytes);
  l.queues = told("msgmni", l.queues);
  l.segments = told("shmmni", l.segments);
  return setting;
}

std::string told(const CaseResult &one, const model::Setting &setting) {
  const VerdictClass cls = one.verdict.cls;
  if (cls != VerdictClass::pass && cls != VerdictClass::fail) return "";
  const auto instance = parse(one.text, one.instance_id());
  if (!instance || !one.stress_counts.empty()) return "";
  const HistoryVerdict v = model::judge_history(*instance, one.history, setting);
  if (v.kind == HistoryVerdict::Kind::disagrees) return objection(one, *instance, v);
  if (cls == VerdictClass::pass) return "";
  if (v.kind == HistoryVerdict::Kind::undecided)
    return fmt::format("model       {}: undecided: {}\n", one.instance_id(), v.why);
  return instance->stress
             ? ""
             : fmt::format("model       {}: the case alone objects, the model allows it\n", one.instance_id());
}

}  // namespace

std::string model_verdicts(const Record &record) {
  const RecordedConstants constants(record.system);
  const model::Setting setting = model::make_setting(record.system.profile, constants.lookup());
  std::vector<std::string> paragraphs(record.cases.size());
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i; (i = next++) < paragraphs.size();)
      paragraphs[i] = told(record.cases[i], setting_for(record.cases[i], record.system, setting));
  };
  {
    std::vector<std::jthread> helpers;
    for (uint32_t n = 1; n < std::thread::hardware_concurrency(); ++n) helpers.emplace_back(work);
    work();
  }
  return std::accumulate(paragraphs.begin(), paragraphs.end(), std::string());
}

}  // namespace ipcvet::cli
