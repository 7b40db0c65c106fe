#include "harness/run/server.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

extern char **environ;

namespace ipcvet {
namespace {

using namespace std::chrono_literals;

// What the actor has for standard input and output. An empty root has no /dev/null; an empty file serves there.
Fd open_null() {
  Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  return null ? std::move(null) : Fd(memfd_create("null", MFD_CLOEXEC));
}

}  // namespace

std::expected<Server, std::string> Server::start(const Images &images) {
  auto area = Area::make();
  if (!area) return std::unexpected(area.error());

  const Fd null = open_null();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int fd = 0; fd < 2 && null; ++fd) posix_spawn_file_actions_adddup2(&actions, null.get(), fd);
  posix_spawn_file_actions_adddup2(&actions, area->fd(), WIRE_SHM_FD);
  for (int i = 0; i < WIRE_IMAGES; ++i) {
    const Fd &program = images.program[static_cast<size_t>(i)], &runner = images.runner[static_cast<size_t>(i)];
    if (program) posix_spawn_file_actions_adddup2(&actions, program.get(), WIRE_IMAGE_FD + i);
    if (program && runner) posix_spawn_file_actions_adddup2(&actions, runner.get(), WIRE_RUNNER_FD + i);
    if (program && runner) area->head().runners |= 1u << i;
  }
  area->head().root_by_exec = images.server ? 1 : 0;

  const std::string parent = std::to_string(getpid());
  std::string program = "ipcvet-actor", serve = "--serve", own = parent;
  char *argv[] = {program.data(), serve.data(), own.data(), nullptr};
  const std::string path = "/proc/self/fd/" + std::to_string(images.server ? images.server.get() : WIRE_IMAGE_FD);
  pid_t pid = -1;
  const int failed = posix_spawn(&pid, path.c_str(), &actions, nullptr, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed) return std::unexpected("starting ipcvet-actor: " + std::string(std::strerror(failed)));

  Server server(std::move(*area), pid);
  // It answers request 0 by filling in the constants and ringing; a wrong program never does.
  for (;;) {
    const uint32_t bell = server.area_.bell();
    if (__atomic_load_n(&server.area_.head().constants, __ATOMIC_ACQUIRE) != 0) return server;
    if (!server.alive())
      return std::unexpected(images.server ? "the actor program does not run under " + images.platform
                                           : "ipcvet-actor ended at its start");
    server.area_.wait_bell(bell, 50ms);
  }
}

Server::~Server() {
  if (pid_ <= 0) return;
  command(WIRE_CMD_QUIT);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

bool Server::alive() const {
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(pid_.pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0) return false;
  return info.si_pid == 0;
}

bool Server::command(uint32_t command) {
  wire_server &s = area_.head().server;
  s.command = command;
  const uint32_t next = __atomic_load_n(&s.request, __ATOMIC_RELAXED) + 1;
  __atomic_store_n(&s.request, next, __ATOMIC_RELEASE);
  futex_wake(&s.request, 1);
  if (command == WIRE_CMD_QUIT) return true;
  for (;;) {
    const uint32_t bell = area_.bell();
    if (__atomic_load_n(&s.answer, __ATOMIC_ACQUIRE) == next) return true;
    if (!alive()) return false;
    area_.wait_bell(bell, 50ms);
  }
}

std::expected<void, std::string> Server::start_case(uint32_t want) {
  wire_server &s = area_.head().server;
  s.want = want;
  s.case_number += 1;
  if (!command(WIRE_CMD_START)) return std::unexpected("the fork server has ended");
  if (s.error != 0) return std::unexpected("no sandbox: " + std::string(s.text) + ": " + std::strerror(s.error));
  const std::string path = (s.got & WIRE_SB_PID) ? "/proc/" + std::to_string(s.init_pid) + "/root/proc" : "/proc";
  proc_ = Fd(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  return {};
}

bool Server::end_case() {
  proc_.reset();
  return command(WIRE_CMD_END);
}

}  // namespace ipcvet
