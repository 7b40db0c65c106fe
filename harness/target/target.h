// Where cases run: this host, another kernel, a sandbox, another root, another ABI. The contract between `ipcvet run
// --on` and the kinds of target.
//
// A target is a child process. It starts `ipcvet run --journal ...` somewhere, and what that finds out comes back as a
// journal (journal.h): through descriptor 3 or standard output, whichever the kind can reach; whatever else the child
// writes, to these or to standard error, is its console. Nothing else is asked of a kind, so that one is a file: what
// must be there (`probe`), and the command to start (`prepare`). Limits, ending everything of a child that hangs or
// outlives its use, records and reports are the framework's (launch.h, assemble.h).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ipcvet {

// What is to be run inside, laid out in a directory that is removed afterwards (job.h):
//   ipcvet     the program, where the kind needs one of its own (`program`)
//   actor      where one was given with --actor
//   cases/, files/   case texts that are not in the program
// A kind may add to the directory and to nothing else.
struct Job {
  std::string directory{};               // absolute
  std::vector<std::string> arguments{};  // of `ipcvet run`; paths among them begin with "@/", the directory
  std::string actor{};                   // "@/actor", or empty
  unsigned jobs = 0;                     // of --jobs, also the processors a machine should have; 0: the target's choice

  // The words to start inside: program, run, --journal, `journal` (a descriptor's number or a file), and the arguments,
  // with the directory called `seen_as` there.
  std::vector<std::string> words(std::string_view program, std::string_view journal, std::string_view seen_as) const;
};

struct Launch {
  std::vector<std::string> argv{};         // argv[0] is looked up in PATH; the working directory is the job's
  std::vector<std::string> environment{};  // "NAME=VALUE", beside what this process has
};

// Whether a target can be used here, and in words what it is or what it lacks.
struct Readiness {
  bool usable = false;
  std::string text{};
};

// The ipcvet that a kind finds as `ipcvet` in the job's directory.
enum class Program : uint8_t {
  none,         // it needs none
  static_only,  // one that runs without any library
  any,          // a static one where there is one, else this program
};

struct TargetKind {
  std::string_view name{};  // "uml"
  std::string_view
      argument{};  // what follows the colon: "KERNEL", "[KERNEL]" if it may be left out, empty if it takes none
  std::string_view brief{};  // for `ipcvet targets`
  Program program = Program::none;
  Readiness (*probe)(const std::string &argument) = nullptr;
  std::expected<Launch, std::string> (*prepare)(const Job &job, const std::string &argument) = nullptr;
  // Arguments `ipcvet targets` should list; without it, the bare kind alone.
  std::vector<std::string> (*known)() = nullptr;
};

struct Target {
  const TargetKind *kind = nullptr;
  std::string argument{};
  std::string name() const { return std::string(kind->name) + (argument.empty() ? "" : ":" + argument); }
  // The name as a file's: what a shell or a file system may take amiss is "_".
  std::string file_name() const;
};

// One file a kind; each defines its entry, and kinds.cpp lists them.
extern const TargetKind host_kind, vm_kind, uml_kind, gvisor_kind, root_kind, abi_kind, podman_kind, command_kind;
std::span<const TargetKind *const> target_kinds();

// "vm:/boot/vmlinuz"; the error is a sentence.
std::expected<Target, std::string> parse_target(std::string_view text);
// "host,uml": separated by commas, of which a `command:` takes all that follow.
std::expected<std::vector<Target>, std::string> parse_targets(std::string_view text);

// Helpers for kinds: where a program is in PATH, and the first line that it prints when it is run.
std::optional<std::string> find_program(std::string_view name);
std::optional<std::string> first_line_of(const std::vector<std::string> &argv);
// Whether a program is there and tells its version; `package` is where it comes from.
Readiness probe_program(const std::string &name, std::string_view package);

}  // namespace ipcvet
