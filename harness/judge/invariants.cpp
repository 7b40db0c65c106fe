#include "harness/judge/invariants.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "harness/actor/wire.h"
#include "harness/judge/describe.h"
#include "harness/mechanism/table.h"

namespace ipcvet {
namespace {

using Broken = std::optional<std::string>;
using RecordId = std::pair<uint32_t, uint32_t>;  // writer, seq

bool was_received(const StressRecord &r) {
  return r.what == WIRE_REC_WHOLE || r.what == WIRE_REC_TORN || r.what == WIRE_REC_SHORT;
}

bool has_copies(const History &h, const std::string &role) {
  return std::count_if(h.stress.begin(), h.stress.end(), [&](const StressLog &l) { return l.role == role; }) > 1;
}

std::string role_name(const History &h, const StressLog &log) {
  return has_copies(h, log.role) ? fmt::format("{}[{}]", log.role, log.copy) : log.role;
}

std::string writer_name(const History &h, uint32_t slot) {
  for (const StressLog &log : h.stress)
    if (log.slot == slot) return role_name(h, log);
  return fmt::format("an unknown writer ({})", slot);
}

std::string record_name(const History &h, RecordId id) {
  return fmt::format("record {} of {}", id.second, writer_name(h, id.first));
}

// Record ids of one kind over all logs, sorted, duplicates kept.
std::vector<RecordId> collect(const History &h, uint32_t what) {
  std::vector<RecordId> ids;
  for (const StressLog &log : h.stress)
    for (const StressRecord &r : log.records)
      if (r.what == what) ids.emplace_back(r.writer, r.seq);
  std::sort(ids.begin(), ids.end());
  return ids;
}

Broken whole(const History &h) {
  const std::vector<RecordId> sent = collect(h, WIRE_REC_SENT);
  for (const StressLog &log : h.stress)
    for (const StressRecord &r : log.records) {
      const std::string receiver = role_name(h, log);
      if (r.what == WIRE_REC_TORN)
        return fmt::format("{} received {} bytes that are not one record, though they begin as {}", receiver, r.size,
                           record_name(h, {r.writer, r.seq}));
      if (r.what == WIRE_REC_SHORT)
        return fmt::format("{} received only {} bytes, too few for the record they belong to", receiver, r.size);
      if (r.what == WIRE_REC_WHOLE && !std::binary_search(sent.begin(), sent.end(), RecordId{r.writer, r.seq}))
        return fmt::format("{} received {}, which was not sent", receiver, record_name(h, {r.writer, r.seq}));
    }
  return std::nullopt;
}

Broken none_lost(const History &h) {
  const std::vector<RecordId> sent = collect(h, WIRE_REC_SENT), got = collect(h, WIRE_REC_WHOLE);
  std::vector<RecordId> lost;
  std::set_difference(sent.begin(), sent.end(), got.begin(), got.end(), std::back_inserter(lost));
  if (lost.empty()) return std::nullopt;
  return fmt::format("{} was sent and not received ({} of {} sent are missing)", record_name(h, lost[0]), lost.size(),
                     sent.size());
}

Broken none_duplicated(const History &h) {
  const std::vector<RecordId> got = collect(h, WIRE_REC_WHOLE);
  auto twice = std::adjacent_find(got.begin(), got.end());
  if (twice == got.end()) return std::nullopt;
  return fmt::format("{} was received {} times", record_name(h, *twice), std::count(twice, got.end(), *twice));
}

Broken fifo_per_writer(const History &h) {
  for (const StressLog &log : h.stress) {
    std::map<uint32_t, uint32_t> last;  // writer -> seq
    for (const StressRecord &r : log.records) {
      if (r.what != WIRE_REC_WHOLE) continue;
      auto [it, first] = last.try_emplace(r.writer, r.seq);
      if (!first && r.seq < it->second)
        return fmt::format("{} received {} after its record {}", role_name(h, log), record_name(h, {r.writer, r.seq}),
                           it->second);
      it->second = r.seq;
    }
  }
  return std::nullopt;
}

Broken conserved(const History &h) {
  uint64_t in = 0, out = 0;
  for (const StressLog &log : h.stress)
    for (const StressRecord &r : log.records) {
      if (r.what == WIRE_REC_SENT) in += r.size;
      if (was_received(r)) out += r.size;
    }
  if (in == out) return std::nullopt;
  return fmt::format("{} bytes went in and {} came out", in, out);
}

Broken sum(const History &h) {
  int64_t added = 0;
  for (const StressLog &log : h.stress) added += log.added;
  if (h.has_counter && h.counter == added) return std::nullopt;
  if (!h.has_counter) return std::nullopt;
  return fmt::format("the counter holds {} after increments of {} in all", h.counter, added);
}

bool nothing_sent(const History &h) {
  return std::none_of(h.stress.begin(), h.stress.end(), [](const StressLog &log) {
    return std::any_of(log.records.begin(), log.records.end(),
                       [](const StressRecord &r) { return r.what == WIRE_REC_SENT; });
  });
}

bool nothing_added(const History &h) {
  return !h.has_counter ||
         std::none_of(h.stress.begin(), h.stress.end(), [](const StressLog &log) { return log.added != 0; });
}

struct Invariant {
  std::string_view name;
  Broken (*check)(const History &);
  bool (*vacuous)(const History &);
};
constexpr std::array<Invariant, 6> invariants = {{{"whole", whole, nothing_sent},
                                                  {"none-lost", none_lost, nothing_sent},
                                                  {"none-duplicated", none_duplicated, nothing_sent},
                                                  {"fifo-per-writer", fifo_per_writer, nothing_sent},
                                                  {"conserved", conserved, nothing_sent},
                                                  {"sum", sum, nothing_added}}};

const Invariant *find(std::string_view name) {
  auto it = std::find_if(invariants.begin(), invariants.end(), [&](const Invariant &i) { return i.name == name; });
  return it == invariants.end() ? nullptr : it;
}

std::string errno_text(uint32_t number) {
  const char *name = errno_name(static_cast<int>(number));
  return name ? name : fmt::format("errno {}", number);
}

}  // namespace

bool is_invariant(std::string_view name) { return find(name) != nullptr; }

InvariantResult check_invariant(std::string_view name, const History &history) {
  const Invariant *invariant = find(name);
  if (!invariant) return {std::string(name), "is no invariant that is known", false};
  return {std::string(name), invariant->check(history), invariant->vacuous(history)};
}

std::optional<std::string> stress_trouble(const History &history) {
  for (const StressLog &log : history.stress) {
    const std::string role = role_name(history, log);
    if (!log.trouble.empty()) {
      const Event &e = log.trouble.front();
      return fmt::format("{}: {} = {}", role, show(Call{e.name, e.args, {}}), show(e.result));
    }
    for (const StressRecord &r : log.records)
      if (r.what == WIRE_REC_FAILED)
        return fmt::format("{} could not send or receive record {}: {}", role, r.seq, errno_text(r.size));
    if (!log.finished) return fmt::format("{} did not finish ({} calls made)", role, log.calls);
  }
  return std::nullopt;
}

}  // namespace ipcvet
