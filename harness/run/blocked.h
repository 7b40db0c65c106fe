// Proof that a thread is blocked in the kernel.
//
// An actor's slot says that it is inside a call; this looks at what the kernel says: the thread sleeps
// interruptibly (or is stopped), and between two looks it was not scheduled once. On kernels that have
// /proc/<pid>/task/<tid>/syscall the call is named too. Nothing here waits: the caller looks again when not proven.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/run/fd.h"

namespace ipcvet {

class ThreadView {
 public:
  // `proc` is the /proc in which pid and tid are right; it must outlive this.
  ThreadView(const Fd &proc, int pid, int tid);

  // What one pass over the thread's files showed.
  struct Look {
    char state = '?';       // as in stat: R S D T Z X ...; 0: the thread is gone
    uint64_t switches = 0;  // how often it was scheduled so far
    long call = -1;         // the system call it sleeps in, -1: not known
    int exit_code = 0;      // a zombie's status as wait() gives it, where the kernel tells
    uint64_t threads = 1;   // of a zombie's process that have not ended; itself, the first thread, counted
    bool gone() const { return state == 0 || state == 'Z' || state == 'X'; }
  };
  Look look();

  // Two looks with no context switch between, asleep in both: how it was proven; else nullopt.
  std::optional<std::string> prove_blocked();

 private:
  // The call it sleeps in; false if the kernel says that it runs.
  bool sleeping_call(long &call);
  uint64_t count_switches();
  char state();  // as in Look
  const Fd &proc_;
  std::string folder_;
  Fd stat_, schedstat_, status_, syscall_;
  bool no_schedstat_ = false, no_syscall_ = false;
};

// "read" for 0 on the architecture ipcvet was built for; the number as text if not known.
std::string syscall_name(long number);

}  // namespace ipcvet
