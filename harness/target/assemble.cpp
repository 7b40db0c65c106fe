#include "harness/target/assemble.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "reports/json.h"

namespace ipcvet {
namespace {

constexpr size_t most_lines = 30, longest_line = 300, most_troubles = 5;

// Console text may be anything: only what can be shown stays.
std::string shown(std::string_view line) {
  std::string out;
  for (const char c : line.substr(0, longest_line)) out += c >= ' ' && c < 127 ? c : c == '\t' ? ' ' : '?';
  return out + (line.size() > longest_line ? "..." : "");
}

std::string how(const Ending &ending) {
  switch (ending.by) {
    case Ending::By::silence:
      return fmt::format("it told no result for so long that it was ended after {:.0f} s", ending.seconds);
    case Ending::By::flood:
      return "it wrote without end and was ended";
    case Ending::By::stop:
      return "it was interrupted";
    case Ending::By::itself:
      break;
  }
  if (WIFSIGNALED(ending.status))
    return fmt::format("its command was killed by {}", sigabbrev_np(WTERMSIG(ending.status)));
  return fmt::format("its command ended with status {}", WEXITSTATUS(ending.status));
}

// Results come in the order they were finished in; a record has them in the order of the instances.
void sort_cases(std::vector<CaseResult> &cases, const std::vector<std::string> &instances) {
  std::unordered_map<std::string, size_t> places;
  for (size_t i = 0; i < instances.size(); ++i) places.emplace(instances[i], i);
  std::vector<std::pair<size_t, size_t>> order;
  std::unordered_map<std::string, size_t> seen;
  for (size_t i = 0; i < cases.size(); ++i) {
    const std::string id = cases[i].instance_id();
    const auto place = places.find(id);
    order.emplace_back(place == places.end() ? SIZE_MAX : place->second + instances.size() * seen[id]++, i);
  }
  std::sort(order.begin(), order.end());
  std::vector<CaseResult> sorted;
  sorted.reserve(cases.size());
  for (const auto &[place, i] : order) sorted.push_back(std::move(cases[i]));
  cases = std::move(sorted);
}

}  // namespace

Assembly::Assembly(std::vector<std::string> instances, size_t repeat, bool may_end_early)
    : instances_(std::move(instances)), repeat_(repeat), may_end_early_(may_end_early) {}

void Assembly::take_result(const std::string &payload) {
  auto result = read_json_case(payload);
  if (!result) return troubles_.push_back("a result that cannot be read: " + shown(result.error().text()));
  const std::string id = result->instance_id();
  if (++told_[id] > repeat_ * static_cast<size_t>(std::count(instances_.begin(), instances_.end(), id)))
    return troubles_.push_back("a result that was not asked for, of " + shown(id) +
                               " (has the program inside other cases? --cases carries them)");
  const auto running = running_.find(id);
  if (running != running_.end() && --running->second == 0) running_.erase(running);
  record_.cases.push_back(std::move(*result));
}

void Assembly::frame(const Frame &frame) {
  if (end_) return troubles_.push_back("the journal went on after its end");
  switch (frame.kind) {
    case Frame::Kind::system:
      if (auto system = read_json_system(frame.payload)) {
        record_.system = std::move(*system);
        had_system_ = true;
      } else {
        troubles_.push_back("a description of the system that cannot be read: " + shown(system.error().text()));
      }
      return;
    case Frame::Kind::begin:
      ++running_[shown(frame.payload)];
      return;
    case Frame::Kind::result:
      return take_result(frame.payload);
    case Frame::Kind::trouble:
      return troubles_.push_back(shown(frame.payload));
    case Frame::Kind::end:
      end_ = parse_end(frame.payload);
      if (!end_) troubles_.push_back("an end that cannot be read");
      return;
  }
}

void Assembly::console(std::string_view line) {
  tail_.push_back(shown(line));
  // A trace of calls follows it, which may be longer than what is kept.
  if (panic_.empty() && line.find("Kernel panic") != std::string_view::npos) panic_ = tail_.back();
  if (tail_.size() > most_lines) tail_.pop_front();
}

std::string Assembly::trouble(const Ending &ending) const {
  constexpr int not_performed = 2;  // exit statuses of `ipcvet run`: from here on the run itself went wrong
  constexpr int nothing_ran = 4;
  std::vector<std::string> all;
  if (!end_) {
    all.push_back(fmt::format("{} before {}", how(ending),
                              had_system_ ? fmt::format("the run was finished: {} of {} results came",
                                                        record_.cases.size(), instances_.size() * repeat_)
                                          : std::string("the run began")));
    std::string running;
    for (const auto &[id, times] : running_) running += (running.empty() ? "" : ", ") + id;
    if (!running.empty()) all.push_back("running at that time: " + running);
    if (!panic_.empty()) all.push_back(panic_);
  }
  all.insert(all.end(), troubles_.begin(),
             troubles_.begin() + static_cast<ptrdiff_t>(std::min(troubles_.size(), most_troubles)));
  if (troubles_.size() > most_troubles)
    all.push_back(fmt::format("and {} more of this", troubles_.size() - most_troubles));
  if (ending.broken != 0) all.push_back(fmt::format("{} lines of the journal came damaged", ending.broken));
  if (end_ && end_->results != record_.cases.size())
    all.push_back(fmt::format("{} results were told and {} came", end_->results, record_.cases.size()));
  const size_t asked = instances_.size() * repeat_;
  if (end_ && all.empty() && record_.cases.size() < asked && !may_end_early_ && !record_.system.interrupted)
    all.push_back(fmt::format("it ran {} of {} instances", record_.cases.size(), asked));
  if (end_ && !had_system_) all.push_back("the system was not described");
  // Such a status may also come from a case whose verdict is an error; then the record says it itself.
  const bool errors = count(record_)[VerdictClass::error] != 0;
  if (end_ && !errors && end_->status >= not_performed && end_->status != nothing_ran && all.empty() &&
      !record_.system.interrupted)
    all.push_back(fmt::format("the run inside ended with status {}", end_->status));
  std::string text;
  for (const std::string &one : all) text += (text.empty() ? "" : "; ") + one;
  if (text.empty() || tail_.empty()) return text;
  text += "\nThe end of its console:";
  for (const std::string &line : tail_) text += "\n  " + line;
  return text;
}

Record Assembly::finish(const std::string &target, const Ending &ending) {
  SystemInfo &system = record_.system;
  system.target = target;
  system.trouble = trouble(ending);
  system.interrupted = system.interrupted || !system.trouble.empty();
  system.boot_seconds = ending.first;
  system.target_seconds = ending.seconds;
  if (system.ipcvet.empty()) system.ipcvet = IPCVET_VERSION;
  sort_cases(record_.cases, instances_);
  return std::move(record_);
}

Record record_of_trouble(const std::string &target, const std::string &why) {
  Record record;
  record.system.target = target;
  record.system.trouble = why;
  record.system.interrupted = true;
  record.system.ipcvet = IPCVET_VERSION;
  return record;
}

}  // namespace ipcvet
