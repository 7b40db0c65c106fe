/* Performs the calls about identity, limits and the like of the calling process. */
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "harness/actor/actor.h"

static pid_t process(const struct actor *a, unsigned i) { return (pid_t)number(a, i); }

void perform_getpid(struct actor *a) { LIBC(a, a->raw ? (pid_t)syscall(SYS_getpid) : getpid()); }

void perform_getppid(struct actor *a) { LIBC(a, getppid()); }

void perform_gettid(struct actor *a) { LIBC(a, syscall(SYS_gettid)); }

void perform_getpgid(struct actor *a) { LIBC(a, getpgid(process(a, 0))); }

void perform_setpgid(struct actor *a) { LIBC(a, setpgid(process(a, 0), process(a, 1))); }

void perform_setsid(struct actor *a) { LIBC(a, setsid()); }

void perform_getsid(struct actor *a) { LIBC(a, getsid(process(a, 0))); }

void perform_getuid(struct actor *a) { LIBC(a, getuid()); }

void perform_geteuid(struct actor *a) { LIBC(a, geteuid()); }

void perform_getgid(struct actor *a) { LIBC(a, getgid()); }

void perform_getegid(struct actor *a) { LIBC(a, getegid()); }

void perform_setresuid(struct actor *a) {
  LIBC(a, setresuid((uid_t)number(a, 0), (uid_t)number(a, 1), (uid_t)number(a, 2)));
}

/* Supplementary groups would grant what the case means to lose; who may not drop them has none to fear. */
void perform_setresgid(struct actor *a) {
  if (setgroups(0, NULL) != 0) errno = 0;
  LIBC(a, setresgid((gid_t)number(a, 0), (gid_t)number(a, 1), (gid_t)number(a, 2)));
}

void perform_umask(struct actor *a) { LIBC(a, umask((mode_t)number(a, 0))); }

void perform_setrlimit(struct actor *a) {
  const struct wire_value *v = argument(a, 1);
  const struct rlimit limit = {(rlim_t)field(a, v, 0), (rlim_t)field(a, v, 1)};
  LIBC(a, setrlimit((unsigned)number(a, 0), record_in(a, 1, &limit)));
}

void perform_getrlimit(struct actor *a) {
  struct rlimit limit;
  void *at = record_out(a, 1, &limit, sizeof limit);
  LIBC(a, getrlimit((unsigned)number(a, 0), at));
  if (at == &limit) PUT_NUMBERS(a, 1, (int64_t)limit.rlim_cur, (int64_t)limit.rlim_max);
}

void perform_prctl_subreaper(struct actor *a) {
#ifdef PR_SET_CHILD_SUBREAPER
  LIBC(a, prctl(PR_SET_CHILD_SUBREAPER, (unsigned long)number(a, 0), 0ul, 0ul, 0ul));
#else
  a->reply->flags |= WIRE_NOT_HERE;
#endif
}

void perform_chdir(struct actor *a) { LIBC(a, chdir(string(a, 0))); }

void perform_sched_yield(struct actor *a) { LIBC(a, sched_yield()); }

/* Times are marked by the coarse clock, which is behind the other by up to a tick. Not by sleeping: who sleeps is
 * blocked. */
static int pass_a_second(void) {
  struct timespec start, coarse;
  if (clock_gettime(CLOCK_REALTIME, &start) != 0) return -1;
  do {
    sched_yield();
    if (clock_gettime(CLOCK_REALTIME_COARSE, &coarse) != 0) return -1;
  } while (coarse.tv_sec <= start.tv_sec);
  return 0;
}

void perform_next_second(struct actor *a) { LIBC(a, pass_a_second()); }

void perform_sysconf(struct actor *a) { LIBC(a, sysconf(integer(a, 0))); }

static int64_t count_threads(void) {
  static const char key[] = "\nThreads:";
  char text[4096];
  const int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  const ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[n > 0 ? n : 0] = 0;
  const char *found = strstr(text, key);
  if (found != NULL) return strtol(found + sizeof key - 1, NULL, 10);
  errno = ENOSYS;
  return -1;
}

void perform_threads(struct actor *a) { LIBC(a, count_threads()); }
