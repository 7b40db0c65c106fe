// Every rule of the walker with a history that keeps it and one that breaks it; the words of each deviation are golden.
#include <catch2/catch_test_macros.hpp>

#include "harness/judge/history_text.h"

using namespace ipcvet;

namespace {

std::string judged(std::string_view text, std::string_view events) {
  const Case instance = instance_of(text);
  return verdict_text(judge(instance, history_of(instance, events)));
}

}  // namespace

TEST_CASE("a line returns as it says") {
  CHECK(judged("P  read(3, \"bye\", 16) = 3\n", "0 P returned 3 | 3 | \"bye\" | 16\n") == "pass");
  CHECK(judged("P  read(3, \"bye\", 16) = 3\n", "0 P returned 2 | 3 | \"by\" | 16\n") ==
        "fail at 0: read returned 2, not 3 / 3 / 2");
  CHECK(judged("P  read(3, _, 16) = -1 EAGAIN\n", "0 P returned -1 EAGAIN\n") == "pass");
  CHECK(judged("P  read(3, _, 16) = -1 EAGAIN\n", "0 P returned -1 EBADF\n") ==
        "fail at 0: read returned -1 EBADF, not -1 EAGAIN / -1 EAGAIN / -1 EBADF");
  CHECK(judged("P  read(3, _, 16) = -1 EAGAIN\n", "0 P returned 0 | 3 | \"\" | 16\n") ==
        "fail at 0: read returned 0, not -1 EAGAIN / -1 EAGAIN / 0");
  CHECK(judged("P  write(3, \"bye\", 3) = 3\n", "0 P returned -1 EPIPE\n") ==
        "fail at 0: write returned -1 EPIPE, not 3 / 3 / -1 EPIPE");
}

TEST_CASE("alternatives") {
  CHECK(judged("P  read(3, _, 16) = 0 or -1 EIO\n", "0 P returned -1 EIO\n") == "pass");
  CHECK(judged("P  read(3, _, 16) = 0 or -1 EIO\n", "0 P returned -1 EBADF\n") ==
        "fail at 0: read returned -1 EBADF, not 0 or -1 EIO / 0 or -1 EIO / -1 EBADF");
  CHECK(judged("P  read(3, _, PIPE_BUF*2) = 1..PIPE_BUF\n", "0 P returned 4097 | 3 | \"a\"*4097 | 8192\n") ==
        "fail at 0: read returned 4097, not 1..PIPE_BUF (4096) / 1..PIPE_BUF (4096) / 4097");
  CHECK(judged("P  close(3) = 0 or -1 EINTR (posix)\n", "0 P returned -1 EINTR\n") ==
        "fail at 0: close returned -1 EINTR, not 0 / 0 / -1 EINTR");
  CHECK(judged("P  close(3) = -1 EINTR (linux) or 0\n", "0 P returned -1 EINTR\n") == "pass");
  CHECK(judged("P  close(3) = -1 EINTR (posix)\n", "0 P returned 0\n") ==
        "unresolved at 0: every outcome of this line is marked for another profile / anything / 0");
}

TEST_CASE("names are shown with what they stand for") {
  CHECK(judged("P  pipe([r, w]) = 0\n"
               "P  read(r, _, 4) = PIPE_BUF\n",
               "0 P returned 0 | [3, 4]\n"
               "1 P returned 1 | 3 | \"x\" | 4\n") ==
        "fail at 1: read returned 1, not PIPE_BUF (4096) / PIPE_BUF (4096) / 1");
  CHECK(judged("P  dup(3) = d\n"
               "P  dup(3) = d\n",
               "0 P returned 5 | 3\n"
               "1 P returned 6 | 3\n") == "fail at 1: dup returned 6, not d (5) / d (5) / 6");
  CHECK(judged("P  dup(3) = d\n", "0 P returned -1 EMFILE\n") ==
        "fail at 0: dup returned -1 EMFILE, not d (any) / d (any) / -1 EMFILE");
  CHECK(judged("P  fcntl(3, F_GETFL) = O_RDWR|O_NONBLOCK\n", "0 P returned 2049\n") ==
        "fail at 0: fcntl returned O_WRONLY|O_NONBLOCK (2049), not O_RDWR|O_NONBLOCK (2050) / O_RDWR|O_NONBLOCK (2050) "
        "/ O_WRONLY|O_NONBLOCK (2049)");
  CHECK(judged("P  fcntl(3, F_GETFD) = FD_CLOEXEC\n", "0 P returned 0\n") ==
        "fail at 0: fcntl returned 0, not FD_CLOEXEC (1) / FD_CLOEXEC (1) / 0");
  CHECK(judged("P  shmat(3, NULL, 0) = m\n"
               "P  shmat(3, NULL, 0) = m\n",
               "0 P returned 140000000000000\n"
               "1 P returned 139999999995904\n") ==
        "fail at 1: shmat returned 0x7f544a44b000, not m (0x7f544a44c000) / m (0x7f544a44c000) / 0x7f544a44b000");
  CHECK(judged("P  umask(0) = 022\n", "0 P returned 63\n") == "fail at 0: umask returned 077, not 022 / 022 / 077");
  CHECK(judged("P  fork() = W\n"
               "P  getpid() = W\n",
               "0 P returned 77\n"
               "1 P returned 78\n") == "fail at 1: getpid returned 78, not W (77) / W (77) / 78");
  CHECK(judged("P  fork() = W\n", "0 P returned -1 EAGAIN\n") ==
        "fail at 0: fork returned -1 EAGAIN, not W (any) / W (any) / -1 EAGAIN");
}

TEST_CASE("outputs") {
  CHECK(judged("P  read(3, \"bye\", 16) = 3\n", "0 P returned 3 | 3 | \"bxe\" | 16\n") ==
        "fail at 0: read filled in buf with \"bxe\", not \"bye\" / buf: \"bye\" / buf: \"bxe\"");
  CHECK(judged("P  read(3, \"a\"*4096, 4096) = 4096\n", "0 P returned 4096 | 3 | \"a\"*4095+\"b\" | 4096\n") ==
        "fail at 0: read filled in buf with \"a\"*4095+\"b\", not \"a\"*4096; they differ from byte 4095 on / buf: "
        "\"a\"*4096 / buf: \"a\"*4095+\"b\"");
  CHECK(judged("P  read(3, \"a\"*n, 16) = n\n", "0 P returned 2 | 3 | \"aa\" | 16\n") == "pass");
  CHECK(judged("P  read(3, \"a\"*n, 16) = n\n", "0 P returned 2 | 3 | \"ab\" | 16\n") ==
        "fail at 0: read filled in buf with \"ab\", not \"a\"*n (\"aa\") / buf: \"a\"*n (\"aa\") / buf: \"ab\"");
  CHECK(judged("P  read(3, \"\", 16) = 0\n", "0 P returned 0 | 3 | \"\" | 16\n") == "pass");
  CHECK(judged("P  read(3, NULL, 0) = 0\n", "0 P returned 0 | 3 | 0 | 0\n") == "pass");
  CHECK(judged("P  read(3, \"a\", 1) = 1\n", "0 P returned 1 | 3 | missing | 1\n") ==
        "fail at 0: read did not fill in buf / buf: \"a\" / buf: not filled in");
  CHECK(judged("P  shmat(3, NULL, 0) = m\n"
               "P  read(4, m, 16) = 3\n",
               "0 P returned 140000000000000\n"
               "1 P returned 3 | 4 | \"abc\" | 16\n") == "pass");
  CHECK(judged("P  pipe([r, r]) = 0\n", "0 P returned 0 | [3, 4]\n") ==
        "fail at 0: pipe filled in fds with [3, 4], not [r (any), r (any)] / fds: [r (any), r (any)] / fds: [3, 4]");
  CHECK(judged("P  pipe([3, 4]) = 0\n", "0 P returned 0 | [3, 5]\n") ==
        "fail at 0: pipe filled in fds with [3, 5], not [3, 4] / fds: [3, 4] / fds: [3, 5]");
  CHECK(judged("P  pipe([r, w]) = -1 EMFILE\n"
               "P  pipe([r, w]) = 0\n",
               "0 P returned -1 EMFILE | [3, 4]\n"
               "1 P returned 0 | [5, 6]\n") == "pass");
  CHECK(judged("P  msgctl(7, IPC_STAT, {qnum: 1, cbytes: 5}) = 0\n",
               "0 P returned 0 | 7 | 2 | {uid: 0, cbytes: 5, qnum: 1}\n") == "pass");
  CHECK(judged("P  msgctl(7, IPC_STAT, {qnum: 1, cbytes: 5}) = 0\n",
               "0 P returned 0 | 7 | 2 | {uid: 0, cbytes: 7, qnum: 2}\n") ==
        "fail at 0: msgctl filled in buf wrongly: qnum is 2, not 1; cbytes is 7, not 5 / buf: {qnum: 1, cbytes: 5} / "
        "buf: {qnum: 2, cbytes: 7}");
  CHECK(judged("P  msgctl(7, IPC_STAT, {mode: 0600}) = 0\n", "0 P returned 0 | 7 | 2 | {mode: 420}\n") ==
        "fail at 0: msgctl filled in buf wrongly: mode is 0644, not 0600 / buf: {mode: 0600} / buf: {mode: 0644}");
  CHECK(judged("P  msgctl(7, IPC_STAT, {stime: now}) = 0\n", "0 P returned 0 | 7 | 2 | {stime: 0}\n") ==
        "fail at 0: msgctl filled in buf wrongly: stime is 0, not now / buf: {stime: now} / buf: {stime: 0}");
  CHECK(judged("P  msgctl(7, IPC_SET, {qbytes: 9}) = 0\n", "0 P returned 0 | 7 | 1 | {qbytes: 1}\n") == "pass");
  CHECK(judged("P  msgrcv(7, {mtype: 1, mtext: \"hi\"}, 8, 0, 0) = 2\n",
               "0 P returned 2 | 7 | {mtype: 1, mtext: \"hi\"} | 8 | 0 | 0\n") == "pass");
  CHECK(judged("P  msgrcv(7, {mtype: 1, mtext: \"hi\"}, 8, 0, 0) = 2\n",
               "0 P returned 2 | 7 | {mtype: 2, mtext: \"hi\"} | 8 | 0 | 0\n") ==
        "fail at 0: msgrcv filled in msg wrongly: mtype is 2, not 1 / msg: {mtype: 1, mtext: \"hi\"} / msg: {mtype: 2, "
        "mtext: \"hi\"}");
  CHECK(judged("P  wait({exited: 3}) = _\n", "0 P returned 77 | {killed: 9}\n") ==
        "fail at 0: wait filled in status with {killed: SIGKILL}, not {exited: 3} / status: {exited: 3} / status: "
        "{killed: SIGKILL}");
  CHECK(judged("P  wait({killed: SIGTERM}) = _\n", "0 P returned 77 | {killed: 9, core: 0}\n") ==
        "fail at 0: wait filled in status wrongly: killed is SIGKILL (9), not SIGTERM (15) / status: {killed: SIGTERM "
        "(15)} / status: {killed: SIGKILL (9)}");
  CHECK(judged("P  poll([{fd: 3, events: POLLIN, revents: POLLIN}], 1, -1) = 1\n",
               "0 P returned 1 | [{fd: 3, events: 1, revents: 17}] | 1 | -1\n") ==
        "fail at 0: poll filled in fds with [{fd: 3, events: POLLIN (1), revents: POLLIN|POLLHUP (17)}], not [{fd: 3, "
        "events: POLLIN (1), revents: POLLIN (1)}] / fds: [{fd: 3, events: POLLIN (1), revents: POLLIN (1)}] / fds: "
        "[{fd: 3, events: POLLIN (1), revents: POLLIN|POLLHUP (17)}]");
  CHECK(judged("P  poll([{fd: 3, events: POLLIN, revents: 0}], 1, 0) = 0\n",
               "0 P returned 0 | [{fd: 3, events: 1, revents: 0}] | 1 | 0\n") == "pass");
  CHECK(judged("P  sigpending([SIGUSR1, SIGUSR2]) = 0\n", "0 P returned 0 | [12, 10]\n") == "pass");
  CHECK(judged("P  sigpending([SIGUSR1, SIGUSR2]) = 0\n", "0 P returned 0 | [10]\n") ==
        "fail at 0: sigpending filled in set with [SIGUSR1 (10)], not [SIGUSR1 (10), SIGUSR2 (12)] / set: [SIGUSR1 "
        "(10), SIGUSR2 (12)] / set: [SIGUSR1 (10)]");
  CHECK(judged("P  sigaction(SIGUSR1, NULL, {sa_handler: SIG_DFL, sa_mask: [SIGHUP, SIGINT]}) = 0\n",
               "0 P returned 0 | 10 | missing | {sa_handler: 0, sa_mask: [2, 1], sa_flags: 0}\n") == "pass");
  CHECK(judged("P  select(4, [3], [4], [], 0) = 1\n", "0 P returned 1 | 4 | [] | [4] | [] | 0\n") ==
        "fail at 0: select filled in readfds with [], not [3] / readfds: [3] / readfds: []");
  CHECK(judged("P  select(4, [], [4, 3], [], 0) = 2\n", "0 P returned 2 | 4 | [] | [3, 4] | [] | 0\n") == "pass");
  CHECK(judged("P  splice(3, NULL, 4, [0, 5], 5, 0) = 5\n", "0 P returned 5 | 3 | 0 | 4 | 5 | 5 | 0\n") == "pass");
  CHECK(judged("P  splice(3, NULL, 4, [0, 5], 5, 0) = 5\n", "0 P returned 5 | 3 | 0 | 4 | 0 | 5 | 0\n") ==
        "fail at 0: splice filled in off_out with 0, not 5 / off_out: 5 / off_out: 0");
  CHECK(judged("P  ioctl(3, FIONREAD, 5) = 0\n", "0 P returned 0 | 3 | 21531 | 4\n") ==
        "fail at 0: ioctl filled in arg with 4, not 5 / arg: 5 / arg: 4");
  CHECK(judged("P  ioctl(3, FIONREAD, n) = 0\n"
               "P  read(3, _, 16) = n\n",
               "0 P returned 0 | 3 | 21531 | 4\n"
               "1 P returned 5 | 3 | \"abcde\" | 16\n") == "fail at 1: read returned 5, not n (4) / n (4) / 5");
}

TEST_CASE("what arrives is the first of what is written") {
  CHECK(judged("P  read(3, \"abcdef\", 16) = 1..6\n", "0 P returned 2 | 3 | \"ab\" | 16\n") == "pass");
  CHECK(judged("P  read(3, \"abcdef\", 16) = 1..6\n", "0 P returned 2 | 3 | \"ac\" | 16\n") ==
        "fail at 0: read filled in buf with \"ac\", not \"abcdef\" / buf: \"abcdef\" / buf: \"ac\"");
  CHECK(judged("P  read(3, \"ab\", 16) = 3\n", "0 P returned 3 | 3 | \"abc\" | 16\n") ==
        "fail at 0: read filled in buf with \"abc\", not \"ab\" / buf: \"ab\" / buf: \"abc\"");
}

TEST_CASE("sets of select are written before and after") {
  CHECK(judged("P  select(5, [[3, 4], [4]], [], [], 0) = 1\n", "0 P returned 1 | 5 | [4] | [] | [] | 0\n") == "pass");
  CHECK(judged("P  select(5, [[3, 4], [4]], [], [], 0) = 1\n", "0 P returned 1 | 5 | [3] | [] | [] | 0\n") ==
        "fail at 0: select filled in readfds with [3], not [4] / readfds: [4] / readfds: [3]");
  CHECK(judged("P  select(5, [[3, 4], []], [], [], 0) = 0\n", "0 P returned 0 | 5 | [] | [] | [] | 0\n") == "pass");
}

TEST_CASE("a call that must block") {
  CHECK(judged("P  read(3, _, 16) ...\n", "0 P blocked\n") == "pass");
  CHECK(judged("P  read(3, _, 16) ...\n", "0 P returned 0 | 3 | \"\" | 16\n") ==
        "fail at 0: read returned 0, must block / blocks / read(3, _, 16) = 0");
  CHECK(judged("P  read(3, _, 16) ...\n", "0 P returned -1 EAGAIN\n") ==
        "fail at 0: read returned -1 EAGAIN, must block / blocks / read(3, _, 16) = -1 EAGAIN");
  CHECK(judged("P  read(3, _, 16) ...\n"
               "P  ... read(3, \"a\", 16) = 1\n",
               "0 P blocked\n"
               "1 P returned 1 | 3 | \"a\" | 16\n") == "pass");
  CHECK(judged("P  read(3, _, 16) ...\n"
               "P  ... read(3, \"a\", 16) = 1\n",
               "0 P blocked\n"
               "1 P returned -1 EINTR\n") == "fail at 1: read returned -1 EINTR, not 1 / 1 / -1 EINTR");
  CHECK(judged("P  read(3, _, 16) ...\n"
               "P  ... read(3, \"a\", 16) = 1\n",
               "0 P blocked\n"
               "1 P still\n") ==
        "fail at 1: P was not woken from read(3, \"a\", 16) / ... read(3, \"a\", 16) = 1 / P is still blocked");
  CHECK(judged("P  read(3, _, 16) ...\n"
               "P  ...\n",
               "0 P blocked\n"
               "1 P still\n") == "pass");
  CHECK(judged("P  read(3, _, 16) ...\n"
               "P  ...\n",
               "0 P blocked\n"
               "1 P returned 0 | 3 | \"\" | 16\n") ==
        "fail at 1: P returned from read(3, _, 16) = 0, must still be blocked / still blocked / read(3, _, 16) = 0");
}

TEST_CASE("a wake-up that no line claims") {
  CHECK(judged("P  fork() = W\n"
               "P  read(3, _, 16) ...\n"
               "W  close(4) = 0\n",
               "0 P returned 77\n"
               "1 P blocked\n"
               "2 W returned 0\n"
               "2 P returned 0 | 3 | \"\" | 16\n") ==
        "fail at 2: P returned from read(3, _, 16) = 0, though nothing lets it / P still blocked / P  ... read(3, _, "
        "16) = 0");
  CHECK(
      judged("P  fork() = W\n"
             "P  read(3, _, 16) ...\n"
             "W  close(4) = 0\n",
             "0 P returned 77\n"
             "1 P blocked\n"
             "2 W returned 0\n"
             "- P returned 0 | 3 | \"\" | 16\n") ==
      "fail: P returned from read(3, _, 16) = 0, though nothing lets it / P still blocked / P  ... read(3, _, 16) = 0");
}

TEST_CASE("a call that may block") {
  CHECK(judged("P  read(3, _, 16) ...?\n"
               "P  ... read(3, \"a\", 16) = 1\n",
               "0 P blocked\n"
               "1 P returned 1 | 3 | \"a\" | 16\n") == "pass");
  CHECK(judged("P  read(3, _, 16) ...?\n"
               "P  ... read(3, \"a\", 16) = 1\n",
               "0 P call\n"
               "1 P returned 1 | 3 | \"a\" | 16\n") == "pass");
  CHECK(judged("P  read(3, _, 16) ...?\n"
               "P  ... read(3, \"a\", 16) = 1\n",
               "0 P returned 1 | 3 | \"a\" | 16\n") == "pass");
  CHECK(judged("P  read(3, _, 16) ...?\n"
               "P  ... read(3, \"a\", 16) = 1\n",
               "0 P returned 1 | 3 | \"b\" | 16\n") ==
        "fail at 1: read filled in buf with \"b\", not \"a\" / buf: \"a\" / buf: \"b\"");
}

TEST_CASE("a call that must not return") {
  CHECK(judged("P  fork() = W\n"
               "W  exit(3) = ?\n"
               "W  +++ exited 3\n",
               "0 P returned 77\n"
               "1 W call\n"
               "2 W ended exited 3\n") == "pass");
  CHECK(judged("P  fork() = W\n"
               "W  exit(3) = ?\n"
               "W  +++ exited 3\n",
               "0 P returned 77\n"
               "1 W returned 0\n") == "fail at 1: exit returned 0, must not return / ? / 0");
}

TEST_CASE("one of several") {
  CHECK(judged("P  fork() = A\n"
               "P  fork() = B\n"
               "A  read(3, _, 1) ...\n"
               "B  read(3, _, 1) ...\n"
               "P  write(4, \"x\", 1) = 1\n"
               "one of A B  ... read(3, \"x\", 1) = 1\n",
               "0 P returned 7\n"
               "1 P returned 8\n"
               "2 A blocked\n"
               "3 B blocked\n"
               "4 P returned 1\n"
               "5 B returned 1 | 3 | \"x\" | 1\n"
               "5 A still\n") == "pass");
  CHECK(judged("P  fork() = A\n"
               "P  fork() = B\n"
               "A  read(3, _, 1) ...\n"
               "B  read(3, _, 1) ...\n"
               "P  write(4, \"x\", 1) = 1\n"
               "one of A B  ... read(3, \"x\", 1) = 1\n",
               "0 P returned 7\n"
               "1 P returned 8\n"
               "2 A blocked\n"
               "3 B blocked\n"
               "4 P returned 1\n"
               "5 B returned 1 | 3 | \"x\" | 1\n"
               "5 A returned 1 | 3 | \"x\" | 1\n") ==
        "fail at 5: A returned from read(3, \"x\", 1) = 1 as well as B / one of A, B / B and A");
  CHECK(judged("P  fork() = A\n"
               "P  fork() = B\n"
               "A  read(3, _, 1) ...\n"
               "B  read(3, _, 1) ...\n"
               "P  write(4, \"x\", 1) = 1\n"
               "one of A B  ... read(3, \"x\", 1) = 1\n",
               "0 P returned 7\n"
               "1 P returned 8\n"
               "2 A blocked\n"
               "3 B blocked\n"
               "4 P returned 1\n"
               "5 B still\n"
               "5 A still\n") ==
        "fail at 5: none of A, B was woken from read(3, \"x\", 1) / ... read(3, \"x\", 1) = 1 / A is still blocked, "
        "and so are the others");
  CHECK(judged("P  fork() = A\n"
               "P  fork() = B\n"
               "A  read(3, _, 1) ...\n"
               "B  read(3, _, 1) ...\n"
               "P  write(4, \"x\", 1) = 1\n"
               "one of A B  ... read(3, \"x\", 1) = 1\n",
               "0 P returned 7\n"
               "1 P returned 8\n"
               "2 A blocked\n"
               "3 B blocked\n"
               "4 P returned 1\n"
               "5 B returned 0 | 3 | \"\" | 1\n") == "fail at 5: read returned 0, not 1 / 1 / 0");
}

TEST_CASE("any order") {
  CHECK(judged("P  fork() = W\n"
               "P  fork() = X\n"
               "W  read(3, _, 1) ...\n"
               "X  read(3, _, 1) ...\n"
               "P  close(4) = 0\n"
               "any order\n"
               "  W  ... read(3, \"\", 1) = 0\n"
               "  X  ... read(3, \"\", 1) = 0\n"
               "P  close(3) = 0\n",
               "0 P returned 7\n"
               "1 P returned 8\n"
               "2 W blocked\n"
               "3 X blocked\n"
               "4 P returned 0\n"
               "7 X returned 0 | 3 | \"\" | 1\n"
               "6 W returned 0 | 3 | \"\" | 1\n"
               "8 P returned 0\n") == "pass");
  CHECK(judged("P  fork() = W\n"
               "P  fork() = X\n"
               "W  read(3, _, 1) ...\n"
               "X  read(3, _, 1) ...\n"
               "P  close(4) = 0\n"
               "any order\n"
               "  W  ... read(3, \"\", 1) = 0\n"
               "  X  ... read(3, \"\", 1) = 0\n"
               "P  close(3) = 0\n",
               "0 P returned 7\n"
               "1 P returned 8\n"
               "2 W blocked\n"
               "3 X blocked\n"
               "4 P returned 0\n"
               "7 X returned 0 | 3 | \"\" | 1\n"
               "6 W still\n") ==
        "fail at 6: W was not woken from read(3, \"\", 1) / ... read(3, \"\", 1) = 0 / W is still blocked");
  CHECK(judged("P  fork() = W\n"
               "P  fork() = X\n"
               "W  read(3, _, 1) ...\n"
               "X  read(3, _, 1) ...\n"
               "P  close(4) = 0\n"
               "any order\n"
               "  W  ... read(3, \"\", 1) = 0\n"
               "  X  ... read(3, \"\", 1) = 0\n"
               "P  close(3) = 0\n",
               "0 P returned 7\n"
               "1 P returned 8\n"
               "2 W blocked\n"
               "3 X blocked\n"
               "4 P returned 0\n"
               "7 X returned 0 | 3 | \"\" | 1\n"
               "8 P returned 0\n") == "error at 6: the history says nothing of \"W  ... read(3, \"\", 1) = 0\"");
}

TEST_CASE("signals") {
  CHECK(judged("P  raise(SIGUSR1) = 0\n"
               "P  --- SIGUSR1 {si_code: SI_TKILL}\n",
               "0 P returned 0\n"
               "1 P signal SIGUSR1 {si_signo: 10, si_code: -6}\n") == "pass");
  CHECK(judged("P  raise(SIGUSR1) = 0\n"
               "P  --- SIGUSR1 {si_code: SI_TKILL}\n",
               "0 P returned 0\n"
               "1 P signal SIGUSR1 {si_signo: 10, si_code: 0}\n") ==
        "fail at 1: SIGUSR1 told P's handler {si_code: SI_USER (0)}, not {si_code: SI_TKILL (-6)} / --- SIGUSR1 "
        "{si_code: SI_TKILL (-6)} / --- SIGUSR1 {si_code: SI_USER (0)}");
  CHECK(judged("P  raise(SIGUSR1) = 0\n"
               "P  --- SIGUSR1\n",
               "0 P returned 0\n"
               "1 P signal SIGUSR2 {si_signo: 12, si_code: -6}\n") ==
        "fail at 1: P's handler ran for SIGUSR2, not for SIGUSR1 / --- SIGUSR1 / --- SIGUSR2 {si_signo: 12, si_code: "
        "-6}");
  CHECK(judged("P  raise(SIGUSR1) = 0\n"
               "P  --- SIGUSR1 {mask: [SIGUSR2, SIGUSR1]}\n",
               "0 P returned 0\n"
               "1 P signal SIGUSR1 {si_signo: 10, mask: [10, 12]}\n") == "pass");
  CHECK(judged("P  raise(SIGUSR1) = 0\n"
               "P  --- SIGUSR1 {mask: [SIGUSR2, SIGUSR1]}\n",
               "0 P returned 0\n"
               "1 P signal SIGUSR1 {si_signo: 10, mask: [10]}\n") ==
        "fail at 1: SIGUSR1 told P's handler {mask: [SIGUSR1 (10)]}, not {mask: [SIGUSR2 (12), SIGUSR1 (10)]} / --- "
        "SIGUSR1 {mask: [SIGUSR2 (12), SIGUSR1 (10)]} / --- SIGUSR1 {mask: [SIGUSR1 (10)]}");
  CHECK(judged("P  raise(SIGUSR1) = 0\n"
               "P  --- SIGUSR1\n"
               "P  getpid() = _\n",
               "0 P returned 0\n"
               "2 P returned 5\n") == "fail at 1: P's handler for SIGUSR1 did not run / --- SIGUSR1 / no SIGUSR1");
  CHECK(judged("P  raise(SIGUSR1) = 0\n"
               "P  --- SIGUSR1\n",
               "0 P returned 0\n") == "fail at 1: P's handler for SIGUSR1 did not run / --- SIGUSR1 / no SIGUSR1");
  CHECK(judged("P  raise(SIGUSR1) = 0\n",
               "0 P returned 0\n"
               "- P signal SIGUSR1 {si_signo: 10}\n") ==
        "fail: P's handler for SIGUSR1 ran, though no line claims it / no signal / --- SIGUSR1 {si_signo: 10}");
  CHECK(judged("P  fork() = W\n"
               "W  getpid() = _\n"
               "W  --- SIGUSR1\n",
               "0 P returned 77\n"
               "1 W returned 77\n"
               "2 P signal SIGUSR1 {si_signo: 10}\n") ==
        "fail at 2: P's handler for SIGUSR1 ran, though no line claims it / no signal / --- SIGUSR1 {si_signo: 10}");
  CHECK(judged("P  kill(1, 0) = 0\n"
               "any order\n"
               "  P  --- SIGUSR1\n"
               "  P  --- SIGUSR2\n",
               "0 P returned 0\n"
               "3 P signal SIGUSR2 {si_signo: 12}\n"
               "2 P signal SIGUSR1 {si_signo: 10}\n") == "pass");
}

TEST_CASE("ends of actors") {
  CHECK(judged("P  fork() = W\n"
               "W  write(4, \"x\", 1) = ?\n"
               "W  +++ killed by SIGPIPE\n",
               "0 P returned 77\n"
               "1 W call\n"
               "2 W ended SIGPIPE 13\n") == "pass");
  CHECK(judged("P  fork() = W\n"
               "W  write(4, \"x\", 1) = ?\n"
               "W  +++ killed by SIGPIPE\n",
               "0 P returned 77\n"
               "1 W returned -1 EPIPE\n") == "fail at 1: write returned -1 EPIPE, must not return / ? / -1 EPIPE");
  CHECK(judged("P  fork() = W\n"
               "P  kill(W, SIGTERM) = 0\n"
               "W  +++ killed by SIGTERM\n",
               "0 P returned 77\n"
               "1 P returned 0\n"
               "2 W ended SIGKILL 9\n") ==
        "fail at 2: W was killed by SIGKILL, not by SIGTERM / +++ killed by SIGTERM / +++ killed by SIGKILL");
  CHECK(judged("P  fork() = W\n"
               "P  kill(W, SIGTERM) = 0\n"
               "W  +++ killed by SIGTERM\n",
               "0 P returned 77\n"
               "1 P returned 0\n"
               "2 W ended exited 1\n") ==
        "fail at 2: W exited with 1 and was not killed by SIGTERM / +++ killed by SIGTERM / +++ exited 1");
  CHECK(judged("P  fork() = W\n"
               "P  kill(W, SIGTERM) = 0\n"
               "W  +++ killed by SIGTERM\n"
               "P  getpid() = _\n",
               "0 P returned 77\n"
               "1 P returned 0\n"
               "3 P returned 1\n") == "fail at 2: W has not ended / +++ killed by SIGTERM / W lives on");
  CHECK(judged("P  fork() = W\n"
               "W  exit(3) = ?\n"
               "W  +++ exited 3\n",
               "0 P returned 77\n"
               "1 W call\n"
               "2 W ended exited 4\n") == "fail at 2: W exited with 4, not 3 / +++ exited 3 / +++ exited 4");
  CHECK(judged("P  fork() = W\n"
               "W  exit(3) = ?\n"
               "W  +++ exited 3\n",
               "0 P returned 77\n"
               "1 W call\n"
               "2 W ended SIGSEGV 11\n") ==
        "fail at 2: W was killed by SIGSEGV, should have exited / +++ exited 3 / +++ killed by SIGSEGV");
  CHECK(judged("P  fork() = W\n"
               "W  exit(3) = ?\n"
               "W  +++ exited _\n",
               "0 P returned 77\n"
               "1 W call\n"
               "2 W ended SIGSEGV 11\n") == "pass");
  // How it ended is not known everywhere; then its parent's wait tells, or nobody.
  CHECK(judged("P  fork() = W\n"
               "W  exit(3) = ?\n"
               "W  +++ exited 3\n",
               "0 P returned 77\n"
               "1 W call\n"
               "2 W ended unknown 0\n") == "pass");
  CHECK(judged("P  fork() = W\n"
               "P  getpid() = _\n",
               "0 P returned 77\n"
               "- W ended unknown 0\n") == "fail: W ended, though no line says so / W goes on / +++");
  CHECK(judged("P  fork() = W\n"
               "W  exit(3) = ?\n"
               "W  +++ exited 3\n"
               "P  getpid() = _\n",
               "0 P returned 77\n"
               "1 W call\n"
               "3 P returned 5\n") == "fail at 2: W has not ended / +++ exited 3 / W lives on");
  CHECK(judged("P  fork() = W\n"
               "W  write(4, \"x\", 1) = 1\n",
               "0 P returned 77\n"
               "1 W call\n"
               "1 W ended SIGPIPE 13\n") ==
        "fail at 1: W was killed by SIGPIPE in write(4, \"x\", 1), though no line says so / W goes on / +++ killed by "
        "SIGPIPE");
  CHECK(judged("P  fork() = W\n"
               "P  getpid() = _\n",
               "0 P returned 77\n"
               "1 P returned 5\n"
               "- W ended SIGKILL 9\n") ==
        "fail: W was killed by SIGKILL, though no line says so / W goes on / +++ killed by SIGKILL");
  CHECK(judged("P  fork() = W\n"
               "P  getpid() = _\n",
               "0 P returned 77\n"
               "1 P returned 5\n"
               "1 W ended exited 0\n") ==
        "fail at 1: W exited with 0, though no line says so / W goes on / +++ exited 0");
}

TEST_CASE("memory") {
  CHECK(judged("P  shmat(3, NULL, 0) = m\n"
               "P  m[0] := \"hello\"\n"
               "P  m[0] == \"hello\"\n",
               "0 P returned 4096\n"
               "1 P memory 0\n"
               "2 P memory \"hello\"\n") == "pass");
  CHECK(judged("P  shmat(3, NULL, 0) = m\n"
               "P  m[0] == \"hello\"\n",
               "0 P returned 4096\n"
               "1 P memory \"hallo\"\n") == "fail at 1: m[0] holds \"hallo\", not \"hello\" / \"hello\" / \"hallo\"");
  CHECK(judged("P  shmat(3, NULL, 0) = m\n"
               "P  m[4096] == \"\\0\"*4096\n",
               "0 P returned 4096\n"
               "1 P memory \"\\0\"*4095+\"a\"\n") ==
        "fail at 1: m[4096] holds \"\\0\"*4095+\"a\", not \"\\0\"*4096 / \"\\0\"*4096 / \"\\0\"*4095+\"a\"");
  CHECK(judged("P  shmat(3, NULL, 0) = m\n"
               "P  m[0] := \"x\"\n",
               "0 P returned 4096\n"
               "1 P memory -1 SIGSEGV\n") ==
        "fail at 1: P's store to m[0] raised SIGSEGV / the access completes / --- SIGSEGV");
  CHECK(judged("P  shmat(3, NULL, 0) = m\n"
               "P  m[PAGE_SIZE] == \"x\"\n",
               "0 P returned 4096\n"
               "1 P memory -1 SIGBUS\n") ==
        "fail at 1: P's load from m[PAGE_SIZE (4096)] raised SIGBUS / the access completes / --- SIGBUS");
  CHECK(judged("P  shmat(3, NULL, 0) = m\n"
               "P  m[0] := \"x\"\n"
               "P  --- SIGSEGV {si_code: SEGV_ACCERR}\n",
               "0 P returned 4096\n"
               "1 P memory -1 SIGSEGV\n"
               "2 P signal SIGSEGV {si_signo: 11, si_code: 2, si_addr: 4096}\n") == "pass");
  CHECK(judged("P  shmat(3, NULL, 0) = m\n"
               "P  m[0] := \"x\"\n"
               "P  --- SIGSEGV {si_code: SEGV_ACCERR}\n",
               "0 P returned 4096\n"
               "1 P memory -1 SIGSEGV\n"
               "2 P signal SIGSEGV {si_signo: 11, si_code: 1, si_addr: 4096}\n") ==
        "fail at 2: SIGSEGV told P's handler {si_code: SEGV_MAPERR (1)}, not {si_code: SEGV_ACCERR (2)} / --- SIGSEGV "
        "{si_code: SEGV_ACCERR (2)} / --- SIGSEGV {si_code: SEGV_MAPERR (1)}");
  CHECK(judged("P  shmat(3, NULL, 0) = m\n"
               "P  m[0] := \"x\"\n"
               "P  --- SIGSEGV {si_addr: m}\n",
               "0 P returned 4096\n"
               "1 P memory -1 SIGSEGV\n"
               "2 P signal SIGSEGV {si_signo: 11, si_code: 1, si_addr: 8192}\n") ==
        "fail at 2: SIGSEGV told P's handler {si_addr: 8192}, not {si_addr: m (4096)} / --- SIGSEGV {si_addr: m "
        "(4096)} / --- SIGSEGV {si_addr: 8192}");
  CHECK(judged("P  shmat(3, NULL, 0) = m\n"
               "P  m[0] := \"x\"\n"
               "P  --- SIGSEGV\n",
               "0 P returned 4096\n"
               "1 P memory -1 SIGBUS\n"
               "2 P signal SIGBUS {si_signo: 7, si_code: 2}\n") ==
        "fail at 2: P's handler ran for SIGBUS, not for SIGSEGV / --- SIGSEGV / --- SIGBUS {si_signo: 7, si_code: 2}");
  CHECK(judged("P  shmat(3, NULL, 0) = m\n"
               "P  m[0] := \"x\"\n"
               "P  --- SIGSEGV\n",
               "0 P returned 4096\n"
               "1 P memory 0\n") ==
        "fail at 2: P's access to m[0] raised no SIGSEGV / --- SIGSEGV / the access completed");
  CHECK(judged("P  shmat(3, NULL, 0) = m\n"
               "P  m[0] == \"x\"\n"
               "P  --- SIGBUS\n",
               "0 P returned 4096\n"
               "1 P memory \"x\"\n") ==
        "fail at 2: P's access to m[0] raised no SIGBUS / --- SIGBUS / the access completed");
}

TEST_CASE("a write outside the buffer deviates, whatever else is right") {
  CHECK(judged("P  read(3, _, 16) = 16\n", "0 P smashed 16 | 3 | \"a\"*16 | 16\n") ==
        "fail at 0: the system wrote outside P's buffer in read(3, _, 16) / writes inside the buffer the call was "
        "given / bytes around the buffer were changed");
}

TEST_CASE("a history that makes no sense is an error and no accusation") {
  CHECK(judged("P  getpid() = _\n"
               "P  getppid() = _\n",
               "0 P returned 5\n") == "error at 1: the history says nothing of \"P  getppid() = _\"");
  CHECK(judged("P  getpid() = _\n"
               "P  getppid() = _\n",
               "1 P returned 5\n") == "error at 0: the history says nothing of \"P  getpid() = _\"");
  CHECK(judged("P  getpid() = _\n", "7 P returned 5\n") == "error: the history names step 7 of a case with 1");
  CHECK(judged("P  getpid() = _\n", "0 Q call\n") == "error at 0: the history has Q call at \"P  getpid() = _\"");
  CHECK(judged("P  read(3, _, 1) ...\n"
               "P  ...\n"
               "P  ... read(3, _, 1) = 1\n",
               "0 P blocked\n"
               "2 P returned 1\n") == "error at 1: the history says nothing of \"P  ...\"");
  CHECK(judged("P  getpid() = _\n", "0 P memory 0\n") ==
        "error at 0: the history has P access memory at \"P  getpid() = _\"");
}

TEST_CASE("notes are not judged") {
  CHECK(judged("P  getpid() = _\n",
               "0 P note 1\n"
               "0 P returned 5\n"
               "0 P note 1\n") == "pass");
}

TEST_CASE("the first event that deviates decides") {
  CHECK(judged("P  getpid() = 5\n"
               "P  getpid() = 6\n",
               "0 P returned 6\n"
               "1 P returned 7\n") == "fail at 0: getpid returned 6, not 5 / 5 / 6");
}
