/* Which fault is on, and the area all actors of a worker share: the tail of the actors' own area, where there is one,
 * so that it outlives exec; otherwise memory of this process and its children. */
#include "fuzz/faults/faults.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/actor/wire.h"

enum { AREA_MAGIC = 0x6661756c };

static struct fault_shared own; /* all zero: it takes no room in the file */
struct fault_shared *fault_area = &own;
static bool is_server;

extern struct wire_area *area __attribute__((weak));

static const struct {
  const char *name;
  enum fault_base base;
} faults[FAULTS] = {
    {"none", BASE_PLAIN},
#define FAULT(name, mechanism, base, requirement, brief) {#name, BASE_##base},
#define UNJUDGED(name, mechanism, base, requirement, brief, reason) {#name, BASE_##base},
#include "fuzz/faults/faults.def"
};

static bool same_name(const char *wanted, const char *name) {
  for (; *wanted != 0 && *name != 0; ++wanted, ++name)
    if (*wanted != *name && !(*wanted == '-' && *name == '_')) return false;
  return *wanted == *name;
}

static bool select_in(struct fault_shared *s, const char *name) {
  static const char *const bases[] = {"none", "queue", "waits"};
  for (uint32_t i = 0; i < 3; ++i)
    if (strcmp(name, bases[i]) == 0) {
      s->fault = FAULT_none;
      s->base = i;
      return true;
    }
  for (uint32_t i = 1; i < FAULTS; ++i)
    if (same_name(name, faults[i].name)) {
      s->fault = i;
      s->base = faults[i].base;
      return true;
    }
  return false;
}

bool fault_select(const char *name) { return select_in(fault_area, name); }

bool fault_on(const char *name) { return same_name(name, faults[fault_now()].name); }

static struct fault_shared *map_tail(void) {
  struct stat s;
  const off_t at = ((off_t)WIRE_TOTAL + 65535) & ~(off_t)65535;
  const off_t end = at + (off_t)sizeof(struct fault_shared);
  if (fstat(WIRE_SHM_FD, &s) != 0 || s.st_size < (off_t)WIRE_TOTAL) return NULL;
  if (s.st_size < end && ftruncate(WIRE_SHM_FD, end) != 0) return NULL;
  void *p = mmap(NULL, sizeof(struct fault_shared), PROT_READ | PROT_WRITE, MAP_SHARED, WIRE_SHM_FD, at);
  return p == MAP_FAILED ? NULL : p;
}

static struct fault_shared *map_own(void) {
  void *p = mmap(NULL, sizeof(struct fault_shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return p == MAP_FAILED ? &own : p;
}

__attribute__((constructor)) static void start_layer(void) {
  const int error = errno;
  const char *name = getenv("IPCVET_FAULT");
  fault_area = map_tail();
  if (fault_area == NULL) fault_area = map_own();
  is_server = fault_area->magic == 0;
  fault_area->magic = AREA_MAGIC;
  if (is_server && name != NULL && !fault_select(name)) {
    fprintf(stderr, "no planted fault is called '%s'\n", name);
    _exit(2);
  }
  errno = error;
}

/* The fork server leaves main; actors end by _exit. What it writes is for ci/faults. */
__attribute__((destructor)) static void report_hits(void) {
  const char *path = getenv("IPCVET_FAULT_HITS");
  if (!is_server || path == NULL) return;
  const int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  char text[32];
  const int n = snprintf(text, sizeof text, "%llu\n", (unsigned long long)fault_area->hits);
  if (fd < 0) return;
  if (write(fd, text, (size_t)n) != n) perror(path);
  close(fd);
}

bool hit(void) {
  __atomic_add_fetch(&fault_area->hits, 1, __ATOMIC_RELAXED);
  return true;
}

void fault_new_case(void) {
  struct fault_shared *s = fault_area;
  memset(s->counters, 0, sizeof s->counters);
  if (s->base == BASE_QUEUE) memset(s->queues, 0, sizeof s->queues);
  s->lock = 0;
}

/* The first to ask in a case is its root actor, which is alone then. */
struct fault_shared *shared(void) {
  if (&area != NULL && area != NULL && fault_area->case_number != area->server.case_number) {
    fault_area->case_number = area->server.case_number;
    fault_new_case();
  }
  return fault_area;
}

void lock_shared(void) {
  struct fault_shared *s = shared();
  while (__atomic_exchange_n(&s->lock, 1, __ATOMIC_ACQUIRE) != 0) sched_yield();
}

void unlock_shared(void) { __atomic_store_n(&fault_area->lock, 0, __ATOMIC_RELEASE); }

int64_t *counter(uint64_t key) {
  static int64_t none;
  struct fault_counter *c = shared()->counters;
  if (key == 0) key = 1;
  for (uint64_t i = 0; i < FAULT_COUNTERS; ++i) {
    struct fault_counter *slot = &c[(key * 0x9e3779b97f4a7c15u + i) % FAULT_COUNTERS];
    uint64_t free_slot = 0;
    if (slot->key == key ||
        __atomic_compare_exchange_n(&slot->key, &free_slot, key, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) ||
        free_slot == key)
      return &slot->value;
  }
  return &none;
}

int64_t count_up(uint64_t key) { return __atomic_add_fetch(counter(key), 1, __ATOMIC_SEQ_CST); }
