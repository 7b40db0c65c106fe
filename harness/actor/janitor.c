/* Takes away what a case leaves behind where no namespace does: processes, System V objects, POSIX names, files.
 * It removes only what is noted as this case's or carries its prefix, and follows no symbolic link. */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "harness/actor/actor.h"
#include "harness/actor/server.h"

enum { MOST_PROCESSES = 65536 };
static struct {
  pid_t pid, parent;
  bool ours;
} process[MOST_PROCESSES];

static pid_t parent_of(pid_t pid) {
  char path[40], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  text[n > 0 ? n : 0] = 0;
  const char *after_name = strrchr(text, ')'); /* "pid (name) S parent"; the name may hold anything */
  if (after_name == NULL || strlen(after_name) < 5 || after_name[2] == 'Z' || after_name[2] == 'X') return 0;
  return (pid_t)strtol(after_name + 4, NULL, 10);
}

/* An orphan that did not come to us, on systems without subreapers: it still has our area open. */
static bool holds_area(pid_t pid, const struct stat *memory) {
  char path[40];
  struct stat s;
  snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, WIRE_SHM_FD);
  return stat(path, &s) == 0 && s.st_dev == memory->st_dev && s.st_ino == memory->st_ino;
}

/* All living processes but this one and those it descends from. */
static int list_processes(pid_t me) {
  struct stat memory;
  int n = 0;
  DIR *proc = opendir("/proc");
  if (proc == NULL || fstat(WIRE_SHM_FD, &memory) != 0) return 0;
  for (struct dirent *e; n < MOST_PROCESSES && (e = readdir(proc)) != NULL;) {
    const pid_t pid = (pid_t)strtol(e->d_name, NULL, 10), parent = pid > 0 ? parent_of(pid) : 0;
    if (parent == 0 || pid == me || pid == getppid()) continue;
    process[n].pid = pid;
    process[n].parent = parent;
    process[n].ours = parent == me || holds_area(pid, &memory);
    n++;
  }
  closedir(proc);
  return n;
}

static bool is_ours(int n, pid_t pid) {
  for (int i = 0; i < n; ++i)
    if (process[i].ours && process[i].pid == pid) return true;
  return false;
}

/* SIGKILL to everybody of this case there is now; how many got it. */
static int kill_all_now(void) {
  const int n = list_processes(getpid());
  int killed = 0;
  for (bool more = true; more;) {
    more = false;
    for (int i = 0; i < n; ++i)
      if (!process[i].ours && is_ours(n, process[i].parent)) process[i].ours = more = true;
  }
  for (int i = 0; i < n; ++i)
    if (process[i].ours) killed += kill(process[i].pid, SIGKILL) == 0;
  return killed;
}

/* Who was born during one pass is found by the next; a killed process makes no more. It is over when a pass finds
 * nobody alive. Orphans come to this process where it could be made a subreaper. */
void kill_descendants(void) {
  const bool orphans_come_here = prctl(PR_SET_CHILD_SUBREAPER, 1ul, 0ul, 0ul, 0ul) == 0;
  for (;;) {
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG | __WALL)) > 0) continue;
    if (pid < 0 && errno == ECHILD && orphans_come_here) break;
    if (kill_all_now() == 0) break;
    if (waitpid(-1, NULL, __WALL) < 0) sched_yield();
  }
  while (waitpid(-1, NULL, WNOHANG | __WALL) > 0) continue;
}

static uint32_t noted(void) {
  const uint32_t n = __atomic_load_n(&area->made, __ATOMIC_SEQ_CST);
  return n < WIRE_MADE ? n : WIRE_MADE;
}

/* Making an object does not block: whoever is at it needs only to be scheduled. The bound is for those who were
 * killed in the middle. */
void let_pending_finish(void) {
  for (int tries = 0; tries < 2000; ++tries) {
    bool pending = false;
    for (uint32_t i = 0; i < noted(); ++i) {
      const struct wire_made *m = &area->made_log[i];
      pending |=
          __atomic_load_n(&m->kind, __ATOMIC_SEQ_CST) != 0 && __atomic_load_n(&m->pending, __ATOMIC_SEQ_CST) != 0;
    }
    if (!pending) return;
    sched_yield();
  }
}

/* The id of an object whose maker was killed before noting it: found by its key, which is in the name. */
static int64_t id_of(const struct wire_made *m) {
  const key_t key = (key_t)strtol(m->name, NULL, 10);
  if (m->id >= 0 || key == IPC_PRIVATE) return m->id;
  return m->kind == 'm' ? msgget(key, 0) : m->kind == 'h' ? shmget(key, 0, 0) : -1;
}

static bool remove_made(const struct wire_made *m) {
  const int id = (int)id_of(m);
  if (m->kind == 'm') return id >= 0 && msgctl(id, IPC_RMID, NULL) == 0;
  if (m->kind == 'h') {
    struct shmid_ds s;
    if (id < 0 || shmctl(id, IPC_STAT, &s) != 0 || (s.shm_perm.mode & 01000 /* SHM_DEST */) != 0) return false;
    return shmctl(id, IPC_RMID, NULL) == 0;
  }
  return false;
}

static uint32_t remove_names(const char *directory, const char *prefix) {
  uint32_t removed = 0;
  DIR *d = prefix[0] != 0 ? opendir(directory) : NULL;
  if (d == NULL) return 0;
  for (struct dirent *e; (e = readdir(d)) != NULL;)
    if (strncmp(e->d_name, prefix, strlen(prefix)) == 0) removed += unlinkat(dirfd(d), e->d_name, 0) == 0;
  closedir(d);
  return removed;
}

static void empty_directory(int fd) {
  DIR *d = fdopendir(fd);
  if (d == NULL) {
    close(fd);
    return;
  }
  for (struct dirent *e; (e = readdir(d)) != NULL;) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
    if (unlinkat(dirfd(d), e->d_name, 0) == 0) continue;
    int sub = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (sub < 0 && errno == EACCES && fchmodat(dirfd(d), e->d_name, 0700, 0) == 0)
      sub = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (sub >= 0) empty_directory(sub);
    unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
  }
  closedir(d);
}

void remove_tree(const char *path) {
  const int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return;
  fchmod(fd, 0700);
  empty_directory(fd);
  rmdir(path);
}

uint32_t sweep(const struct sandbox *s) {
  uint32_t removed = 0;
  for (uint32_t i = 0; i < noted(); ++i) removed += remove_made(&area->made_log[i]);
  if ((area->server.got & WIRE_SB_SHM) == 0) removed += remove_names("/dev/shm", s->prefix);
  if (s->directory[0] != 0) remove_tree(s->directory);
  return removed;
}
