/* Faults of getting System V shared memory segments. */
#include <errno.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

static int get_faultily(key_t key, size_t size, int flags) {
  int r;
  struct shmid_ds d;
  switch (fault_now()) {
    case FAULT_private_segment_is_a_key:
      if (key == IPC_PRIVATE && hit()) return shmget(0x77777, size, (flags & ~IPC_EXCL) | IPC_CREAT);
      break;
    case FAULT_segment_exclusive_is_ignored:
      if ((flags & IPC_EXCL) && hit()) return shmget(key, size, flags & ~IPC_EXCL);
      break;
    case FAULT_segment_exclusive_alone_fails:
      if ((flags & IPC_EXCL) && !(flags & IPC_CREAT) && shmget(key, 0, 0) >= 0 && hit()) return fail(EEXIST);
      break;
    case FAULT_segments_are_always_created:
      if (!(flags & IPC_CREAT) && size != 0 && hit()) return shmget(key, size, flags | IPC_CREAT);
      break;
    case FAULT_segment_mode_is_masked: {
      const mode_t mask = umask(0);
      umask(mask);
      if (flags & (int)mask & 0777) hit();
      return shmget(key, size, flags & ~(int)mask);
    }
    case FAULT_larger_than_it_is_is_found:
      r = shmget(key, size, flags);
      if (r < 0 && errno == EINVAL && size > 0 && shmget(key, 0, flags & 0777) >= 0 && hit())
        return shmget(key, 0, flags);
      return r;
    case FAULT_size_zero_finds_nothing:
      r = shmget(key, size, flags);
      return r >= 0 && key != IPC_PRIVATE && size == 0 && hit() ? fail(EINVAL) : r;
    case FAULT_smaller_than_it_is_is_refused:
      r = shmget(key, size, flags);
      if (r >= 0 && key != IPC_PRIVATE && size != 0 && shmctl(r, IPC_STAT, &d) == 0 && d.shm_segsz > size && hit())
        return fail(EINVAL);
      return r;
    case FAULT_empty_segments_can_be_made:
      r = shmget(key, size, flags);
      return r < 0 && errno == EINVAL && size == 0 && hit() ? shmget(key, 1, flags) : r;
    case FAULT_new_segment_is_not_zero:
      r = shmget(key, size, flags);
      if (r >= 0 && (key == IPC_PRIVATE || (flags & IPC_CREAT)) && size > 0 && size < 1 << 20) {
        char *at = shmat(r, NULL, 0);
        if (at != (char *)-1 && at[size - 1] == 0 && hit()) at[size - 1] = 7;
        if (at != (char *)-1) shmdt(at);
      }
      return r;
    case FAULT_exclusive_private_segment_fails:
      if (key == IPC_PRIVATE && (flags & IPC_EXCL) && hit()) return fail(EEXIST);
      break;
    case FAULT_too_many_segments_is_enomem:
      r = shmget(key, size, flags);
      if (r < 0 && errno == ENOSPC && hit()) errno = ENOMEM;
      return r;
    case FAULT_key_of_a_queue_is_taken:
      if (key != IPC_PRIVATE && (flags & IPC_CREAT) && msgget(key, 0) >= 0 && hit()) return fail(EEXIST);
      break;
    case FAULT_segment_keys_have_16_bits:
      if (key != IPC_PRIVATE && (key & ~0xffff) != 0 && (key & 0xffff) != 0 && hit())
        return shmget(key & 0xffff, size, flags);
      break;
    case FAULT_finding_a_segment_needs_no_permission:
      if (key != IPC_PRIVATE && !(flags & IPC_CREAT) && (flags & 0777) && hit())
        return shmget(key, size, flags & ~0777);
      break;
    case FAULT_removed_segment_is_found_by_its_key: {
      const int id = (int)*counter((uint64_t)(unsigned)key ^ 0x5300000000u) - 1;
      if (key != IPC_PRIVATE && id >= 0 && shmctl(id, IPC_STAT, &d) == 0 && hit()) return id;
      break;
    }
    case FAULT_no_segment_is_einval:
      r = shmget(key, size, flags);
      if (r < 0 && errno == ENOENT && hit()) errno = EINVAL;
      return r;
    case FAULT_forbidden_segment_is_eperm:
      r = shmget(key, size, flags);
      if (r < 0 && errno == EACCES && hit()) errno = EPERM;
      return r;
    case FAULT_too_large_is_enomem:
      r = shmget(key, size, flags);
      if (r < 0 && errno == EINVAL && size > 1ul << 40 && hit()) errno = ENOMEM;
      return r;
    case FAULT_sizes_are_rounded_up_when_found:
      r = shmget(key, size, flags);
      if (r < 0 && errno == EINVAL && size > 0) {
        const int there = shmget(key, 0, flags & 0777);
        if (there >= 0 && shmctl(there, IPC_STAT, &d) == 0 && size <= (d.shm_segsz + 4095) / 4096 * 4096 && hit())
          return there;
        return fail(EINVAL);
      }
      return r;
    case FAULT_finding_a_segment_changes_its_mode:
      r = shmget(key, size, flags);
      if (r >= 0 && key != IPC_PRIVATE && (flags & 0777) && shmctl(r, IPC_STAT, &d) == 0 &&
          (d.shm_perm.mode & 0777) != (flags & 0777) && hit()) {
        d.shm_perm.mode = (unsigned short)(flags & 0777);
        shmctl(r, IPC_SET, &d);
      }
      return r;
    default:
      break;
  }
  return shmget(key, size, flags);
}

void segment_is_controlled(int id, int command) {
  struct shmid_ds d;
  if (is_on(FAULT_setting_notes_the_last_process) && command == IPC_SET)
    *counter((uint64_t)(unsigned)id ^ 0x5200000000u) = getpid();
#ifdef __GLIBC__
  if (is_on(FAULT_removed_segment_is_found_by_its_key) && command == IPC_RMID && shmctl(id, IPC_STAT, &d) == 0 &&
      d.shm_nattch != 0 && d.shm_perm.__key != IPC_PRIVATE)
    *counter((uint64_t)(unsigned)d.shm_perm.__key ^ 0x5300000000u) = id + 1;
#else
  (void)d;
#endif
}

void tell_who_set(int id, struct shmid_ds *d) {
  if (!is_on(FAULT_setting_notes_the_last_process)) return;
  const pid_t who = (pid_t)*counter((uint64_t)(unsigned)id ^ 0x5200000000u);
  if (who != 0 && d->shm_lpid != who && hit()) d->shm_lpid = who;
}

static int made[64], makes;

int faulty_shmget(key_t key, size_t size, int flags) {
  const bool is_new = key == IPC_PRIVATE || ((flags & IPC_CREAT) && shmget(key, 0, 0) < 0 && errno == ENOENT);
  const int r = get_faultily(key, size, flags);
  if (r >= 0 && is_new) *counter(book(r) ^ 0xa00000000u) = key;
  if (r >= 0 && is_new && makes < 64) made[makes++] = r;
  return r;
}

void segments_were_inherited(void) { makes = 0; }

void segments_end(void) {
  for (int i = 0; i < makes; ++i)
    if (is_on(FAULT_segment_goes_with_its_maker) && hit()) shmctl(made[i], IPC_RMID, NULL);
}
