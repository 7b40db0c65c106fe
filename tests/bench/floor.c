/* What the parts of a run cost bare, on this system and now: the floor that ci/bench divides by.
 *
 * Each figure is taken with the smallest program that does the thing at all: two processes passing a futex back and
 * forth, fork and wait, a process in namespaces of its own with the mounts a case gets. Rounds are timed singly
 * and printed as one JSON object of nanoseconds (p50, p90, p99, max, mean), so that ratios can use the median and a
 * reader can see the spread. No verdict of ipcvet ever depends on a figure from here. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ROUNDS = 20000 };
static int64_t samples[MAX_ROUNDS];

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void print_distribution(const char *name, int rounds, const char *end) {
  int64_t sum = 0;
  for (int i = 0; i < rounds; i++) sum += samples[i];
  qsort(samples, (size_t)rounds, sizeof samples[0], ascending);
  printf("  \"%s\": {\"rounds\": %d, \"p50\": %lld, \"p90\": %lld, \"p99\": %lld, \"max\": %lld, \"mean\": %lld}%s\n",
         name, rounds, (long long)samples[rounds / 2], (long long)samples[rounds * 9L / 10],
         (long long)samples[rounds * 99L / 100], (long long)samples[rounds - 1], (long long)(sum / rounds), end);
}

static _Noreturn void fail(const char *what) {
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  exit(3);
}

static void *shared_page(void) {
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) fail("mmap");
  return page;
}

static void wait_for(uint32_t *word, uint32_t wanted) {
  uint32_t seen;
  while ((seen = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != wanted)
    syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0);
}

static void post(uint32_t *word, uint32_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
  syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void measure_futex(int rounds) {
  uint32_t *ping = shared_page(), *pong = ping + 64;
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    for (uint32_t i = 1; i <= (uint32_t)rounds + 1; i++) {
      wait_for(ping, i);
      post(pong, i);
    }
    _exit(0);
  }
  for (uint32_t i = 0; i <= (uint32_t)rounds; i++) { /* the first round only warms up */
    const int64_t start = now_ns();
    post(ping, i + 1);
    wait_for(pong, i + 1);
    if (i > 0) samples[i - 1] = now_ns() - start;
  }
  waitpid(child, NULL, 0);
  munmap(ping, 4096);
}

static void measure_fork(int rounds) {
  for (int i = 0; i < rounds; i++) {
    const int64_t start = now_ns();
    const pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
    samples[i] = now_ns() - start;
  }
}

static unsigned long parse_namespaces(const char *list) {
  static const struct {
    const char *name;
    unsigned long flag;
  } known[] = {{"user", CLONE_NEWUSER},
               {"pid", CLONE_NEWPID},
               {"ipc", CLONE_NEWIPC},
               {"mount", CLONE_NEWNS},
               {"net", CLONE_NEWNET}};
  unsigned long flags = 0;
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strstr(list, known[i].name)) flags |= known[i].flag;
  return flags;
}

static void mount_fresh(unsigned long namespaces) {
  if (!(namespaces & CLONE_NEWNS)) return;
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) _exit(1);
  mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
  mount("tmpfs", "/dev/shm", "tmpfs", 0, NULL);
  if (namespaces & CLONE_NEWPID) mount("proc", "/proc", "proc", 0, NULL);
}

/* A process in fresh namespaces, its mounts, one child in it, and the end of it all. */
static int measure_namespaces(int rounds, unsigned long namespaces) {
  for (int i = 0; i < rounds; i++) {
    const int64_t start = now_ns();
    const long child = syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, NULL);
    if (child < 0) return -1;
    if (child == 0) {
      mount_fresh(namespaces);
      const pid_t inner = fork();
      if (inner == 0) _exit(0);
      waitpid(inner, NULL, 0);
      _exit(0);
    }
    int status = 0;
    waitpid((pid_t)child, &status, 0);
    if (status != 0) return -1;
    samples[i] = now_ns() - start;
  }
  return 0;
}

int main(int argc, char **argv) {
  const char *list = argc > 1 ? argv[1] : "pid,ipc,mount";
  printf("{\n");
  measure_futex(MAX_ROUNDS);
  print_distribution("futex_round_trip", MAX_ROUNDS, ",");
  measure_fork(1000);
  print_distribution("fork_and_wait", 1000, ",");
  if (measure_namespaces(300, parse_namespaces(list)) == 0)
    print_distribution("namespaces", 300, ",");
  else
    printf("  \"namespaces\": null,\n");
  printf("  \"namespaces_used\": \"%s\"\n}\n", list);
  return 0;
}
