/* Faults of System V message queues that one process can make by itself. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"
#include "fuzz/faults/queue.h"

enum { LONGEST = 8192 };
struct any_message {
  long type;
  char text[LONGEST];
};

static bool is_good(const void *p) { return (uintptr_t)p > 4096 && (access(p, F_OK) == 0 || errno != EFAULT); }

static int get_faultily(key_t key, int flags) {
  int r;
  switch (fault_now()) {
    case FAULT_private_is_a_key:
      return key == IPC_PRIVATE && hit() ? msgget(0x77777, (flags & ~IPC_EXCL) | IPC_CREAT) : msgget(key, flags);
    case FAULT_exclusive_alone_fails:
      if ((flags & IPC_EXCL) && !(flags & IPC_CREAT) && msgget(key, 0) >= 0 && hit()) return fail(EEXIST);
      break;
    case FAULT_exclusive_is_ignored:
      if ((flags & IPC_EXCL) && (flags & IPC_CREAT) && hit()) return msgget(key, flags & ~IPC_EXCL);
      break;
    case FAULT_get_always_creates:
      if (!(flags & IPC_CREAT) && hit()) return msgget(key, flags | IPC_CREAT);
      break;
    case FAULT_queue_mode_is_masked: {
      const mode_t mask = umask(0);
      umask(mask);
      if ((flags & (int)mask & 0777) != 0) hit();
      return msgget(key, flags & ~(int)mask);
    }
    case FAULT_queue_mode_loses_the_group:
      if ((flags & 040) && hit()) return msgget(key, flags & ~040);
      break;
    case FAULT_finding_needs_no_permission:
      if (key != IPC_PRIVATE && !(flags & IPC_CREAT) && (flags & 0777) && hit()) return msgget(key, flags & ~0777);
      break;
    case FAULT_finding_changes_the_mode: {
      struct msqid_ds d;
      r = msgget(key, flags);
      if (r < 0 || key == IPC_PRIVATE || msgctl(r, IPC_STAT, &d) != 0 || (flags & 0777) == 0) return r;
      if ((d.msg_perm.mode & 0777) != (flags & 0777) && hit()) {
        d.msg_perm.mode = (unsigned short)(flags & 0777);
        msgctl(r, IPC_SET, &d);
      }
      return r;
    }
    case FAULT_keys_belong_to_the_process:
      if (key != IPC_PRIVATE && getppid() > 1 && hit()) return msgget(key ^ 0x1000, flags);
      break;
    case FAULT_no_queue_is_einval:
      r = msgget(key, flags);
      if (r < 0 && errno == ENOENT && hit()) errno = EINVAL;
      return r;
    case FAULT_exclusive_private_fails:
      if (key == IPC_PRIVATE && (flags & IPC_EXCL) && hit()) return fail(EEXIST);
      break;
    case FAULT_too_many_queues_is_enomem:
      r = msgget(key, flags);
      if (r < 0 && errno == ENOSPC && hit()) errno = ENOMEM;
      return r;
    case FAULT_keys_have_16_bits:
      if (key != IPC_PRIVATE && (key & ~0xffff) != 0 && (key & 0xffff) != 0 && hit())
        return msgget(key & 0xffff, flags);
      break;
    case FAULT_negative_keys_are_invalid:
      if (key < 0 && hit()) return fail(EINVAL);
      break;
    case FAULT_permission_of_get_is_eperm:
      r = msgget(key, flags);
      if (r < 0 && errno == EACCES && hit()) errno = EPERM;
      return r;
    case FAULT_exists_comes_after_permission: {
      r = msgget(key, flags);
      if (r >= 0 || errno != EEXIST) return r;
      if (msgget(key, flags & 0777) < 0 && errno == EACCES && hit()) return -1;
      return fail(EEXIST);
    }
    case FAULT_queue_id_depends_on_the_process:
      r = msgget(key, flags);
      return r >= 0 && key != IPC_PRIVATE && getppid() > 1 && hit() ? r + 32768 : r;
    default:
      break;
  }
  return msgget(key, flags);
}

static int made[64], makes;

int faulty_msgget(key_t key, int flags) {
  if (base_now() == BASE_QUEUE) return queue_get(key, flags);
  const bool is_new = key == IPC_PRIVATE || ((flags & IPC_CREAT) && msgget(key, 0) < 0 && errno == ENOENT);
  const int r = get_faultily(key, flags);
  if (r >= 0 && is_new && makes < 64) made[makes++] = r;
  return r;
}

void queues_were_inherited(void) { makes = 0; }

void queues_end(void) {
  for (int i = 0; i < makes; ++i)
    if (is_on(FAULT_queue_goes_with_its_maker) && hit()) msgctl(made[i], IPC_RMID, NULL);
}

static bool send_changed(int id, const void *message, size_t size, int flags, int *r) {
  struct any_message m;
  if (size > LONGEST || !copy_readable(&m, message, sizeof m.type + size)) return false;
  switch (fault_now()) {
    case FAULT_type_zero_is_taken:
      if (m.type != 0 || !hit()) return false;
      m.type = 1;
      break;
    case FAULT_negative_types_are_taken:
      if (m.type >= 0 || !hit()) return false;
      m.type = m.type == LONG_MIN ? 1 : -m.type;
      break;
    case FAULT_long_text_is_damaged:
      if (size <= 4048 || !hit()) return false;
      m.text[4048] ^= 1;
      break;
    case FAULT_types_have_16_bits:
      if (m.type <= 65535 || (m.type & 65535) == 0 || !hit()) return false;
      m.type &= 65535;
      break;
    case FAULT_types_have_32_bits:
      if (m.type <= UINT32_MAX || (m.type & UINT32_MAX) == 0 || !hit()) return false;
      m.type &= UINT32_MAX;
      break;
    case FAULT_text_behind_4072_is_lost:
      if (size <= 4072 || !hit()) return false;
      size = 4072;
      break;
    case FAULT_third_piece_is_damaged:
      if (size <= 8136 || !hit()) return false;
      m.text[8136] ^= 1;
      break;
    case FAULT_longest_message_is_cut:
      if (size != LONGEST || !hit()) return false;
      size -= 1;
      break;
    case FAULT_odd_messages_grow:
      if (size % 8 == 0 || size > 64 || !hit()) return false;
      memset(m.text + size, 0, 8);
      size = (size + 7) / 8 * 8;
      break;
    default:
      return false;
  }
  *r = msgsnd(id, &m, size, flags);
  return true;
}

/* Gives the owner more permission for a moment; `d` is then as it is. */
static bool may_change(int id, unsigned bits, struct msqid_ds *d) {
  memset(d, 0, sizeof *d);
  d->msg_perm.uid = geteuid();
  d->msg_perm.gid = getegid();
  d->msg_perm.mode = (unsigned short)(0400 | bits);
  d->msg_qbytes = 16384;
  if (msgctl(id, IPC_SET, d) == 0) return true;
  errno = EACCES;
  return false;
}

static int send_faultily(int id, const void *message, size_t size, int flags) {
  struct msqid_ds d;
  int r;
  if (send_changed(id, message, size, flags, &r)) return r;
  switch (fault_now()) {
    case FAULT_send_ignores_nowait:
      if ((flags & IPC_NOWAIT) && hit()) return msgsnd(id, message, size, flags & ~IPC_NOWAIT);
      break;
    case FAULT_send_never_waits:
      r = msgsnd(id, message, size, flags | IPC_NOWAIT);
      if (r < 0 && errno == EAGAIN) hit();
      return r;
    case FAULT_interrupted_send_goes_on:
      do r = msgsnd(id, message, size, flags);
      while (r < 0 && errno == EINTR && hit());
      return r;
    case FAULT_send_eidrm_is_einval:
      r = msgsnd(id, message, size, flags);
      if (r < 0 && errno == EIDRM && hit()) errno = EINVAL;
      return r;
    case FAULT_empty_messages_vanish:
      if (size == 0 && msgctl(id, IPC_STAT, &d) == 0 && hit()) return 0;
      break;
    case FAULT_empty_messages_are_invalid:
      if (size == 0 && hit()) return fail(EINVAL);
      break;
    case FAULT_full_queue_is_enomsg:
      r = msgsnd(id, message, size, flags);
      if (r < 0 && errno == EAGAIN && hit()) errno = ENOMSG;
      return r;
    case FAULT_one_byte_too_many_fits:
      if (size != 1 || msgctl(id, IPC_STAT, &d) != 0 || d.__msg_cbytes != d.msg_qbytes || d.msg_qbytes == 0) break;
      d.msg_qbytes++;
      if (msgctl(id, IPC_SET, &d) == 0 && hit()) r = msgsnd(id, message, size, flags);
      d.msg_qbytes--;
      msgctl(id, IPC_SET, &d);
      return 0;
    case FAULT_forbidden_send_is_dropped:
      r = msgsnd(id, message, size, flags);
      return r < 0 && errno == EACCES && hit() ? 0 : r;
    case FAULT_negative_size_is_nothing:
      if ((ssize_t)size < 0 && hit()) return msgsnd(id, message, 0, flags);
      break;
    case FAULT_send_to_nobody_is_eidrm:
      r = msgsnd(id, message, size, flags);
      if (r < 0 && errno == EINVAL && msgctl(id, IPC_STAT, &d) < 0 && errno == EINVAL && hit()) return fail(EIDRM);
      return r;
    case FAULT_too_long_is_emsgsize:
      r = msgsnd(id, message, size, flags);
      if (r < 0 && errno == EINVAL && size > LONGEST && hit()) errno = EMSGSIZE;
      return r;
    case FAULT_bad_text_is_sent:
      r = msgsnd(id, message, size, flags);
      return r < 0 && errno == EFAULT && hit() ? 0 : r;
    case FAULT_sent_twice_now_and_then:
      r = msgsnd(id, message, size, flags);
      if (r == 0 && size >= 16 && count_up((uint64_t)getpid()) % 30 == 0 && hit())
        msgsnd(id, message, size, IPC_NOWAIT);
      return r;
    case FAULT_lost_now_and_then:
      if (size >= 16 && count_up((uint64_t)getpid()) % 30 == 0 && hit()) return 0;
      break;
    case FAULT_room_of_a_tenth_message:
      if (msgctl(id, IPC_STAT, &d) == 0 && d.msg_qnum >= 10 && (flags & IPC_NOWAIT) && hit()) return fail(EAGAIN);
      break;
    case FAULT_owner_needs_no_write_permission:
      r = msgsnd(id, message, size, flags);
      if (r == 0 || errno != EACCES || !may_change(id, 0200, &d)) return r;
      r = msgsnd(id, message, size, flags);
      d.msg_perm.mode &= (unsigned short)~0200;
      msgctl(id, IPC_SET, &d);
      return hit() ? r : -1;
    default:
      break;
  }
  return msgsnd(id, message, size, flags);
}

int faulty_msgsnd(int id, const void *message, size_t size, int flags) {
  static char large[sizeof(long) + 65536];
  if (is_on(FAULT_fourth_piece_is_damaged) && size > 12224 && size <= 65536 &&
      copy_readable(large, message, sizeof(long) + size) && hit()) {
    large[sizeof(long) + 12224] ^= 1;
    return msgsnd(id, large, size, flags);
  }
  if (is_on(FAULT_senders_are_threads))
    *counter((uint64_t)getpid() ^ 0xa100000000u) = gettid() != getpid() ? gettid() : 0;
  return base_now() == BASE_QUEUE ? queue_send(id, message, size, flags) : send_faultily(id, message, size, flags);
}

/* Which message is asked for. */
static void choose_faultily(size_t *size, long *type, int *flags) {
  switch (fault_now()) {
    case FAULT_negative_type_is_exact:
      if (*type < 0 && *type != LONG_MIN && hit()) *type = -*type;
      break;
    case FAULT_zero_takes_the_lowest_type:
      if (*type == 0 && !(*flags & MSG_COPY) && hit()) *type = LONG_MIN;
      break;
    case FAULT_truncation_needs_no_flag:
      if (!(*flags & MSG_NOERROR) && hit()) *flags |= MSG_NOERROR;
      break;
    case FAULT_noerror_is_ignored:
      if ((*flags & MSG_NOERROR) && hit()) *flags &= ~MSG_NOERROR;
      break;
    case FAULT_except_is_ignored:
      if ((*flags & MSG_EXCEPT) && hit()) *flags &= ~MSG_EXCEPT;
      break;
    case FAULT_receive_never_waits:
      if (!(*flags & IPC_NOWAIT) && hit()) *flags |= IPC_NOWAIT;
      break;
    case FAULT_receive_ignores_nowait:
      if ((*flags & IPC_NOWAIT) && !(*flags & MSG_COPY) && hit()) *flags &= ~IPC_NOWAIT;
      break;
    case FAULT_copy_takes_the_message:
      if ((*flags & MSG_COPY) && *type == 0 && hit()) *flags &= ~MSG_COPY;
      break;
    case FAULT_copy_counts_from_one:
      if ((*flags & MSG_COPY) && hit()) *type -= 1;
      break;
    case FAULT_exact_size_is_too_small:
      if (*size > 0 && !(*flags & MSG_NOERROR) && hit()) *size -= 1;
      break;
    case FAULT_exception_without_waiting_is_ignored:
      if ((*flags & MSG_EXCEPT) && (*flags & IPC_NOWAIT) && !(*flags & MSG_COPY) && hit()) *flags &= ~MSG_EXCEPT;
      break;
    case FAULT_except_of_zero_excepts_all:
      if ((*flags & MSG_EXCEPT) && *type == 0 && hit()) {
        *flags &= ~MSG_EXCEPT;
        *type = LONG_MAX - 1;
      }
      break;
    case FAULT_except_takes_negative_types:
      if ((*flags & MSG_EXCEPT) && *type < 0 && *type != LONG_MIN && hit()) *type = -*type;
      break;
    case FAULT_asked_types_have_16_bits:
      if (*type > 65535 && hit()) *type &= 65535;
      break;
    case FAULT_longest_bound_matches_nothing:
      if (*type == LONG_MIN && hit()) *type = LONG_MAX;
      break;
    default:
      break;
  }
}

static ssize_t receive_faultily(int id, void *to, size_t size, long type, int flags) {
  struct any_message m;
  ssize_t r;
  choose_faultily(&size, &type, &flags);
  switch (fault_now()) {
    case FAULT_cut_rest_is_sent_again:
      if (!(flags & MSG_NOERROR) || (flags & MSG_COPY) || size > LONGEST || !is_good(to)) break;
      r = msgrcv(id, &m, LONGEST, type, flags);
      if (r < 0) return r;
      memcpy(to, &m, sizeof m.type + ((size_t)r < size ? (size_t)r : size));
      if ((size_t)r <= size || !hit()) return r;
      memmove(m.text, m.text + size, (size_t)r - size);
      msgsnd(id, &m, (size_t)r - size, IPC_NOWAIT);
      return (ssize_t)size;
    case FAULT_cut_message_tells_its_length:
      if (!(flags & MSG_NOERROR) || (flags & MSG_COPY) || size > LONGEST || !is_good(to)) break;
      r = msgrcv(id, &m, LONGEST, type, flags);
      if (r >= 0) memcpy(to, &m, sizeof m.type + ((size_t)r < size ? (size_t)r : size));
      if (r > (ssize_t)size) hit();
      return r;
    case FAULT_interrupted_receive_goes_on:
      do r = msgrcv(id, to, size, type, flags);
      while (r < 0 && errno == EINTR && hit());
      return r;
    case FAULT_receive_eidrm_is_einval:
      r = msgrcv(id, to, size, type, flags);
      if (r < 0 && errno == EIDRM && hit()) errno = EINVAL;
      return r;
    case FAULT_receive_from_nobody_is_eidrm: {
      struct msqid_ds d;
      r = msgrcv(id, to, size, type, flags);
      if (r < 0 && errno == EINVAL && msgctl(id, IPC_STAT, &d) < 0 && errno == EINVAL && hit()) return fail(EIDRM);
      return r;
    }
    case FAULT_no_message_is_eagain:
      r = msgrcv(id, to, size, type, flags);
      if (r < 0 && errno == ENOMSG && hit()) errno = EAGAIN;
      return r;
    case FAULT_type_is_not_told:
      r = msgrcv(id, to, size, type, flags);
      if (r >= 0 && *(long *)to != 1 && hit()) *(long *)to = 1;
      return r;
    case FAULT_receive_writes_too_far:
      r = msgrcv(id, to, size, type, flags);
      if (r >= 0 && size <= LONGEST && hit()) ((char *)to)[sizeof(long) + size] = 0x11;
      return r;
    case FAULT_large_sizes_are_invalid:
      if (size > LONGEST && hit()) return fail(EINVAL);
      break;
    case FAULT_nul_ends_a_message:
      r = msgrcv(id, to, size, type, flags);
      if (r > 0 && memchr((char *)to + sizeof(long), 0, (size_t)r) != NULL && hit()) {
        const size_t kept = strnlen((char *)to + sizeof(long), (size_t)r);
        memset((char *)to + sizeof(long) + kept, 0, (size_t)r - kept);
      }
      return r;
    case FAULT_received_twice_now_and_then:
      r = msgrcv(id, to, size, type, flags);
      if (r >= 16 && count_up((uint64_t)getpid()) % 30 == 0 && hit()) msgsnd(id, to, (size_t)r, IPC_NOWAIT);
      return r;
    case FAULT_forbidden_receive_is_enomsg:
      r = msgrcv(id, to, size, type, flags);
      if (r < 0 && errno == EACCES && hit()) errno = ENOMSG;
      return r;
    case FAULT_too_long_is_enomsg:
      r = msgrcv(id, to, size, type, flags);
      if (r < 0 && errno == E2BIG && hit()) errno = ENOMSG;
      return r;
    case FAULT_receive_to_a_bad_address_succeeds:
      r = msgrcv(id, to, size, type, flags);
      return r < 0 && errno == EFAULT && hit() ? 0 : r;
    case FAULT_copy_with_except_is_taken:
      if ((flags & MSG_COPY) && (flags & MSG_EXCEPT) && hit()) return msgrcv(id, to, size, type, flags & ~MSG_EXCEPT);
      break;
    case FAULT_copy_needs_no_nowait:
      if ((flags & MSG_COPY) && !(flags & IPC_NOWAIT) && hit()) return msgrcv(id, to, size, type, flags | IPC_NOWAIT);
      break;
    case FAULT_empty_message_is_no_message:
      r = msgrcv(id, to, size, type, flags);
      return r == 0 && !(flags & (MSG_COPY | MSG_NOERROR)) && hit() ? fail(ENOMSG) : r;
    case FAULT_buffer_is_filled_up:
      r = msgrcv(id, to, size, type, flags);
      if (r > 0 && r < (ssize_t)size && size <= LONGEST && hit()) {
        memset((char *)to + sizeof(long) + r, 0, size - (size_t)r);
        return (ssize_t)size;
      }
      return r;
    default:
      break;
  }
  return msgrcv(id, to, size, type, flags);
}

ssize_t faulty_msgrcv(int id, void *to, size_t size, long type, int flags) {
  if (is_on(FAULT_exception_is_never_cut) && (flags & MSG_EXCEPT) && (flags & MSG_NOERROR) && hit())
    flags &= ~MSG_NOERROR;
  if (is_on(FAULT_receivers_are_threads))
    *counter((uint64_t)getpid() ^ 0xa200000000u) = gettid() != getpid() ? gettid() : 0;
  return base_now() == BASE_QUEUE ? queue_receive(id, to, size, type, flags)
                                  : receive_faultily(id, to, size, type, flags);
}
