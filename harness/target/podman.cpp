// A container image, run by the engine that is installed. The job's directory is mounted read-only; the image needs
// nothing in it.
#include <fmt/format.h>

#include "harness/target/target.h"

namespace ipcvet {
namespace {

std::optional<std::string> engine() {
  for (const char *name : {"podman", "docker"})
    if (auto path = find_program(name)) return path;
  return std::nullopt;
}

Readiness podman_probe(const std::string &) {
  const auto program = engine();
  if (!program) return {false, "neither podman nor docker is there"};
  const auto version = first_line_of({*program, "--version"});
  if (!version) return {false, *program + " does not tell its version"};
  return {true, fmt::format("{}: {}", *program, *version)};
}

std::expected<Launch, std::string> podman_launch(const Job &job, const std::string &image) {
  const auto program = engine();
  if (!program) return std::unexpected(podman_probe(image).text);
  constexpr const char *inside = "/ipcvet-job";
  Launch launch;
  launch.argv = {*program,
                 "run",
                 "--rm",
                 "--init",
                 "--network=none",
                 "--pids-limit=-1",
                 "--volume",
                 job.directory + ":" + inside + ":ro",
                 "--workdir",
                 "/",
                 "--entrypoint",
                 std::string(inside) + "/ipcvet",
                 image};
  const auto words = job.words("", "1", inside);
  launch.argv.insert(launch.argv.end(), words.begin() + 1, words.end());
  return launch;
}

}  // namespace

const TargetKind podman_kind = {.name = "podman",
                                .argument = "IMAGE",
                                .brief = "a container image, by podman or docker",
                                .program = Program::static_only,
                                .probe = podman_probe,
                                .prepare = podman_launch};

}  // namespace ipcvet
