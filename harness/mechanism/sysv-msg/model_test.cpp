// The rules of message queues: what they predict, and that a wrong expectation is told with its requirement.
#include <catch2/catch_test_macros.hpp>

#include "harness/model/checked.h"

using ipcvet::Profile;
using ipcvet::model::agreed;
using ipcvet::model::checked;
using ipcvet::model::refuted;

namespace {

const std::string queue = "P  msgget(IPC_PRIVATE, 0600) = id\n";
const std::string small = queue +
                          "P  msgctl(id, IPC_STAT, {uid: u, gid: g}) = 0\n"
                          "P  msgctl(id, IPC_SET, {uid: u, gid: g, mode: 0600, qbytes: 4}) = 0\n";
const std::string three =
    queue +
    "P  msgsnd(id, {mtype: 3, mtext: \"a\"}, 1, 0) = 0\nP  msgsnd(id, {mtype: 1, mtext: \"b\"}, 1, 0) = 0\n"
    "P  msgsnd(id, {mtype: 2, mtext: \"ccc\"}, 3, 0) = 0\n";

}  // namespace

TEST_CASE("types choose: first, exactly, lowest, any but") {
  agreed(three + "P  msgrcv(id, {mtype: 3, mtext: \"a\"}, 9, 0, 0) = 1\n");
  agreed(three + "P  msgrcv(id, {mtype: 1, mtext: \"b\"}, 9, -2, 0) = 1\n");
  agreed(three + "P  msgrcv(id, {mtype: 1, mtext: \"b\"}, 9, 3, MSG_EXCEPT) = 1\n");
  agreed(three + "P  msgrcv(id, _, 9, 4, IPC_NOWAIT) = -1 ENOMSG\n");
  refuted(three + "P  msgrcv(id, {mtype: 1, mtext: \"b\"}, 9, 0, 0) = 1\n", "posix/msgrcv/delivers");
  refuted(three + "P  msgrcv(id, {mtype: 2, mtext: \"ccc\"}, 9, -3, 0) = 3\n", "posix/msgrcv/delivers");
  refuted(three + "P  msgrcv(id, _, 9, 4, IPC_NOWAIT) = -1 EAGAIN\n", "posix/msgrcv/enomsg");
}

TEST_CASE("a message too long is refused or cut, and then gone") {
  refuted(three + "P  msgrcv(id, _, 2, 2, 0) = 2\n", "posix/msgrcv/e2big");
  agreed(three +
         "P  msgrcv(id, {mtype: 2, mtext: \"cc\"}, 2, 2, MSG_NOERROR) = 2\n"
         "P  msgctl(id, IPC_STAT, {qnum: 2, cbytes: 2}) = 0\n");
  refuted(three +
              "P  msgrcv(id, {mtype: 2, mtext: \"cc\"}, 2, 2, MSG_NOERROR) = 2\n"
              "P  msgctl(id, IPC_STAT, {cbytes: 3}) = 0\n",
          "posix/msgctl/stat");
}

TEST_CASE("a copy takes nothing away") {
  agreed(three +
         "P  msgrcv(id, {mtype: 1, mtext: \"b\"}, 9, 1, MSG_COPY|IPC_NOWAIT) = 1\n"
         "P  msgctl(id, IPC_STAT, {qnum: 3, lrpid: 0, rtime: 0}) = 0\n");
  refuted(three + "P  msgrcv(id, _, 9, 3, MSG_COPY|IPC_NOWAIT) = 0\n", "linux/msgrcv/copy");
  refuted(three + "P  msgrcv(id, _, 9, 0, MSG_COPY) = 1\n", "linux/msgrcv/copy-flags");
}

TEST_CASE("a sender waits for room, on Linux for enough of it") {
  const std::string full = small + "P  msgsnd(id, {mtype: 1, mtext: \"full\"}, 4, 0) = 0\nP  fork() = W\n";
  const std::string waits = full + "W  msgsnd(id, {mtype: 2, mtext: \"more\"}, 4, 0) ...\n";
  agreed(waits +
         "P  msgrcv(id, {mtype: 1, mtext: \"full\"}, 9, 0, 0) = 4\n"
         "W  ... msgsnd(id, {mtype: 2, mtext: \"more\"}, 4, 0) = 0\n");
  refuted(waits + "P  msgrcv(id, {mtype: 1, mtext: \"full\"}, 9, 0, 0) = 4\nP  getpid() = _\n", "posix/msgsnd/appends");
  refuted(full + "W  msgsnd(id, {mtype: 2, mtext: \"m\"}, 1, IPC_NOWAIT) = 0\n", "posix/msgsnd/eagain");
  refuted(full + "W  msgsnd(id, {mtype: 2, mtext: \"\"}, 0, 0) ...\n", "posix/msgsnd/appends");
}

TEST_CASE("POSIX leaves open whether an empty message fits into a full queue") {
  const std::string full = small + "P  msgsnd(id, {mtype: 1, mtext: \"full\"}, 4, 0) = 0\n";
  const std::string last = "P  msgsnd(id, {mtype: 1, mtext: \"\"}, 0, IPC_NOWAIT) = ";
  CHECK(checked(full + last + "0 or -1 EAGAIN\n", Profile::posix) == "agrees\n");
  CHECK(checked(full + last + "0\n", Profile::posix) != "agrees\n");
  CHECK(checked(full + last + "-1 EAGAIN\n", Profile::posix) != "agrees\n");
}

TEST_CASE("removal ends every wait, and the identifier") {
  const std::string waits = queue + "P  fork() = W\nW  msgrcv(id, _, 9, 0, 0) ...\nP  msgctl(id, IPC_RMID, NULL) = 0\n";
  agreed(waits + "W  ... msgrcv(id, _, 9, 0, 0) = -1 EIDRM\nP  msgctl(id, IPC_STAT, _) = -1 EINVAL\n");
  refuted(waits + "W  ... msgrcv(id, _, 9, 0, 0) = -1 EINVAL\n", "posix/msgrcv/eidrm");
  refuted(waits + "W  ... msgrcv(id, _, 9, 0, 0) = -1 EIDRM\nP  msgctl(id, IPC_STAT, _) = 0\n",
          "posix/msgctl/einval-id");
}

TEST_CASE("of two receivers one gets the message, and it is open which") {
  const std::string two = queue +
                          "P  fork() = A\nP  fork() = B\nA  msgrcv(id, _, 9, 0, 0) ...\nB  msgrcv(id, _, 9, 0, 0) ...\n"
                          "P  msgsnd(id, {mtype: 1, mtext: \"x\"}, 1, 0) = 0\n";
  agreed(two + "one of A B  ... msgrcv(id, {mtype: 1, mtext: \"x\"}, 9, 0, 0) = 1\n");
  CHECK(checked(two + "A  ... msgrcv(id, {mtype: 1, mtext: \"x\"}, 9, 0, 0) = 1\n") != "agrees\n");
}

TEST_CASE("several errors may be due: the line has to allow each of them") {
  agreed("P  msgsnd(-1, bad, 1, 0) = -1 EINVAL or -1 EFAULT\n");
  refuted("P  msgsnd(-1, bad, 1, 0) = -1 EINVAL\n", "linux/msgsnd/efault");
  refuted("P  msgsnd(-1, bad, 1, 0) = -1 EFAULT\n", "posix/msgsnd/einval-id");
}

TEST_CASE("keys and indexes lead to queues") {
  const std::string made = "P  msgget(7, IPC_CREAT|0640) = id\n";
  agreed(made + "P  msgget(7, 0) = id\nP  msgget(8, 0) = -1 ENOENT\n");
  refuted(made + "P  msgget(7, IPC_CREAT|IPC_EXCL|0600) = id\n", "posix/msgget/eexist");
  agreed(made + "P  msginfo(0, MSG_INFO, {msgpool: 1}) = top\nP  msgctl(top, MSG_STAT, {mode: 0640, key: 7}) = id\n");
  refuted(made + "P  msginfo(0, IPC_INFO, _) = top\nP  msgctl(top+1, MSG_STAT, _) = id\n", "linux/msgctl/msg-stat");
}
