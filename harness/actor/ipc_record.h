/* What System V message queues, semaphores and shared memory have in common: ownership records and when a control
 * command fills its record. */
#ifndef IPCVET_IPC_RECORD_H
#define IPCVET_IPC_RECORD_H

#include <stdio.h>
#include <sys/ipc.h>

#include "harness/actor/actor.h"

#ifdef __GLIBC__
#define IPC_KEY(p) (p).__key
#define IPC_SEQ(p) (p).__seq
#else
#define IPC_KEY(p) (p).__ipc_perm_key
#define IPC_SEQ(p) (p).__ipc_perm_seq
#endif

/* Where other cases share the key space, a case's keys are its own by a salt it does not see; IPC_PRIVATE stays. */
static inline key_t system_key(int64_t key) {
  return (key_t)key == IPC_PRIVATE ? IPC_PRIVATE : (key_t)((uint32_t)key ^ wire32(area->key_salt));
}
static inline key_t case_key(key_t key) { return system_key(key); }

/* uid, gid, cuid, cgid, mode, seq, key: how every *id_ds record of records.def begins. */
#define IPC_PERM_NUMBERS(p) (p).uid, (p).gid, (p).cuid, (p).cgid, (p).mode, IPC_SEQ(p), case_key(IPC_KEY(p))

/* IPC_STAT, IPC_INFO and the MSG_, SHM_ and SEM_ forms of them. */
static inline bool ipc_fills(int command) {
  return command == IPC_STAT || command == 3 || (command >= 11 && command <= 15) || (command >= 18 && command <= 20);
}

static inline void set_permissions(const struct actor *a, const struct wire_value *v, struct ipc_perm *p) {
  p->uid = (uid_t)field(a, v, 0);
  p->gid = (gid_t)field(a, v, 1);
  p->mode = (unsigned short)field(a, v, 4);
}

/* The record's address to pass: the one given, or ours where the command uses one or the case wrote one. */
static inline void *ipc_record_at(const struct actor *a, const struct wire_value *v, int command, void *record) {
  void *p = NULL;
  (void)a;
  if (as_address(v, &p)) return p;
  return ipc_fills(command) || command == IPC_SET || v->kind == WIRE_LIST ? record : NULL;
}

/* Notes an object about to be made, if this call can make one: a new key, or a private one. */
static inline struct wire_made *about_to_make_ipc(struct actor *a, uint32_t kind, unsigned flags_argument,
                                                  int64_t (*look_up)(const struct actor *)) {
  if (sandbox_has(WIRE_SB_IPC)) return NULL;
  const key_t key = system_key(number(a, 0));
  if (key != IPC_PRIVATE) {
    if ((integer(a, flags_argument) & IPC_CREAT) == 0) return NULL;
    if (look_up(a) != -1 || errno != ENOENT) return NULL; /* it is there already, and not ours to remove */
  }
  char text[16]; /* by its key the janitor finds it if its id is never noted */
  snprintf(text, sizeof text, "%d", key);
  return about_to_make(kind, text);
}

#endif
