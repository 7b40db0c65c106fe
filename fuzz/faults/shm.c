/* Faults of attaching and controlling System V shared memory. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

enum { MOST_ATTACHED = 64 };
static struct {
  const void *at;
  int id;
} attached[MOST_ATTACHED];

static const void *last_detached;

static void add(int id, int64_t n) { __atomic_add_fetch(counter(book(id)), n, __ATOMIC_SEQ_CST); }

static void note_attached(int id, const void *at) {
  for (int i = 0; i < MOST_ATTACHED; ++i) {
    if (attached[i].at != NULL && attached[i].at != at) continue;
    attached[i].at = at;
    attached[i].id = id;
    add(id, 1);
    return;
  }
}

static void note_detached(const void *at) {
  for (int i = 0; i < MOST_ATTACHED; ++i) {
    if (attached[i].at != at || at == NULL) continue;
    add(attached[i].id, -1);
    attached[i].at = NULL;
  }
}

void attachments_are_inherited(void) {
  for (int i = 0; i < MOST_ATTACHED; ++i) {
    void *at = (void *)(uintptr_t)attached[i].at;
    if (at == NULL) continue;
    add(attached[i].id, 1);
    if (is_on(FAULT_child_has_writable_attaches) && !is_writable(at) && shmat(attached[i].id, at, SHM_REMAP) == at)
      hit();
    if (is_on(FAULT_child_is_not_attached) && hit()) shmdt(at);
  }
}

static void note_event(uint64_t tag) {
  for (int i = 0; i < MOST_ATTACHED; ++i)
    if (attached[i].at != NULL) count_up(book(attached[i].id) ^ tag);
}

void attachments_were_forked(void) {
  note_event(0x100000000u);
  if (!is_on(FAULT_children_attach_each_segment_once)) return;
  for (int i = 0; i < MOST_ATTACHED; ++i)
    for (int k = 0; k < i; ++k)
      if (attached[i].at != NULL && attached[k].at != NULL && attached[i].id == attached[k].id)
        count_up(book(attached[i].id) ^ 0x900000000u);
}
void attachments_are_executed(void) {
  note_event(0x400000000u);
  if (is_on(FAULT_exec_by_a_thread_leaves_segments_counted) && gettid() != getpid()) note_event(0x900000000u);
}
void attachments_are_exited(void) { note_event(0x800000000u); }

/* At exit and exec; what a killed process had stays in the book. */
void attachments_end(void) {
  for (int i = 0; i < MOST_ATTACHED; ++i)
    if (attached[i].at != NULL) add(attached[i].id, -1);
}

void attaches_are_mapped_over(const void *at, size_t length) {
  for (int i = 0; is_on(FAULT_mapping_over_leaves_it_counted) && i < MOST_ATTACHED; ++i)
    if (attached[i].at >= at && (const char *)attached[i].at < (const char *)at + length && attached[i].at != NULL)
      count_up(book(attached[i].id) ^ 0x700000000u);
}

static void *attach_faultily(int id, const void *at, int flags) {
  void *r;
  struct shmid_ds d;
  const uintptr_t off = (uintptr_t)at % 4096;
  switch (fault_now()) {
    case FAULT_read_only_is_ignored:
      if ((flags & SHM_RDONLY) && hit()) return shmat(id, at, flags & ~SHM_RDONLY);
      break;
    case FAULT_rounding_goes_up:
      if ((flags & SHM_RND) && off != 0 && hit()) return shmat(id, (const char *)at - off + 4096, flags);
      break;
    case FAULT_rounding_is_not_needed:
      if (!(flags & SHM_RND) && off != 0 && hit()) return shmat(id, (const char *)at - off, flags);
      break;
    case FAULT_given_address_is_a_hint:
      if (at != NULL && !(flags & SHM_REMAP) && off == 0) {
        r = shmat(id, at, flags);
        if (r == (void *)-1) return r;
        shmdt(r);
        return hit() ? shmat(id, NULL, flags) : r;
      }
      break;
    case FAULT_attaching_replaces:
      if (at != NULL && off == 0) {
        r = shmat(id, at, flags);
        return r == (void *)-1 && errno == EINVAL && hit() ? shmat(id, at, flags | SHM_REMAP) : r;
      }
      break;
    case FAULT_remap_is_ignored:
      if ((flags & SHM_REMAP) && hit()) return shmat(id, at, flags & ~SHM_REMAP);
      break;
    case FAULT_remap_needs_no_address:
      if ((flags & SHM_REMAP) && at == NULL && hit()) return shmat(id, at, flags & ~SHM_REMAP);
      break;
    case FAULT_attached_memory_can_be_executed:
      if ((flags & SHM_EXEC) && hit()) return refuse(EINVAL);
      break;
    case FAULT_second_attach_is_the_first:
      for (int i = 0; i < MOST_ATTACHED; ++i)
        if (attached[i].at != NULL && attached[i].id == id && hit()) return refuse(EINVAL);
      break;
    case FAULT_removed_segments_cannot_be_attached:
      if (shmctl(id, IPC_STAT, &d) == 0 && (d.shm_perm.mode & 01000) && hit()) return refuse(EIDRM);
      break;
    case FAULT_attaching_is_private:
      r = shmat(id, at, flags);
      if (r != (void *)-1 && shmctl(id, IPC_STAT, &d) == 0 && d.shm_cpid != getpid() && d.shm_segsz < 1 << 20 &&
          !(flags & SHM_RDONLY) && hit()) {
        const size_t size = (d.shm_segsz + 4095) / 4096 * 4096;
        static char copy[1 << 20];
        memcpy(copy, r, size);
        mmap(r, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        memcpy(r, copy, size);
      }
      return r;
    case FAULT_reading_permission_suffices:
      r = shmat(id, at, flags);
      return r == (void *)-1 && errno == EACCES && hit() ? shmat(id, at, flags | SHM_RDONLY) : r;
    case FAULT_forbidden_attach_is_eperm:
      r = shmat(id, at, flags);
      if (r == (void *)-1 && errno == EACCES && hit()) errno = EPERM;
      return r;
    case FAULT_bad_segment_is_eidrm:
      r = shmat(id, at, flags);
      if (r == (void *)-1 && errno == EINVAL && at == NULL && id >= 0 && !(flags & SHM_REMAP) && hit()) errno = EIDRM;
      return r;
    case FAULT_tail_of_the_last_page_is_not_zero:
      r = shmat(id, at, flags);
      if (r != (void *)-1 && !(flags & SHM_RDONLY) && shmctl(id, IPC_STAT, &d) == 0 && d.shm_segsz % 4096 != 0 && hit())
        ((char *)r)[d.shm_segsz] = 9;
      return r;
    case FAULT_segment_has_a_page_more:
      r = shmat(id, at, flags);
      if (r != (void *)-1 && shmctl(id, IPC_STAT, &d) == 0 && hit())
        mmap((char *)r + (d.shm_segsz + 4095) / 4096 * 4096, 4096, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
      return r;
    case FAULT_no_room_to_attach_is_einval:
      r = shmat(id, at, flags);
      if (r == (void *)-1 && errno == ENOMEM && hit()) errno = EINVAL;
      return r;
    case FAULT_privilege_does_not_attach:
      if (geteuid() == 0 && shmctl(id, IPC_STAT, &d) == 0 && (d.shm_perm.mode & 0600) != 0600 && hit())
        return refuse(EACCES);
      break;
    case FAULT_null_attaches_nothing:
      if (at == NULL && hit()) return refuse(EINVAL);
      break;
    case FAULT_reading_needs_permission_to_write:
      r = shmat(id, at, flags);
      if (r != (void *)-1 && (flags & SHM_RDONLY) && geteuid() != 0) {
        void *both = shmat(id, NULL, 0);
        if (both == (void *)-1 && hit()) {
          shmdt(r);
          return refuse(EACCES);
        }
        shmdt(both);
      }
      return r;
    case FAULT_group_may_not_attach:
      r = shmat(id, at, flags);
      if (r != (void *)-1 && geteuid() != 0 && shmctl(id, IPC_STAT, &d) == 0 && d.shm_perm.uid != geteuid() &&
          d.shm_perm.gid == getegid() && hit()) {
        shmdt(r);
        return refuse(EACCES);
      }
      return r;
    case FAULT_owner_may_always_attach:
      r = shmat(id, at, flags);
      if (r == (void *)-1 && errno == EACCES) {
        memset(&d, 0, sizeof d);
        d.shm_perm.uid = geteuid();
        d.shm_perm.gid = getegid();
        d.shm_perm.mode = 0600;
        if (shmctl(id, IPC_SET, &d) == 0 && hit()) return shmat(id, at, flags);
        errno = EACCES;
      }
      return r;
    case FAULT_attaching_clears:
      r = shmat(id, at, flags);
      if (r != (void *)-1 && !(flags & SHM_RDONLY) && shmctl(id, IPC_STAT, &d) == 0 && d.shm_nattch == 1 &&
          d.shm_dtime != 0 && hit())
        memset(r, 0, d.shm_segsz);
      return r;
    default:
      break;
  }
  return shmat(id, at, flags);
}

/* What is attached at an address to be given away is counted on. */
static void note_over(int id, const void *at) {
  for (int i = 0; i < MOST_ATTACHED; ++i)
    if (at != NULL && attached[i].at == at && attached[i].id != id) count_up(book(attached[i].id) ^ 0x900000000u);
}

static size_t size_of(int id) {
  struct shmid_ds d;
  return shmctl(id, IPC_STAT, &d) == 0 ? (d.shm_segsz + 4095) / 4096 * 4096 : 0;
}

void unmap_attach(void *at, size_t length) {
  for (int i = 0; i < MOST_ATTACHED; ++i)
    if (attached[i].at == at && at != NULL && length >= size_of(attached[i].id) && hit())
      shmat(attached[i].id, NULL, SHM_RDONLY);
}

void attach_is_moved(const void *at, size_t length) {
  for (int i = 0; i < MOST_ATTACHED; ++i)
    if (attached[i].at == at && at != NULL && length != 0) count_up(book(attached[i].id) ^ 0x900000000u);
}

void *attach_again(const void *at) {
  for (int i = 0; i < MOST_ATTACHED; ++i)
    if (at != NULL && attached[i].at == at) {
      void *r = shmat(attached[i].id, NULL, 0);
      return r == (void *)-1 ? NULL : r;
    }
  return NULL;
}

void attaches_were_vforked(void) { note_event(0x900000000u); }

void *faulty_shmat(int id, const void *at, int flags) {
  if (is_on(FAULT_remapping_does_not_round) && (flags & SHM_RND) && (flags & SHM_REMAP) && (uintptr_t)at % 4096 != 0 &&
      hit())
    return refuse(EINVAL);
  if (is_on(FAULT_rounding_an_aligned_address_goes_down) && (flags & SHM_RND) && at != NULL &&
      (uintptr_t)at % 4096 == 0 && hit())
    at = (const char *)at - 4096;
  if (is_on(FAULT_attaching_over_leaves_it_counted) && (flags & SHM_REMAP)) note_over(id, at);
  if (is_on(FAULT_rounded_attach_is_writable) && (flags & SHM_RDONLY) && (flags & SHM_RND) && hit())
    flags &= ~SHM_RDONLY;
  if (is_on(FAULT_replacing_attach_is_writable) && (flags & SHM_RDONLY) && (flags & SHM_REMAP) && hit())
    flags &= ~SHM_RDONLY;
  if (is_on(FAULT_address_of_a_detach_is_taken) && at != NULL && at == last_detached && !(flags & SHM_REMAP) && hit())
    return refuse(EINVAL);
  bool has_one_for_reading = false;
  for (int i = 0; is_on(FAULT_second_attach_has_the_firsts_protection) && i < MOST_ATTACHED; ++i)
    has_one_for_reading |= attached[i].at != NULL && attached[i].id == id && is_readable(attached[i].at) &&
                           !is_writable((void *)(uintptr_t)attached[i].at);
  void *r = attach_faultily(id, at, flags);
  if (r != (void *)-1 && has_one_for_reading && !(flags & SHM_RDONLY) && hit()) mprotect(r, size_of(id), PROT_READ);
  if (r != (void *)-1 && is_on(FAULT_reading_attaches_are_not_counted) && (flags & SHM_RDONLY))
    count_up(book(id) ^ 0x900000000u);
  if (r == (void *)-1) {
    if (is_on(FAULT_refused_attach_is_counted) || is_on(FAULT_refused_attach_notes_the_process))
      *counter(book(id) ^ 0x900000000u) = getpid();
  }
  if (r != (void *)-1 && fault_now() != FAULT_none) note_attached(id, r);
  if (r != (void *)-1 && is_on(FAULT_last_process_is_a_thread)) *counter(book(id) ^ 0x600000000u) = gettid();
  return r;
}

/* The segment that has the key of the removed one attached there; -1: none. */
static int successor_of(const void *at) {
  struct shmid_ds d;
  for (int i = 0; i < MOST_ATTACHED; ++i) {
    if (at == NULL || attached[i].at != at || shmctl(attached[i].id, IPC_STAT, &d) != 0) continue;
    const key_t key = (key_t)*counter(book(attached[i].id) ^ 0xa00000000u);
    if ((d.shm_perm.mode & 01000) && d.shm_nattch == 1 && key != IPC_PRIVATE) return shmget(key, 0, 0);
  }
  return -1;
}

int faulty_shmdt(const void *at) {
  int r;
  switch (fault_now()) {
    case FAULT_ends_are_no_detaches:
      count_up(0xde7ac4);
      break;
    case FAULT_resized_attach_cannot_be_detached:
      if (at != NULL && at == resized_mapping && hit()) return fail(EINVAL);
      break;
    case FAULT_last_process_is_a_thread:
      for (int i = 0; i < MOST_ATTACHED; ++i)
        if (at != NULL && attached[i].at == at) *counter(book(attached[i].id) ^ 0x600000000u) = gettid();
      break;
    case FAULT_detaching_takes_the_neighbour: {
      const char *next = NULL;
      for (int i = 0; i < MOST_ATTACHED; ++i)
        if (at != NULL && attached[i].at == at) next = (const char *)at + size_of(attached[i].id);
      for (int i = 0; i < MOST_ATTACHED; ++i)
        if (next != NULL && attached[i].at == next && hit()) shmdt(next);
      break;
    }
    case FAULT_detached_memory_stays:
      for (int i = 0; i < MOST_ATTACHED; ++i)
        if (at != NULL && attached[i].at == at && hit()) return 0;
      break;
    case FAULT_detaching_anywhere_inside: {
      r = shmdt(at);
      const uintptr_t page = (uintptr_t)at & ~(uintptr_t)4095;
      return r < 0 && page != 0 && hit() ? shmdt((void *)page) : r;
    }
    case FAULT_detaching_nothing_succeeds:
      r = shmdt(at);
      return r < 0 && hit() ? 0 : r;
    case FAULT_detaching_detaches_all:
      for (int i = 0; i < MOST_ATTACHED; ++i) {
        if (at == NULL || attached[i].at != at) continue;
        for (int k = 0; k < MOST_ATTACHED; ++k)
          if (k != i && attached[k].at != NULL && attached[k].id == attached[i].id && hit()) shmdt(attached[k].at);
      }
      break;
    case FAULT_detaching_the_last_clears:
      for (int i = 0; i < MOST_ATTACHED; ++i) {
        struct shmid_ds d;
        if (at == NULL || attached[i].at != at || shmctl(attached[i].id, IPC_STAT, &d) != 0 || d.shm_nattch != 1)
          continue;
        void *again = shmat(attached[i].id, NULL, 0);
        if (again != (void *)-1 && hit()) memset(again, 0, d.shm_segsz);
        if (again != (void *)-1) shmdt(again);
      }
      break;
    default:
      break;
  }
  const int successor = is_on(FAULT_detaching_the_old_removes_the_new) ? successor_of(at) : -1;
  r = shmdt(at);
  if (r == 0 && successor >= 0 && hit()) shmctl(successor, IPC_RMID, NULL);
  if (r == 0) last_detached = at;
  if (r == 0 && fault_now() != FAULT_none) note_detached(at);
  return r;
}

void detach_all_of(int id) {
  for (int i = 0; i < MOST_ATTACHED; ++i)
    if (attached[i].at != NULL && (id == -1 || attached[i].id == id) && hit()) shmdt(attached[i].at);
}
