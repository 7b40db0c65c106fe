// Golden transcripts: what a stranger reads when told that a kernel is wrong.
#include "reports/transcript.h"

#include <catch2/catch_test_macros.hpp>

#include "harness/judge/history_text.h"
#include "reports/sample.h"

using namespace ipcvet;

namespace {

std::string transcript_of(std::string_view text, std::string_view events) {
  const Case instance = instance_of(text);
  History h = history_of(instance, events);
  Verdict v = judge(instance, h);
  return transcript(make_result(instance, std::move(h), std::move(v)));
}

}  // namespace

TEST_CASE("a pass") {
  CHECK(transcript(sample_record().cases[0]) == R"(pass  pipe/eof
  The last close decides: readers see <end-of-file> & more
  posix/read/pipe-no-writer-eof (shall)

  ok  P  pipe([r, w]) = 0    # [3, 4]
  ok  P  fork() = W          # = 77
  ok  P  close(w) = 0
  ok  P  read(r, _, 16) ...  # blocked: asleep in read, not scheduled between two looks
  ok  W  close(w) = 0
  ok  P  ... read(r, "", 16) = 0
  ok  P  close(r) = 0        # woken

  sandbox: own user pid ipc mount
)");
}

TEST_CASE("a deviation") {
  CHECK(transcript(sample_record().cases[1]) == R"(fail  pipe/eof-broken
  The last close decides: readers see <end-of-file> & more
  posix/read/pipe-no-writer-eof (shall): read() returns 0 once no process has the pipe open for writing.
    [POSIX.1-2024, read(), DESCRIPTION]
  reason: read returned -1 EINTR, not 0

  ok  P  pipe([r, w]) = 0    # [3, 4]
  ok  P  fork() = W          # = 77
  ok  P  close(w) = 0
  ok  P  read(r, _, 16) ...  # blocked: asleep in read, not scheduled between two looks
  ok  W  close(w) = 0
  >>  P  ... read(r, "", 16) = 0
          allowed:  0
          actual:   -1 EINTR
  --  P  close(r) = 0

  sandbox: own user pid ipc mount
  left behind: 1 objects removed after the case
)");
}

TEST_CASE("an invariant that does not hold") {
  CHECK(transcript(sample_record().cases[2]) == R"(fail  pipe/whole[1]
  Records up to PIPE_BUF stay whole
  row 1: size = PIPE_BUF, falsifies = _
  posix/write/pipe-atomic (shall)
  reason: none-lost does not hold: record 1 of W was sent and not received (1 of 2 sent are missing)

  ok  P  pipe([r, w]) = 0  # [3, 4]
  ok  stress
  ok    W  write(w, record, PIPE_BUF) * 2
  ok    P  read(r, record, PIPE_BUF) until 0
  >>    holds whole, none-lost
          allowed:  none-lost holds
          actual:   record 1 of W was sent and not received (1 of 2 sent are missing)
)");
}

TEST_CASE("a skip shows the case without marks") {
  CHECK(transcript(sample_record().cases[3]) == R"(skip  sysv-msg/copy
  MSG_COPY
  linux/msgrcv/copy (linux)
  reason: needs msg-copy: msgrcv with MSG_COPY is -1 ENOSYS

      P  getpid() = _
)");
}

TEST_CASE("a time-out shows where") {
  CHECK(transcript(sample_record().cases[4]) == R"(timeout  fifo/stuck
  An open that stays
  posix/open/fifo (shall)
  reason: P has not returned from open

  >>  P  open("f", O_RDONLY) = fd
          allowed:  open returns
          actual:   P has not returned from open
)");
}

TEST_CASE("observations are told") {
  CHECK(transcript(sample_record().cases[5]) == R"(pass  pipe/capacity
  What a pipe holds
  linux/pipe/capacity (observe)

  ok  P  fcntl(4, F_GETPIPE_SZ) = ?cap  # = 65536

  sandbox: own user pid ipc mount
  observed: cap = 65536
)");
}

TEST_CASE("a return that nothing lets happen") {
  CHECK(transcript_of("P  fork() = W\nP  read(3, _, 16) ...\nW  close(4) = 0\nW  exit(0) = ?\nW  +++ exited 0\n",
                      "0 P returned 77\n1 P blocked\n2 W returned 0\n2 P returned 0 | 3 | \"\" | 16\n") ==
        R"(fail  pipe/test
  test
  posix/test (shall)
  reason: P returned from read(3, _, 16) = 0, though nothing lets it

  ok  P  fork() = W          # = 77
  ok  P  read(3, _, 16) ...  # blocked
  >>  W  close(4) = 0
          allowed:  P still blocked
          actual:   P  ... read(3, _, 16) = 0
  --  W  exit(0) = ?
  --  W  +++ exited 0
)");
}

TEST_CASE("a signal nobody claims, after the last line") {
  CHECK(transcript_of("P  raise(SIGUSR1) = 0\n", "0 P returned 0\n- P signal SIGUSR1 {si_signo: 10}\n") ==
        R"(fail  pipe/test
  test
  posix/test (shall)
  reason: P's handler for SIGUSR1 ran, though no line claims it

  ok  P  raise(SIGUSR1) = 0
  >>  (after the last line)
          allowed:  no signal
          actual:   --- SIGUSR1 {si_signo: 10}
)");
}

TEST_CASE("a group shows which of its members came") {
  CHECK(transcript_of("P  fork() = W\nP  fork() = X\nW  read(3, _, 1) ...\nX  read(3, _, 1) ...\nP  close(4) = 0\n"
                      "any order\n  W  ... read(3, \"\", 1) = 0\n  X  ... read(3, \"\", 1) = 0\nP  close(3) = 0\n",
                      "0 P returned 7\n1 P returned 8\n2 W blocked\n3 X blocked\n4 P returned 0\n"
                      "7 X returned 0 | 3 | \"\" | 1\n6 W still\n") == R"(fail  pipe/test
  test
  posix/test (shall)
  reason: W was not woken from read(3, "", 1)

  ok  P  fork() = W         # = 7
  ok  P  fork() = X         # = 8
  ok  W  read(3, _, 1) ...  # blocked
  ok  X  read(3, _, 1) ...  # blocked
  ok  P  close(4) = 0
  ok  any order
  >>    W  ... read(3, "", 1) = 0
          allowed:  ... read(3, "", 1) = 0
          actual:   W is still blocked
  ok    X  ... read(3, "", 1) = 0
  --  P  close(3) = 0
)");
}
