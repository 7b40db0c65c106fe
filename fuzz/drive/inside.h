/* The actor's own performing functions, called inside this process: the fast way, for one actor. */
#ifndef IPCVET_INSIDE_H
#define IPCVET_INSIDE_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The area in `fd` becomes that of this process's only actor, in slot 0, and learns this system's constants. */
bool inside_begin(int fd);
/* Performs the request in slot 0; raw: as a bare system call, where the call can be one. */
void inside_perform(bool raw);
/* Namespaces of its own for IPC and mounts, with an empty directory as the working directory and an empty /dev/shm;
 * false where the system does not let it, then nothing has changed. */
bool inside_sandbox(void);

#ifdef __cplusplus
}
#endif
#endif
