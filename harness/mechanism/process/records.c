/* Making stress records and taking them apart. */
#include "harness/mechanism/process/records.h"

/* Bytes counting up, twice around: the fill of any record is a piece of it, over and over. */
static const uint8_t *ramp(void) {
  static uint8_t bytes[512];
  if (bytes[1] == 0)
    for (unsigned i = 0; i < sizeof bytes; ++i) bytes[i] = (uint8_t)i;
  return bytes;
}

static unsigned fill_start(uint32_t writer, uint32_t seq) { return writer * 31 + seq * 7; }

void log_record(struct record_log *log, uint32_t what, uint32_t writer, uint32_t seq, uint32_t size) {
  if (log->count >= log->room) return;
  const bool last = log->count == log->room - 1;
  log->entry[log->count++] = (struct wire_record){wire32(last ? WIRE_REC_FAILED : what), wire32(writer), wire32(seq),
                                                  wire32(last ? ENOBUFS : size)};
}

void make_record(uint8_t *to, uint16_t writer, uint32_t seq, uint32_t size) {
  const unsigned start = fill_start(writer, seq);
  for (uint32_t at = 0; at < size; at += 256)
    memcpy(to + at, ramp() + ((start + at) & 255u), size - at < 256 ? size - at : 256);
  const struct wire_record_head head = {wire32(WIRE_MAGIC), wire16(writer),
                                        wire16((uint16_t)(writer ^ (uint16_t)seq ^ (uint16_t)size)), wire32(seq),
                                        wire32(size)};
  if (size >= RECORD_HEAD) memcpy(to, &head, RECORD_HEAD);
}

static bool is_filled(const uint8_t *bytes, const struct wire_record_head *head) {
  const unsigned start = fill_start(head->writer, head->seq);
  for (uint32_t at = RECORD_HEAD; at < head->size; at += 256) {
    const uint32_t n = head->size - at < 256 ? head->size - at : 256;
    if (memcmp(bytes + at, ramp() + ((start + at) & 255u), n) != 0) return false;
  }
  return true;
}

static bool begins_record(const uint8_t *bytes, struct wire_record_head *head) {
  memcpy(head, bytes, RECORD_HEAD);
  *head = (struct wire_record_head){wire32(head->magic), wire16(head->writer), wire16(head->check), wire32(head->seq),
                                    wire32(head->size)};
  return head->magic == WIRE_MAGIC && head->size >= RECORD_HEAD && head->size <= LARGEST_RECORD &&
         head->check == (uint16_t)(head->writer ^ (uint16_t)head->seq ^ (uint16_t)head->size);
}

/* Where the next record begins behind `from`; where one might still begin with bytes to come, if none does. */
static size_t next_head(const uint8_t *bytes, size_t from, size_t used) {
  struct wire_record_head head;
  size_t at = from;
  while (at + RECORD_HEAD <= used && !begins_record(bytes + at, &head)) ++at;
  return at;
}

/* How many bytes at the front are dealt with: a record, or what cannot be one. 0: more must come. */
static size_t take_apart(struct record_log *log, const uint8_t *bytes, size_t used) {
  struct wire_record_head head;
  if (used < RECORD_HEAD) return 0;
  if (!begins_record(bytes, &head)) {
    const size_t skipped = next_head(bytes, 1, used);
    log_record(log, WIRE_REC_TORN, UINT16_MAX, 0, (uint32_t)skipped);
    return skipped;
  }
  if (used < head.size) return 0;
  if (is_filled(bytes, &head)) {
    log_record(log, WIRE_REC_WHOLE, head.writer, head.seq, head.size);
    return head.size;
  }
  const size_t another = next_head(bytes, RECORD_HEAD, used);
  const size_t torn = another < head.size ? another : head.size;
  log_record(log, WIRE_REC_TORN, head.writer, head.seq, (uint32_t)torn);
  return torn;
}

void feed_stream(struct record_log *log, struct stream *s, size_t arrived) {
  s->used += arrived;
  size_t done = 0;
  for (size_t n; (n = take_apart(log, s->bytes + done, s->used - done)) != 0;) done += n;
  s->used -= done;
  memmove(s->bytes, s->bytes + done, s->used);
}

void end_stream(struct record_log *log, struct stream *s) {
  struct wire_record_head head = {.writer = UINT16_MAX};
  if (s->used >= RECORD_HEAD && !begins_record(s->bytes, &head)) head = (struct wire_record_head){.writer = UINT16_MAX};
  if (s->used != 0) log_record(log, WIRE_REC_SHORT, head.writer, head.seq, (uint32_t)s->used);
  s->used = 0;
}

void judge_message(struct record_log *log, const uint8_t *bytes, size_t size) {
  struct wire_record_head head;
  if (size < RECORD_HEAD) {
    log_record(log, WIRE_REC_SHORT, UINT16_MAX, 0, (uint32_t)size);
  } else if (!begins_record(bytes, &head)) {
    log_record(log, WIRE_REC_TORN, UINT16_MAX, 0, (uint32_t)size);
  } else {
    const bool whole = head.size == size && is_filled(bytes, &head);
    log_record(log,
               whole              ? WIRE_REC_WHOLE
               : size < head.size ? WIRE_REC_SHORT
                                  : WIRE_REC_TORN,
               head.writer, head.seq, (uint32_t)size);
  }
}
