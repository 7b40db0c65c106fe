// Which constants of a group are combined, by what the flags are for: data for choosing numbers.
//
// Those missing would use up what is scarce (SHM_HUGETLB), make calls depend on time, or mean what kernels differ in.
#pragma once

#include <array>
#include <string_view>

namespace ipcvet::fuzz {

struct FlagSet {
  std::string_view call, argument;  // "" is any
  std::array<std::string_view, 16> words;
  bool one_only = false;  // a command: exactly one, nothing or'ed
};

inline constexpr FlagSet flag_sets[] = {
    {"pipe2", "", {"O_NONBLOCK", "O_CLOEXEC", "O_DIRECT", "O_NONBLOCK", "O_APPEND"}},
    {"dup3", "", {"O_CLOEXEC", "O_NONBLOCK"}},
    {"shm_open", "", {"O_RDWR", "O_RDWR", "O_CREAT", "O_CREAT", "O_EXCL", "O_TRUNC", "O_RDONLY"}},
    {"open",
     "",
     {"O_WRONLY", "O_RDWR", "O_RDWR", "O_NONBLOCK", "O_NONBLOCK", "O_CLOEXEC", "O_CREAT", "O_EXCL", "O_TRUNC",
      "O_APPEND", "O_PATH", "O_NOFOLLOW", "O_DIRECTORY"}},
    {"fcntl",
     "cmd",
     {"F_GETFD", "F_SETFD", "F_GETFL", "F_SETFL", "F_DUPFD", "F_GETPIPE_SZ", "F_SETPIPE_SZ", "F_DUPFD_CLOEXEC",
      "F_ADD_SEALS", "F_GET_SEALS", "F_GETOWN", "F_SETOWN", "F_GETSIG", "F_SETSIG"},
     true},
    {"ioctl", "", {"FIONREAD", "FIONREAD", "FIONBIO", "FIOASYNC", "TIOCGWINSZ"}, true},
    {"lseek", "", {"SEEK_SET", "SEEK_CUR", "SEEK_END"}, true},
    {"mknod", "", {"S_IFIFO", "S_IFIFO", "S_IFDIR", "S_IFCHR", "S_IFLNK", "S_IRUSR", "S_IWUSR", "S_IRUSR", "S_IWUSR"}},
    {"close_range", "", {"CLOSE_RANGE_CLOEXEC"}},
    {"msgget", "", {"IPC_CREAT", "IPC_CREAT", "IPC_EXCL"}},
    {"shmget", "", {"IPC_CREAT", "IPC_CREAT", "IPC_EXCL", "SHM_NORESERVE"}},
    {"msgsnd", "", {"IPC_NOWAIT"}},
    {"msgrcv", "", {"IPC_NOWAIT", "MSG_NOERROR", "MSG_EXCEPT", "MSG_COPY", "IPC_NOWAIT"}},
    {"msgctl",
     "cmd",
     {"IPC_STAT", "IPC_STAT", "IPC_SET", "IPC_SET", "IPC_RMID", "MSG_STAT", "MSG_STAT_ANY", "IPC_INFO", "MSG_INFO"},
     true},
    {"shmctl",
     "cmd",
     {"IPC_STAT", "IPC_STAT", "IPC_SET", "IPC_RMID", "SHM_STAT", "SHM_STAT_ANY", "SHM_LOCK", "SHM_UNLOCK"},
     true},
    {"msginfo", "cmd", {"IPC_INFO", "MSG_INFO"}, true},
    {"shminfo", "cmd", {"IPC_INFO"}, true},
    {"shm_info", "cmd", {"SHM_INFO"}, true},
    {"shmat", "", {"SHM_RDONLY", "SHM_RND", "SHM_REMAP", "SHM_EXEC"}},
    {"", "prot", {"PROT_READ", "PROT_WRITE", "PROT_READ", "PROT_WRITE"}},
    {"mmap",
     "flags",
     {"MAP_SHARED", "MAP_PRIVATE", "MAP_SHARED", "MAP_ANONYMOUS", "MAP_NORESERVE", "MAP_SHARED_VALIDATE"}},
    {"msync", "", {"MS_SYNC", "MS_ASYNC", "MS_INVALIDATE"}},
    {"mremap", "", {"MREMAP_MAYMOVE", "MREMAP_MAYMOVE", "MREMAP_FIXED"}},
    {"madvise", "", {"MADV_REMOVE", "MADV_DONTNEED", "MADV_DONTFORK", "MADV_DOFORK"}, true},
    {"fallocate", "", {"FALLOC_FL_KEEP_SIZE", "FALLOC_FL_PUNCH_HOLE"}},
    {"memfd_create",
     "",
     {"MFD_CLOEXEC", "MFD_ALLOW_SEALING", "MFD_ALLOW_SEALING", "MFD_ALLOW_SEALING", "MFD_EXEC", "MFD_NOEXEC_SEAL"}},
    {"epoll_create1", "", {"EPOLL_CLOEXEC"}},
    {"epoll_ctl", "", {"EPOLL_CTL_ADD", "EPOLL_CTL_ADD", "EPOLL_CTL_MOD", "EPOLL_CTL_DEL"}, true},
    {"waitpid", "", {"WNOHANG", "WNOHANG", "WUNTRACED", "WCONTINUED"}},
    {"waitid", "idtype", {"P_ALL", "P_PID", "P_PID", "P_PGID"}, true},
    {"waitid", "options", {"WEXITED", "WNOHANG", "WNOWAIT", "WEXITED", "WSTOPPED", "WCONTINUED"}},
    {"sigprocmask", "", {"SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK"}, true},
    {"access", "", {"R_OK", "W_OK", "F_OK", "X_OK"}},
    {"splice", "", {"SPLICE_F_NONBLOCK", "SPLICE_F_NONBLOCK", "SPLICE_F_MORE"}},
    {"tee", "", {"SPLICE_F_NONBLOCK", "SPLICE_F_NONBLOCK"}},
    {"vmsplice", "", {"SPLICE_F_NONBLOCK", "SPLICE_F_NONBLOCK"}},
    {"",
     "resource",
     {"RLIMIT_NOFILE", "RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_SIGPENDING", "RLIMIT_MEMLOCK", "RLIMIT_NPROC",
      "RLIMIT_AS"},
     true},
    {"sysconf", "", {"_SC_PAGESIZE", "_SC_IOV_MAX"}, true},
};

// openat() and mknodat() take what open() and mknod() take.
constexpr std::string_view without_at(std::string_view call) {
  return call.ends_with("at") && (call == "openat" || call == "mknodat") ? call.substr(0, call.size() - 2) : call;
}

constexpr const FlagSet *flag_set(std::string_view call, std::string_view argument) {
  for (const FlagSet &set : flag_sets)
    if ((set.call.empty() || set.call == without_at(call)) && (set.argument.empty() || set.argument == argument))
      return &set;
  return nullptr;
}

inline constexpr std::array<std::string_view, 8> seals = {"F_SEAL_SEAL",  "F_SEAL_SHRINK",      "F_SEAL_GROW",
                                                          "F_SEAL_WRITE", "F_SEAL_WRITE",       "F_SEAL_EXEC",
                                                          "F_SEAL_GROW",  "F_SEAL_FUTURE_WRITE"};

// Not those by which an actor learns of its own faults (SIGSEGV, SIGBUS), nor those that are all alike.
inline constexpr std::array<std::string_view, 20> signals = {
    "SIGUSR1", "SIGUSR2", "SIGTERM", "SIGCHLD", "SIGPIPE", "SIGRTMIN", "SIGCONT", "SIGKILL", "SIGUSR1", "SIGURG",
    "SIGSTOP", "SIGSTOP", "SIGCONT", "SIGTSTP", "SIGTTIN", "SIGHUP",   "SIGIO",   "SIGXFSZ", "SIGALRM", "SIGRTMAX"};

}  // namespace ipcvet::fuzz
