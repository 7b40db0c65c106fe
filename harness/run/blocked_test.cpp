#include "harness/run/blocked.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include <array>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <thread>

using namespace ipcvet;

namespace {

struct Pipe {
  Fd r, w;
  Pipe() {
    std::array<int, 2> fds{};
    REQUIRE(pipe2(fds.data(), O_CLOEXEC) == 0);
    r = Fd(fds[0]);
    w = Fd(fds[1]);
  }
};

Fd host_proc() { return Fd(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC)); }

}  // namespace

TEST_CASE("a thread asleep in read is proven blocked, and named where the kernel tells") {
  const Fd proc = host_proc();
  Pipe pipe;
  std::atomic<int> tid{0};
  std::thread reader([&] {
    tid = static_cast<int>(syscall(SYS_gettid));
    char c;
    CHECK(read(pipe.r.get(), &c, 1) == 1);
  });
  while (tid == 0) std::this_thread::yield();
  ThreadView view(proc, getpid(), tid);
  std::optional<std::string> proof;
  while (!(proof = view.prove_blocked())) std::this_thread::yield();
  CHECK(proof->starts_with("asleep"));
  CHECK(write(pipe.w.get(), "x", 1) == 1);
  reader.join();
  CHECK(view.look().gone());
}

TEST_CASE("a thread that runs is not proven blocked, however often it is looked at") {
  const Fd proc = host_proc();
  std::atomic<int> tid{0};
  std::atomic<bool> stop{false};
  std::thread busy([&] {
    tid = static_cast<int>(syscall(SYS_gettid));
    while (!stop) {
    }
  });
  while (tid == 0) std::this_thread::yield();
  ThreadView view(proc, getpid(), tid);
  for (int i = 0; i < 200; ++i) CHECK_FALSE(view.prove_blocked());
  stop = true;
  busy.join();
}

TEST_CASE("a process that never was is gone") {
  const Fd proc = host_proc();
  ThreadView view(proc, 0, 0);
  CHECK(view.look().gone());
  CHECK_FALSE(view.prove_blocked());
}

TEST_CASE("system calls are named, unknown ones told by number") {
  CHECK(syscall_name(SYS_read) == "read");
  CHECK(syscall_name(99999) == "system call 99999");
}
