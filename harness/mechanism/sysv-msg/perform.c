/* Performs the calls of System V message queues. */
#include <sys/ipc.h>
#include <sys/msg.h>

#include "harness/actor/actor.h"
#include "harness/actor/ipc_record.h"

void perform_ftok(struct actor *a) { LIBC(a, ftok(string(a, 0), integer(a, 1))); }

static int64_t look_up(const struct actor *a) { return msgget(system_key(number(a, 0)), 0); }

void perform_msgget(struct actor *a) {
  struct wire_made *made = about_to_make_ipc(a, 'm', 1, look_up);
  LIBC(a, msgget(system_key(number(a, 0)), integer(a, 1)));
  was_made(made, a->reply->result >= 0, a->reply->result);
}

/* struct msgbuf of the system: a long, then the text. */
static void *message_in(struct actor *a, unsigned i, size_t size) {
  const struct wire_value *v = argument(a, i);
  void *p = NULL;
  if (as_address(v, &p)) return p;
  const struct wire_value *part = items(a, v);
  const struct wire_value *text = v->kind == WIRE_LIST && v->len > 1 ? &part[1] : NULL;
  const size_t have = text != NULL && text->kind == WIRE_BYTES ? text->len : 0;
  const size_t limited = size < BUFFER_LIMIT ? size : BUFFER_LIMIT;
  uint8_t *message = take(a, sizeof(long) + (have > limited ? have : limited));
  const long type = (long)field(a, v, 0);
  memcpy(message, &type, sizeof type);
  if (have != 0) memcpy(message + sizeof type, a->in + text->off, have);
  return message;
}

void perform_msgsnd(struct actor *a) {
  const void *message = message_in(a, 1, size_of(a, 2));
  LIBC(a, msgsnd(integer(a, 0), message, size_of(a, 2), integer(a, 3)));
}

static void put_message(struct actor *a, unsigned i, const struct buffer *b) {
  check_fence(a, b);
  if (!b->fenced || a->reply->result < 0) return;
  long type;
  memcpy(&type, b->at, sizeof type);
  const size_t room = b->size - sizeof type, result = (size_t)a->reply->result;
  struct wire_value *part = put_list(a, &a->reply->out[i], 2);
  if (part == NULL) return;
  put_number(&part[0], type);
  put_bytes(a, &part[1], b->at + sizeof type, result < room ? result : room);
}

void perform_msgrcv(struct actor *a) {
  const size_t size = size_of(a, 2);
  const struct buffer b = buffer_for(a, argument(a, 1), size < BUFFER_LIMIT ? size + sizeof(long) : size);
  LIBC(a, msgrcv(integer(a, 0), b.at, size, (long)number(a, 3), integer(a, 4)));
  put_message(a, 1, &b);
}

void perform_msgctl(struct actor *a) {
  const struct wire_value *v = argument(a, 2);
  const int command = integer(a, 1);
  struct msqid_ds q;
  memset(&q, ipc_fills(command) ? GUARD : 0, sizeof q);
  if (command == IPC_SET && v->kind == WIRE_LIST) {
    set_permissions(a, v, &q.msg_perm);
    q.msg_qbytes = (msglen_t)field(a, v, 12);
  }
  struct msqid_ds *at = ipc_record_at(a, v, command, &q);
  LIBC(a, msgctl(integer(a, 0), command, at));
  if (at != &q || !ipc_fills(command)) return;
  PUT_NUMBERS(a, 2, IPC_PERM_NUMBERS(q.msg_perm), q.msg_stime, q.msg_rtime, q.msg_ctime, (int64_t)q.__msg_cbytes,
              (int64_t)q.msg_qnum, (int64_t)q.msg_qbytes, q.msg_lspid, q.msg_lrpid);
}

void perform_msginfo(struct actor *a) {
  struct msginfo info;
  void *at = record_out(a, 2, &info, sizeof info);
  LIBC(a, msgctl(integer(a, 0), integer(a, 1), at));
  if (at != &info) return;
  PUT_NUMBERS(a, 2, info.msgpool, info.msgmap, info.msgmax, info.msgmnb, info.msgmni, info.msgssz, info.msgtql,
              info.msgseg);
}
