/* Stress records: what writers send so that a receiver can tell from the bytes alone which record it holds and whether
 * it is whole. A stream is taken apart record by record; a message is one record or none. */
#ifndef IPCVET_RECORDS_H
#define IPCVET_RECORDS_H

#include "harness/actor/actor.h"

enum { RECORD_HEAD = sizeof(struct wire_record_head), LARGEST_RECORD = 512 << 10 };

/* A role's log, in its out data; a log that is full says so in its last entry. */
struct record_log {
  struct wire_record *entry;
  uint32_t count, room;
};
void log_record(struct record_log *log, uint32_t what, uint32_t writer, uint32_t seq, uint32_t size);

/* Fills `size` bytes with the writer's record `seq`; fewer than RECORD_HEAD are filled with the pattern only. */
void make_record(uint8_t *to, uint16_t writer, uint32_t seq, uint32_t size);

/* Bytes of one descriptor that are not yet a whole record. */
struct stream {
  int fd;
  uint8_t *bytes;
  size_t used, room; /* room: twice the largest record */
};
void feed_stream(struct record_log *log, struct stream *s, size_t arrived); /* the bytes lie behind `used` */
void end_stream(struct record_log *log, struct stream *s);
void judge_message(struct record_log *log, const uint8_t *bytes, size_t size);

#endif
