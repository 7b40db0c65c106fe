#include "harness/target/first_process.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cerrno>
#include <csignal>
#include <functional>

using namespace ipcvet;

namespace {

// The status of a first process of a pid namespace that leaves it to a child which does `work`; nothing where no
// namespace can be had.
std::optional<int> status_of_namespace(const std::function<void()> &work) {
  const pid_t maker = fork();
  if (maker == 0) {
    if (unshare(CLONE_NEWPID) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0) _exit(99);
    const pid_t first = fork();
    if (first == 0) {
      if (const auto status = leave_first_process()) _exit(*status);
      work();
      _exit(50);
    }
    int status = 0;
    waitpid(first, &status, 0);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 98);
  }
  int status = 0;
  waitpid(maker, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) == 99) return std::nullopt;
  return WEXITSTATUS(status);
}

void leave_an_orphan(int tell) {
  if (fork() != 0) return;
  const pid_t orphan = fork();
  if (orphan != 0) {
    (void)!write(tell, &orphan, sizeof orphan);
    _exit(0);
  }
  _exit(0);
}

}  // namespace

TEST_CASE("the first process hands on how its child ended") {
  const auto exited = status_of_namespace([] { _exit(7); });
  if (!exited) SKIP("no pid namespace can be had");
  CHECK(exited == 7);
  CHECK(status_of_namespace([] {
          std::signal(SIGTERM, SIG_DFL);  // the test program would report it
          raise(SIGTERM);
        }) == 128 + SIGTERM);
  CHECK(status_of_namespace([] {
          std::signal(SIGUSR1, [](int) { _exit(8); });
          kill(getppid(), SIGUSR1);  // not handed back to who sent it
          _exit(9);
        }) == 9);
}

TEST_CASE("the first process reaps orphans, and hands on signals that others send") {
  const auto status = status_of_namespace([] {
    int ends[2];
    if (pipe(ends) != 0) _exit(1);
    leave_an_orphan(ends[1]);
    pid_t orphan = 0;
    if (read(ends[0], &orphan, sizeof orphan) != sizeof orphan) _exit(2);
    waitpid(-1, nullptr, 0);
    while (kill(orphan, 0) == 0) sched_yield();  // as long as it is a zombie
    std::signal(SIGUSR1, [](int) { _exit(8); });
    if (fork() == 0) {
      kill(1, SIGUSR1);
      _exit(0);
    }
    for (;;) pause();
  });
  if (!status) SKIP("no pid namespace can be had");
  CHECK(status == 8);
}
