/* The first process of ci/uml's User-Mode Linux: mounts what a system has, runs ipcvet with the arguments it was
 * given up to the word "end" (the kernel appends words of its own), leaves its exit status in /out/status and
 * switches the machine off. Static, libc only. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void mount_at(const char *type, const char *where, mode_t mode) {
  mkdir(where, 0755);
  if (mount(type, where, type, 0, NULL) < 0 && errno != EBUSY) /* devtmpfs may be there already */
    printf("uml-init: %s on %s: %s\n", type, where, strerror(errno));
  if (mode) chmod(where, mode);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], "end") == 0) argv[i] = NULL, argc = i;
  mount_at("proc", "/proc", 0);
  mount_at("sysfs", "/sys", 0);
  mount_at("devtmpfs", "/dev", 0);
  mount_at("tmpfs", "/dev/shm", 01777);
  mount_at("mqueue", "/dev/mqueue", 01777);
  mount_at("tmpfs", "/tmp", 01777);

  const pid_t child = fork();
  if (child == 0) {
    setsid();
    char *const environment[] = {"PATH=/", "HOME=/", "CI=true", "NO_COLOR=1", NULL};
    argv[0] = "/ipcvet";
    execve(argv[0], argv, environment);
    printf("uml-init: /ipcvet: %s\n", strerror(errno));
    _exit(127);
  }
  int status = 0;
  pid_t ended;
  while ((ended = wait(&status)) != child)
    if (ended < 0 && errno != EINTR) break;

  FILE *out = fopen("/out/status", "w");
  if (out) {
    fprintf(out, "%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    fclose(out);
  }
  fflush(stdout);
  sync();
  reboot(RB_POWER_OFF);
  return 1;
}
