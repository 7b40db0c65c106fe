/* Going on in a program image of this build, or in one of another machine by an emulator. Both are named by descriptors
 * only, so that it does not matter what the sandbox has mounted where. */
#include <stdio.h>

#include "harness/actor/actor.h"

enum { MOST_ARGUMENTS = 3 };

static void execute(int fd, char *const argv[]) {
  char path[40], *envp[] = {NULL};
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  errno = ENOSYS;
#ifdef SYS_execveat
  syscall(SYS_execveat, fd, "", argv, envp, 0x1000 /* AT_EMPTY_PATH */);
#endif
  if (errno == ENOSYS) execve(path, argv, envp);
}

/* For an emulator the program is an argument; `-0` keeps its argv[0]. */
void run_image(unsigned image, char *const arguments[]) {
  char name[] = "ipcvet-actor", named[] = "-0", program[40];
  char *argv[4 + MOST_ARGUMENTS + 1] = {name};
  unsigned n = 1;
  const bool emulated = image < WIRE_IMAGES && (wire32(area->runners) >> image & 1) != 0;
  snprintf(program, sizeof program, "/proc/self/fd/%u", WIRE_IMAGE_FD + image);
  if (emulated) {
    argv[n++] = named;
    argv[n++] = name;
    argv[n++] = program;
  }
  for (unsigned i = 0; i < MOST_ARGUMENTS && arguments[i] != NULL; ++i) argv[n++] = arguments[i];
  argv[n] = NULL;
  execute((int)((emulated ? WIRE_RUNNER_FD : WIRE_IMAGE_FD) + image), argv);
}

/* The new image finds the area and its slot by number, and answers this request itself. */
void resume_in_image(unsigned image, uint32_t slot, uint32_t request) {
  char resume[] = "--resume", in[16], answering[16];
  snprintf(in, sizeof in, "%u", slot);
  snprintf(answering, sizeof answering, "%u", request);
  char *arguments[] = {resume, in, answering, NULL};
  run_image(image, arguments);
}
