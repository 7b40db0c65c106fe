// The fork server: sandboxes with and without namespaces, what a case leaves behind, and the death of ipcvet.
#include <fcntl.h>
#include <signal.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cerrno>
#include <fstream>

#include "harness/actor/test_driver.h"

using namespace ipcvet::test;

namespace {

// Neither gone nor a zombie.
bool alive(int64_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stat, text);
  const size_t name_end = text.rfind(')');
  return name_end != std::string::npos && text.at(name_end + 2) != 'Z' && text.at(name_end + 2) != 'X';
}

// Blocks until a process that has come to us as an orphan has ended; one that somebody else reaped has.
void await_orphan(pid_t pid) {
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool exists(const std::string &path) { return access(path.c_str(), F_OK) == 0; }

}  // namespace

TEST_CASE("cases follow each other in fresh sandboxes") {
  Driver d(images("native"));
  for (int round = 0; round < 20; ++round) {
    d.start(round % 2 == 0 ? everything : 0);
    CAPTURE(d.area().server.text);
    REQUIRE(d.area().server.error == 0);
    REQUIRE(d.area().slots[0].signals == 0);
    CAPTURE(d.area().server.directory, d.area().server.got);
    REQUIRE(d.call(0, "mkdir", {bytes("here"), num(0755)}).error == 0);
    REQUIRE(d.result(0, "pipe", {any()}) == 0);
    REQUIRE(d.numbers(0, 0) == std::vector<int64_t>{3, 4});  // nothing else is open
    d.end();
  }
}

TEST_CASE("without namespaces a sweep removes what the case left") {
  Driver d(images("native"));
  d.start(0);
  REQUIRE((d.area().server.got & ~uint32_t{WIRE_SB_OWNER}) == 0);  // no sandbox is needed to have that
  const std::string directory = d.area().server.directory, prefix = d.area().server.prefix;
  REQUIRE(exists(directory));
  REQUIRE(!prefix.empty());
  const int64_t queue = d.result(0, "msgget", {num(0), num(0600)});
  const int64_t keyed = d.result(0, "msgget", {num(77), num(0600 | d.constant("IPC_CREAT"))});
  REQUIRE(keyed >= 0);
  REQUIRE(msgget(77, 0) == -1);  // another case may use the same key
  REQUIRE(d.result(0, "msgget", {num(77), num(0)}) == keyed);
  REQUIRE(d.result(0, "msgctl", {num(keyed), num(d.constant("IPC_STAT")), any()}) == 0);
  REQUIRE(d.numbers(0, 2)[6] == 77);
  const int64_t segment = d.result(0, "shmget", {num(0), num(4096), num(0600)});
  const int64_t creating = d.constant("O_CREAT") | d.constant("O_RDWR");
  REQUIRE(d.result(0, "shm_open", {bytes("/left"), num(creating), num(0600)}) >= 0);
  REQUIRE(exists("/dev/shm/" + prefix + "left"));
  REQUIRE(d.result(0, "mkdir", {bytes("a"), num(0700)}) == 0);
  REQUIRE(d.result(0, "creat", {bytes("a/b"), num(0)}) >= 0);
  REQUIRE(d.result(0, "symlink", {bytes("/etc"), bytes("a/etc")}) == 0);
  REQUIRE(d.result(0, "chmod", {bytes("a"), num(0)}) == 0);
  const int64_t child = d.result(0, "fork", {}, 1);
  REQUIRE(d.call(1, "setsid", {}).error == 0);
  REQUIRE(d.result(0, "kill", {num(child), num(SIGSTOP)}) == 0);
  d.end();
  REQUIRE(!alive(child));
  REQUIRE(d.area().server.leaks == 4);
  REQUIRE(!exists(directory));
  REQUIRE(!exists("/dev/shm/" + prefix + "left"));
  msqid_ds q;
  shmid_ds s;
  REQUIRE(msgctl(static_cast<int>(queue), IPC_STAT, &q) == -1);
  REQUIRE(shmctl(static_cast<int>(segment), IPC_STAT, &s) == -1);
  REQUIRE(exists("/etc"));
}

TEST_CASE("nobody in a sandbox can change the /dev/null that all share") {
  Driver d(images("native"));
  d.start(everything);
  if ((d.area().server.got & WIRE_SB_NULL) == 0) SKIP("no mounts can be made here");
  struct stat before{};
  REQUIRE(stat("/dev/null", &before) == 0);
  REQUIRE(d.result(0, "open", {bytes("/dev/null"), num(O_RDWR), num(0)}) == 3);
  for (const int fd : {0, 1, 2, 3}) {
    REQUIRE(d.result(0, "write", {num(fd), bytes("x"), num(1)}) == 1);
    REQUIRE(d.call(0, "fchmod", {num(fd), num(0200)}).error == EROFS);
    REQUIRE(d.call(0, "fchown", {num(fd), num(1001), num(1001)}).error == EROFS);
  }
  REQUIRE(d.call(0, "chmod", {bytes("/dev/null"), num(0200)}).error == EROFS);
  d.end();
  struct stat now{};
  REQUIRE(stat("/dev/null", &now) == 0);
  REQUIRE(now.st_mode == before.st_mode);
  REQUIRE(now.st_uid == before.st_uid);
}

TEST_CASE("a case that kills its siblings, its group or its init leaves the server whole") {
  const uint32_t want = GENERATE(everything, 0u);
  Driver d(images("native"));
  d.start(want);
  const int64_t child = d.result(0, "fork", {}, 1);
  REQUIRE(child > 0);
  if ((d.area().server.got & WIRE_SB_PID) != 0) {
    d.post(1, "kill", {num(-1), num(SIGKILL)});  // everybody of the namespace but the init and itself
  } else {
    const int64_t init = d.result(0, "getppid", {});
    d.post(1, "kill", {num(init), num(SIGKILL)});
  }
  REQUIRE(d.answer(1).result == 0);
  d.end();
  d.start(want);
  REQUIRE(d.area().server.error == 0);
  REQUIRE(d.result(0, "getpid", {}) == d.area().slots[0].pid);
  d.post(0, "kill", {num(0), num(SIGSTOP)});
  d.end();
}

TEST_CASE("orphans are reaped by init and their deaths told") {
  Driver d(images("native"));
  d.start(everything);
  const int64_t child = d.result(0, "fork", {}, 1);
  const int64_t grandchild = d.result(1, "fork", {}, 2);
  REQUIRE(grandchild > 0);
  d.post(1, "exit", {num(0)});
  REQUIRE(d.result(0, "waitpid", {num(child), any(), num(0)}) == child);
  d.post(2, "exit", {num(9)});
  d.until([&] { return __atomic_load_n(&d.area().deaths, __ATOMIC_SEQ_CST) == 1; });
  REQUIRE(d.area().death_log[0].pid == grandchild);
  REQUIRE(d.area().death_log[0].status == 9 << 8);
  d.end();
}

TEST_CASE("when ipcvet is killed, nothing of the sandbox remains") {
  const uint32_t want = GENERATE(everything, 0u);
  prctl(PR_SET_CHILD_SUBREAPER, 1ul, 0ul, 0ul, 0ul);
  struct {
    pid_t server, init, child;
    int queue;
    char directory[WIRE_TEXT];
  } told{};
  int fds[2];
  REQUIRE(pipe(fds) == 0);
  const pid_t ipcvet = fork();
  if (ipcvet == 0) {
    Driver d(images("native"));
    d.start(want);
    const int64_t child = d.result(0, "fork", {}, 1);
    told.child = d.area().server.got == 0 ? static_cast<pid_t>(child) : 0;
    d.call(1, "setsid", {});
    told.server = d.server();
    told.init = d.area().server.init_pid;
    told.queue = static_cast<int>(d.result(0, "msgget", {num(0), num(0600)}));
    std::copy_n(d.area().server.directory, WIRE_TEXT, told.directory);
    if (write(fds[1], &told, sizeof told) != sizeof told) _exit(1);
    for (;;) pause();
  }
  REQUIRE(read(fds[0], &told, sizeof told) == sizeof told);
  kill(ipcvet, SIGKILL);
  waitpid(ipcvet, nullptr, 0);
  await_orphan(told.server);
  await_orphan(told.init);
  REQUIRE(!alive(told.server));
  REQUIRE(!alive(told.init));
  if (told.child != 0) REQUIRE(!alive(told.child));
  if (want == 0) {
    msqid_ds q;
    REQUIRE(msgctl(told.queue, IPC_STAT, &q) == -1);
    REQUIRE(!exists(told.directory));
  }
  close(fds[0]);
  close(fds[1]);
}
