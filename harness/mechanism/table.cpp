#include "harness/mechanism/table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

#include "harness/mechanism/constants_host.h"

namespace ipcvet {
namespace {

enum CallId : uint32_t {
#define CALL(name, returns, brief, args) id_##name,
#include "harness/mechanism/calls.def"
};

// The mechanism of a call is the last one announced above it.
#define MECHANISM(folder) {0, {}, folder, {}, Ret::ZERO, 0, {}},
#define CALL(name, returns, brief, args) {id_##name, #name, {}, brief, Ret::returns, 0, {args}},
#define A(kind, name, domain) {ArgKind::kind, #name, #domain},
constexpr CallSpec raw_calls[] = {
#include "harness/mechanism/calls.def"
};

constexpr size_t call_count = static_cast<size_t>(
    std::count_if(std::begin(raw_calls), std::end(raw_calls), [](const CallSpec &c) { return !c.name.empty(); }));

constexpr auto make_calls() {
  std::array<CallSpec, call_count> table{};
  size_t filled = 0;
  std::string_view mechanism;
  for (CallSpec call : raw_calls) {
    if (call.name.empty()) {
      mechanism = call.mechanism;
      continue;
    }
    call.mechanism = mechanism;
    while (call.nargs < std::size(call.args) && call.args[call.nargs].kind != ArgKind::END) ++call.nargs;
    table[filled++] = call;
  }
  return table;
}
constexpr auto call_table = make_calls();

#define F(name, kind) {#name, FieldKind::kind},
#define RECORD(name, fields) {#name, 0, {fields}},
constexpr RecordSpec raw_records[] = {
#include "harness/mechanism/records.def"
};

constexpr auto make_records() {
  std::array<RecordSpec, std::size(raw_records)> table{};
  for (size_t i = 0; i < table.size(); ++i) {
    table[i] = raw_records[i];
    while (table[i].nfields < std::size(table[i].fields) && !table[i].fields[table[i].nfields].name.empty())
      ++table[i].nfields;
  }
  return table;
}
constexpr auto record_table = make_records();

const auto &constant_table() {
  static const auto table = std::to_array<Constant>({
#define V(name, group, value) {#name, #group, true, static_cast<int64_t>(value)},
#define U(name, group) {#name, #group, false, 0},
#include "harness/mechanism/constants.inc"
  });
  return table;
}

constexpr std::string_view reserved[] = {
    "NULL",          "bad",         "now",           "record",  "past",    "soon",  "far",        "log",
    "count",         "jump",        "jumped",        "SIG_DFL", "SIG_IGN", "actor", "actor_i386", "actor_musl",
    "actor_aarch64", "actor_s390x", "actor_riscv64", "process", "thread",  "pipe",  "fifo",
};

std::string_view name_of(std::string_view name) { return name; }
template <typename Entry>
std::string_view name_of(const Entry &entry) {
  return entry.name;
}

// By name; fuzzing looks names up many times a call. Open addressing, at least half of it empty; most names differ in
// their length and the eight bytes at either end.
template <typename Entry>
class Index {
 public:
  explicit Index(std::span<const Entry> table) : slots_(std::bit_ceil(4 * table.size())) {
    for (const Entry &entry : table) {
      const Entry *&slot = slots_[place_of(name_of(entry))];
      if (!slot) slot = &entry;
    }
  }
  const Entry *find(std::string_view name) const { return slots_[place_of(name)]; }

 private:
  template <typename Word>
  static uint64_t word_at(const char *text) {
    Word word = 0;
    std::memcpy(&word, text, sizeof word);
    return word;
  }
  // Of the bytes at either end, which overlap in a short name.
  template <typename Word>
  static std::pair<uint64_t, uint64_t> ends_of(std::string_view name) {
    return {word_at<Word>(name.data()), word_at<Word>(name.data() + name.size() - sizeof(Word))};
  }
  static uint64_t hash_of(std::string_view name) {
    const auto [first, last] = name.size() >= 8   ? ends_of<uint64_t>(name)
                               : name.size() >= 4 ? ends_of<uint32_t>(name)
                               : name.size() >= 2 ? ends_of<uint16_t>(name)
                               : name.empty()     ? std::pair<uint64_t, uint64_t>()
                                                  : ends_of<uint8_t>(name);
    const uint64_t mixed = (first ^ std::rotl(last, 29) ^ name.size()) * 0x9e3779b97f4a7c15u;
    return mixed ^ mixed >> 32;
  }
  // Where the name is, or would be.
  size_t place_of(std::string_view name) const {
    size_t at = hash_of(name) & (slots_.size() - 1);
    while (slots_[at] && name_of(*slots_[at]) != name) at = (at + 1) & (slots_.size() - 1);
    return at;
  }

  std::vector<const Entry *> slots_;
};

constexpr int most_errno = 4096;  // as in Linux

std::array<const char *, most_errno> make_errno_names() {
  std::array<const char *, most_errno> names{};
  for (const Constant &c : constant_table())
    if (c.group == "errno" && c.known && c.value >= 0 && c.value < most_errno)
      if (const char *&name = names[static_cast<size_t>(c.value)]; !name) name = c.name.data();
  return names;
}

}  // namespace

std::span<const CallSpec> calls() { return call_table; }
std::span<const RecordSpec> records() { return record_table; }
std::span<const Constant> constants() { return constant_table(); }

const CallSpec *find_call(std::string_view name) {
  static const Index<CallSpec> index(call_table);
  return index.find(name);
}

const RecordSpec *find_record(std::string_view name) {
  static const Index<RecordSpec> index(record_table);
  return index.find(name);
}

const Constant *find_constant(std::string_view name) {
  static const Index<Constant> index(constant_table());
  return index.find(name);
}

Direction direction(ArgKind kind) {
  switch (kind) {
    case ArgKind::BYTES_OUT:
    case ArgKind::INT_OUT:
    case ArgKind::FDS_OUT:
    case ArgKind::RECORD_OUT:
    case ArgKind::IOV_OUT:
    case ArgKind::MSG_OUT:
    case ArgKind::EPOLL_OUT:
    case ArgKind::WSTATUS_OUT:
    case ArgKind::SIGSET_OUT:
      return Direction::out;
    case ArgKind::INT_INOUT:
    case ArgKind::OFFSET_INOUT:
    case ArgKind::RECORD_INOUT:
    case ArgKind::POLL_INOUT:
    case ArgKind::FDSET_INOUT:
      return Direction::inout;
    default:
      return Direction::in;
  }
}

Direction record_direction(std::string_view command_name) {
  return command_name.find("STAT") != std::string_view::npos || command_name.find("INFO") != std::string_view::npos
             ? Direction::out
             : Direction::in;
}

bool is_reserved_word(std::string_view name) {
  static const Index<std::string_view> index(reserved);
  return index.find(name) != nullptr;
}

const char *errno_name(int number) {
  static const auto names = make_errno_names();
  return number < 0 || number >= most_errno ? nullptr : names[static_cast<size_t>(number)];
}

}  // namespace ipcvet
