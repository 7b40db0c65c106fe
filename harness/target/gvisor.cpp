// gVisor, a kernel in user space. Files written in its sandbox stay there and it hands on no descriptor beyond the
// standard ones, so the journal comes through standard output.
#include <unistd.h>

#include "harness/target/target.h"

namespace ipcvet {
namespace {

std::string runsc_of(const std::string &argument) { return argument.empty() ? "runsc" : argument; }

Readiness gvisor_probe(const std::string &argument) { return probe_program(runsc_of(argument), "runsc"); }

std::expected<Launch, std::string> gvisor_launch(const Job &job, const std::string &argument) {
  const auto runsc = find_program(runsc_of(argument));
  if (!runsc) return std::unexpected(gvisor_probe(argument).text);
  Launch launch;
  launch.argv = {*runsc};
  if (geteuid() != 0) launch.argv.push_back("--rootless");
  // Its own list of containers, so that several at once and several versions do not meet.
  launch.argv.insert(launch.argv.end(),
                     {"--root=" + job.directory + "/runsc", "--network=none", "--ignore-cgroups", "do"});
  for (std::string &word : job.words(job.directory + "/ipcvet", "1", job.directory))
    launch.argv.push_back(std::move(word));
  return launch;
}

}  // namespace

const TargetKind gvisor_kind = {.name = "gvisor",
                                .argument = "[RUNSC]",
                                .brief = "gVisor, the program `runsc` or another",
                                .program = Program::static_only,
                                .probe = gvisor_probe,
                                .prepare = gvisor_launch};

}  // namespace ipcvet
