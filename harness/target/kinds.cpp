// The table of kinds, and how a target is named.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "harness/target/target.h"

namespace ipcvet {
namespace {

constexpr const TargetKind *kinds[] = {&host_kind, &vm_kind,  &uml_kind,    &gvisor_kind,
                                       &root_kind, &abi_kind, &podman_kind, &command_kind};

std::string known_names() {
  std::string out;
  for (const TargetKind *kind : kinds) {
    out += (out.empty() ? "" : ", ") + std::string(kind->name);
    if (!kind->argument.empty())
      out += kind->argument.starts_with('[') ? fmt::format("[:{}", kind->argument.substr(1))
                                             : fmt::format(":{}", kind->argument);
  }
  return out;
}

}  // namespace

std::span<const TargetKind *const> target_kinds() { return kinds; }

std::string Target::file_name() const {
  std::string out = name();
  for (char &c : out)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.' && c != '_') c = '_';
  constexpr size_t longest = 100;
  return out.substr(0, longest);
}

std::expected<Target, std::string> parse_target(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const std::string argument(colon == std::string_view::npos ? "" : text.substr(colon + 1));
  const auto at = std::find_if(std::begin(kinds), std::end(kinds), [&](const auto *k) { return k->name == name; });
  if (at == std::end(kinds))
    return std::unexpected(fmt::format("there is no kind of target called `{}`; there are {}", name, known_names()));
  const TargetKind &kind = **at;
  if (kind.argument.empty() && colon != std::string_view::npos)
    return std::unexpected(fmt::format("target {} takes no argument", name));
  if (argument.empty() && (colon != std::string_view::npos || (!kind.argument.empty() && kind.argument[0] != '[')))
    return std::unexpected(fmt::format("target {} wants an argument: {}:{}", name, name, kind.argument));
  return Target{&kind, argument};
}

std::expected<std::vector<Target>, std::string> parse_targets(std::string_view text) {
  std::vector<Target> targets;
  for (bool more = true; more;) {
    const size_t comma = text.starts_with("command:") ? std::string_view::npos : text.find(',');
    more = comma != std::string_view::npos;
    auto target = parse_target(text.substr(0, comma));
    if (!target) return std::unexpected(target.error());
    targets.push_back(std::move(*target));
    if (more) text.remove_prefix(comma + 1);
  }
  return targets;
}

std::vector<std::string> Job::words(std::string_view program, std::string_view journal,
                                    std::string_view seen_as) const {
  std::vector<std::string> words = {std::string(program), "run", "--journal", std::string(journal)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  for (std::string &word : words)
    if (word.starts_with("@/")) word = std::string(seen_as) + word.substr(1);
  return words;
}

std::optional<std::string> find_program(std::string_view name) {
  if (name.find('/') != std::string_view::npos) {
    std::error_code error;
    const std::string path = std::filesystem::absolute(name, error);  // it may be started in another directory
    return !error && access(path.c_str(), X_OK) == 0 ? std::optional(path) : std::nullopt;
  }
  const char *path = std::getenv("PATH");
  std::string_view rest = path ? path : "/usr/local/bin:/usr/bin:/bin";
  for (bool more = true; more;) {
    const size_t colon = rest.find(':');
    more = colon != std::string_view::npos;
    const std::string candidate = std::string(rest.substr(0, colon)) + "/" + std::string(name);
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    if (more) rest.remove_prefix(colon + 1);
  }
  return std::nullopt;
}

Readiness probe_program(const std::string &name, std::string_view package) {
  const auto program = find_program(name);
  if (!program) return {false, fmt::format("{} is not there (package {})", name, package)};
  const auto version = first_line_of({*program, "--version"});
  if (!version) return {false, *program + " does not tell its version"};
  return {true, fmt::format("{}: {}", *program, *version)};
}

std::optional<std::string> first_line_of(const std::vector<std::string> &argv) {
  std::string command;
  for (const std::string &word : argv) {
    command += "'";
    for (const char c : word) command += c == '\'' ? std::string("'\\''") : std::string(1, c);
    command += "' ";
  }
  const std::unique_ptr<FILE, int (*)(FILE *)> pipe(popen((command + "2>/dev/null </dev/null").c_str(), "re"), pclose);
  char line[256];
  if (!pipe || !std::fgets(line, sizeof line, pipe.get())) return std::nullopt;
  std::string text(line);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text;
}

}  // namespace ipcvet
