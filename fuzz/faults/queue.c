/* Message queues emulated in the shared area, for faults of waking and choosing that no wrapping of one call in one
 * process can make. Waiting is by futex on a number of the queue that grows whenever somebody is to look again. */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"
#include "fuzz/faults/queue.h"

enum { QUEUES = 64, MESSAGES = 600, LONGEST = 8192, DEFAULT_BYTES = 16384 };

struct message {
  int queue; /* its id + 1; 0: free */
  uint64_t order;
  long type;
  size_t size;
  char text[LONGEST];
};

struct queue {
  bool used;
  int id;
  key_t key;
  uid_t uid, cuid;
  gid_t gid, cgid;
  unsigned mode;
  time_t sent, received, changed;
  size_t bytes;
  pid_t last_sender, last_receiver;
  uint32_t for_receivers, for_senders; /* futexes; they outlive the queue */
  int64_t tickets, receivers_waiting, senders_waiting;
};

struct queues {
  int next_id;
  uint64_t order;
  struct queue queue[QUEUES];
  struct message message[MESSAGES];
};
_Static_assert(sizeof(struct queues) <= FAULT_QUEUE_BYTES, "the queues have room");

static struct queues *all(void) { return (struct queues *)(void *)shared()->queues; }

void forget_queues(void *at) {
  struct queues *q = at;
  q->next_id = 0;
  memset(q->queue, 0, sizeof q->queue);
  for (int i = 0; i < MESSAGES; ++i) q->message[i].queue = 0;
}

static struct queue *find(int id) {
  struct queues *q = all();
  for (int i = 0; i < QUEUES; ++i)
    if (q->queue[i].used && q->queue[i].id == id) return &q->queue[i];
  return NULL;
}

static bool may(const struct queue *q, unsigned need) {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (user == 0) return !(is_on(FAULT_root_needs_permission) && (need & ~(q->mode >> 6) & 7) != 0 && hit());
  unsigned bits = q->mode;
  if (user == q->uid || user == q->cuid)
    bits >>= 6;
  else if (group == q->gid || group == q->cgid)
    bits >>= is_on(FAULT_group_gets_what_others_get) && ((bits >> 3) & 7) != (bits & 7) && hit() ? 0 : 3;
  if (is_on(FAULT_best_class_decides) && (need & ~bits & 7) != 0 && (need & ~q->mode & 7) == 0 && hit()) return true;
  if (is_on(FAULT_creator_is_like_others) && user == q->cuid && user != q->uid && hit()) bits = q->mode;
  return (need & ~bits & 7) == 0;
}

static bool is_bad(const void *p) {
  const int error = errno;
  const bool bad = (uintptr_t)p < 4096 || (access(p, F_OK) != 0 && errno == EFAULT);
  errno = error;
  return bad;
}

static size_t count(const struct queue *q, size_t *bytes) {
  size_t n = 0;
  *bytes = 0;
  for (int i = 0; i < MESSAGES; ++i) {
    if (all()->message[i].queue != q->id + 1) continue;
    n++;
    *bytes += all()->message[i].size;
  }
  return n;
}

static void wake(uint32_t *word, int how_many) {
  __atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
  syscall(SYS_futex, word, FUTEX_WAKE, how_many, NULL, NULL, 0);
}

/* Unlocks, waits for the word to change, locks. False: a handler ran. */
static bool wait_on(uint32_t *word) {
  const uint32_t seen = *word;
  unlock_shared();
  const long r = syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0);
  const bool interrupted = r < 0 && errno == EINTR;
  lock_shared();
  return !interrupted;
}

void wake_all_queues(void) {
  if (base_now() != BASE_QUEUE) return;
  for (int i = 0; i < QUEUES; ++i)
    if (all()->queue[i].used) wake(&all()->queue[i].for_receivers, INT_MAX);
}

static bool was_stopped(void) {
  return is_on(FAULT_stopped_receiver_is_interrupted) &&
         __atomic_exchange_n(counter((uint64_t)getpid() ^ 0x510000000u), 0, __ATOMIC_SEQ_CST) != 0 && hit();
}

/* What came while somebody waited for something else. */
static struct message *choose_any_since(const struct queue *q, int64_t since, int flags) {
  const bool wrong = is_on(FAULT_waiting_receiver_takes_any_type) ||
                     (is_on(FAULT_waiting_receiver_takes_the_exception) && (flags & MSG_EXCEPT));
  for (int i = 0; wrong && i < MESSAGES; ++i)
    if (all()->message[i].queue == q->id + 1 && (int64_t)all()->message[i].order > since && hit())
      return &all()->message[i];
  return NULL;
}

int queue_get(key_t key, int flags) {
  lock_shared();
  struct queues *a = all();
  struct queue *q = NULL, *vacant = NULL;
  int r = -1, error = 0;
  for (int i = 0; i < QUEUES; ++i) {
    if (a->queue[i].used && key != IPC_PRIVATE && a->queue[i].key == key) q = &a->queue[i];
    if (!a->queue[i].used && vacant == NULL) vacant = &a->queue[i];
  }
  if (q != NULL) {
    if ((flags & IPC_CREAT) && (flags & IPC_EXCL))
      error = EEXIST;
    else if (is_on(FAULT_finding_needs_permission_to_read) && !may(q, 4) && hit())
      error = EACCES;
    else if (!may(q, (unsigned)((flags >> 6) | (flags >> 3) | flags) & 7))
      error = EACCES;
    else
      r = q->id;
  } else if (key != IPC_PRIVATE && !(flags & IPC_CREAT)) {
    error = ENOENT;
  } else if (vacant == NULL) {
    error = ENOSPC;
  } else {
    const uint32_t receivers = vacant->for_receivers, senders = vacant->for_senders;
    *vacant = (struct queue){.used = true, .key = key, .uid = geteuid(), .gid = getegid(), .bytes = DEFAULT_BYTES};
    vacant->for_receivers = receivers;
    vacant->for_senders = senders;
    vacant->cuid = vacant->uid;
    vacant->cgid = vacant->gid;
    vacant->mode = (unsigned)flags & 0777;
    vacant->changed = time(NULL);
    r = vacant->id = a->next_id++;
  }
  unlock_shared();
  return error != 0 ? fail(error) : r;
}

static bool has_room(const struct queue *q, size_t size) {
  size_t bytes;
  const size_t n = count(q, &bytes);
  if (is_on(FAULT_exact_fit_is_refused) && bytes + size == q->bytes && size != 0 && hit()) return false;
  if (is_on(FAULT_empty_messages_always_fit) && size == 0 && bytes + size <= q->bytes && n + 1 > q->bytes && hit())
    return true;
  if (is_on(FAULT_empty_queue_always_has_room) && n == 0 && size > q->bytes && hit()) return true;
  return bytes + size <= q->bytes && n + 1 <= q->bytes;
}

static struct message *vacant_message(void) {
  for (int i = 0; i < MESSAGES; ++i)
    if (all()->message[i].queue == 0) return &all()->message[i];
  return NULL;
}

/* Who is told that a message is there. */
static void tell_receivers(struct queue *q, size_t before, size_t size) {
  if (is_on(FAULT_send_wakes_only_when_the_queue_was_empty) && before != 0 && hit()) return;
  if (is_on(FAULT_empty_message_wakes_nobody) && size == 0 && hit()) return;
  if (is_on(FAULT_send_wakes_one_whoever_it_is) && q->receivers_waiting > 1 && hit()) {
    wake(&q->for_receivers, 1);
    return;
  }
  if (is_on(FAULT_long_message_wakes_nobody) && size > 4072 && hit()) return;
  if (is_on(FAULT_wake_up_lost_with_three_receivers) && q->receivers_waiting == 3 && hit()) return;
  wake(&q->for_receivers, INT_MAX);
}

static bool eats_the_next(void) {
  return is_on(FAULT_killed_receiver_eats_the_next) || is_on(FAULT_ended_thread_eats_the_next) ||
         is_on(FAULT_replaced_thread_eats_the_next);
}

void receivers_are_ended(void) {
  if (*counter((uint64_t)getpid() ^ 0x540000000u) != 0) *counter(93) = 1;
}

static void put(struct queue *q, const void *message, size_t size) {
  struct message *m = vacant_message();
  size_t bytes;
  const size_t before = count(q, &bytes);
  if (m == NULL) return;
  m->queue = q->id + 1;
  m->order = ++all()->order;
  m->size = size;
  memcpy(&m->type, message, sizeof m->type);
  memcpy(m->text, (const char *)message + sizeof m->type, size);
  if (is_on(FAULT_waiting_message_goes_first) && before > 0 && *counter(91) == getpid() && hit()) m->order = 0;
  if (!(is_on(FAULT_waiting_sender_is_not_noted) && *counter(91) == getpid() && hit())) q->last_sender = getpid();
  if (eats_the_next() && *counter(93) != 0 && hit()) *counter(93) = m->queue = 0;
  q->sent = time(NULL);
  if (is_on(FAULT_send_sets_ctime) && hit()) q->changed = time(NULL) - 100;
  tell_receivers(q, before, size);
}

int queue_send(int id, const void *message, size_t size, int flags) {
  long type;
  if (is_bad(message)) return fail(EFAULT);
  memcpy(&type, message, sizeof type);
  if ((ssize_t)size < 0 || size > LONGEST || type < 1 || id < 0) return fail(EINVAL);
  char whole[sizeof type + LONGEST];
  if (!copy_readable(whole, message, sizeof type + size)) return fail(EFAULT);
  lock_shared();
  struct queue *q = find(id);
  int error = q == NULL ? EINVAL : 0;
  bool waited = false;
  int64_t rank = 0;
  while (error == 0) {
    if (((is_on(FAULT_third_sender_is_never_let_go) && rank == 3) ||
         (is_on(FAULT_fifth_sender_is_never_let_go) && rank == 5)) &&
        q->used && q->id == id && hit()) {
      if (!wait_on(&q->for_senders)) error = EINTR;
      continue;
    }
    if (!q->used || q->id != id) {
      error = is_on(FAULT_removal_is_einval_for_senders) && hit() ? EINVAL : EIDRM;
    } else if (is_on(FAULT_sending_needs_permission_to_read) && !may(q, 4) && hit()) {
      error = EACCES;
    } else if (!may(q, 2) && !(is_on(FAULT_permission_is_checked_once_by_senders) && waited && hit())) {
      error = EACCES;
    } else if (has_room(q, size)) {
      break;
    } else if (flags & IPC_NOWAIT) {
      error = EAGAIN;
      if (is_on(FAULT_refused_send_sets_stime) && hit()) q->sent = time(NULL);
      if (is_on(FAULT_refused_send_sets_lspid) && hit()) q->last_sender = getpid();
    } else {
      if (!waited) rank = ++q->senders_waiting;
      waited = true;
      *counter(91) = getpid();
      if (!wait_on(&q->for_senders)) error = q->used && q->id == id ? EINTR : EIDRM;
      if (error == EINTR && is_on(FAULT_interrupted_sender_sends) && vacant_message() != NULL && hit())
        put(q, message, size);
    }
  }
  if (error == 0) put(q, message, size);
  unlock_shared();
  return error != 0 ? fail(error) : 0;
}

static bool matches(const struct message *m, long type, int flags) {
  if (type == 0) return true;
  if (type > 0) return ((flags & MSG_EXCEPT) != 0) != (m->type == type);
  if (is_on(FAULT_bound_of_negative_type_is_excluded) && m->type == -type && hit()) return false;
  return type == LONG_MIN || m->type <= -type;
}

/* Is `m` to be taken before `best`? */
static bool comes_first(const struct message *m, const struct message *best, long type, int flags) {
  if (type < 0 && m->type != best->type) {
    if (is_on(FAULT_negative_type_takes_the_highest) && hit()) return m->type > best->type;
    if (is_on(FAULT_negative_type_takes_the_first) && hit()) return m->order < best->order;
    if (is_on(FAULT_types_are_compared_in_16_bits) && ((m->type | best->type) >> 16) != 0 && hit())
      return (short)m->type < (short)best->type;
    if (is_on(FAULT_types_are_compared_in_32_bits) && ((m->type | best->type) >> 32) != 0 && hit())
      return (int)m->type < (int)best->type;
    return m->type < best->type;
  }
  if (is_on(FAULT_ties_of_negative_type_take_the_last) && type < 0 && hit()) return m->order > best->order;
  if (is_on(FAULT_positive_type_takes_the_last) && type > 0 && !(flags & MSG_EXCEPT) && hit())
    return m->order > best->order;
  if (is_on(FAULT_except_takes_the_last) && (flags & MSG_EXCEPT) && hit()) return m->order > best->order;
  if (is_on(FAULT_fourth_message_overtakes) && type == 0 && m->order == best->order + 3 && hit()) return true;
  if (is_on(FAULT_zero_takes_the_shortest) && type == 0 && m->size != best->size && hit()) return m->size < best->size;
  return m->order < best->order;
}

static struct message *choose(const struct queue *q, long type, int flags) {
  struct message *best = NULL;
  long place = type;
  for (int i = 0; i < MESSAGES; ++i) {
    struct message *m = &all()->message[i];
    if (m->queue != q->id + 1) continue;
    if (flags & MSG_COPY) {
      place = type;
      for (int k = 0; k < MESSAGES; ++k)
        if (all()->message[k].queue == q->id + 1 && all()->message[k].order < m->order) place--;
      if (place == 0) return m;
    } else if (matches(m, type, flags) && (best == NULL || comes_first(m, best, type, flags))) {
      best = m;
    }
  }
  return best;
}

/* Who is told that there is room. */
static void tell_senders(struct queue *q, bool was_full, bool truncated, long type, int flags) {
  if (is_on(FAULT_receive_wakes_no_sender) && hit()) return;
  if (is_on(FAULT_truncating_receive_wakes_no_sender) && truncated && hit()) return;
  if (is_on(FAULT_receive_wakes_senders_only_when_full) && !was_full && hit()) return;
  if (is_on(FAULT_receive_by_exception_wakes_no_sender) && (flags & MSG_EXCEPT) && hit()) return;
  if (is_on(FAULT_receive_by_type_wakes_no_sender) && type != 0 && hit()) return;
  if (is_on(FAULT_receive_wakes_one_sender) && hit()) {
    wake(&q->for_senders, 1);
    return;
  }
  wake(&q->for_senders, INT_MAX);
}

static ssize_t take(struct queue *q, struct message *m, void *to, size_t size, long type, int flags) {
  size_t bytes;
  count(q, &bytes);
  const size_t length = m->size < size ? m->size : size;
  const bool truncated = m->size > size, was_full = bytes == q->bytes;
  const long its_type = m->type;
  char text[LONGEST];
  memcpy(text, m->text, m->size);
  if (!(flags & MSG_COPY)) {
    if (!(is_on(FAULT_cut_to_nothing_stays) && size == 0 && m->size > 0 && hit())) m->queue = 0;
    if (is_on(FAULT_truncated_bytes_stay_counted) && truncated && q->bytes > bytes && hit())
      q->bytes -= m->size - length;
    q->last_receiver = is_on(FAULT_receiver_is_noted_as_sender) && hit() ? q->last_sender : getpid();
    q->received = time(NULL);
    tell_senders(q, was_full, truncated, type, flags);
  } else if (is_on(FAULT_copy_sets_rtime) && hit()) {
    q->received = time(NULL);
  } else if (is_on(FAULT_copy_sets_lrpid) && hit()) {
    q->last_receiver = getpid();
  }
  if (!is_writable(to)) return fail(EFAULT);
  memcpy(to, &its_type, sizeof its_type);
  memcpy((char *)to + sizeof its_type, text, length);
  return (ssize_t)length;
}

/* What becomes of a receiver whose message is too long: an error, or the fault's idea of it. */
static int too_long(struct queue *q, struct message *m, bool waited) {
  if (is_on(FAULT_waiting_receiver_passes_over_long_messages) && waited && hit()) return 0;
  if (is_on(FAULT_too_long_message_stops_at_the_first) && waited) *counter(94) = (int64_t)m->order;
  if (is_on(FAULT_too_long_message_is_consumed) && hit()) m->queue = 0;
  if (is_on(FAULT_too_long_message_is_consumed_by_who_waited) && waited && hit()) m->queue = 0;
  if (is_on(FAULT_too_long_message_goes_to_the_end) && hit()) m->order = ++all()->order;
  if (is_on(FAULT_failed_receive_sets_rtime) && hit()) q->received = time(NULL);
  if (is_on(FAULT_failed_receive_sets_lrpid) && hit()) q->last_receiver = getpid();
  return E2BIG;
}

ssize_t queue_receive(int id, void *to, size_t size, long type, int flags) {
  if (id < 0 || (ssize_t)size < 0) return fail(EINVAL);
  if ((flags & MSG_COPY) && ((flags & MSG_EXCEPT) || !(flags & IPC_NOWAIT))) return fail(EINVAL);
  if ((flags & MSG_COPY) && size != 0 && !is_readable(to)) return fail(EFAULT);
  lock_shared();
  struct queue *q = find(id);
  int error = q == NULL ? EINVAL : 0;
  int64_t ticket = 0;
  struct message *m = NULL;
  while (error == 0 && m == NULL) {
    if (!q->used || q->id != id) {
      error = is_on(FAULT_removal_is_einval_for_receivers) && hit() ? EINVAL : EIDRM;
    } else if (is_on(FAULT_receiving_needs_permission_to_write) && !may(q, 2) && hit()) {
      error = EACCES;
    } else if (!may(q, 4) && !(is_on(FAULT_permission_is_checked_once_by_receivers) && ticket != 0 && hit())) {
      error = EACCES;
    } else if ((m = choose(q, type, flags)) != NULL && m->size > size &&
               (!(flags & MSG_NOERROR) || (is_on(FAULT_waiting_receiver_is_not_cut) && ticket != 0 && hit()))) {
      error = too_long(q, m, ticket != 0);
      m = NULL;
    }
    const bool not_my_turn = is_on(FAULT_last_waiting_receiver_is_served_first) && m != NULL && ticket != 0 &&
                             ticket != q->tickets && q->receivers_waiting > 1;
    const bool lost = (is_on(FAULT_third_receiver_is_never_served) && ticket == 3) ||
                      (is_on(FAULT_second_receiver_is_never_served) && ticket == 2) ||
                      (is_on(FAULT_sixth_receiver_is_never_served) && ticket == 6);
    if (m != NULL && (not_my_turn || lost) && hit()) m = NULL;
    const bool refused_before = is_on(FAULT_too_long_message_stops_at_the_first) && ticket != 0 && m != NULL &&
                                (int64_t)m->order == *counter(94);
    if (refused_before && hit()) m = NULL;
    if (error != 0 || m != NULL) break;
    if (flags & IPC_NOWAIT) {
      error = ENOMSG;
    } else {
      if (ticket == 0) ticket = ++q->tickets;
      const int64_t since = (int64_t)all()->order;
      q->receivers_waiting++;
      if (eats_the_next()) *counter((uint64_t)getpid() ^ 0x540000000u) = 1;
      const bool woken = wait_on(&q->for_receivers);
      if (eats_the_next()) *counter((uint64_t)getpid() ^ 0x540000000u) = 0;
      q->receivers_waiting--;
      if (!woken || was_stopped()) error = q->used && q->id == id ? EINTR : EIDRM;
      if (error == 0 && q->used && q->id == id && choose(q, type, flags) == NULL) m = choose_any_since(q, since, flags);
      if (error == EINTR && is_on(FAULT_interrupted_receiver_eats_the_next) && hit()) *counter(92) = 1;
    }
  }
  if (error == 0 && is_on(FAULT_interrupted_receiver_eats_the_next) && *counter(92) == 1) {
    *counter(92) = 0;
    m->queue = 0;
    error = ENOMSG;
  }
  const ssize_t r = error == 0 ? take(q, m, to, size, type, flags) : -1;
  if (r == -1 && error == 0) error = errno;
  unlock_shared();
  return error != 0 ? fail(error) : r;
}

static int describe(struct queue *q, struct msqid_ds *d) {
  size_t bytes;
  if (!may(q, 4) || (is_on(FAULT_status_needs_permission_to_write) && !may(q, 2) && hit())) return EACCES;
  memset(d, 0, sizeof *d);
  d->msg_qnum = count(q, &bytes);
#ifdef __GLIBC__
  d->msg_perm.__key = q->key;
#else
  d->msg_perm.__ipc_perm_key = q->key;
#endif
  d->msg_perm.uid = q->uid;
  d->msg_perm.gid = q->gid;
  d->msg_perm.cuid = q->cuid;
  d->msg_perm.cgid = q->cgid;
  d->msg_perm.mode = (unsigned short)q->mode;
  d->msg_stime = q->sent;
  d->msg_rtime = q->received;
  d->msg_ctime = q->changed;
  d->__msg_cbytes = bytes;
  d->msg_qbytes = q->bytes;
  d->msg_lspid = q->last_sender;
  d->msg_lrpid = q->last_receiver;
  return 0;
}

static void remove_queue(struct queue *q) {
  for (int i = 0; i < MESSAGES; ++i)
    if (all()->message[i].queue == q->id + 1) all()->message[i].queue = 0;
  q->used = false;
  if (is_on(FAULT_identifier_is_used_again_at_once) && hit()) all()->next_id = q->id;
  if (!(is_on(FAULT_removal_wakes_no_sender) && hit())) wake(&q->for_senders, INT_MAX);
  if (is_on(FAULT_removal_wakes_no_receiver) && hit()) return;
  wake(&q->for_receivers, is_on(FAULT_removal_wakes_one_receiver) && hit() ? 1 : INT_MAX);
}

static int change(struct queue *q, const struct msqid_ds *d) {
  if (geteuid() != 0 && d->msg_qbytes > DEFAULT_BYTES) return EPERM;
  const bool raised = d->msg_qbytes > q->bytes;
  q->uid = d->msg_perm.uid;
  q->gid = d->msg_perm.gid;
  q->mode = d->msg_perm.mode & 0777;
  q->bytes = d->msg_qbytes;
  q->changed = time(NULL);
  if (is_on(FAULT_set_drops_messages_that_no_longer_fit)) {
    size_t bytes;
    while (count(q, &bytes) > 0 && bytes > q->bytes && hit()) choose(q, 0, 0)->queue = 0;
  }
  if (!(is_on(FAULT_raised_limit_wakes_no_sender) && raised && hit()))
    wake(&q->for_senders, is_on(FAULT_raised_limit_wakes_one_sender) && raised && hit() ? 1 : INT_MAX);
  if (!(is_on(FAULT_set_wakes_no_receiver) && hit())) wake(&q->for_receivers, INT_MAX);
  return 0;
}

int queue_control(int id, int command, void *buffer) {
  if (command == IPC_INFO || command == MSG_INFO) return id < 0 ? fail(EINVAL) : msgctl(id, command, buffer);
  if (command != IPC_STAT && command != IPC_SET && command != IPC_RMID) return fail(EINVAL);
  if (command != IPC_RMID && is_bad(buffer)) return fail(EFAULT);
  lock_shared();
  struct queue *q = id < 0 ? NULL : find(id);
  const uid_t user = geteuid();
  int error = q == NULL ? EINVAL : 0;
  if (error == 0 && command == IPC_STAT)
    error = describe(q, buffer);
  else if (error == 0 && user != 0 && user != q->uid && user != q->cuid)
    error = EPERM;
  else if (error == 0 && command == IPC_SET)
    error = change(q, buffer);
  else if (error == 0)
    remove_queue(q);
  unlock_shared();
  return error != 0 ? fail(error) : 0;
}
