// The result model: everything a run found out, as plain values. Every report is a pure function of it.
//
// The record (reports/json.h, schema/record-1.json) is this model written down, and holds enough to show, compare and
// re-judge a run on another machine: the case's text stands beside its history. Fields are only ever added.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/case/case.h"
#include "harness/judge/history.h"
#include "harness/judge/judge.h"

namespace ipcvet {

inline constexpr int record_version = 1;
inline constexpr const char *record_schema = "ipcvet/record/1";

struct Capability {
  std::string name;
  bool had = false;
  std::string reason{};  // why it is missing, or how it was found
  bool operator==(const Capability &) const = default;
};

struct Limit {
  std::string name;  // "msgmax", "RLIMIT_NOFILE"
  int64_t value = 0;
  bool operator==(const Limit &) const = default;
};

// A constant of the case language as the judged system has it; without a value: not known there.
struct SystemConstant {
  std::string name;
  std::optional<int64_t> value{};
  bool operator==(const SystemConstant &) const = default;
};

// What was judged, and by what.
struct SystemInfo {
  std::string kernel{};    // uname: "Linux"
  std::string release{};   // "6.12.48"
  std::string version{};   // "#1 SMP ..."
  std::string machine{};   // "x86_64"
  std::string platform{};  // what stands in for a kernel on hardware: "gVisor", "User-Mode Linux"; else empty
  std::string libc{};      // the actor's: "glibc 2.41"
  std::string abi{};       // the actor's: "lp64", "ilp32"
  uint32_t cpus = 0;
  std::vector<std::string> sandbox{};  // what the sandbox has, and what it could not have and why
  std::vector<Limit> limits{};
  std::vector<Capability> capabilities{};
  std::vector<SystemConstant> constants{};
  std::string ipcvet{};  // version of ipcvet
  Profile profile = Profile::linux_;
  std::vector<std::string> command{};  // as it was called
  std::string started{};               // ISO 8601, UTC
  double seconds = 0;
  bool interrupted = false;  // the run was ended early; `cases` holds what was finished
  // Of a run with --on (harness/target): where it ran; what went wrong there, with the end of its console; seconds from
  // its start to its first word, and altogether.
  std::string target{};
  std::string trouble{};
  double boot_seconds = 0;
  double target_seconds = 0;
  bool operator==(const SystemInfo &) const = default;
};

struct RequirementRef {
  std::string id;
  Level level = Level::shall;
  std::string rule{};    // in our words, from the catalogue
  std::string source{};  // "POSIX.1-2024, read(), DESCRIPTION"
  bool operator==(const RequirementRef &) const = default;
};

// A requirement of the catalogue that no instance of a record cites: coverage is told against all that is required.
struct Uncited {
  RequirementRef requirement{};
  std::string untestable{};  // why no case can show it; empty: its cases were not part of the run
  bool operator==(const Uncited &) const = default;
};

using StressCounts = std::array<uint64_t, 5>;  // by WIRE_REC_*

struct CaseResult {
  std::string id;
  std::optional<uint32_t> row{};
  std::vector<Field> cells{};
  std::string mechanism{};
  std::string brief{};
  Verdict verdict{};
  std::vector<RequirementRef> requirements{};
  History history{};
  std::string text{};                 // the instance as `ipcvet show` prints it
  std::vector<std::string> steps{};   // its lines by step index; members of a group are indented
  std::vector<std::string> stress{};  // the lines of its stress part
  // Read from a record that left the stress log out as too large: per role, how many records of each kind there were.
  std::vector<StressCounts> stress_counts{};

  std::string instance_id() const { return row ? id + "[" + std::to_string(*row) + "]" : id; }
};

struct Record {
  SystemInfo system{};
  std::vector<CaseResult> cases{};
  std::vector<Uncited> uncited{};  // sorted by requirement id
};

inline constexpr std::array<VerdictClass, 7> all_verdicts = {
    VerdictClass::pass,      VerdictClass::fail,    VerdictClass::skip, VerdictClass::unresolved,
    VerdictClass::undecided, VerdictClass::timeout, VerdictClass::error};

struct Counts {
  std::array<size_t, all_verdicts.size()> by{};
  size_t operator[](VerdictClass c) const { return by[static_cast<size_t>(c)]; }
  size_t total() const;
};

const char *profile_name(Profile profile);

Counts count(const Record &record);
// The ids of the requirements its instances cite; views into the record.
std::set<std::string_view> cited_requirements(const Record &record);
// Mechanisms in order of first appearance, each with its counts.
std::vector<std::pair<std::string, Counts>> count_by_mechanism(const Record &record);

// What is known of an instance from its text alone; rules and sources of the requirements are the caller's to fill in.
CaseResult make_result(const Case &instance, History history, Verdict verdict);

}  // namespace ipcvet
