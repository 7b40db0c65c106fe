/* Performs a stress role: its statements at full speed, without a hand-off between calls. Sending and receiving
 * records, and counting, have loops of their own; any other call is performed as in a step, its answer unread. */
#include <sched.h>
#include <sys/msg.h>

#include "harness/actor/actor.h"
#include "harness/mechanism/process/records.h"

enum { MOST_STATEMENTS = 64, MOST_STREAMS = 4, SCRATCH_OUT = 256 << 10 };
enum { ONCE = 0, REPEAT = 1, UNTIL = 2 };

struct role;
struct statement {
  struct wire_call call; /* as a step would get it */
  int64_t mode, n;
  int64_t (*perform)(struct actor *, struct role *, const struct statement *);
  struct stream *stream;
};

struct role {
  struct record_log log;
  struct statement *statement;
  uint32_t statements;
  struct stream stream[MOST_STREAMS];
  uint8_t *buffer; /* the record to send, or the message received */
  uint32_t seq;
  size_t arena_mark;
  int64_t calls, added, last_result, last_error;
};

/* From the arena, but not zeroed: untouched memory costs nothing. */
static void *reserve(struct actor *a, size_t bytes) {
  uint8_t *p = a->arena + a->arena_used;
  a->arena_used += (bytes + 63u) & ~(size_t)63u;
  return p;
}

static int64_t value(const struct statement *s, unsigned i) { return s->call.args[i].num; }

static uint32_t record_size(int64_t size) {
  return size < 0 ? 0 : size < LARGEST_RECORD ? (uint32_t)size : LARGEST_RECORD;
}

static void sent(struct actor *a, struct role *r, int64_t size) {
  log_record(&r->log, WIRE_REC_SENT, a->index, r->seq++, (uint32_t)size);
}

static int64_t send_bytes(struct actor *a, struct role *r, const struct statement *s) {
  const uint32_t size = record_size(value(s, 2));
  make_record(r->buffer, (uint16_t)a->index, r->seq, size);
  const ssize_t n = write((int)value(s, 0), r->buffer, size);
  if (n >= 0) sent(a, r, n);
  return n;
}

static int64_t receive_bytes(struct actor *a, struct role *r, const struct statement *s) {
  (void)a;
  struct stream *stream = s->stream;
  const ssize_t n = read((int)value(s, 0), stream->bytes + stream->used, record_size(value(s, 2)));
  if (n > 0) feed_stream(&r->log, stream, (size_t)n);
  return n;
}

static int64_t send_message(struct actor *a, struct role *r, const struct statement *s) {
  const uint32_t size = record_size(value(s, 2));
  const struct wire_value *message = &s->call.args[1];
  const long type = message->kind == WIRE_LIST ? (long)field(a, message, 0) : 1;
  memcpy(r->buffer, &type, sizeof type);
  make_record(r->buffer + sizeof type, (uint16_t)a->index, r->seq, size);
  const int64_t result = msgsnd((int)value(s, 0), r->buffer, size, (int)value(s, 3));
  if (result == 0) sent(a, r, size);
  return result;
}

static int64_t receive_message(struct actor *a, struct role *r, const struct statement *s) {
  (void)a;
  const ssize_t n = msgrcv((int)value(s, 0), r->buffer, record_size(value(s, 2)), (long)value(s, 3), (int)value(s, 4));
  if (n >= 0) judge_message(&r->log, r->buffer + sizeof(long), (size_t)n);
  return n;
}

static int64_t count_atomically(struct actor *a, struct role *r, const struct statement *s) {
  (void)a;
  r->added += value(s, 1);
  return add_to_counter((counter_word *)(uintptr_t)value(s, 0), value(s, 1));
}

static int64_t count_carelessly(struct actor *a, struct role *r, const struct statement *s) {
  (void)a;
  counter_word *at = (counter_word *)(uintptr_t)value(s, 0);
  const int64_t sum = LITTLE64(__atomic_load_n(at, __ATOMIC_RELAXED)) + value(s, 1);
  sched_yield();
  __atomic_store_n(at, LITTLE64(sum), __ATOMIC_RELAXED);
  r->added += value(s, 1);
  return sum;
}

static int64_t perform_as_step(struct actor *a, struct role *r, const struct statement *s) {
  a->call = &s->call;
  a->arena_used = r->arena_mark;
  a->out_used = WIRE_OUT_BYTES - SCRATCH_OUT;
  a->reply->error = 0;
  perform_call(a, s->call.call);
  errno = a->reply->error;
  return a->reply->result;
}

static bool carries_record(const struct actor *a, const struct statement *s) {
  const struct wire_value *v = &s->call.args[1];
  if (v->kind == WIRE_LIST && v->len > 1) v = items(a, v) + 1; /* {mtype, mtext: record} */
  return v->kind == WIRE_RECORD_PAYLOAD;
}

static struct stream *stream_of(struct actor *a, struct role *r, int fd) {
  for (int i = 0; i < MOST_STREAMS; ++i) {
    struct stream *s = &r->stream[i];
    if (s->bytes == NULL) {
      s->fd = fd;
      s->room = 2 * LARGEST_RECORD;
      s->bytes = reserve(a, s->room);
    }
    if (s->fd == fd) return s;
  }
  return NULL;
}

static void choose_way(struct actor *a, struct role *r, struct statement *s) {
  const bool record = carries_record(a, s);
  s->perform = perform_as_step;
  if (s->call.call == CALL_add) s->perform = count_atomically;
  if (s->call.call == CALL_bump) s->perform = count_carelessly;
  if (s->call.call == CALL_write && record) s->perform = send_bytes;
  if (s->call.call == CALL_msgsnd && record) s->perform = send_message;
  if (s->call.call == CALL_msgrcv && record) s->perform = receive_message;
  if (s->call.call == CALL_read && record) {
    s->stream = stream_of(a, r, (int)value(s, 0));
    if (s->stream != NULL) s->perform = receive_bytes;
  }
}

/* [call id, mode, n, list of its arguments] */
static bool read_statement(struct actor *a, struct role *r, const struct wire_value *v, struct statement *s) {
  memset(s, 0, sizeof *s);
  const struct wire_value *part = items(a, v);
  if (v->kind != WIRE_LIST || v->len < 4 || part[0].num < 0 || part[0].num >= CALLS || part[3].len > WIRE_ARGS)
    return false;
  s->call.call = (uint32_t)part[0].num;
  s->mode = part[1].num;
  s->n = part[2].num;
  s->call.nargs = part[3].len;
  memcpy(s->call.args, items(a, &part[3]), part[3].len * sizeof(struct wire_value));
  for (unsigned i = 0; i < s->call.nargs; ++i)
    if (s->call.args[i].kind == WIRE_BAD) s->call.args[i].num = (int64_t)(uintptr_t)bad_address;
  choose_way(a, r, s);
  return true;
}

static bool read_program(struct actor *a, struct role *r) {
  const struct wire_value *program = argument(a, 0), *statement = items(a, program);
  if (program->kind != WIRE_LIST || program->len > MOST_STATEMENTS) return false;
  r->log = (struct record_log){(struct wire_record *)(void *)a->out, 0,
                               (WIRE_OUT_BYTES - SCRATCH_OUT - 4096) / sizeof(struct wire_record)};
  r->statement = reserve(a, program->len * sizeof *r->statement);
  r->statements = program->len;
  r->buffer = reserve(a, LARGEST_RECORD + sizeof(long));
  for (uint32_t i = 0; i < program->len; ++i)
    if (!read_statement(a, r, &statement[i], &r->statement[i])) return false;
  r->arena_mark = a->arena_used;
  return true;
}

static void wait_for_start(void) {
  wire_count(&area->stress_ready);
  ring_bell();
  while (__atomic_load_n(&area->stress_go, __ATOMIC_SEQ_CST) == 0) futex(&area->stress_go, WAIT_WHILE, 0);
}

/* One call that counts: one that would block is made again. False ends the role. */
static bool perform_once(struct actor *a, struct role *r, const struct statement *s) {
  do {
    errno = 0;
    r->last_result = s->perform(a, r, s);
    r->last_error = r->last_result == -1 ? errno : 0;
    if (r->last_error != EAGAIN && r->last_error != ENOMSG) break;
    sched_yield();
  } while (!(s->mode == UNTIL && s->n == -1));
  r->calls++;
  if (r->last_error == 0 || (s->mode == UNTIL && s->n == -1)) return true;
  log_record(&r->log, WIRE_REC_FAILED, a->index, r->seq, (uint32_t)r->last_error);
  return false;
}

static bool perform_statement(struct actor *a, struct role *r, const struct statement *s) {
  if (s->mode == UNTIL) {
    do {
      if (!perform_once(a, r, s)) return false;
    } while (r->last_result != s->n);
    return true;
  }
  for (int64_t i = 0; i < (s->mode == REPEAT ? s->n : 1); ++i)
    if (!perform_once(a, r, s)) return false;
  return true;
}

static void put_log(struct actor *a, const struct role *r) {
  const uint32_t bytes = r->log.count * (uint32_t)sizeof(struct wire_record);
  memset(a->reply, 0, sizeof *a->reply);
  a->out_used = (bytes + 7u) & ~7u;
  a->reply->out[0] = (struct wire_value){.kind = WIRE_BYTES, .len = bytes};
  PUT_NUMBERS(a, 1, r->calls, r->added, r->last_result, r->last_error);
  a->reply->result = r->log.count;
}

void perform_stress(struct actor *a) {
  struct role role;
  memset(&role, 0, sizeof role);
  const struct wire_call *request = a->call;
  a->leaving = number(a, 1) == 1;
  if (!read_program(a, &role)) {
    malformed(a);
    return;
  }
  wait_for_start();
  for (uint32_t i = 0; i < role.statements; ++i)
    if (!perform_statement(a, &role, &role.statement[i])) break;
  for (int i = 0; i < MOST_STREAMS; ++i) end_stream(&role.log, &role.stream[i]);
  a->call = request;
  put_log(a, &role);
}
