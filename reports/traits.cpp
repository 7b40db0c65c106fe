#include "reports/traits.h"

#include <algorithm>
#include <map>
#include <optional>

namespace ipcvet {
namespace {

constexpr const char *absent = "absent";

std::string joined(const std::vector<std::string> &texts) {
  std::string out;
  for (const std::string &t : texts) out += (out.empty() ? "" : "; ") + t;
  return out;
}

using Named = std::map<std::string, std::string>;

void compare(const Named &before, const Named &after, TraitDifference::Kind kind, std::vector<TraitDifference> &out) {
  const auto told = [](const Named &all, const std::string &name) {
    const auto at = all.find(name);
    return at == all.end() ? std::string(absent) : at->second;
  };
  Named names = before;
  names.insert(after.begin(), after.end());
  for (const auto &[name, value] : names)
    if (told(before, name) != told(after, name)) out.push_back({kind, name, told(before, name), told(after, name)});
}

Named limits_of(const SystemInfo &s) {
  Named out;
  for (const Limit &l : s.limits) out[l.name] = std::to_string(l.value);
  return out;
}
Named capabilities_of(const SystemInfo &s) {
  Named out;
  for (const Capability &c : s.capabilities) out[c.name] = c.had ? "there" : "missing";
  return out;
}
Named constants_of(const SystemInfo &s) {
  Named out;
  for (const SystemConstant &c : s.constants) out[c.name] = c.value ? std::to_string(*c.value) : "not known";
  return out;
}

bool is_of_mechanism(std::string_view limit, std::string_view mechanism) {
  if (limit.starts_with("pipe-")) return mechanism == "pipe" || mechanism == "fifo";
  if (limit.starts_with("msg")) return mechanism == "sysv-msg";
  if (limit.starts_with("sem")) return mechanism == "sysv-sem";
  if (limit.starts_with("shm")) return mechanism == "sysv-shm";
  return limit == "RLIMIT_MSGQUEUE" && mechanism == "posix-mq";
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool has_word(std::string_view text, std::string_view word) {
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

bool names(const CaseResult *r, std::string_view word) {
  return r &&
         (has_word(r->verdict.reason, word) || has_word(r->verdict.allowed, word) || has_word(r->verdict.actual, word));
}

bool explains(const TraitDifference &d, const CaseResult *before, const CaseResult *after) {
  switch (d.kind) {
    case TraitDifference::Kind::system:
      return false;  // explains everything or nothing; it stands above all changes
    case TraitDifference::Kind::limit:
      return is_of_mechanism(d.name, (after ? after : before)->mechanism) || names(before, d.name) ||
             names(after, d.name);
    case TraitDifference::Kind::capability:
    case TraitDifference::Kind::constant:
      return names(before, d.name) || names(after, d.name);
  }
  return false;
}

}  // namespace

const std::vector<std::string_view> &trait_names() {
  static const std::vector<std::string_view> names = {"kernel",   "release", "version", "machine", "libc",  "abi",
                                                      "platform", "sandbox", "profile", "ipcvet",  "target"};
  return names;
}

std::string trait(const SystemInfo &s, std::string_view name) {
  if (name == "kernel") return s.kernel;
  if (name == "release") return s.release;
  if (name == "version") return s.version;
  if (name == "machine") return s.machine;
  if (name == "libc") return s.libc;
  if (name == "abi") return s.abi;
  if (name == "platform") return s.platform;
  if (name == "sandbox") return joined(s.sandbox);
  if (name == "profile") return profile_name(s.profile);
  if (name == "ipcvet") return s.ipcvet;
  if (name == "target") return s.target;
  return "";
}

std::vector<TraitDifference> trait_differences(const SystemInfo &before, const SystemInfo &after) {
  using Kind = TraitDifference::Kind;
  std::vector<TraitDifference> out;
  const auto known = [](std::string text) { return text.empty() ? std::string(absent) : text; };
  for (std::string_view name : trait_names())
    if (trait(before, name) != trait(after, name))
      out.push_back({Kind::system, std::string(name), known(trait(before, name)), known(trait(after, name))});
  compare(limits_of(before), limits_of(after), Kind::limit, out);
  compare(capabilities_of(before), capabilities_of(after), Kind::capability, out);
  // A capability is probed where a chosen case needs it: one side's not having asked is no difference.
  std::erase_if(out, [&](const TraitDifference &d) {
    return d.kind == Kind::capability && (d.before == absent || d.after == absent);
  });
  if (!before.constants.empty() && !after.constants.empty())  // a record of an earlier ipcvet has none
    compare(constants_of(before), constants_of(after), Kind::constant, out);
  return out;
}

std::vector<size_t> explaining(const CaseResult *before, const CaseResult *after,
                               const std::vector<TraitDifference> &differences) {
  std::vector<size_t> out;
  for (size_t i = 0; i < differences.size(); ++i)
    if ((before || after) && explains(differences[i], before, after)) out.push_back(i);
  return out;
}

}  // namespace ipcvet
