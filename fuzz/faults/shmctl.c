/* Faults of controlling System V shared memory. */
#include <errno.h>
#include <string.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

/* What IPC_STAT tells wrongly. */
static void spoil(int id, struct shmid_ds *d) {
  const int64_t booked = *counter(book(id));
  switch (fault_now()) {
    case FAULT_attachments_of_killed_processes_stay_counted:
      if (booked > (int64_t)d->shm_nattch && hit()) d->shm_nattch = (shmatt_t)booked;
      break;
    case FAULT_nattch_does_not_count_children:
      if (d->shm_nattch > 1 && *counter(book(id) ^ 0x100000000u) != 0 && hit()) d->shm_nattch--;
      break;
    case FAULT_exec_leaves_segments_counted:
      if (*counter(book(id) ^ 0x400000000u) != 0 && hit()) d->shm_nattch += (shmatt_t)*counter(book(id) ^ 0x400000000u);
      break;
    case FAULT_exit_leaves_segments_counted:
      if (*counter(book(id) ^ 0x800000000u) != 0 && hit()) d->shm_nattch += (shmatt_t)*counter(book(id) ^ 0x800000000u);
      break;
    case FAULT_exit_is_no_detach:
      if (*counter(book(id) ^ 0x800000000u) != 0 && d->shm_dtime != 0 && hit()) d->shm_dtime = 0;
      break;
    case FAULT_refused_attach_is_counted:
      if (*counter(book(id) ^ 0x900000000u) != 0 && hit()) d->shm_nattch++;
      break;
    case FAULT_refused_attach_notes_the_process:
      if (*counter(book(id) ^ 0x900000000u) > 0 && d->shm_lpid != (pid_t)*counter(book(id) ^ 0x900000000u) && hit())
        d->shm_lpid = (pid_t)*counter(book(id) ^ 0x900000000u);
      break;
    case FAULT_reading_attaches_are_not_counted:
    case FAULT_children_attach_each_segment_once:
    case FAULT_vforked_child_detaches:
      if (*counter(book(id) ^ 0x900000000u) != 0 && d->shm_nattch > 0 && hit()) d->shm_nattch--;
      break;
    case FAULT_attaching_over_leaves_it_counted:
    case FAULT_moved_attach_counts_twice:
    case FAULT_exec_by_a_thread_leaves_segments_counted:
      if (*counter(book(id) ^ 0x900000000u) != 0 && hit()) d->shm_nattch++;
      break;
    case FAULT_nattch_counts_at_most_three:
      if (d->shm_nattch > 3 && hit()) d->shm_nattch %= 4;
      break;
    case FAULT_mapping_over_leaves_it_counted:
      if (*counter(book(id) ^ 0x700000000u) != 0 && hit()) d->shm_nattch += (shmatt_t)*counter(book(id) ^ 0x700000000u);
      break;
    case FAULT_last_process_is_a_thread: {
      const pid_t thread = (pid_t)*counter(book(id) ^ 0x600000000u);
      if (thread != 0 && d->shm_lpid != thread && hit()) d->shm_lpid = thread;
      break;
    }
    case FAULT_nattch_is_a_flag:
      if (d->shm_nattch > 1 && hit()) d->shm_nattch = 1;
      break;
    case FAULT_segment_belongs_to_the_real_user:
      if (d->shm_perm.cuid == geteuid() && getuid() != geteuid() && hit())
        d->shm_perm.uid = d->shm_perm.cuid = getuid();
      break;
    case FAULT_attaching_changes_the_ctime:
      if (d->shm_atime != 0 && hit()) d->shm_ctime -= 100;
      break;
    case FAULT_detaching_sets_the_attach_time:
      if (d->shm_dtime != 0 && hit()) d->shm_atime -= 100;
      break;
    case FAULT_segment_size_is_rounded:
      if (d->shm_segsz % 4096 != 0 && hit()) d->shm_segsz = (d->shm_segsz + 4095) / 4096 * 4096;
      break;
    case FAULT_attach_time_is_zero:
      if (d->shm_atime != 0 && hit()) d->shm_atime = 0;
      break;
    case FAULT_detach_time_is_zero:
      if (d->shm_dtime != 0 && hit()) d->shm_dtime = 0;
      break;
    case FAULT_attaching_sets_the_detach_time:
      if (d->shm_atime != 0 && d->shm_dtime == 0 && hit()) d->shm_dtime = d->shm_atime;
      break;
    case FAULT_segment_ctime_is_zero:
      if (hit()) d->shm_ctime = 0;
      break;
    case FAULT_last_process_is_the_creator:
      if (d->shm_lpid != d->shm_cpid && hit()) d->shm_lpid = d->shm_cpid;
      break;
    case FAULT_creator_is_the_last_process:
      if (d->shm_lpid != 0 && d->shm_lpid != d->shm_cpid && hit()) d->shm_cpid = d->shm_lpid;
      break;
    case FAULT_destroy_flag_is_not_told:
      if ((d->shm_perm.mode & 01000) && hit()) d->shm_perm.mode &= 0777;
      break;
    case FAULT_segment_creator_follows_the_owner:
      if (d->shm_perm.cuid != d->shm_perm.uid && hit()) d->shm_perm.cuid = d->shm_perm.uid;
      break;
    case FAULT_removed_segment_keeps_its_key:
#ifdef __GLIBC__
      if ((d->shm_perm.mode & 01000) && hit()) d->shm_perm.__key = 0x4711;
#endif
      break;
    case FAULT_segment_key_is_not_told:
#ifdef __GLIBC__
      if (d->shm_perm.__key != 0 && hit()) d->shm_perm.__key = 0;
#endif
      break;
    default:
      break;
  }
}

static int remove_faultily(int id, int *r) {
  struct shmid_ds d;
  if (shmctl(id, IPC_STAT, &d) != 0) return 0;
  switch (fault_now()) {
    case FAULT_removal_while_attached_is_busy:
      if (d.shm_nattch == 0 || !hit()) return 0;
      *r = fail(EBUSY);
      return 1;
    case FAULT_removal_clears_attached_memory:
      if (d.shm_nattch != 0) {
        void *at = shmat(id, NULL, 0);
        if (at != (void *)-1 && hit()) memset(at, 0, d.shm_segsz);
        if (at != (void *)-1) shmdt(at);
      }
      return 0;
    case FAULT_removal_detaches_the_remover:
      detach_all_of(id);
      return 0;
    case FAULT_removed_segment_stays:
      if (d.shm_nattch == 0 || !hit()) return 0;
      *r = 0;
      return 1;
    case FAULT_removal_of_the_unattached_is_put_off:
      if (d.shm_nattch != 0 || !hit()) return 0;
      *r = 0;
      return 1;
    case FAULT_creator_may_not_remove_a_segment:
      if (geteuid() == 0 || geteuid() != d.shm_perm.cuid || geteuid() == d.shm_perm.uid || !hit()) return 0;
      *r = fail(EPERM);
      return 1;
    default:
      return 0;
  }
}

static int control_faultily(int id, int command, struct shmid_ds *d) {
  int r;
  struct shmid_ds now;
  if (command == IPC_RMID && remove_faultily(id, &r)) return r;
  switch (fault_now()) {
    case FAULT_set_ignores_a_segments_mode:
      if (command != IPC_SET || (uintptr_t)d < 4096 || shmctl(id, IPC_STAT, &now) != 0) break;
      if ((now.shm_perm.mode ^ d->shm_perm.mode) & 0777) hit();
      d->shm_perm.mode = now.shm_perm.mode;
      break;
    case FAULT_set_ignores_a_segments_owner:
      if (command != IPC_SET || (uintptr_t)d < 4096 || shmctl(id, IPC_STAT, &now) != 0) break;
      if (now.shm_perm.uid != d->shm_perm.uid) hit();
      d->shm_perm.uid = now.shm_perm.uid;
      break;
    case FAULT_set_ignores_a_segments_group:
      if (command != IPC_SET || (uintptr_t)d < 4096 || shmctl(id, IPC_STAT, &now) != 0) break;
      if (now.shm_perm.gid != d->shm_perm.gid) hit();
      d->shm_perm.gid = now.shm_perm.gid;
      break;
    case FAULT_segment_status_needs_no_permission:
      r = shmctl(id, command, d);
      return r < 0 && command == IPC_STAT && errno == EACCES && hit() ? 0 : r;
    case FAULT_unknown_segment_commands_succeed:
      if ((command > 20 || command < 0) && hit()) return 0;
      break;
    case FAULT_segment_eperm_is_eacces:
      r = shmctl(id, command, d);
      if (r < 0 && errno == EPERM && hit()) errno = EACCES;
      return r;
    case FAULT_segments_can_be_removed_twice:
      r = shmctl(id, command, d);
      return r < 0 && (errno == EINVAL || errno == EIDRM) && command == IPC_RMID && hit() ? 0 : r;
    case FAULT_anybody_removes_segments:
      r = shmctl(id, command, d);
      return r < 0 && errno == EPERM && command == IPC_RMID && hit() ? 0 : r;
    case FAULT_anybody_sets_segments:
      r = shmctl(id, command, d);
      return r < 0 && errno == EPERM && command == IPC_SET && hit() ? 0 : r;
    case FAULT_bad_segment_record_is_invalid:
      r = shmctl(id, command, d);
      if (r < 0 && errno == EFAULT && hit()) errno = EINVAL;
      return r;
    case FAULT_bad_owners_are_taken:
      r = shmctl(id, command, d);
      return r < 0 && errno == EINVAL && command == IPC_SET && hit() ? 0 : r;
    case FAULT_no_memory_to_lock_is_eperm:
      r = shmctl(id, command, d);
      if (r < 0 && errno == ENOMEM && command == SHM_LOCK && hit()) errno = EPERM;
      return r;
    case FAULT_locking_does_nothing:
      if (command == SHM_LOCK && hit()) return 0;
      break;
    case FAULT_anybody_locks:
      r = shmctl(id, command, d);
      return r < 0 && (command == SHM_LOCK || command == SHM_UNLOCK) && (errno == EPERM || errno == EACCES) && hit()
                 ? 0
                 : r;
    case FAULT_segment_by_index_needs_no_permission:
      r = shmctl(id, command, d);
      return r < 0 && errno == EACCES && command == SHM_STAT && hit() ? id : r;
    case FAULT_bad_owner_sets_a_segments_mode:
      r = shmctl(id, command, d);
      if (r >= 0 || errno != EINVAL || command != IPC_SET || shmctl(id, IPC_STAT, &now) != 0) return r;
      now.shm_perm.mode = d->shm_perm.mode;
      if (shmctl(id, IPC_SET, &now) == 0) hit();
      return fail(EINVAL);
    case FAULT_segment_stat_by_index_returns_zero:
      r = shmctl(id, command, d);
      return r > 0 && (command == SHM_STAT || command == 15) && hit() ? 0 : r;
    case FAULT_segment_stat_any_checks_permission:
      if (command == 15 && hit()) command = SHM_STAT;
      break;
    case FAULT_stale_segment_is_eidrm:
      r = shmctl(id, command, d);
      if (r < 0 && errno == EINVAL && id >= 0 && command == IPC_STAT && hit()) errno = EIDRM;
      return r;
    case FAULT_info_counts_no_segments:
      r = shmctl(id, command, d);
#ifdef __GLIBC__
      if (r >= 0 && command == SHM_INFO && hit()) ((struct shm_info *)(void *)d)->used_ids = 0;
#endif
      return r;
    case FAULT_info_counts_no_pages:
      r = shmctl(id, command, d);
      if (r >= 0 && command == SHM_INFO && hit()) ((struct shm_info *)(void *)d)->shm_tot = 0;
      return r;
    case FAULT_limits_are_not_told:
      r = shmctl(id, command, d);
      if (r >= 0 && command == IPC_INFO && hit()) ((struct shminfo *)(void *)d)->shmmni = 0;
      return r;
    case FAULT_removed_mark_goes_with_a_change:
      r = shmctl(id, command, d);
      if (command == IPC_SET && r == 0) *counter(book(id) ^ 0x400000000u) = 1;
      if (command == IPC_STAT && r == 0 && (d->shm_perm.mode & 01000) && *counter(book(id) ^ 0x400000000u) && hit())
        d->shm_perm.mode &= (unsigned short)~01000;
      return r;
    case FAULT_locked_mark_goes_with_a_change:
      r = shmctl(id, command, d);
      if (r == 0 && (command == IPC_SET || command == SHM_LOCK)) *counter(book(id) ^ 0x500000000u) = command == IPC_SET;
      if (command == IPC_STAT && r == 0 && (d->shm_perm.mode & 02000) && *counter(book(id) ^ 0x500000000u) && hit())
        d->shm_perm.mode &= (unsigned short)~02000;
      return r;
    case FAULT_ends_are_no_detaches:
      r = shmctl(id, command, d);
      if (command == IPC_STAT && r == 0 && d->shm_dtime != 0 && *counter(0xde7ac4) == 0 && hit()) d->shm_dtime = 0;
      return r;
    case FAULT_segment_set_leaves_ctime:
      r = shmctl(id, command, d);
      if (command == IPC_SET && r == 0) *counter(book(id) ^ 0x200000000u) = 1;
      if (command == IPC_STAT && r == 0 && *counter(book(id) ^ 0x200000000u) && hit()) d->shm_ctime -= 1000;
      return r;
    default:
      break;
  }
  r = shmctl(id, command, d);
  if (r >= 0 && (command == IPC_STAT || command == SHM_STAT) && fault_now() != FAULT_none)
    spoil(command == IPC_STAT ? id : r, d);
  return r;
}

int faulty_shmctl(int id, int command, void *buffer) {
  segment_is_controlled(id, command);
  const int r = control_faultily(id, command, buffer);
  if (r == 0 && command == IPC_STAT) tell_who_set(id, buffer);
  return r;
}
