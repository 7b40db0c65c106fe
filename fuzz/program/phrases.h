// Steps that mean something only together: what chance would almost never put behind each other.
//
// Written as the lines of a case whose root actor is P; a generator inserts a phrase as a whole, by any actor, and the
// repair gives its names new ones. Nothing is expected of them, so outcomes bind a name or are left open.
#pragma once

#include <string_view>

namespace ipcvet::fuzz {

struct Phrase {
  std::string_view mechanisms;  // whose programs it belongs into; of `all` it always does
  std::string_view steps;
};

inline constexpr Phrase phrases[] = {
    // At the limit of descriptors.
    {"pipe fifo posix-shm", R"(P  mkfifo("f", 0600) = _
P  open("f", O_RDWR) = d0
P  setrlimit(RLIMIT_NOFILE, {cur: 3, max: 64}) = _
P  pipe([r0, w0]) = _
P  open("f", O_RDWR) = d1
P  open("/dev/null", O_RDWR) = d2
P  memfd_create("m", 0) = d3
P  shm_open("/s", O_CREAT|O_RDWR, 0600) = d4
P  epoll_create1(0) = d5
P  dup(d0) = d6
P  fcntl(d0, F_DUPFD, 0) = d7
)"},
    // At the limit of file sizes; the signal is ignored, or ends the writer.
    {"posix-shm", R"(P  memfd_create("m", 0) = d0
P  setrlimit(RLIMIT_FSIZE, {cur: 100, max: 100}) = _
P  sigaction(SIGXFSZ, {sa_handler: SIG_IGN}, NULL) = _
P  pwrite(d0, "a"*8, 8, 96) = _
P  pwrite(d0, "a", 1, 4096) = _
P  ftruncate(d0, 4096) = _
P  setrlimit(RLIMIT_FSIZE, {cur: 4096, max: 100}) = _
)"},
    {"posix-shm process", R"(P  memfd_create("m", 0) = d0
P  setrlimit(RLIMIT_FSIZE, {cur: 100, max: 100}) = _
P  sigaction(SIGXFSZ, {sa_handler: count}, NULL) = _
P  write(d0, "a"*200, 200) = _
P  write(d0, "a", 1) = _
P  pwrite(d0, "a", 1, 4096) = _
P  fork() = A
A  signal(SIGXFSZ, SIG_DFL) = _
A  write(d0, "a", 1) = _
P  waitpid(A, _, 0) = _
)"},
    {"process", R"(P  setrlimit(RLIMIT_NPROC, {cur: 0, max: 0}) = _
P  setresuid(1001, 1001, 1001) = _
P  fork() = A
P  setrlimit(RLIMIT_NOFILE, {cur: 64, max: 64}) = _
P  setrlimit(RLIMIT_NOFILE, {cur: 64, max: 1024}) = _
P  getrlimit(77, _) = _
)"},
    {"process", R"(P  setrlimit(RLIMIT_SIGPENDING, {cur: 0, max: 0}) = _
P  setresuid(1001, 1001, 1001) = _
P  sigprocmask(SIG_BLOCK, [SIGRTMIN], NULL) = _
P  sigqueue(P, SIGRTMIN, 1) = _
)"},
    {"pipe", R"(P  pipe([r0, w0]) = _
P  setresuid(1001, 1001, 1001) = _
P  fcntl(w0, F_SETPIPE_SZ, 2097152) = _
)"},
    // Those who may not.
    {"process", R"(P  fork() = A
A  setresuid(1001, 1001, 1001) = _
A  kill(P, 0) = _
A  kill(P, SIGCONT) = _
A  sigqueue(P, SIGUSR1, 1) = _
A  tgkill(P, P, SIGUSR1) = _
A  kill(0-P, SIGUSR1) = _
A  setresuid(0, 0, 0) = _
)"},
    {"process", R"(P  kill(-1, 65) = _
P  sigaction(SIGUSR1, {sa_handler: count}, NULL) = _
P  fork() = A
P  setpgid(A, 0) = _
P  kill(0-A, SIGUSR1) = _
P  kill(0-A, 65) = _
P  kill(0, SIGUSR1) = _
P  kill(0, 65) = _
P  kill(-1, SIGUSR1) = _
P  kill(-1, 65) = _
)"},
    {"fifo posix-shm", R"(P  umask(0) = _
P  mkdir("d", 01777) = _
P  open("d/f", O_CREAT|O_RDWR, 0600) = d0
P  setresgid(1001, 1001, 1001) = _
P  setresuid(1001, 1001, 1001) = _
P  open("d/f", O_RDWR) = d1
P  unlink("d/f") = _
P  chmod("d/f", 0666) = _
P  fchmod(d0, 0666) = _
P  chown("d/f", 1001, -1) = _
P  fchown(d0, 1001, -1) = _
P  futimens(d0, {atime: 1000, mtime: 2000}) = _
P  truncate("d/f", 0) = _
P  access("d/f", R_OK) = _
)"},
    {"fifo", R"(P  umask(0) = _
P  mkdir("d", 0777) = _
P  chown("d", -1, 1001) = _
P  chmod("d", 02777) = _
P  mkfifo("d/f", 0600) = _
P  stat("d/f", _) = _
P  mkdir("d/g", 0700) = _
P  stat("d/g", _) = _
)"},
    {"fifo", R"(P  mkdir("d", 0755) = _
P  open("d/f", O_CREAT|O_RDWR, 0600) = d0
P  fork() = A
A  setresuid(1001, 1001, 1001) = _
A  mkfifo("d/g", 0600) = _
A  unlink("d/f") = _
A  rename("d/f", "d/g") = _
A  mknod("g", S_IFCHR|0600, 1) = _
P  rmdir("d") = _
P  link("d", "g") = _
P  rename("d/f", "f/") = _
P  chmod("d", 0) = _
A  rmdir("d") = _
A  chdir("d") = _
A  open("d/f", O_RDWR) = d1
)"},
    {"fifo", R"(P  mkfifo("f", 0600) = _
P  fork() = A
A  setresuid(1001, 1001, 1001) = _
A  open("f", O_RDWR) = d0
P  open("f", O_RDWR) = d1
P  open("/proc/self/fd/3", O_RDONLY) = d2
P  chmod("f", 0) = _
)"},
    {"posix-shm", R"(P  umask(0) = _
P  shm_open("/s", O_CREAT|O_RDWR, 0600) = d0
P  symlink("f", "/dev/shm/l") = _
P  shm_open("/l", O_RDWR, 0) = d1
P  shm_open("/", O_CREAT|O_RDWR, 0600) = d2
P  setresuid(1001, 1001, 1001) = _
P  shm_open("/s", O_RDWR, 0) = d3
P  shm_unlink("/s") = _
)"},
    {"sysv-msg sysv-shm", R"(P  msgget(1001, IPC_CREAT|0600) = q0
P  shmget(1001, 4096, IPC_CREAT|0600) = s0
P  msgget(1001, IPC_CREAT|IPC_EXCL|0600) = q1
P  shmget(1001, 4096, IPC_CREAT|IPC_EXCL|0600) = s1
P  shmget(1001, 8192, 0600) = s2
P  setresgid(1001, 1001, 1001) = _
P  setresuid(1001, 1001, 1001) = _
P  msgget(1001, 0600) = q2
P  shmget(1001, 1, 0600) = s3
P  shmctl(s0, SHM_LOCK, NULL) = _
P  shmctl(s0, IPC_SET, {mode: 0600}) = _
P  shmctl(s0, IPC_RMID, NULL) = _
P  shmat(s0, NULL, 0) = m0
)"},
    {"sysv-shm", R"(P  setresuid(1001, 1001, 1001) = _
P  shmget(IPC_PRIVATE, 131072, 0600) = s0
P  shmctl(s0, SHM_LOCK, NULL) = _
P  setrlimit(RLIMIT_MEMLOCK, {cur: 0, max: 0}) = _
P  shmctl(s0, SHM_LOCK, NULL) = _
P  shmctl(s0, IPC_SET, {mode: 0600, uid: -1, gid: 0}) = _
)"},
    // Seals, while the file is mapped and after.
    {"posix-shm", R"(P  memfd_create("m", MFD_ALLOW_SEALING) = d0
P  ftruncate(d0, 8192) = _
P  mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, d0, 0) = m0
P  fcntl(d0, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) = _
P  madvise(m0, 4096, MADV_REMOVE) = _
)"},
    // An answer of waitid() that has no place.
    {"process", R"(P  sigaction(SIGUSR1, {sa_handler: count}, NULL) = _
P  fork() = A
P  waitid(P_PID, A, bad, WEXITED|WNOHANG) = _
P  waitid(P_PID, A, bad, WEXITED) = _
A  kill(P, SIGUSR1) = _
)"},
    // The sticky bit.
    {"fifo", R"(P  umask(0) = _
P  mkdir("d", 01777) = _
P  chmod("d", 01777) = _
P  mkdir("d/f", 0777) = _
P  mkfifo("d/g", 0666) = _
P  setresuid(-1, 1001, -1) = _
P  rmdir("d/f") = _
P  unlink("d/g") = _
P  rename("d/g", "d/f") = _
)"},
    {"posix-shm", R"(P  memfd_create("m", MFD_ALLOW_SEALING) = d0
P  ftruncate(d0, 8192) = _
P  mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, d0, 0) = m0
P  fcntl(d0, F_ADD_SEALS, F_SEAL_WRITE) = _
P  munmap(m0, 8192) = _
P  fcntl(d0, F_ADD_SEALS, F_SEAL_WRITE) = _
P  write(d0, "a", 1) = _
P  mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, d0, 0) = m1
P  mmap(NULL, 4096, PROT_READ, MAP_SHARED, d0, 0) = m2
P  fallocate(d0, FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE, 0, 4096) = _
P  fcntl(d0, F_GET_SEALS) = _
)"},
    {"posix-shm", R"(P  memfd_create("m", MFD_ALLOW_SEALING) = d0
P  write(d0, "a"*100, 100) = _
P  fcntl(d0, F_ADD_SEALS, 16384) = _
P  fcntl(d0, F_ADD_SEALS, F_SEAL_GROW) = _
P  fcntl(d0, F_ADD_SEALS, F_SEAL_SHRINK) = _
P  ftruncate(d0, 8192) = _
P  ftruncate(d0, 1) = _
P  pwrite(d0, "a", 1, 4096) = _
P  fallocate(d0, 0, 0, 8192) = _
P  fallocate(d0, FALLOC_FL_PUNCH_HOLE, 0, 4096) = _
P  fcntl(d0, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) = _
P  pwrite(d0, "a", 1, 0) = _
P  mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, d0, 0) = m0
P  fcntl(d0, F_ADD_SEALS, F_SEAL_SEAL) = _
P  fcntl(d0, F_ADD_SEALS, F_SEAL_WRITE) = _
)"},
    {"posix-shm", R"(P  memfd_create("m", MFD_NOEXEC_SEAL) = d0
P  fchmod(d0, 0777) = _
P  shm_open("/s", O_CREAT|O_RDONLY, 0600) = d1
P  fcntl(d1, F_ADD_SEALS, F_SEAL_WRITE) = _
P  fallocate(d0, 0, 0, 4096) = _
P  pread(d0, _, SIZE_MAX, 0) = _
P  pwrite(d0, "a", SIZE_MAX, 0) = _
P  read(d0, _, SIZE_MAX) = _
P  write(d0, "a", SIZE_MAX) = _
P  lseek(d0, 0, 77) = _
P  fstat(d0, bad) = _
)"},
    // Mappings side by side, and holes between them.
    {"posix-shm sysv-shm", R"(P  mmap(NULL, 12288, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = m0
P  mmap(m0+4096, 4096, PROT_READ, MAP_SHARED|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = m1
P  mremap(m0, 4096, 8192, 0) = m2
P  mremap(m0+4096, 8192, 12288, 0) = m3
P  munmap(m0+8192, 4096) = _
P  mremap(m0+8192, 4096, 8192, 0) = m4
P  mremap(m1, 4096, 8192, MREMAP_MAYMOVE) = m5
)"},
    {"posix-shm sysv-shm", R"(P  mmap(NULL, 12288, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = m0
P  munmap(m0+4096, 4096) = _
P  msync(m0, 12288, MS_SYNC) = _
P  msync(m0, 4096, MS_SYNC|MS_ASYNC) = _
P  mincore(m0, 12288) = _
P  madvise(m0+4096, 4096, MADV_DONTNEED) = _
P  mprotect(m0, 12288, PROT_READ) = _
P  mmap(m0+1, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = m3
P  mremap(m0, 12288, 16384, MREMAP_MAYMOVE) = m2
P  setrlimit(RLIMIT_AS, {cur: 8589934592, max: 8589934592}) = _
P  mmap(NULL, 17179869184, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = m4
)"},
    {"posix-shm", R"(P  memfd_create("m", 0) = d0
P  ftruncate(d0, 8192) = _
P  mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, d0, 0) = m0
P  madvise(m0, 4096, MADV_REMOVE) = _
P  mmap(NULL, 8192, PROT_READ, MAP_SHARED, d0, 0) = m1
P  madvise(m1, 4096, MADV_REMOVE) = _
P  mmap(NULL, 8192, PROT_READ, MAP_SHARED_VALIDATE|MAP_SYNC, d0, 0) = m2
)"},
    {"sysv-shm", R"(P  shmget(IPC_PRIVATE, 4096, 0600) = s0
P  shmat(s0, NULL, 0) = m0
P  shmat(s0, NULL, SHM_REMAP) = m1
P  shmat(s0, m0+1, 0) = m2
P  shmat(s0, m0, SHM_REMAP) = m3
P  shmdt(m0) = _
P  shmat(s0, m0, 0) = m4
P  shmctl(s0, IPC_RMID, NULL) = _
P  shmctl(s0, IPC_RMID, NULL) = _
)"},
    // Somebody is blocked when it happens.
    {"pipe", R"(P  sigaction(SIGPIPE, {sa_handler: SIG_IGN}, NULL) = _
P  pipe([r0, w0]) = _
P  write(w0, "a"*65536, 65536) = _
P  fork() = A
A  close(r0) = _
A  write(w0, "b", 1) = _
P  close(r0) = _
)"},
    {"pipe", R"(P  sigaction(SIGPIPE, {sa_handler: count}, NULL) = _
P  pipe([r0, w0]) = _
P  write(w0, "a"*65536, 65536) = _
P  thread() = A
P  thread() = B
A  write(w0, "b", 1) = _
B  write(w0, "c"*4097, 4097) = _
P  read(r0, _, 100) = _
P  close(r0) = _
)"},
    {"pipe", R"(P  pipe([r0, w0]) = _
P  pipe([r1, w1]) = _
P  fork() = A
P  thread() = B
A  poll([{fd: r0, events: POLLIN}, {fd: r1, events: POLLIN}], 2, -1) = _
B  select(64, [r0, r1], [], [], -1) = _
P  write(w1, "a", 1) = _
P  write(w0, "a", 1) = _
)"},
    {"pipe", R"(P  pipe2([r0, w0], O_NONBLOCK) = _
P  write(w0, "a"*65536, 65536) = _
P  pipe([r1, w1]) = _
P  write(w1, "b", 1) = _
P  splice(r1, NULL, w0, NULL, 1, 0) = _
P  fcntl(w0, F_SETFL, 0) = _
P  fork() = A
A  splice(r1, NULL, w0, NULL, 1, 0) = _
P  read(r0, _, 65536) = _
)"},
    {"pipe", R"(P  pipe([r0, w0]) = _
P  write(w0, "abc", 3) = _
P  open("f", O_CREAT|O_APPEND|O_RDWR, 0600) = d0
P  splice(r0, NULL, d0, NULL, 1, 0) = _
P  memfd_create("m", 0) = d1
P  splice(r0, NULL, d1, [-1, _], 1, 0) = _
P  splice(d1, NULL, d1, NULL, 1, 0) = _
P  splice(d1, [-1, _], w0, NULL, 1, 0) = _
P  sendfile(w0, r0, [0, _], 1) = _
P  sendfile(d1, r0, NULL, 1) = _
)"},
    {"sysv-msg", R"(P  sigaction(SIGUSR1, {sa_handler: count}, NULL) = _
P  msgget(IPC_PRIVATE, 0600) = q0
P  msgsnd(q0, {mtype: 1, mtext: "a"*8192}, 8192, 0) = _
P  msgsnd(q0, {mtype: 1, mtext: "b"*8192}, 8192, 0) = _
P  fork() = A
A  msgsnd(q0, {mtype: 1, mtext: "c"}, 1, 0) = _
P  kill(A, SIGUSR1) = _
P  msgrcv(q0, bad, 8192, 0, IPC_NOWAIT|MSG_COPY) = _
P  msgrcv(q0, _, 8192, 7, IPC_NOWAIT|MSG_COPY) = _
P  msgrcv(q0, bad, 0, 0, IPC_NOWAIT|MSG_COPY) = _
P  msgrcv(q0, bad, 8192, 0, 0) = _
)"},
    {"sysv-msg", R"(P  msgget(IPC_PRIVATE, 0600) = q0
P  msgsnd(q0, {mtype: 1, mtext: "a"*8192}, 8192, 0) = _
P  msgsnd(q0, {mtype: 2, mtext: "b"*8192}, 8192, 0) = _
P  fork() = A
A  msgsnd(q0, {mtype: 3, mtext: "c"}, 1, 0) = _
P  msgrcv(q0, _, 8192, 2, 0) = _
P  msgrcv(q0, _, 8192, -3, IPC_NOWAIT) = _
)"},
    {"sysv-msg sysv-shm", R"(P  msgget(1001, IPC_CREAT|0640) = q0
P  shmget(1001, 4096, IPC_CREAT|0640) = s0
P  msgctl(q0, IPC_SET, {mode: 0640, uid: 1002, gid: 1001}) = _
P  shmctl(s0, IPC_SET, {mode: 0640, uid: 1002, gid: 1001}) = _
P  setresgid(1001, 1001, 1001) = _
P  setresuid(1001, 1001, 1001) = _
P  msgctl(q0, IPC_STAT, _) = _
P  msgsnd(q0, {mtype: 1, mtext: "a"}, 1, IPC_NOWAIT) = _
P  msgrcv(q0, _, 1, 0, IPC_NOWAIT) = _
P  msgget(1001, 0200) = q1
P  shmctl(s0, IPC_STAT, _) = _
P  shmat(s0, NULL, SHM_RDONLY) = m0
P  shmat(s0, NULL, 0) = m1
)"},
    {"process", R"(P  sigprocmask(SIG_BLOCK, [SIGUSR1], NULL) = _
P  raise(SIGUSR1) = _
P  sigtimedwait([SIGUSR1], bad, {sec: 0, nsec: 0}) = _
P  fork() = A
A  sigwaitinfo([SIGUSR1], bad) = _
P  kill(A, SIGUSR1) = _
)"},
    {"process", R"(P  sigprocmask(SIG_BLOCK, [SIGCHLD], NULL) = _
P  fork() = A
A  exit(1) = ?
P  sigpending(_) = _
P  waitpid(A, _, 0) = _
P  sigpending(_) = _
)"},
    {"process", R"(P  thread() = A
P  join(P) = _
A  thread_exit() = ?
P  join(A) = _
P  join(A) = _
)"},
    {"process", R"(P  mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = m0
P  fork() = A
P  fork() = B
P  thread() = C
A  futex_wait(m0, 0) = _
B  futex_wait(m0, 0) = _
C  futex_wait(m0, 0) = _
P  futex_wake(m0, 2) = _
P  futex_wake(m0, 2) = _
)"},
    {"process", R"(P  mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = m0
P  fork() = A
A  futex_wait(m0, 0) = _
P  futex_wait(m0+1, 0) = _
P  futex_wait(bad, 0) = _
P  futex_wake(m0, 1) = _
P  munmap(m0+4096, 4096) = _
P  futex_wake(m0+4096, 1) = _
)"},
    {"pipe", R"(P  open("/dev/null", O_RDWR) = d0
P  read(d0, _, 1) = _
P  write(d0, "a", 1) = _
P  mkdir("d", 0700) = _
P  open("d", O_RDONLY|O_DIRECTORY) = d1
P  read(d1, _, 1) = _
P  open("d", O_RDWR) = d2
P  epoll_create1(77) = d3
P  pipe([r0, w0]) = _
P  epoll_create1(0) = d4
P  epoll_ctl(d4, 77, r0, {events: EPOLLIN, data: 0}) = _
P  epoll_ctl(d4, EPOLL_CTL_ADD, w0, {events: EPOLLOUT, data: 0}) = _
P  epoll_ctl(d4, EPOLL_CTL_MOD, w0, bad) = _
P  epoll_wait(d4, bad, 1, 0) = _
P  fcntl(r0, F_SETOWN, 999999) = _
P  close(r0) = _
P  poll([{fd: w0, events: POLLOUT}], 1, 0) = _
)"},
};

}  // namespace ipcvet::fuzz
