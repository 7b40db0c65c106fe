/* The calls as a faulty system performs them: the same signatures as the system's own. */
#ifndef IPCVET_FAULTS_CALLS_H
#define IPCVET_FAULTS_CALLS_H

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* descriptor.c */
int faulty_dup(int fd);
int faulty_dup2(int fd, int to);
int faulty_dup3(int fd, int to, int flags);
int faulty_fcntl(int fd, int command, ...);
int faulty_ioctl(int fd, unsigned long request, ...);
int faulty_close(int fd);
off_t faulty_lseek(int fd, off_t offset, int whence);
int faulty_fstat(int fd, struct stat *s);
int faulty_stat(const char *path, struct stat *s);
int faulty_fsync(int fd);
/* read.c, write.c */
ssize_t faulty_read(int fd, void *to, size_t n);
ssize_t faulty_readv(int fd, const struct iovec *v, int count);
ssize_t faulty_pread(int fd, void *to, size_t n, off_t at);
ssize_t faulty_preadv(int fd, const struct iovec *v, int count, off_t at);
ssize_t faulty_write(int fd, const void *from, size_t n);
ssize_t faulty_writev(int fd, const struct iovec *v, int count);
ssize_t faulty_pwritev(int fd, const struct iovec *v, int count, off_t at);
ssize_t faulty_pwrite(int fd, const void *from, size_t n, off_t at);
/* pipe.c */
int faulty_pipe(int *fds);
int faulty_pipe2(int *fds, int flags);
ssize_t faulty_splice(int in, off_t *in_at, int out, off_t *out_at, size_t n, unsigned flags);
ssize_t faulty_tee(int in, int out, size_t n, unsigned flags);
ssize_t faulty_vmsplice(int fd, const struct iovec *v, size_t count, unsigned flags);
ssize_t faulty_sendfile(int out, int in, off_t *at, size_t n);
/* wait.c */
int faulty_poll(struct pollfd *fds, nfds_t n, int timeout);
int faulty_select(int n, fd_set *r, fd_set *w, fd_set *x, struct timeval *limit);
int faulty_epoll_create1(int flags);
int faulty_epoll_ctl(int ep, int op, int fd, struct epoll_event *event);
int faulty_epoll_wait(int ep, struct epoll_event *events, int most, int timeout);
/* masked.c */
int faulty_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *limit, const sigset_t *mask);
int faulty_pselect(int n, fd_set *r, fd_set *w, fd_set *x, const struct timespec *limit, const sigset_t *mask);
int faulty_epoll_pwait(int ep, struct epoll_event *events, int most, int timeout, const sigset_t *mask);
/* fifo.c */
int faulty_open(const char *path, int flags, ...);
int faulty_openat(int dir, const char *path, int flags, ...);
int faulty_mkfifo(const char *path, mode_t mode);
int faulty_mkfifoat(int dir, const char *path, mode_t mode);
int faulty_mknod(const char *path, mode_t mode, dev_t dev);
int faulty_mknodat(int dir, const char *path, mode_t mode, dev_t dev);
int faulty_chmod(const char *path, mode_t mode);
int faulty_fchmod(int fd, mode_t mode);
/* names.c */
int faulty_access(const char *path, int mode);
int faulty_link(const char *from, const char *to);
int faulty_rename(const char *from, const char *to);
int faulty_unlink(const char *path);
int faulty_creat(const char *path, mode_t mode);
int faulty_chown(const char *path, uid_t owner, gid_t group);
int faulty_rmdir(const char *path);
int faulty_mkdir(const char *path, mode_t mode);
/* process.c, exec.c */
pid_t faulty_fork(void);
pid_t faulty_vforked(pid_t child);
long faulty_syscall(long number, ...);
void faulty_resume_in_image(unsigned image, uint32_t slot, uint32_t request);
void faulty_exit(int status) __attribute__((noreturn));
pid_t faulty_wait(int *status);
pid_t faulty_waitpid(pid_t pid, int *status, int options);
int faulty_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
pid_t faulty_getpid(void);
pid_t faulty_getppid(void);
pid_t faulty_getpgid(pid_t pid);
pid_t faulty_getsid(pid_t pid);
int faulty_setpgid(pid_t pid, pid_t group);
pid_t faulty_setsid(void);
int faulty_setresuid(uid_t r, uid_t e, uid_t s);
int faulty_setresgid(gid_t r, gid_t e, gid_t s);
mode_t faulty_umask(mode_t mask);
int faulty_setrlimit(unsigned what, const struct rlimit *limit);
int faulty_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int faulty_pthread_create(pthread_t *t, const pthread_attr_t *attributes, void *(*run)(void *), void *argument);
int faulty_pthread_join(pthread_t t, void **result);
long faulty_futex(uint32_t *word, int op, uint32_t value);
/* signal.c */
int faulty_kill(pid_t pid, int signo);
int faulty_raise(int signo);
int faulty_sigqueue(pid_t pid, int signo, union sigval value);
int faulty_sigaction(int signo, const struct sigaction *action, struct sigaction *old);
int faulty_sigprocmask(int how, const sigset_t *set, sigset_t *old);
int faulty_sigpending(sigset_t *set);
int faulty_sigsuspend(const sigset_t *mask);
int faulty_pause(void);
int faulty_sigwaitinfo(const sigset_t *set, siginfo_t *info);
int faulty_sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *limit);
/* told.c */
typedef void (*handler_of_signal)(int);
uid_t faulty_geteuid(void);
gid_t faulty_getegid(void);
uid_t faulty_getuid(void);
gid_t faulty_getgid(void);
int faulty_chdir(const char *path);
int faulty_getrlimit(unsigned what, struct rlimit *limit);
int faulty_fdatasync(int fd);
handler_of_signal faulty_signal(int signo, handler_of_signal handler);
/* stack.c */
int faulty_sigaltstack(const stack_t *stack, stack_t *old);
/* msg.c */
int faulty_msgget(key_t key, int flags);
int faulty_msgsnd(int id, const void *message, size_t size, int flags);
ssize_t faulty_msgrcv(int id, void *message, size_t size, long type, int flags);
int faulty_msgctl(int id, int command, void *buffer);
key_t faulty_ftok(const char *path, int project);
/* shm.c */
int faulty_shmget(key_t key, size_t size, int flags);
void *faulty_shmat(int id, const void *at, int flags);
int faulty_shmdt(const void *at);
int faulty_shmctl(int id, int command, void *buffer);
/* memory.c */
void *faulty_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset);
int faulty_munmap(void *at, size_t length);
int faulty_mprotect(void *at, size_t length, int protection);
int faulty_msync(void *at, size_t length, int flags);
void *faulty_mremap(void *at, size_t old_length, size_t new_length, int flags);
int faulty_madvise(void *at, size_t length, int advice);
int faulty_shm_open(const char *name, int flags, mode_t mode);
int faulty_shm_unlink(const char *name);
int faulty_truncate(const char *path, off_t length);
int faulty_ftruncate(int fd, off_t length);
int faulty_fallocate(int fd, int mode, off_t offset, off_t length);
int faulty_fchown(int fd, uid_t owner, gid_t group);

#endif
