/* Lists of buffers, as readv and writev take them. */
#ifndef IPCVET_BUFFERS_H
#define IPCVET_BUFFERS_H

#include <sys/uio.h>

#include "harness/actor/actor.h"

/* The vector in argument `i`, padded with empty entries up to `count`; *made is how many entries there are. */
struct iovec *vectors_in(struct actor *a, unsigned i, int count, int *made);
/* The same for reading; buffers[k] is what entry k points to. */
struct iovec *vectors_out(struct actor *a, unsigned i, int count, struct buffer **buffers);
void put_vectors(struct actor *a, unsigned i, const struct buffer *buffers, int64_t result);
bool is_of_bytes(const struct actor *a, unsigned i, uint32_t k); /* entry k of argument i: not an address */

#endif
