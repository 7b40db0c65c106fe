/* Planted faults: a layer between the actor and the system that behaves as a faulty kernel would.
 *
 * Each fault of faults.def is switched on by its name, for the whole life of a fork server, and is a few lines in one
 * of the faulty_*() functions. redirect.h makes the performing sources call those instead of the system's. A fault
 * that needs more than one process to show (a lost wake-up, a wrong count) keeps what it must know in `shared()`, an
 * area all actors of a worker map, also after exec. `hit()` counts how often a fault has bitten: what was never reached
 * is not reported as not found. Nothing here depends on the actor but for the area; in one process, fault_select() and
 * fault_new_case() are all that is needed. C and libc only, like the actor. */
#ifndef IPCVET_FAULTS_H
#define IPCVET_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a fault is compared with: the plain layer, or an emulation of queues or of waiting without any fault. */
enum fault_base { BASE_PLAIN, BASE_QUEUE, BASE_WAITS };

enum fault_id {
  FAULT_none,
#define FAULT(name, mechanism, base, requirement, brief) FAULT_##name,
#define UNJUDGED(name, mechanism, base, requirement, brief, reason) FAULT_##name,
#include "fuzz/faults/faults.def"
  FAULTS
};

enum { FAULT_COUNTERS = 1024, FAULT_QUEUE_BYTES = 8 << 20, MOST_FDS = 300 };

struct fault_counter {
  uint64_t key; /* 0: free */
  int64_t value;
};

struct fault_shared {
  uint32_t magic, fault, base, case_number;
  uint64_t hits;
  uint32_t lock;
  struct fault_counter counters[FAULT_COUNTERS];
  uint8_t queues[FAULT_QUEUE_BYTES]; /* of the emulated message queues */
};

extern struct fault_shared *fault_area;

bool fault_select(const char *name); /* also `none`, `queue`, `waits`; false: there is none of that name */
bool fault_on(const char *name);
void fault_new_case(void); /* forgets what earlier cases left in the shared area */

static inline enum fault_id fault_now(void) { return (enum fault_id)fault_area->fault; }
static inline bool is_on(enum fault_id f) { return fault_now() == f; }
static inline enum fault_base base_now(void) { return (enum fault_base)fault_area->base; }

bool hit(void);                    /* the fault bites here; always true */
struct fault_shared *shared(void); /* as it is for this case */
int64_t *counter(uint64_t key);    /* a number all actors share, 0 at first */
int64_t count_up(uint64_t key);    /* atomically; the new value */
void lock_shared(void);
void unlock_shared(void);

/* probe.c: what a descriptor is, asked without changing it */
bool is_fifo(int fd);
bool is_named_fifo(int fd);
bool is_fifo_path(const char *path);
bool same_file(int a, int b);
uint64_t file_of(int fd);
int status_flags(int fd);
bool reads_only(int fd);
bool writes_only(int fd);
bool is_nonblocking(int fd);
int unread(int fd);
int capacity(int fd);
int ready(int fd, int events);    /* poll, without waiting */
int wait_for(int fd, int events); /* poll, for ever; revents or -1 */
/* Waits, unless it is ready, as a stopped process does not: the end of the stop interrupts. A hit if it did. */
bool is_interrupted_by_stop(int fd, int events);
/* Waits, unless it is nonblocking or ready; a handler ends the wait, also one that restarts. A hit if it did. */
bool is_never_restarted(int fd, int events);
int reopen(int fd, int flags); /* another description of the same file */
bool is_readable(const void *address);
bool copy_readable(void *to, const void *from, size_t n); /* false where a part of it is not mapped */
struct times {
  struct timespec of[2]; /* access, modification */
};
struct times times_of(int fd);
void put_back(int fd, const struct times *before); /* a hit; what has just been done to the file marks no time */
/* The same where bytes have moved: r, which is how many. */
ssize_t timeless(int fd, const struct times *before, ssize_t r);
/* A hit if the call failed with that error: what is refused goes through. */
bool forgives(enum fault_id f, long r, int error);
pid_t first_group(void);                                                      /* waitchild.c */
int set_the_mode(enum fault_id f, int result, const char *path, mode_t mode); /* refused.c */
bool is_link(const char *path);                                               /* names.c */
int fail(int error);                                                          /* sets errno; -1 */
bool was_made_by_me(int fd);                                                  /* pipe.c */
bool carries_packets(int fd);                                                 /* pipe.c */
int control_file(int fd, int command, long value);                            /* seals.c: fcntl() of what is no FIFO */
void note_untold_stop(pid_t pid);                                             /* waitchild.c */
bool is_writable(void *address);
void write_over_joined(int fd, const char *bytes, size_t n);         /* pipe.c */
void write_into_what_was_put_in(int fd, const void *from, size_t n); /* pipe.c */

#endif
