/* Performs the calls of System V shared memory. */
#include <sys/ipc.h>
#include <sys/shm.h>

#include "harness/actor/actor.h"
#include "harness/actor/ipc_record.h"

static int64_t look_up(const struct actor *a) { return shmget(system_key(number(a, 0)), 0, 0); }

void perform_shmget(struct actor *a) {
  struct wire_made *made = about_to_make_ipc(a, 'h', 2, look_up);
  LIBC(a, shmget(system_key(number(a, 0)), size_of(a, 1), integer(a, 2)));
  was_made(made, a->reply->result >= 0, a->reply->result);
}

void perform_shmat(struct actor *a) {
  errno = 0;
  finish_address(a, shmat(integer(a, 0), address(a, 1), integer(a, 2)));
}

void perform_shmdt(struct actor *a) { LIBC(a, shmdt(address(a, 0))); }

void perform_shmctl(struct actor *a) {
  const struct wire_value *v = argument(a, 2);
  const int command = integer(a, 1);
  struct shmid_ds s;
  memset(&s, ipc_fills(command) ? GUARD : 0, sizeof s);
  if (command == IPC_SET && v->kind == WIRE_LIST) set_permissions(a, v, &s.shm_perm);
  struct shmid_ds *at = ipc_record_at(a, v, command, &s);
  LIBC(a, shmctl(integer(a, 0), command, at));
  if (at != &s || !ipc_fills(command)) return;
  PUT_NUMBERS(a, 2, IPC_PERM_NUMBERS(s.shm_perm), (int64_t)s.shm_segsz, s.shm_atime, s.shm_dtime, s.shm_ctime,
              s.shm_cpid, s.shm_lpid, (int64_t)s.shm_nattch);
}

void perform_shminfo(struct actor *a) {
  struct shminfo info;
  void *at = record_out(a, 2, &info, sizeof info);
  LIBC(a, shmctl(integer(a, 0), integer(a, 1), at));
  if (at != &info) return;
  PUT_NUMBERS(a, 2, (int64_t)info.shmmax, (int64_t)info.shmmin, (int64_t)info.shmmni, (int64_t)info.shmseg,
              (int64_t)info.shmall);
}

#ifdef __GLIBC__
#define USED_IDS(info) (info).used_ids
#else
#define USED_IDS(info) (info).__used_ids
#endif

void perform_shm_info(struct actor *a) {
  struct shm_info info;
  void *at = record_out(a, 2, &info, sizeof info);
  LIBC(a, shmctl(integer(a, 0), integer(a, 1), at));
  if (at != &info) return;
  PUT_NUMBERS(a, 2, USED_IDS(info), (int64_t)info.shm_tot, (int64_t)info.shm_rss, (int64_t)info.shm_swp);
}
