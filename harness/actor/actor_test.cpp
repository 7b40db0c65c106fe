// What actors do, for every image built here: the same checks run against glibc, musl and 32-bit actors.
#include <sys/types.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <cerrno>
#include <csignal>

#include "harness/actor/test_driver.h"

using namespace ipcvet::test;

TEST_CASE("a pipe between a parent and a forked child") {
  const std::string image = GENERATE(from_range(built()));
  CAPTURE(image);
  Driver d(images(image));
  d.start(everything);
  CAPTURE(d.area().server.text, d.area().server.got);
  REQUIRE(d.area().server.error == 0);
  REQUIRE(d.area().slots[0].word_bytes == (image == "i386" ? 4 : 8));

  REQUIRE(d.result(0, "pipe", {any()}) == 0);
  const auto fds = d.numbers(0, 0);
  REQUIRE(fds.size() == 2);
  const int64_t child = d.result(0, "fork", {}, 1);
  REQUIRE(child == d.area().slots[1].pid);
  REQUIRE(d.result(0, "close", {num(fds[1])}) == 0);
  d.post(0, "read", {num(fds[0]), any(), num(16)});
  REQUIRE(d.result(1, "write", {num(fds[1]), bytes("bye"), num(3)}) == 3);
  REQUIRE(d.answer(0).result == 3);
  REQUIRE(d.out_bytes(0, 1) == "bye");
  REQUIRE(d.area().slots[0].reply.flags == 0);

  d.post(1, "exit", {num(7)});
  REQUIRE(d.result(0, "waitpid", {num(child), any(), num(0)}) == child);
  REQUIRE(d.area().slots[0].reply.out[1].num == 7 << 8);
  d.end();
  REQUIRE(d.area().server.leaks == 0);
}

TEST_CASE("a null pointer and a bad address reach the system") {
  const std::string image = GENERATE(from_range(built()));
  CAPTURE(image);
  Driver d(images(image));
  d.start(everything);
  REQUIRE(d.call(0, "pipe", {bad()}, 0, true).error == EFAULT);
  REQUIRE(d.result(0, "pipe", {any()}) == 0);
  const auto fds = d.numbers(0, 0);
  REQUIRE(d.call(0, "write", {num(fds[1]), num(0), num(1)}).error == EFAULT);
  REQUIRE(d.call(0, "write", {num(fds[1]), bad(), num(1)}).error == EFAULT);
  REQUIRE(d.call(0, "read", {num(99), any(), num(1)}).error == EBADF);
  d.end();
}

TEST_CASE("handlers log, count and jump") {
  const std::string image = GENERATE(from_range(built()));
  CAPTURE(image);
  Driver d(images(image));
  d.start(everything);
  REQUIRE(d.result(0, "pipe", {any()}) == 0);
  const auto fds = d.numbers(0, 0);
  const int64_t root = d.area().slots[0].pid;
  const int64_t child = d.result(0, "fork", {}, 1);
  REQUIRE(child > 0);

  const In log = list({num(-2), list({num(SIGUSR2)}), none()}), jump = list({num(-4), none(), none()});
  REQUIRE(d.result(0, "sigaction", {num(SIGUSR1), log, num(0)}) == 0);
  d.post(0, "read", {num(fds[0]), any(), num(1)});
  // The first may come before the call sleeps; one will find it asleep.
  while (!d.returned(0)) REQUIRE(d.result(1, "kill", {num(root), num(SIGUSR1)}) == 0);
  REQUIRE(d.answer(0).error == EINTR);
  REQUIRE(d.area().slots[0].signals >= 1);
  const wire_signal &entry = d.area().slots[0].signal_log[0];
  REQUIRE(entry.signo == SIGUSR1);
  REQUIRE(entry.pid == child);
  REQUIRE(entry.logged == 1);
  REQUIRE(entry.mask == (1ull << (SIGUSR1 - 1) | 1ull << (SIGUSR2 - 1)));

  REQUIRE(d.result(0, "sigaction", {num(SIGUSR1), jump, any()}) == 0);
  const auto *old = d.out_list(0, d.area().slots[0].reply.out[2]);
  REQUIRE(old[0].num == -2);
  REQUIRE(old[2].num == 0);  // SA_SIGINFO is the actor's own secret
  for (int round = 0; round < 2; ++round) {
    d.post(0, "read", {num(fds[0]), any(), num(1)});
    while (!d.returned(0)) REQUIRE(d.result(1, "kill", {num(root), num(SIGUSR1)}) == 0);
    REQUIRE((d.answer(0).flags & WIRE_JUMPED) != 0);
  }
  REQUIRE(d.result(0, "counted", {num(SIGUSR1)}) >= 3);
  REQUIRE(d.result(0, "sigprocmask", {num(d.constant("SIG_BLOCK")), num(0), any()}) == 0);
  REQUIRE(d.numbers(0, 2).empty());  // the mask is as before the call that was left
  d.end();
}

TEST_CASE("memory steps fault without harm") {
  const std::string image = GENERATE(from_range(built()));
  CAPTURE(image);
  Driver d(images(image));
  d.start(everything);
  const auto constant = [&](const char *name) { return num(d.constant(name)); };
  const int64_t page = d.result(0, "mmap",
                                {num(0), num(4096), constant("PROT_READ"),
                                 num(d.constant("MAP_PRIVATE") | d.constant("MAP_ANONYMOUS")), num(-1), num(0)});
  REQUIRE(page > 0);
  const wire_answer &stored = d.call(0, "mem_store", {num(page), bytes("x")});
  REQUIRE(stored.flags == WIRE_FAULTED);
  REQUIRE(stored.fault_signo == SIGSEGV);
  REQUIRE(stored.fault_code == d.constant("SEGV_ACCERR"));
  REQUIRE(stored.fault_addr == static_cast<uint64_t>(page));
  REQUIRE(d.call(0, "mem_load", {bad(), num(4), any()}).flags == WIRE_FAULTED);
  REQUIRE(d.call(0, "add", {bad(), num(4)}).flags == WIRE_FAULTED);
  REQUIRE(d.result(0, "mprotect", {num(page), num(4096), num(d.constant("PROT_READ") | d.constant("PROT_WRITE"))}) ==
          0);
  REQUIRE(d.call(0, "mem_store", {num(page), bytes("hello")}).flags == 0);
  REQUIRE(d.call(0, "mem_load", {num(page + 1), num(4), any()}).flags == 0);
  REQUIRE(d.out_bytes(0, 2) == "ello");
  REQUIRE(d.result(0, "add", {num(page + 8), num(1ll << 40)}) == 1ll << 40);
  d.end();
}

TEST_CASE("threads begin, end and are joined") {
  const std::string image = GENERATE(from_range(built()));
  CAPTURE(image);
  Driver d(images(image));
  d.start(everything);
  const int64_t tid = d.result(0, "thread", {}, 1);
  REQUIRE(tid == d.area().slots[1].tid);
  REQUIRE(d.area().slots[1].pid == d.area().slots[0].pid);
  REQUIRE(d.result(1, "gettid", {}) == tid);
  REQUIRE(d.result(0, "threads", {}) == 2);
  d.post(0, "join", {num(tid)});
  d.post(1, "thread_exit", {});
  REQUIRE(d.answer(0).result == 0);
  REQUIRE(d.call(0, "join", {num(tid)}).error == ESRCH);
  REQUIRE(d.result(0, "threads", {}) == 1);
  REQUIRE(d.result(0, "vfork_exit", {num(3)}) > 0);
  REQUIRE(d.result(0, "wait", {any()}) > 0);
  REQUIRE(d.area().slots[0].reply.out[0].num == 3 << 8);
  d.end();
}

TEST_CASE("exec goes on in another image") {
  const std::string image = GENERATE(from_range(built()));
  CAPTURE(image);
  Driver d(images(image));
  d.start(everything);
  const int64_t pid = d.area().slots[0].pid;
  const int64_t ignored = d.result(0, "signal", {num(SIGUSR1), num(1)});
  REQUIRE(ignored == 0);
  const auto here = built();
  for (const int64_t code : {1, 2, 0}) {
    if (code != 0 && std::find(here.begin(), here.end(), code == 1 ? "i386" : "musl") == here.end()) continue;
    CAPTURE(code);
    REQUIRE(d.result(0, "exec", {num(code)}) == 0);
    REQUIRE(d.area().slots[0].word_bytes == (code == 1 || (code == 0 && image == "i386") ? 4 : 8));
    REQUIRE(d.area().slots[0].pid == pid);
    REQUIRE(d.result(0, "sigaction", {num(SIGUSR1), num(0), any()}) == 0);
    REQUIRE(d.out_list(0, d.area().slots[0].reply.out[2])[0].num == 1);  // still ignored
  }
  REQUIRE(d.call(0, "exec", {num(7)}).result == -1);
  d.end();
}

TEST_CASE("messages carry their type and only their bytes") {
  const std::string image = GENERATE(from_range(built()));
  CAPTURE(image);
  Driver d(images(image));
  d.start(everything);
  const int64_t id = d.result(0, "msgget", {num(0), num(0600 | d.constant("IPC_CREAT"))});
  REQUIRE(id >= 0);
  REQUIRE(d.result(0, "msgsnd", {num(id), list({num(5), bytes("hello")}), num(5), num(0)}) == 0);
  REQUIRE(d.result(0, "msgctl", {num(id), num(d.constant("IPC_STAT")), any()}) == 0);
  REQUIRE(d.numbers(0, 2)[11] == 1);
  REQUIRE(d.result(0, "msgrcv", {num(id), any(), num(100), num(0), num(0)}) == 5);
  const auto *part = d.out_list(0, d.area().slots[0].reply.out[1]);
  REQUIRE(part[0].num == 5);
  REQUIRE(d.out_bytes(0, part[1]) == "hello");
  REQUIRE(d.result(0, "msgctl", {num(id), num(d.constant("IPC_RMID")), num(0)}) == 0);
  d.end();
  REQUIRE(d.area().server.leaks == 0);
}
