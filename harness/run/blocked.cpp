#include "harness/run/blocked.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <string_view>

namespace ipcvet {
namespace {

// The content of a proc file that is kept open and read again from its start; empty if it cannot be read.
std::string_view reread(const Fd &proc, const std::string &folder, const char *name, Fd &fd, ProcText &buffer) {
  if (!fd) fd = Fd(openat(proc.get(), (folder + name).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return {};
  const ssize_t n = pread(fd.get(), buffer.data(), buffer.size(), 0);
  return n > 0 ? std::string_view(buffer.data(), static_cast<size_t>(n)) : std::string_view();
}

// The n-th word of text, from 0.
std::string_view word(std::string_view text, size_t n) {
  size_t at = 0;
  for (;; --n) {
    at = text.find_first_not_of(" \t\n", at);
    if (at == std::string_view::npos) return {};
    size_t end = text.find_first_of(" \t\n", at);
    if (end == std::string_view::npos) end = text.size();
    if (n == 0) return text.substr(at, end - at);
    at = end;
  }
}

uint64_t number(std::string_view text) {
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

uint64_t labelled(std::string_view text, std::string_view label) {
  const size_t at = text.find(label);
  return at == std::string_view::npos ? 0 : number(word(text.substr(at + label.size()), 0));
}

struct NamedCall {
  long number;
  const char *name;
};
constexpr NamedCall named_calls[] = {
    {SYS_read, "read"},
    {SYS_write, "write"},
    {SYS_readv, "readv"},
    {SYS_writev, "writev"},
    {SYS_pread64, "pread64"},
    {SYS_pwrite64, "pwrite64"},
    {SYS_openat, "openat"},
    {SYS_close, "close"},
    {SYS_fcntl, "fcntl"},
    {SYS_futex, "futex"},
    {SYS_wait4, "wait4"},
    {SYS_waitid, "waitid"},
    {SYS_splice, "splice"},
    {SYS_tee, "tee"},
    {SYS_vmsplice, "vmsplice"},
    {SYS_sendfile, "sendfile"},
    {SYS_rt_sigsuspend, "rt_sigsuspend"},
    {SYS_rt_sigtimedwait, "rt_sigtimedwait"},
    {SYS_ppoll, "ppoll"},
    {SYS_pselect6, "pselect6"},
    {SYS_epoll_pwait, "epoll_pwait"},
#ifdef SYS_open
    {SYS_open, "open"},
    {SYS_poll, "poll"},
    {SYS_select, "select"},
    {SYS_pause, "pause"},
    {SYS_epoll_wait, "epoll_wait"},
#endif
#ifdef SYS_msgsnd
    {SYS_msgsnd, "msgsnd"},
    {SYS_msgrcv, "msgrcv"},
    {SYS_semtimedop, "semtimedop"},
#endif
    {SYS_clock_nanosleep, "clock_nanosleep"},
};

}  // namespace

std::string syscall_name(long call) {
  for (const NamedCall &named : named_calls)
    if (named.number == call) return named.name;
  return "system call " + std::to_string(call);
}

ThreadView::ThreadView(const Fd &proc, int pid, int tid)
    : proc_(proc), folder_(std::to_string(pid) + "/task/" + std::to_string(tid) + "/") {}

uint64_t ThreadView::count_switches() {
  ProcText buffer;
  if (!no_schedstat_) {
    // "time-on-cpu time-waiting timeslices"
    const uint64_t slices = number(word(reread(proc_, folder_, "schedstat", schedstat_, buffer), 2));
    if (slices != 0) return slices;
    no_schedstat_ = true;
  }
  const std::string_view text = reread(proc_, folder_, "status", status_, buffer);
  return labelled(text, "voluntary_ctxt_switches:") + labelled(text, "nonvoluntary_ctxt_switches:");
}

bool ThreadView::sleeping_call(long &call) {
  if (no_syscall_) return true;
  ProcText buffer;
  const std::string_view text = reread(proc_, folder_, "syscall", syscall_, buffer);
  if (text.empty()) no_syscall_ = true;
  if (text.starts_with("running")) return false;
  if (!text.empty()) call = static_cast<long>(number(word(text, 0)));
  return true;
}

std::string_view ThreadView::stat_from_state(ProcText &buffer) {
  const std::string_view stat = reread(proc_, folder_, "stat", stat_, buffer);
  const size_t name_end = stat.rfind(')');  // the name before may hold anything
  return name_end == std::string_view::npos ? std::string_view() : stat.substr(name_end + 1);
}

char ThreadView::state() {
  ProcText buffer;
  const std::string_view state = word(stat_from_state(buffer), 0);
  return state.empty() ? '\0' : state[0];
}

// Of a process that is ending the kernel shows no program any more as soon as its memory is not to be held, either.
bool ThreadView::has_memory() const {
  char program;
  return readlinkat(proc_.get(), (folder_ + "exe").c_str(), &program, 1) > 0;
}

ThreadView::Look ThreadView::look() {
  Look look;
  long call = -1;
  if (!sleeping_call(call)) return look;
  if (!no_syscall_ && has_memory()) {
    look.state = 'S';
    look.switches = count_switches();
    return look;
  }
  ProcText buffer;
  const std::string_view stat = stat_from_state(buffer);
  const std::string_view state = word(stat, 0);
  look.state = state.empty() ? '\0' : state[0];
  if (look.gone()) {
    look.exit_code = static_cast<int>(number(word(stat, 49)));  // field 52
    look.threads = number(word(stat, 17));                      // field 20
  } else {
    look.switches = count_switches();
  }
  return look;
}

std::optional<std::string> ThreadView::prove_blocked() {
  long call = -1;
  if (!sleeping_call(call)) return std::nullopt;  // the cheapest look sorts out most that run
  const uint64_t switches = count_switches();
  const char first = state();
  if (first != 'S' && first != 'T' && first != 't') return std::nullopt;
  if (state() != first || count_switches() != switches) return std::nullopt;
  std::string proof = first == 'S' ? "asleep" : "stopped";
  if (call >= 0) proof += " in " + syscall_name(call);
  return proof + ", not scheduled between two looks";
}

}  // namespace ipcvet
