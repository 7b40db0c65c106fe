// The rules of calls on descriptors at their edges: what is looked at first, and what a count leaves out.
#include <catch2/catch_test_macros.hpp>

#include "harness/model/checked.h"

using ipcvet::model::agreed;
using ipcvet::model::checked;
using ipcvet::model::refuted;

namespace {

const std::string both = "P  pipe([r, w]) = 0\n";
const std::string watched = both + "P  epoll_create1(0) = e\n";

}  // namespace

TEST_CASE("a count smaller than the list leaves the rest alone") {
  agreed(both +
         "P  writev(w, [{base: \"abc\", len: 3}, {base: \"de\", len: 2}], 1) = 3\n"
         "P  readv(r, [{base: \"a\", len: 1}, {base: \"\", len: 8}], 1) = 1\n");
  refuted(both + "P  writev(w, [{base: \"abc\", len: 3}, {base: \"de\", len: 2}], 1) = 5\n", "posix/write/full-blocks");
}

TEST_CASE("no buffers at all: nothing is looked for, not even somebody to read") {
  agreed(both +
         "P  readv(r, [{base: _, len: 4}], 0) = 0\nP  close(r) = 0\n"
         "P  writev(w, [{base: \"abc\", len: 3}], 0) = 0\nP  vmsplice(w, [], 0, 0) = 0\n");
  agreed(watched +
         "P  vmsplice(e, [], 0, 0) = 0\nP  vmsplice(-1, [], 0, 0) = -1 EBADF\n"
         "P  vmsplice(e, [{base: \"a\", len: 1}], 1, 0) = -1 EBADF\n");
}

TEST_CASE("who cannot read says so before the size is looked at") {
  agreed(both +
         "P  read(r, _, SIZE_MAX) = -1 EFAULT\nP  read(w, _, SIZE_MAX) = -1 EBADF\nP  read(w, _, 0) = -1 EBADF\n");
  agreed(watched + "P  read(e, _, SIZE_MAX) = -1 EINVAL\nP  write(e, \"a\", 1) = -1 EINVAL\n");
  agreed("P  mkdir(\"d\", 0700) = 0\nP  open(\"d\", O_RDONLY) = d\nP  read(d, _, 0) = -1 EISDIR\n");
}

TEST_CASE("a command is looked at before what it is for") {
  agreed(both + "P  lseek(w, 0, 5) = -1 EINVAL\nP  lseek(w, 0, SEEK_END) = -1 ESPIPE\n");
  agreed("P  access(\"none\", 8) = -1 EINVAL\nP  access(\"none\", R_OK) = -1 ENOENT\n");
  agreed(watched +
         "P  epoll_ctl(e, EPOLL_CTL_MOD, r, NULL) = -1 EFAULT\nP  epoll_ctl(e, EPOLL_CTL_DEL, r, NULL) = -1 ENOENT\n"
         "P  epoll_ctl(e, 77, r, {events: EPOLLIN, data: 1}) = -1 EINVAL\n");
}

TEST_CASE("an epoll instance is readable while something in it is ready") {
  const std::string added = watched + "P  epoll_ctl(e, EPOLL_CTL_ADD, r, {events: EPOLLIN, data: 1}) = 0\n";
  agreed(added +
         "P  poll([{fd: e, events: POLLIN, revents: 0}], 1, 0) = 0\nP  write(w, \"a\", 1) = 1\n"
         "P  poll([{fd: e, events: POLLIN|POLLOUT, revents: POLLIN}], 1, 0) = 1\n"
         "P  epoll_wait(e, NULL, 1, 0) = -1 EFAULT\nP  read(r, \"a\", 1) = 1\nP  epoll_wait(e, NULL, 1, 0) = 0\n");
  refuted(added + "P  poll([{fd: e, events: POLLIN}], 1, 0) = 1\n", "posix/poll/pipe-readable");
}

TEST_CASE("a mask is there for the wait only, and lets through what was pending") {
  const std::string pending = both +
                              "P  sigaction(SIGUSR1, {sa_handler: log}, _) = 0\n"
                              "P  sigprocmask(SIG_BLOCK, [SIGUSR1, SIGHUP], _) = 0\nP  raise(SIGUSR1) = 0\n";
  const std::string after =
      "P  --- SIGUSR1 {mask: [SIGUSR1]}\nP  sigprocmask(SIG_BLOCK, NULL, [SIGUSR1, SIGHUP]) = 0\n";
  agreed(pending + "P  ppoll([{fd: r, events: POLLIN}], 1, NULL, []) = -1 EINTR\n" + after);
  agreed(pending + "P  pselect(r+1, [r], [], [], NULL, []) = -1 EINTR\n" + after);
  for (const char *waits :
       {"pselect(r+1, [r], [], [], NULL, [SIGUSR1])", "ppoll([{fd: r, events: POLLIN}], 1, NULL, NULL)"})
    CHECK(checked(pending + "P  " + waits + " = -1 EINTR\n").contains("the model predicts that P is blocked in it"));
  const std::string ready = pending + "P  write(w, \"a\", 1) = 1\n";
  agreed(ready + "P  ppoll([{fd: r, events: POLLIN}], 1, NULL, [SIGUSR1]) = 1\nP  sigpending([SIGUSR1]) = 0\n");
  const std::string open = ready + "P  ppoll([{fd: r, events: POLLIN}], 1, NULL, []) = ";
  for (const char *outcome : {"1\n", "-1 EINTR\n"}) CHECK(checked(open + outcome).starts_with("not modelled: "));
}

TEST_CASE("a stop that cannot be ends what is not begun anew, and nothing else") {
  const std::string orphan = watched + "P  fork() = A\nA  setsid() = A\n", stop = "P  kill(A, SIGTSTP) = 0\n";
  for (const std::string wait : {"epoll_wait(e, _, 1, -1)", "epoll_pwait(e, _, 1, -1, [SIGUSR1])"})
    agreed(orphan + "A  " + wait + " ...\n" + stop + "A  ... " + wait +
           " = -1 EINTR\nA  sigprocmask(SIG_BLOCK, NULL, []) = 0\n");
  agreed(orphan + "A  ppoll([], 0, NULL, [SIGUSR1]) ...\n" + stop + "A  ...\n");
}

TEST_CASE("closing what another thread polls, by whatever call, is open") {
  const std::string two = both + "P  thread() = T\n";
  for (const char *wait :
       {"ppoll([{fd: w, events: POLLIN}], 1, NULL, NULL)", "pselect(w+1, [w], NULL, NULL, NULL, [])"})
    CHECK(checked(two + "T  " + wait + " ...\nP  close(w) = 0\n") ==
          "not modelled: closing what another thread polls\n");
  agreed(two + "T  ppoll([{fd: r, events: POLLIN}], 1, NULL, [SIGHUP]) ...\nP  dup2(0, 1) = 1\nP  close(1) = 0\n");
}

TEST_CASE("select writes back whole words, and leaves the rest as it was") {
  agreed(both + "P  select(0, [[w], [w]], NULL, NULL, 0) = 0\nP  select(w, [[w], []], NULL, NULL, 0) = 0\n");
}

TEST_CASE("both paths of rename are looked at before the old name is missed") {
  agreed("P  rename(\"none\", bad) = -1 EFAULT\nP  rename(\"none/f\", bad) = -1 ENOENT\n");
  agreed("P  mkfifo(\"f\", 0600) = 0\nP  rename(\"f\", \"g/\") = -1 ENOTDIR\n");
}

TEST_CASE("a size that is no size is as large as can be") {
  agreed(both +
         "P  write(w, \"abc\", 3) = 3\nP  pipe([s, x]) = 0\nP  tee(r, x, SIZE_MAX, SPLICE_F_NONBLOCK) = 3\n"
         "P  splice(s, NULL, w, NULL, SIZE_MAX, 0) = 3\n");
}

TEST_CASE("a file whose pages are in a pipe is left alone") {
  CHECK(checked(both + "P  open(\"f\", O_CREAT|O_RDWR, 0600) = d\nP  write(d, \"abc\", 3) = 3\n"
                       "P  splice(d, [0, 3], w, NULL, 3, 0) = 3\nP  write(d, \"x\", 1) = 1\n") ==
        "not modelled: a change of a file whose pages are in a pipe\n");
}

TEST_CASE("a write that fails behind the end may have moved it") {
  const std::string failed = "P  memfd_create(\"m\", 0) = d\nP  pwrite(d, bad, 1, 9) = -1 EFAULT\n";
  refuted(failed + "P  fstat(d, {size: 0}) = 0\n", "posix/fstat/pipe-type");
  agreed(failed + "P  fstat(d, {size: 0..9}) = 0\n");
}

TEST_CASE("handlers that start together: the second may interrupt the first, or come after it") {
  const std::string two =
      "P  sigaction(SIGUSR1, {sa_handler: log, sa_flags: SA_SIGINFO}, _) = 0\n"
      "P  sigaction(SIGUSR2, {sa_handler: log, sa_flags: SA_SIGINFO}, _) = 0\nP  fork() = W\n"
      "W  kill(P, SIGUSR1) = 0\nP  --- SIGUSR1 {mask: [SIGUSR1]}\nW  kill(P, SIGUSR2) = 0\n";
  refuted(two + "P  --- SIGUSR2 {mask: [SIGUSR2]}\n", "");
  agreed(two + "P  --- SIGUSR2\n");
}
