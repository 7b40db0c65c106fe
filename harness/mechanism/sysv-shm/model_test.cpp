// The rules of segments: what they predict, and that a wrong expectation is told with its requirement.
#include <catch2/catch_test_macros.hpp>

#include "harness/model/checked.h"

using ipcvet::model::agreed;
using ipcvet::model::checked;
using ipcvet::model::refuted;

namespace {

const std::string segment = "P  shmget(7, 1000, IPC_CREAT|0600) = id\n";
const std::string attached = segment + "P  shmat(id, NULL, 0) = m\n";

}  // namespace

TEST_CASE("a key leads to one segment, and a greater size does not fit it") {
  agreed(segment + "P  shmget(7, 1000, 0) = id\nP  shmget(8, 0, 0) = -1 ENOENT\n");
  refuted(segment + "P  shmget(7, 1001, 0) = id\n", "posix/shmget/existing-size");
  refuted(segment + "P  shmget(7, 9, IPC_CREAT|IPC_EXCL|0600) = id\n", "posix/shmget/excl-eexist");
  agreed(segment + "P  shmget(7, 1001, IPC_CREAT|IPC_EXCL|0600) = -1 EEXIST or -1 EINVAL\n");
  refuted(segment + "P  shmget(7, 1001, IPC_CREAT|IPC_EXCL|0600) = -1 EEXIST\n", "posix/shmget/existing-size");
  refuted("P  shmget(7, 0, IPC_CREAT|0600) = id\n", "linux/shmget/size-minimum");
}

TEST_CASE("attaches are counted, in each process") {
  agreed(attached + "P  shmctl(id, IPC_STAT, {nattch: 1, lpid: P, dtime: 0, segsz: 1000}) = 0\n");
  refuted(attached + "P  shmctl(id, IPC_STAT, {nattch: 2}) = 0\n", "linux/shmctl/key-field");
  agreed(attached +
         "P  fork() = W\nP  shmctl(id, IPC_STAT, {nattch: 2}) = 0\nW  shmdt(m) = 0\n"
         "P  shmctl(id, IPC_STAT, {nattch: 1, lpid: W}) = 0\n");
  agreed(attached + "P  fork() = W\nW  exit(0) = ?\nW  +++ exited 0\nP  shmctl(id, IPC_STAT, {nattch: 1}) = 0\n");
  refuted(attached + "P  shmdt(m) = 0\nP  shmdt(m) = 0\n", "posix/shmdt/not-attached-einval");
}

TEST_CASE("a removed segment lives until its last attach ends") {
  const std::string doomed = attached + "P  shmctl(id, IPC_RMID, NULL) = 0\n";
  agreed(doomed + "P  shmctl(id, IPC_STAT, {mode: SHM_DEST|0600, nattch: 1}) = 0\nP  shmget(7, 0, 0) = -1 ENOENT\n");
  refuted(doomed + "P  shmctl(id, IPC_STAT, {mode: 0600}) = 0\n", "linux/shmctl/dest-flag");
  agreed(doomed + "P  shmdt(m) = 0\nP  shmctl(id, IPC_STAT, _) = -1 EINVAL or -1 EIDRM\n");
  refuted(doomed + "P  shmdt(m) = 0\nP  shmctl(id, IPC_STAT, _) = 0\n", "posix/shmctl/bad-id-einval");
  agreed(doomed + "P  shmctl(id, IPC_RMID, NULL) = _ or -1 EINVAL or -1 EIDRM\n");
  CHECK(checked(doomed + "P  shmctl(id, IPC_RMID, NULL) = 0\n") != "agrees\n");
}

TEST_CASE("where it is attached: a free place, a taken one, none") {
  agreed(attached + "P  shmdt(m) = 0\nP  shmat(id, m, 0) = m\n");
  refuted(attached + "P  shmat(id, m, 0) = m\n", "linux/shmat/occupied-einval");
  agreed(attached + "P  shmat(id, m, SHM_REMAP) = m\nP  shmctl(id, IPC_STAT, {nattch: 1}) = 0\n");
  refuted(attached + "P  shmdt(m) = 0\nP  shmat(id, m+8, 0) = m+8\n", "posix/shmat/bad-address-einval");
  agreed(attached + "P  shmdt(m) = 0\nP  shmat(id, m+8, SHM_RND) = m\n");
  refuted(segment + "P  shmat(id, NULL, SHM_REMAP) = m\n", "linux/shmat/remap-null-einval");
}

TEST_CASE("a lock shows in the mode") {
  agreed(segment + "P  shmctl(id, SHM_LOCK, NULL) = 0\nP  shmctl(id, IPC_STAT, {mode: SHM_LOCKED|0600}) = 0\n");
  refuted(segment + "P  shmctl(id, SHM_LOCK, NULL) = 0\nP  shmctl(id, IPC_STAT, {mode: 0600}) = 0\n",
          "linux/shmctl/key-field");
}

TEST_CASE("indexes and counts") {
  agreed(segment +
         "P  shm_info(0, SHM_INFO, {used_ids: 1, shm_tot: 1}) = top\n"
         "P  shmctl(top, SHM_STAT, {segsz: 1000, key: 7}) = id\n");
  refuted(segment + "P  shm_info(0, SHM_INFO, {used_ids: 2}) = _\n", "linux/shmctl/shm-info");
  refuted(segment + "P  shm_info(0, SHM_INFO, _) = top\nP  shmctl(top+1, SHM_STAT, _) = id\n", "linux/shmctl/shm-stat");
}
