/* Faults of controlling System V message queues, and of their keys. */
#include <errno.h>
#include <string.h>

#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"
#include "fuzz/faults/queue.h"

static bool is_good(const void *p) { return (uintptr_t)p > 4096 && (access(p, F_OK) == 0 || errno != EFAULT); }

enum { STAT_ANY = 13, IDS_A_ROUND = 32768 };

/* The status without permission, which a fault must know. */
static bool look_at(int id, struct msqid_ds *d) {
  const int error = errno;
  const bool ok = id >= 0 && msgctl(id % IDS_A_ROUND, STAT_ANY, d) == id;
  errno = error;
  return ok;
}

static bool set_faultily(int id, struct msqid_ds *given, int *r) {
  struct msqid_ds now, changed;
  if (!is_good(given) || msgctl(id, IPC_STAT, &now) != 0) return false;
  changed = *given;
  switch (fault_now()) {
    case FAULT_set_ignores_the_mode:
      if (now.msg_perm.mode != changed.msg_perm.mode) hit();
      changed.msg_perm.mode = now.msg_perm.mode;
      break;
    case FAULT_set_ignores_the_limit:
      if (now.msg_qbytes != changed.msg_qbytes) hit();
      changed.msg_qbytes = now.msg_qbytes;
      break;
    case FAULT_set_ignores_the_group:
      if (now.msg_perm.gid != changed.msg_perm.gid) hit();
      changed.msg_perm.gid = now.msg_perm.gid;
      break;
    case FAULT_set_ignores_the_user:
      if (now.msg_perm.uid != changed.msg_perm.uid) hit();
      changed.msg_perm.uid = now.msg_perm.uid;
      break;
    case FAULT_refused_set_changes_the_mode:
      *r = msgctl(id, IPC_SET, given);
      if (*r < 0 && errno == EPERM) {
        now.msg_perm.mode = changed.msg_perm.mode;
        if (msgctl(id, IPC_SET, &now) == 0) hit();
        errno = EPERM;
      }
      return true;
    case FAULT_owner_may_not_raise_again:
      if (geteuid() == 0 || changed.msg_qbytes <= now.msg_qbytes || changed.msg_qbytes > 16384 || !hit()) return false;
      *r = fail(EPERM);
      return true;
    case FAULT_anybody_raises_the_limit:
      *r = msgctl(id, IPC_SET, given);
      if (*r < 0 && errno == EPERM && changed.msg_qbytes > now.msg_qbytes && hit()) *r = 0;
      return true;
    default:
      return false;
  }
  *r = msgctl(id, IPC_SET, &changed);
  return true;
}

/* What IPC_STAT and MSG_STAT tell wrongly. */
static void spoil(struct msqid_ds *d) {
  switch (fault_now()) {
    case FAULT_sender_and_receiver_change_places: {
      const pid_t sender = d->msg_lspid;
      if (sender != d->msg_lrpid) hit();
      d->msg_lspid = d->msg_lrpid;
      d->msg_lrpid = sender;
      break;
    }
    case FAULT_stime_is_zero:
      if (d->msg_stime != 0 && hit()) d->msg_stime = 0;
      break;
    case FAULT_rtime_is_zero:
      if (d->msg_rtime != 0 && hit()) d->msg_rtime = 0;
      break;
    case FAULT_ctime_is_zero:
      if (hit()) d->msg_ctime = 0;
      break;
    case FAULT_creator_follows_the_owner:
      if (d->msg_perm.cuid != d->msg_perm.uid && hit()) d->msg_perm.cuid = d->msg_perm.uid;
      break;
    case FAULT_creators_group_follows_the_owner:
      if (d->msg_perm.cgid != d->msg_perm.gid && hit()) d->msg_perm.cgid = d->msg_perm.gid;
      break;
    case FAULT_bytes_count_headers:
      if (d->msg_qnum != 0 && hit()) d->__msg_cbytes += 48 * d->msg_qnum;
      break;
    case FAULT_mode_has_more_bits:
      if (hit()) d->msg_perm.mode |= 01000;
      break;
    case FAULT_number_counts_the_last_handed_over:
      if (d->msg_lrpid != 0 && hit()) d->msg_qnum++;
      break;
    case FAULT_limit_is_twice_the_default:
      if (d->msg_qbytes == 16384 && hit()) d->msg_qbytes = 32768;
      break;
    case FAULT_empty_messages_are_not_counted:
      if (d->msg_qnum != 0 && d->__msg_cbytes == 0 && hit()) d->msg_qnum = 0;
      break;
    case FAULT_key_is_not_told:
#ifdef __GLIBC__
      if (d->msg_perm.__key != 0 && hit()) d->msg_perm.__key = 0;
#endif
      break;
    case FAULT_receiving_sets_the_stime:
      if (d->msg_lrpid != 0 && hit()) d->msg_stime -= 100;
      break;
    case FAULT_receiving_changes_the_sender:
      if (d->msg_lrpid != 0 && d->msg_lspid != d->msg_lrpid && hit()) d->msg_lspid = d->msg_lrpid;
      break;
    case FAULT_new_queue_has_a_sender:
      if (d->msg_lspid == 0 && hit()) d->msg_lspid = 1;
      break;
    case FAULT_new_queue_has_a_time:
      if (d->msg_stime == 0 && hit()) d->msg_stime = d->msg_ctime;
      break;
    case FAULT_queue_belongs_to_the_real_user:
      if (d->msg_perm.cuid == geteuid() && getuid() != geteuid() && hit())
        d->msg_perm.uid = d->msg_perm.cuid = getuid();
      break;
    case FAULT_queue_belongs_to_the_real_group:
      if (d->msg_perm.cgid == getegid() && getgid() != getegid() && hit())
        d->msg_perm.gid = d->msg_perm.cgid = getgid();
      break;
    case FAULT_number_is_at_most_seven:
      if (d->msg_qnum > 7 && hit()) d->msg_qnum %= 8;
      break;
    case FAULT_receivers_are_threads:
      if (d->msg_lrpid != 0 && *counter((uint64_t)d->msg_lrpid ^ 0xa200000000u) != 0 && hit())
        d->msg_lrpid = (pid_t)*counter((uint64_t)d->msg_lrpid ^ 0xa200000000u);
      break;
    case FAULT_senders_are_threads:
      if (d->msg_lspid != 0 && *counter((uint64_t)d->msg_lspid ^ 0xa100000000u) != 0 && hit())
        d->msg_lspid = (pid_t)*counter((uint64_t)d->msg_lspid ^ 0xa100000000u);
      break;
    default:
      break;
  }
}

static int control_faultily(int id, int command, struct msqid_ds *d) {
  int r;
  if (command == IPC_SET && set_faultily(id, d, &r)) return r;
  switch (fault_now()) {
    case FAULT_only_empty_queues_are_removed: {
      struct msqid_ds now;
      if (command == IPC_RMID && msgctl(id, IPC_STAT, &now) == 0 && now.msg_qnum != 0 && hit()) return fail(EBUSY);
      break;
    }
    case FAULT_status_needs_no_permission:
      r = msgctl(id, command, d);
      return r < 0 && command == IPC_STAT && errno == EACCES && hit() ? 0 : r;
    case FAULT_unknown_commands_succeed:
      if ((command > 20 || command < 0) && hit()) return 0;
      break;
    case FAULT_former_owner_may_set: {
      struct msqid_ds now;
      const bool known = command == IPC_SET && look_at(id, &now);
      r = msgctl(id, command, d);
      int64_t *former = counter((uint64_t)(unsigned)id ^ 0xa300000000u);
      if (r == 0 && known && now.msg_perm.uid != d->msg_perm.uid) *former = (int64_t)now.msg_perm.uid + 1;
      return r < 0 && errno == EPERM && *former == (int64_t)geteuid() + 1 && hit() ? 0 : r;
    }
    case FAULT_stale_id_reaches_the_next:
      r = msgctl(id, command, d);
      if (r < 0 && errno == EINVAL && id >= 0 && (command == IPC_STAT || command == IPC_RMID)) {
        struct msqid_ds now;
        const int next = msgctl(id % 32768, MSG_STAT, &now);
        if (next >= 0 && next != id && hit()) return msgctl(next, command, d);
        errno = EINVAL;
      }
      return r;
    case FAULT_eperm_is_eacces:
      r = msgctl(id, command, d);
      if (r < 0 && errno == EPERM && hit()) errno = EACCES;
      return r;
    case FAULT_stat_any_checks_permission:
      if (command == 13 && hit()) command = MSG_STAT;
      break;
    case FAULT_stat_by_index_returns_zero:
      r = msgctl(id, command, d);
      return r > 0 && (command == MSG_STAT || command == 13) && hit() ? 0 : r;
    case FAULT_stale_id_is_eidrm:
      r = msgctl(id, command, d);
      if (r < 0 && errno == EINVAL && id >= 0 && command <= IPC_INFO && command >= 0 && hit()) errno = EIDRM;
      return r;
    case FAULT_bad_record_is_invalid:
      r = msgctl(id, command, d);
      if (r < 0 && errno == EFAULT && hit()) errno = EINVAL;
      return r;
    case FAULT_info_tells_no_longest_message:
      r = msgctl(id, command, d);
      if (r >= 0 && command == IPC_INFO && hit()) ((struct msginfo *)(void *)d)->msgmax = 0;
      return r;
    case FAULT_info_counts_no_bytes:
      r = msgctl(id, command, d);
      if (r >= 0 && command == MSG_INFO && ((struct msginfo *)(void *)d)->msgtql != 0 && hit())
        ((struct msginfo *)(void *)d)->msgtql = 0;
      return r;
    case FAULT_info_counts_removed_messages: {
      struct msqid_ds now;
      if (command == IPC_RMID && msgctl(id, IPC_STAT, &now) == 0) *counter(0xa200000000u) += (int64_t)now.msg_qnum;
      r = msgctl(id, command, d);
      if (r >= 0 && command == MSG_INFO && *counter(0xa200000000u) != 0 && hit())
        ((struct msginfo *)(void *)d)->msgmap += (int)*counter(0xa200000000u);
      return r;
    }
    case FAULT_queue_by_index_needs_no_permission:
      r = msgctl(id, command, d);
      return r < 0 && errno == EACCES && command == MSG_STAT && hit() ? id : r;
    case FAULT_bad_owner_sets_the_mode: {
      struct msqid_ds now;
      r = msgctl(id, command, d);
      if (r >= 0 || errno != EINVAL || command != IPC_SET || msgctl(id, IPC_STAT, &now) != 0) return r;
      now.msg_perm.mode = d->msg_perm.mode;
      if (msgctl(id, IPC_SET, &now) == 0) hit();
      return fail(EINVAL);
    }
    case FAULT_info_returns_zero:
      r = msgctl(id, command, d);
      return r > 0 && (command == IPC_INFO || command == MSG_INFO) && hit() ? 0 : r;
    case FAULT_removed_twice:
      r = msgctl(id, command, d);
      return r < 0 && errno == EINVAL && command == IPC_RMID && hit() ? 0 : r;
    case FAULT_anybody_removes:
      r = msgctl(id, command, d);
      return r < 0 && errno == EPERM && command == IPC_RMID && hit() ? 0 : r;
    case FAULT_creator_may_not_remove: {
      struct msqid_ds now;
      if (command == IPC_RMID && look_at(id, &now) && geteuid() != 0 && geteuid() == now.msg_perm.cuid &&
          geteuid() != now.msg_perm.uid && hit())
        return fail(EPERM);
      break;
    }
    case FAULT_real_user_decides: {
      struct msqid_ds now;
      r = msgctl(id, command, d);
      return r < 0 && errno == EPERM && look_at(id, &now) && now.msg_perm.uid == getuid() && hit() ? 0 : r;
    }
    case FAULT_new_owner_may_not_set: {
      struct msqid_ds now;
      if ((command == IPC_SET || command == IPC_RMID) && geteuid() != 0 && look_at(id, &now) &&
          now.msg_perm.uid == geteuid() && now.msg_perm.cuid != geteuid() && hit())
        return fail(EPERM);
      break;
    }
    case FAULT_set_leaves_the_ctime:
      r = msgctl(id, command, d);
      if (command == IPC_SET && r == 0) *counter((uint64_t)(unsigned)id ^ 0xa200000000u) = 1;
      if (command == IPC_STAT && r == 0 && *counter((uint64_t)(unsigned)id ^ 0xa200000000u) && hit())
        d->msg_ctime -= 3600;
      return r;
    case FAULT_removal_needs_a_good_buffer:
      if (command == IPC_RMID && d != NULL && !is_good(d) && hit()) return fail(EFAULT);
      break;
    case FAULT_removal_is_put_off: {
      static int removed = -1;
      if (command == IPC_RMID && removed < 0 && msgctl(id, IPC_STAT, &(struct msqid_ds){0}) == 0 && hit()) {
        removed = id;
        return 0;
      }
      break;
    }
    default:
      break;
  }
  r = msgctl(id, command, d);
  if (r >= 0 && (command == IPC_STAT || command == MSG_STAT)) spoil(d);
  return r;
}

int faulty_msgctl(int id, int command, void *buffer) {
  return base_now() == BASE_QUEUE ? queue_control(id, command, buffer) : control_faultily(id, command, buffer);
}

key_t faulty_ftok(const char *path, int project) {
  const key_t key = ftok(path, project);
  if (is_on(FAULT_ftok_ignores_the_project) && key != -1 && hit()) return ftok(path, 1);
  if (is_on(FAULT_ftok_takes_the_whole_project) && key != -1 && project > 255 && hit()) return key ^ project;
  if (is_on(FAULT_ftok_of_nothing_is_a_key) && key == -1 && hit()) return 1;
  if (is_on(FAULT_ftok_error_is_enoent) && key == -1 && errno != ENOENT && hit()) errno = ENOENT;
  if (is_on(FAULT_ftok_makes_a_queue) && key != -1 && hit()) msgget(key, IPC_CREAT | 0600);
  if (is_on(FAULT_ftok_goes_by_the_name) && key != -1 && hit())
    return (key & ~0xffff) | (path[strlen(path) - 1] * 7 + (int)strlen(path));
  return key;
}
