// Numbers, flags, process ids and signals: at the edges of what is allowed, and just beyond.
#include <array>

#include "fuzz/program/arguments_impl.h"

namespace ipcvet::fuzz {
namespace {

constexpr int64_t no_flag = 0x8000000;  // means nothing to any call

// Which constants of a group are combined, by what the flags are for. Those missing would touch what is not the
// Program's (MAP_FIXED), use up what is scarce (SHM_HUGETLB), or make calls depend on time.
struct FlagSet {
  std::string_view call, argument;
  std::array<std::string_view, 8> words;
  bool one_only;  // a command: exactly one, nothing or'ed
};
constexpr FlagSet flag_sets[] = {
    {"pipe2", "", {"O_NONBLOCK", "O_CLOEXEC", "O_DIRECT", "O_NONBLOCK", "O_APPEND"}, false},
    {"dup3", "", {"O_CLOEXEC", "O_NONBLOCK"}, false},
    {"shm_open", "", {"O_RDWR", "O_RDWR", "O_CREAT", "O_CREAT", "O_EXCL", "O_TRUNC", "O_RDONLY"}, false},
    {"open", "", {"O_WRONLY", "O_RDWR", "O_NONBLOCK", "O_NONBLOCK", "O_CLOEXEC", "O_CREAT", "O_EXCL"}, false},
    {"openat",
     "",
     {"O_WRONLY", "O_RDWR", "O_NONBLOCK", "O_NONBLOCK", "O_CLOEXEC", "O_CREAT", "O_EXCL", "O_TRUNC"},
     false},
    {"fcntl",
     "cmd",
     {"F_GETFD", "F_SETFD", "F_GETFL", "F_SETFL", "F_DUPFD", "F_GETPIPE_SZ", "F_SETPIPE_SZ", "F_DUPFD_CLOEXEC"},
     true},
    {"ioctl", "", {"FIONREAD"}, true},
    {"lseek", "", {"SEEK_SET", "SEEK_CUR", "SEEK_END"}, true},
    {"mknod", "", {"S_IFIFO", "S_IRUSR", "S_IWUSR", "S_IRUSR", "S_IWUSR"}, false},
    {"msgget", "", {"IPC_CREAT", "IPC_CREAT", "IPC_EXCL"}, false},
    {"shmget", "", {"IPC_CREAT", "IPC_CREAT", "IPC_EXCL"}, false},
    {"msgsnd", "", {"IPC_NOWAIT"}, false},
    {"msgrcv", "", {"IPC_NOWAIT", "MSG_NOERROR", "MSG_EXCEPT", "MSG_COPY"}, false},
    {"msgctl", "cmd", {"IPC_STAT", "IPC_STAT", "IPC_SET", "IPC_RMID", "IPC_STAT"}, true},
    {"shmctl", "cmd", {"IPC_STAT", "IPC_STAT", "IPC_SET", "IPC_RMID", "IPC_STAT"}, true},
    {"shmat", "", {"SHM_RDONLY", "SHM_RND"}, false},
    {"", "prot", {"PROT_READ", "PROT_WRITE", "PROT_READ", "PROT_WRITE"}, false},
    {"mmap", "flags", {"MAP_SHARED", "MAP_PRIVATE", "MAP_SHARED", "MAP_ANONYMOUS"}, false},
    {"msync", "", {"MS_SYNC", "MS_ASYNC", "MS_INVALIDATE"}, false},
    {"mremap", "", {"MREMAP_MAYMOVE"}, false},
    {"fallocate", "", {"FALLOC_FL_KEEP_SIZE", "FALLOC_FL_PUNCH_HOLE"}, false},
    {"memfd_create", "", {"MFD_CLOEXEC", "MFD_ALLOW_SEALING", "MFD_ALLOW_SEALING"}, false},
    {"epoll_create1", "", {"EPOLL_CLOEXEC"}, false},
    {"epoll_ctl", "", {"EPOLL_CTL_ADD", "EPOLL_CTL_ADD", "EPOLL_CTL_MOD", "EPOLL_CTL_DEL"}, true},
    {"waitpid", "", {"WNOHANG", "WNOHANG", "WUNTRACED", "WCONTINUED"}, false},
    {"waitid", "idtype", {"P_ALL", "P_PID", "P_PID"}, true},
    {"waitid", "options", {"WEXITED", "WNOHANG", "WNOWAIT", "WEXITED"}, false},
    {"sigprocmask", "", {"SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK"}, true},
    {"access", "", {"R_OK", "W_OK", "F_OK"}, false},
    {"splice", "", {"SPLICE_F_NONBLOCK", "SPLICE_F_NONBLOCK", "SPLICE_F_MORE"}, false},
    {"tee", "", {"SPLICE_F_NONBLOCK", "SPLICE_F_NONBLOCK"}, false},
    {"vmsplice", "", {"SPLICE_F_NONBLOCK", "SPLICE_F_NONBLOCK"}, false},
};
constexpr std::array<std::string_view, 8> seals = {"F_SEAL_SEAL",  "F_SEAL_SHRINK",      "F_SEAL_GROW",
                                                   "F_SEAL_WRITE", "F_SEAL_SEAL",        "F_SEAL_SHRINK",
                                                   "F_SEAL_GROW",  "F_SEAL_FUTURE_WRITE"};
constexpr std::array<std::string_view, 10> signals = {"SIGUSR1",  "SIGUSR2", "SIGTERM", "SIGCHLD", "SIGPIPE",
                                                      "SIGRTMIN", "SIGCONT", "SIGKILL", "SIGUSR1", "SIGURG"};

const FlagSet *flag_set(const Position &at) {
  for (const FlagSet &set : flag_sets)
    if ((set.call.empty() || set.call == at.spec.name || (set.call == "mknod" && at.spec.name == "mknodat")) &&
        (set.argument.empty() || set.argument == at.arg().name))
      return &set;
  return nullptr;
}

Value joined(Value left, Value right) {
  return {Value::Binary{Value::Op::bits, {std::move(left), std::move(right)}}, {}};
}

Value octal(int64_t n) { return {Value::Int{n, n == 0 ? Value::Base::dec : Value::Base::oct}, {}}; }

Value choose_mode(Random &random) {
  return octal(random.one_of<int64_t>({0600, 0600, 0600, 0644, 0400, 0200, 0, 0777, 0666}));
}

constexpr std::array<int64_t, 18> sizes = {0,    1,    2,    3,    8,     100,   511,   4095,  4096,
                                           4097, 8191, 8192, 8193, 12288, 65535, 65536, 65537, 131072};

Value choose_size(Random &random) {
  if (random.chance(45)) return Value::integer(random.below(17));
  if (random.chance(3)) return Value::name("SIZE_MAX");
  return Value::integer(random.pick(sizes));
}

Value fcntl_argument(const Position &at, Random &random) {
  const std::string_view command = command_word(at.call, at.spec);
  if (command == "F_SETFL")
    return random.chance(60)   ? Value::name("O_NONBLOCK")
           : random.chance(70) ? Value::integer(0)
                               : Value::name("O_DIRECT");
  if (command == "F_SETFD") return random.chance(50) ? Value::name("FD_CLOEXEC") : Value::integer(0);
  if (command.starts_with("F_DUPFD")) return Value::integer(random.one_of<int64_t>({0, 0, 10, 200, 1024, -1}));
  if (command == "F_ADD_SEALS") return Value::name(std::string(random.pick(seals)));
  if (command == "F_SETPIPE_SZ")
    return Value::integer(
        random.one_of<int64_t>({0, 1, 4096, 4097, 8192, 8193, 16384, 65536, 65537, 131072, 1048576, -1}));
  return Value::any();  // left out
}

bool names_a_size(std::string_view n) {
  return n == "length" || n == "size" || n == "count" || n == "old_length" || n == "new_length";
}

}  // namespace

std::string_view command_word(const Call &call, const CallSpec &spec) {
  for (uint32_t i = 0; i < spec.nargs && i < call.args.size(); ++i)
    if (spec.args[i].domain == "ipc_cmd" || spec.args[i].domain == "fcntl" || spec.args[i].domain == "ioctl")
      return word_of(call.args[i]);
  return {};
}

bool needs_option(const Call &call) {
  const std::string_view command = call.name == "fcntl" && call.args.size() > 1 ? word_of(call.args[1]) : "";
  return command.starts_with("F_SET") || command.starts_with("F_DUPFD") || command == "F_ADD_SEALS";
}

Value choose_flags(const Position &at, Random &random) {
  if (at.spec.name == "fcntl" && at.arg().name == "arg") return fcntl_argument(at, random);
  const FlagSet *set = flag_set(at);
  if (!set) return Value::integer(0);
  size_t n = 0;
  while (n < set->words.size() && !set->words[n].empty()) ++n;
  const auto word = [&] { return Value::name(std::string(set->words[random.below(n)])); };
  if (set->one_only) {
    if (at.spec.name == "fcntl" && random.chance(10))
      return Value::name(random.chance(50) ? "F_ADD_SEALS" : "F_GET_SEALS");
    return random.chance(97) ? word() : Value::integer(random.one_of<int64_t>({-1, 77}));
  }
  Value flags = random.chance(40) ? Value::integer(0) : word();
  const bool prot_or_map = at.spec.name == "mmap" || at.spec.name == "mprotect";
  if (prot_or_map && random.chance(70)) flags = word();
  for (int more = 0; more < 2 && random.chance(40); ++more) flags = joined(std::move(flags), word());
  if (at.spec.name == "msgget" || at.spec.name == "shmget") flags = joined(std::move(flags), choose_mode(random));
  if (random.chance(2) && !at.spec.name.starts_with("mknod")) flags = joined(std::move(flags), Value::integer(no_flag));
  return flags;
}

Value choose_signal(Random &random) {
  if (random.chance(4)) return Value::integer(random.one_of<int64_t>({0, 0, 65, -1}));
  return Value::name(std::string(random.pick(signals)));
}

Value choose_process(const Position &at, Random &random) {
  const std::string_view call = at.spec.name;
  const bool sends = call == "kill" || call == "tgkill" || call == "sigqueue";
  if (!sends && random.chance(35)) return Value::integer(random.one_of<int64_t>({-1, -1, 0, 999999}));
  if (random.chance(4)) return Value::integer(999999);
  return Value::name(random.pick(at.pool.actors()).name);
}

Value choose_number(const Position &at, Random &random) {
  const std::string_view name = at.arg().name, call = at.spec.name;
  if (at.arg().kind == ArgKind::SIZE) return choose_size(random);
  if (name == "mode" || name == "mask") return choose_mode(random);
  if (name == "key")
    return random.chance(60) ? Value::name("IPC_PRIVATE") : Value::integer(random.one_of<int64_t>({1001, 1002}));
  if (name == "timeout") return Value::integer(random.chance(70) ? 0 : -1);
  if (name == "type") return Value::integer(random.one_of<int64_t>({0, 0, 1, 2, 3, -1, -2, -3, 5}));
  if (name == "length")
    return Value::integer(random.one_of<int64_t>({0, 1, 100, 4095, 4096, 4096, 4097, 8192, 8192, 65536, -1}));
  if (name == "offset")
    return Value::integer(call == "mmap" ? random.one_of<int64_t>({0, 0, 0, 4096, 1, -4096})
                                         : random.one_of<int64_t>({0, 0, 1, 100, 4095, 4096, 8192, -1}));
  if (name == "status") return Value::integer(random.one_of<int64_t>({0, 1, 7, 255}));
  if (name == "iovcnt" || name == "nfds" || name == "maxevents")
    return Value::integer(random.one_of<int64_t>({1, 1, 2, 2, 0, 3, -1}));
  if (name == "dev" || name == "value" || name == "on") return Value::integer(random.below(2));
  return Value::integer(random.below(3));
}

bool signal_fits(const Value &v) {
  if (const auto *i = v.as<Value::Int>()) return i->value == 0 || i->value == 65 || i->value == -1;
  return std::find(signals.begin(), signals.end(), word_of(v)) != signals.end();
}

bool number_fits(const Position &at, int64_t n) {
  const std::string_view name = at.arg().name, call = at.spec.name;
  const ArgKind kind = at.arg().kind;
  if (kind == ArgKind::FLAGS && n > 0 && !call.starts_with("mknod")) n &= ~no_flag;
  if (kind == ArgKind::SIZE || names_a_size(name)) return n <= 1 << 20 || n >= int64_t{1} << 62;
  if (name == "timeout") return n == 0 || n == -1;
  if (name == "mode" && kind == ArgKind::FLAGS && call != "fallocate")
    return (n & ~int64_t{010777}) == 0 || call == "access";
  if (name == "mode" && call == "fallocate") return n >= 0 && n < 16;
  if (name == "mode" || name == "mask") return n >= 0 && n <= 0777;
  if (name == "key") return n == 0 || n == 1001 || n == 1002;
  if (name == "status") return n >= 0 && n <= 255;
  if (call == "mmap" && name == "flags") return (n & ~int64_t{0x23}) == 0;
  if (call == "mmap" && name == "prot") return n >= 0 && n < 4;
  if (call == "mremap" && name == "flags") return n == 0 || n == 1;
  if (call == "shmat" && name == "flags") return (n & 0x4000) == 0;
  if (call == "shmget" && name == "flags") return (n & ~int64_t{03777}) == 0;
  if ((call == "open" || call == "openat") && name == "flags")
    return (n & 020200000) == 0;  // O_TMPFILE; O_DIRECTORY, which kernels differ in with O_CREAT
  if (call == "fcntl" && name == "cmd") {
    const std::string_view word = word_of(at.call.args[at.i]);
    return word.starts_with("F_GETF") || word.starts_with("F_SETF") || word.starts_with("F_DUPFD") ||
           word.ends_with("PIPE_SZ") || word.ends_with("SEALS") || word.empty();
  }
  if (call == "fcntl" && name == "arg" && command_word(at.call, at.spec) == "F_SETPIPE_SZ")
    return n <= 1 << 20;  // beyond it is a matter of privilege
  if (call == "ioctl" && name == "request") return word_of(at.call.args[at.i]) == "FIONREAD";
  if (name == "fds" || name == "iovcnt" || name == "nfds" || name == "maxevents") return n >= -1 && n <= 1025;
  if (kind == ArgKind::PID) {
    const bool sends = call == "kill" || call == "tgkill" || call == "sigqueue";
    return n == 999999 || (!sends && (n == 0 || n == -1));
  }
  if (kind == ArgKind::FD)
    return n == -1 || n == INT32_MAX || n == 1024 || n == 9999 || (n >= 200 && n < 204) ||
           (at.arg().name == "dirfd" && n == -100);
  return true;
}

}  // namespace ipcvet::fuzz
