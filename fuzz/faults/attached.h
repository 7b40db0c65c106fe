/* What must be told of the lives of processes: objects they made and attachments and mappings they have. */
#ifndef IPCVET_FAULTS_ATTACHED_H
#define IPCVET_FAULTS_ATTACHED_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* in a new child */
void attachments_are_inherited(void);
void attachments_were_forked(void);
void mappings_are_inherited(void);
void queues_were_inherited(void);
void segments_were_inherited(void);
void objects_were_inherited(void);
/* at exit or exec */
void attachments_are_executed(void);
void attachments_are_exited(void);
void attachments_end(void);
void queues_end(void);
void segments_end(void);
void objects_end(void);
void receivers_are_ended(void); /* queue.c */
/* at close and ftruncate */
void unmap_all_of(int fd);
void forget_in_epoll(int fd);
void fill_all_behind(int fd, off_t size);
void keep_private_behind(int fd, off_t size);
/* at splice, tee, vmsplice and sendfile: moves.c */
bool splice_is_ended(int in, int out);
bool tee_is_ended(int in, int out);
bool vmsplice_is_ended(int out);
bool sendfile_is_ended(int out);
uint64_t without_async(int out);
void with_async(uint64_t which);
ssize_t refuse_move(int in, ssize_t r);
/* at fcntl and shmdt */
bool is_mapped_to_write(int fd);
extern const void *resized_mapping;
extern int unsealed_descriptor;
/* of descriptors' numbers, duplicate.c */
void numbers_are_freed(int first);
int put_higher(int r);
/* after what was refused: refused.c */
int set_a_user(int result, uid_t r, uid_t s);
int set_a_group(int result, gid_t r);
int make_the_group(int result, pid_t pid, pid_t group);
int take_the_old_name(int result, const char *from);
void *unmap_the_old(void *result, void *at, size_t length);
/* at shmctl */
struct shmid_ds;
void segment_is_controlled(int id, int command);
void tell_who_set(int id, struct shmid_ds *d);
/* Where the shared area keeps what is known of a segment. */
static inline uint64_t book(int id) { return 0x5100000000u + (uint64_t)(unsigned)id; }
void detach_all_of(int id); /* -1: of all */
void attaches_were_vforked(void);
void *attach_again(const void *at); /* for writing, what is attached there; NULL: nothing is */
/* at mmap, munmap and mremap */
void unmap_attach(void *at, size_t length);
void attach_is_moved(const void *at, size_t length);
bool unmap_a_piece(void *at, size_t length, int *r); /* pieces.c: one of these faults is on and has done it */
bool protect_a_piece(void *at, size_t length, int protection, int *r);
bool remap_a_piece(void *at, size_t old_length, size_t new_length, int flags, void **r);
bool map_beside(void *at, size_t length, int protection, int flags, int fd, off_t offset, void **r);
struct mapping {
  char *at;
  size_t length;
  int protection, flags, fd;
  off_t offset;
};
struct mapping *mapping_at(const void *at); /* memory.c */
struct mapping *mapping_around(const void *at);
void for_others(const void *at, void (*change)(struct mapping *, int), int how);
void marks_are_inherited(void); /* advise.c */
static inline size_t pages(size_t length) { return (length + 4095) / 4096 * 4096; }
void attaches_are_mapped_over(const void *at, size_t length);

/* What an attach fails with. */
static inline void *refuse(int error) {
  errno = error;
  return (void *)-1;
}

#endif
