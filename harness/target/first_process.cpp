#include "harness/target/first_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace ipcvet {
namespace {

constexpr int could_not = 3;  // the status of a harness that failed

// Reaps everybody who has ended; the status of `child` if it was among them.
std::optional<int> reap(pid_t child) {
  std::optional<int> own;
  int status = 0;
  pid_t ended;
  while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
    if (ended == child) own = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended < 0 && errno == ECHILD && !own ? could_not : own;
}

}  // namespace

std::optional<int> leave_first_process() {
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  std::signal(SIGCHLD, SIG_DFL);  // ignored, it would take the statuses away
  const pid_t child = fork();
  if (child <= 0) {
    sigprocmask(SIG_SETMASK, &before, nullptr);
    return std::nullopt;
  }
  for (;;) {
    siginfo_t info{};
    const int signal = sigwaitinfo(&all, &info);
    if (signal == SIGCHLD) {
      if (const auto status = reap(child)) return status;
    } else if (signal > 0 && info.si_code <= 0 && info.si_pid != child) {
      kill(child, signal);  // sent to us alone; what a terminal sends, the child gets by itself
    }
  }
}

}  // namespace ipcvet
