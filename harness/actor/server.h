/* The fork server: one process a worker of ipcvet, which makes a sandbox with an init and a root actor for each case
 * and takes it away again. What its parts tell each other. */
#ifndef IPCVET_SERVER_H
#define IPCVET_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/actor/wire.h"

/* The running case as the server knows it, in memory that a case cannot reach. */
struct sandbox {
  pid_t init;                /* 0: no case is running */
  volatile int init_gone;    /* reaped by the SIGCHLD handler */
  unsigned long namespaces;  /* CLONE_* flags init was made with */
  char directory[WIRE_TEXT]; /* outside, to be removed at the end; "" if it is in a mount of the sandbox */
  char prefix[WIRE_NAME];
  uint32_t key_salt;
};
extern struct sandbox sandbox;
extern int lifeline[2]; /* the server holds the end to write: init reads end-of-file when the server has died */

int serve(pid_t parent);

/* namespaces.c */
unsigned long namespaces_for(uint32_t want); /* the CLONE_* flags the system grants */
pid_t clone_process(unsigned long flags);
bool map_own_ids(unsigned uid, unsigned gid);

/* sandbox.c */
bool guard_null(void); /* in a mount namespace of one's own; false if it cannot be done here */
void run_init(unsigned uid, unsigned gid) __attribute__((noreturn));

/* janitor.c */
void kill_descendants(void);             /* until this process has no children */
void let_pending_finish(void);           /* objects being made get their ids noted */
uint32_t sweep(const struct sandbox *s); /* removes what outlives processes; how many objects were left */
void remove_tree(const char *path);

/* constants.c */
void tell_constants(void);

/* words about what could not be had, in server.text */
void remark(const char *what, int error);

#endif
