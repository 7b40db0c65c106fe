/* What the sources of faulty writes share. */
#ifndef IPCVET_FAULTS_WRITE_H
#define IPCVET_FAULTS_WRITE_H

#include <stdbool.h>
#include <sys/types.h>

ssize_t write_quietly(int fd, const void *from, size_t n); /* without its SIGPIPE */
bool block_sigxfsz(void);                                  /* and after the call */
void swallow_sigxfsz(void);
bool has_no_reader(int fd);
ssize_t write_to_file(int fd, const void *from, size_t n);

#endif
