// Proof that a thread is blocked in the kernel.
//
// An actor's slot says that it is inside a call; this looks at what the kernel says: the thread sleeps
// interruptibly (or is stopped), and between two looks it was not scheduled once. On kernels that have
// /proc/<pid>/task/<tid>/syscall the call is named too. Nothing here waits: the caller looks again when not proven.
//
// That file is read first, and stat only of a thread that does not run, because reading stat or status holds the memory
// of the process (get_task_mm() in Linux's fs/proc/array.c): would it end meanwhile, whoever reads would be the one to
// unmap it, and shm_lpid would name the reader. Whether it has ended is asked in another way first.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/run/fd.h"

namespace ipcvet {

using ProcText = std::array<char, 4096>;  // what one file of /proc says

class ThreadView {
 public:
  // `proc` is the /proc in which pid and tid are right; it must outlive this.
  ThreadView(const Fd &proc, int pid, int tid);

  // What one pass over the thread's files showed.
  struct Look {
    char state = 'R';       // R: runs; S: does not; of one that ends as in stat; 0: the thread is gone
    uint64_t switches = 0;  // how often it was scheduled so far, of one that sleeps
    int exit_code = 0;      // a zombie's status as wait() gives it, where the kernel tells
    uint64_t threads = 1;   // of a zombie's process that have not ended; itself, the first thread, counted
    bool gone() const { return state == 0 || state == 'Z' || state == 'X'; }
  };
  Look look();
  bool stopped() { return state() == 'T'; }

  // Two looks with no context switch between, asleep in both: how it was proven; else nullopt.
  std::optional<std::string> prove_blocked();

 private:
  // The call it sleeps in; false if the kernel says that it runs.
  bool sleeping_call(long &call);
  uint64_t count_switches();
  bool has_memory() const;
  std::string_view stat_from_state(ProcText &buffer);  // behind the name; empty if the thread is gone
  char state();                                        // as in Look
  const Fd &proc_;
  std::string folder_;
  Fd stat_, schedstat_, status_, syscall_;
  bool no_schedstat_ = false, no_syscall_ = false;
};

// "read" for 0 on the architecture ipcvet was built for; the number as text if not known.
std::string syscall_name(long number);

}  // namespace ipcvet
