// The system ipcvet itself runs on, and a command of the user's that gets the run to another one.
#include "harness/target/target.h"

namespace ipcvet {
namespace {

Readiness host_probe(const std::string &) { return {true, "this system"}; }

std::expected<Launch, std::string> host_launch(const Job &job, const std::string &) {
  return Launch{job.words("/proc/self/exe", "3", job.directory), {}};
}

Readiness command_probe(const std::string &) {
  return {true, "any command; it gets `./ipcvet run --journal 1 ...` as arguments and the job's directory to work in"};
}

// The words and the paths in them are relative, so that the command may take the directory elsewhere as a whole.
std::expected<Launch, std::string> command_launch(const Job &job, const std::string &command) {
  Launch launch;
  launch.argv = {"/bin/sh", "-c", command + " \"$@\"", "ipcvet-target"};
  for (std::string &word : job.words("./ipcvet", "1", ".")) launch.argv.push_back(std::move(word));
  launch.environment = {"IPCVET_JOB=" + job.directory};
  return launch;
}

}  // namespace

const TargetKind host_kind = {.name = "host", .brief = "this system", .probe = host_probe, .prepare = host_launch};

const TargetKind command_kind = {.name = "command",
                                 .argument = "COMMAND",
                                 .brief = "what a command of yours reaches: ssh, a board, another sandbox",
                                 .program = Program::any,
                                 .probe = command_probe,
                                 .prepare = command_launch};

}  // namespace ipcvet
