/* Byte order. The wire is in the order of the ipcvet that made the area; an actor of the other order (a big-endian
 * image under qemu-user beside a little-endian ipcvet) learns so from the magic number and converts: a request as a
 * whole when it takes it, an answer as a whole when it gives it, other words of the area where it touches them. Between
 * those two moments an actor has only values of its own order, so no perform function knows of any of this.
 *
 * Futex words need no care when they are only compared: the kernel compares what lies in memory.
 *
 * Memory of the cases is another matter: its counters and futex words are little-endian for every actor, so that a
 * case can write them as bytes and actors of both orders can share them. */
#ifndef IPCVET_ORDER_H
#define IPCVET_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/actor/wire.h"

#ifdef __cplusplus
extern "C" {
#endif

extern bool swapped; /* the area is of the other order; in actor.c */

static inline uint16_t wire16(uint16_t v) { return swapped ? __builtin_bswap16(v) : v; }
static inline uint32_t wire32(uint32_t v) { return swapped ? __builtin_bswap32(v) : v; }
static inline uint64_t wire64(uint64_t v) { return swapped ? __builtin_bswap64(v) : v; }
#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast" /* C has no other */
#endif
static inline int32_t wire_int(int32_t v) { return (int32_t)wire32((uint32_t)v); }
static inline int64_t wire_long(int64_t v) { return (int64_t)wire64((uint64_t)v); }
#ifdef __cplusplus
#pragma GCC diagnostic pop
#endif

/* Adds one to a word of the area, atomically; what it was before. */
uint32_t wire_count(uint32_t *word);

/* A request as taken from a slot, with the lists in its data; false if a list lies outside the data. */
bool swap_request(struct wire_call *call, uint8_t *in);
/* An answer as about to be put into a slot, with the lists in its data. */
bool swap_answer(struct wire_answer *answer, uint8_t *out);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LITTLE32(v) __builtin_bswap32(v)
#define LITTLE64(v) ((int64_t)__builtin_bswap64((uint64_t)(v)))
#else
#define LITTLE32(v) (v)
#define LITTLE64(v) (v)
#endif

#ifdef __cplusplus
}
#endif
#endif
