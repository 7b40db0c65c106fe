#include "fuzz/program/menu.h"

#include <algorithm>
#include <array>
#include <map>

namespace ipcvet::fuzz {
namespace {

constexpr std::array<std::string_view, 7> names = {"pipe",      "fifo",    "sysv-msg", "sysv-shm",
                                                   "posix-shm", "process", "all"};

using Dishes = std::vector<Dish>;

const Dishes descriptors = {{"read", 14},     {"write", 14},    {"readv", 3}, {"writev", 3}, {"close", 10},
                            {"dup", 3},       {"dup2", 3},      {"dup3", 2},  {"fcntl", 8},  {"ioctl", 2},
                            {"poll", 4},      {"lseek", 1},     {"fstat", 1}, {"select", 1}, {"epoll_create1", 1},
                            {"epoll_ctl", 2}, {"epoll_wait", 2}};
const Dishes actors = {{"fork", 6}, {"thread", 3}, {"exit", 2}, {"kill", 2}, {"sigaction", 2}};
const Dishes pipes = {{"pipe", 8}, {"pipe2", 6}, {"splice", 2}, {"tee", 2}, {"vmsplice", 1}};
const Dishes fifos = {{"mkfifo", 6}, {"mkfifoat", 1}, {"mknod", 1},  {"open", 16}, {"openat", 1},
                      {"creat", 1},  {"unlink", 3},   {"rename", 1}, {"link", 1},  {"chmod", 1},
                      {"stat", 1},   {"umask", 1},    {"access", 1}};
const Dishes queues = {{"msgget", 8}, {"msgsnd", 20}, {"msgrcv", 20}, {"msgctl", 8}};
const Dishes segments = {{"shmget", 8},     {"shmat", 10},    {"shmdt", 5},   {"shmctl", 8},
                         {"mem_store", 10}, {"mem_load", 10}, {"mprotect", 2}};
const Dishes objects = {{"shm_open", 8}, {"shm_unlink", 4}, {"memfd_create", 3}, {"ftruncate", 6}, {"fallocate", 2},
                        {"mmap", 10},    {"munmap", 3},     {"mprotect", 3},     {"msync", 1},     {"pread", 3},
                        {"pwrite", 3},   {"mem_store", 8},  {"mem_load", 8},     {"mremap", 1}};
const Dishes files = {{"read", 4},  {"write", 4}, {"close", 5}, {"dup", 2},   {"dup2", 1},
                      {"fcntl", 4}, {"lseek", 4}, {"fstat", 3}, {"fchmod", 1}};
const Dishes processes = {{"fork", 10},      {"thread", 6},      {"exit", 5},        {"thread_exit", 2},
                          {"join", 2},       {"wait", 3},        {"waitpid", 8},     {"waitid", 5},
                          {"getpid", 1},     {"getppid", 3},     {"gettid", 1},      {"getpgid", 2},
                          {"setpgid", 2},    {"setsid", 2},      {"getsid", 2},      {"umask", 1},
                          {"vfork_exit", 2}, {"threads", 1},     {"kill", 10},       {"tgkill", 2},
                          {"raise", 3},      {"sigqueue", 3},    {"sigaction", 8},   {"signal", 2},
                          {"counted", 3},    {"sigprocmask", 6}, {"sigpending", 3},  {"pause", 2},
                          {"sigsuspend", 2}, {"sigwaitinfo", 2}, {"sigtimedwait", 2}};
// What came later stands behind the others in the whole menu, whose places are the calls' numbers in the binary form.
const Dishes directories = {{"mkdir", 3},   {"rmdir", 1}, {"symlink", 2}, {"chdir", 1},   {"chown", 1},
                            {"mknodat", 1}, {"fsync", 1}, {"fchown", 1},  {"truncate", 1}};
const Dishes ranges = {{"close_range", 1}, {"preadv", 1},  {"pwritev", 1}, {"sendfile", 2},
                       {"fdatasync", 1},   {"mincore", 1}, {"madvise", 2}, {"futimens", 1}};
const Dishes identities = {{"setresuid", 3}, {"setresgid", 2}, {"getuid", 1},    {"geteuid", 1},
                           {"getgid", 1},    {"getegid", 1},   {"setrlimit", 3}, {"getrlimit", 1}};
const Dishes information = {{"ftok", 1}, {"msginfo", 1}, {"shminfo", 1}, {"shm_info", 1}};
const Dishes rest = {{"futex_wait", 2},  {"futex_wake", 2},      {"add", 1},    {"bump", 1}, {"sysconf", 1},
                     {"sched_yield", 1}, {"prctl_subreaper", 1}, {"channel", 2}};

const Dishes masked = {{"ppoll", 2}, {"pselect", 2}, {"epoll_pwait", 2}};

Dishes together(std::initializer_list<Dishes> parts) {
  Dishes out;
  for (const Dishes &part : parts)
    for (const Dish &dish : part)
      if (std::none_of(out.begin(), out.end(), [&](const Dish &d) { return d.call == dish.call; })) out.push_back(dish);
  return out;
}

const std::map<std::string_view, Dishes> &menus() {
  static const std::map<std::string_view, Dishes> all = {
      {"pipe", together({pipes, descriptors, actors, identities, ranges, masked, {{"channel", 4}}})},
      {"fifo", together({fifos, descriptors, actors, directories, identities})},
      {"sysv-msg", together({queues, actors, identities, {{"ftok", 1}, {"msginfo", 1}}})},
      {"sysv-shm", together({segments, actors, identities, {{"shminfo", 1}, {"shm_info", 1}}})},
      {"posix-shm", together({objects, files, actors, identities, ranges})},
      {"process", together({processes, identities, rest, masked, {{"mmap", 2}, {"munmap", 1}, {"mem_store", 2}}})},
      {"all", together({pipes, fifos, descriptors, queues, segments, objects, files, processes, directories, ranges,
                        identities, information, rest, masked})},
  };
  return all;
}

// What makes, ends, signals or changes processes, leaves the directory, or tells of the whole namespace. The pages of
// vmsplice() stay the program's, and the next call would write there.
constexpr std::string_view not_in_one_process[] = {
    "fork",         "thread",      "exit",      "thread_exit",     "join",        "wait",
    "waitpid",      "waitid",      "setsid",    "vfork_exit",      "kill",        "tgkill",
    "raise",        "pause",       "sigqueue",  "sigsuspend",      "setpgid",     "sigwaitinfo",
    "sigtimedwait", "ppoll",       "pselect",   "epoll_pwait",     "sigaction",   "signal",
    "counted",      "sigprocmask", "threads",   "getpgid",         "getsid",      "setresuid",
    "setresgid",    "setrlimit",   "getrlimit", "prctl_subreaper", "chdir",       "mkdir",
    "rmdir",        "symlink",     "chown",     "fchown",          "close_range", "channel",
    "ftok",         "msginfo",     "shminfo",   "shm_info",        "vmsplice",
};

// Which calls are of a kind, by their number.
template <typename Is>
std::vector<bool> calls_that(Is is) {
  std::vector<bool> out;
  for (const CallSpec &spec : calls()) {
    if (out.size() <= spec.id) out.resize(spec.id + 1);
    out[spec.id] = is(spec.name);
  }
  return out;
}

bool has(const std::vector<bool> &kind, std::string_view call) {
  const CallSpec *spec = find_call(call);
  return spec && kind[spec->id];
}

const std::vector<bool> &on_menus() {
  static const auto all = calls_that([](std::string_view name) {
    const Dishes &dishes = menu("all");
    return std::any_of(dishes.begin(), dishes.end(), [&](const Dish &d) { return d.call == name; });
  });
  return all;
}

const std::vector<bool> &fitting() {
  static const auto all = calls_that([](std::string_view name) {
    const auto *end = std::end(not_in_one_process);
    return on_a_menu(name) && std::find(std::begin(not_in_one_process), end, name) == end;
  });
  return all;
}

}  // namespace

std::span<const std::string_view> mechanisms() { return names; }

const std::vector<Dish> &menu(std::string_view mechanism) {
  static const Dishes none;
  const auto at = menus().find(mechanism);
  return at == menus().end() ? none : at->second;
}

bool on_a_menu(std::string_view call) { return has(on_menus(), call); }
bool on_a_menu(const CallSpec &call) { return on_menus()[call.id]; }

bool fits_one_process(std::string_view call) { return has(fitting(), call); }
bool fits_one_process(const CallSpec &call) { return fitting()[call.id]; }

}  // namespace ipcvet::fuzz
