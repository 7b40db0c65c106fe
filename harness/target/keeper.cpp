#include "harness/target/keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "harness/run/fd.h"
#include "harness/target/job.h"

extern char **environ;

namespace ipcvet {
namespace {

std::vector<char *> pointers(std::vector<std::string> &words) {
  std::vector<char *> out;
  for (std::string &w : words) out.push_back(w.data());
  out.push_back(nullptr);
  return out;
}

sigset_t awaited() {
  sigset_t set;
  sigemptyset(&set);
  for (const int s : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, s);
  return set;
}

// In the command's process: back to what a program expects.
[[noreturn]] void become(char **argv, const char *directory) {
  const sigset_t set = awaited();
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
  setsid();
  if (chdir(directory) == 0) execvp(argv[0], argv);
  std::fprintf(stderr, "ipcvet: %s: %s\n", argv[0], std::strerror(errno));
  _exit(127);
}

// Where the kernel does not list children, the command's own process group is all that can be named.
void kill_children(pid_t command) {
  std::ifstream file("/proc/thread-self/children");
  if (!file) kill(-command, SIGKILL);
  for (pid_t pid = 0; file >> pid;) kill(pid, SIGKILL);
}

// Orphans of a killed child become children in their turn, until there are none.
void sweep(pid_t command) {
  for (;;) {
    kill_children(command);
    if (waitpid(-1, nullptr, 0) < 0 && errno == ECHILD) return;
  }
}

// Until the command ends or somebody asks for its end; its status.
int wait_for(pid_t command) {
  const sigset_t set = awaited();
  for (;;) {
    int status = 0;
    for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;)
      if (ended == command) return status;
    siginfo_t info{};
    if (sigwaitinfo(&set, &info) > 0 && info.si_signo != SIGCHLD) return SIGTERM;
  }
}

[[noreturn]] void end_as(int status) {
  if (!WIFSIGNALED(status)) _exit(WEXITSTATUS(status));
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  const int number = WTERMSIG(status);
  signal(number, SIG_DFL);
  sigset_t set;
  sigfillset(&set);
  sigdelset(&set, number);
  sigprocmask(SIG_SETMASK, &set, nullptr);
  raise(number);
  _exit(128 + number);
}

}  // namespace

// keeper PARENT DIRECTORY COMMAND...
int keeper_main(int argc, char **argv) {
  if (argc < 4) return 2;
  const sigset_t set = awaited();
  sigprocmask(SIG_BLOCK, &set, nullptr);
  signal(SIGCHLD, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const bool abandoned = std::to_string(getppid()) != argv[1];
  const pid_t command = abandoned ? -1 : fork();
  if (command == 0) become(argv + 3, argv[2]);
  for (int fd = 0; fd <= 3; ++fd) close(fd);  // their other ends are to see when the command's are closed
  const int status = command > 0 ? wait_for(command) : SIGTERM;
  if (command > 0) sweep(command);
  remove_tree(argv[2]);
  end_as(status);
}

namespace {

// Nothing to read, and nobody else's: /dev/null is the whole machine's, and a target started by root may take what it
// is given for its own (runsc changes its owner).
Fd nothing_to_read() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Fd();
  close(ends[1]);
  return Fd(ends[0]);
}

}  // namespace

std::expected<pid_t, std::string> start_keeper(const Launch &launch, const std::string &directory,
                                               const KeeperStreams &streams) {
  std::vector<std::string> words = {keeper_name, std::to_string(getpid()), directory};
  words.insert(words.end(), launch.argv.begin(), launch.argv.end());
  std::vector<std::string> environment = launch.environment;
  for (char **e = environ; *e; ++e) environment.push_back(*e);

  const Fd input = nothing_to_read();
  if (!input) return std::unexpected("pipe: " + std::string(std::strerror(errno)));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.get(), 0);
  posix_spawn_file_actions_adddup2(&actions, streams.out, 1);
  posix_spawn_file_actions_adddup2(&actions, streams.err, 2);
  posix_spawn_file_actions_adddup2(&actions, streams.journal, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);

  pid_t pid = -1;
  const int failed =
      posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, pointers(words).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed) return std::unexpected("starting a process for the target: " + std::string(std::strerror(failed)));
  return pid;
}

}  // namespace ipcvet
