/* Signals, as several sources of the layer look at them; bit N-1 of a set in /proc is signal N. */
#ifndef IPCVET_FAULTS_SIGNALS_H
#define IPCVET_FAULTS_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { MOST_SIGNALS = 64 };

static inline sigset_t only(int signo) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signo);
  return set;
}

/* signal.c */
uint64_t field_of(pid_t pid, const char *name); /* of /proc/PID/status, as a number; 0 if there is none */
char state_of(pid_t pid);                       /* as /proc/PID/stat has it */
static inline bool is_pending_for(pid_t pid, int signo) { return (field_of(pid, "ShdPnd:") >> (signo - 1)) & 1; }
bool may_not_signal(pid_t pid);                /* the calling user may not, nor does the session allow it */
void note_thread_signal(pid_t pid, pid_t tid); /* one is sent to a thread: sigpending() may ask for it */

/* process.c: of a new child, whose maker sets the mask it had */
extern bool mask_to_be_lost;
extern uint64_t mask_instead;

#endif
