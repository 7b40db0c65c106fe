/* Notes of objects that outlive their maker, kept where namespaces do not remove them. An object is noted as pending
 * before it is made, so that the janitor misses none when ipcvet or the actor is killed in between. */
#include "harness/actor/actor.h"

static bool needed(uint32_t kind) { return !sandbox_has(kind == 'S' ? WIRE_SB_SHM : WIRE_SB_IPC); }

struct wire_made *about_to_make(uint32_t kind, const char *name) {
  if (!needed(kind)) return NULL;
  const uint32_t i = wire_count(&area->made);
  if (i >= WIRE_MADE) return NULL;
  struct wire_made *made = &area->made_log[i];
  made->id = -1;
  made->pending = wire_int(1);
  memset(made->name, 0, sizeof made->name);
  if (name != NULL) memcpy(made->name, name, strnlen(name, sizeof made->name - 1));
  __atomic_store_n(&made->kind, wire32(kind), __ATOMIC_SEQ_CST);
  return made;
}

void was_made(struct wire_made *made, bool ok, int64_t id) {
  if (made == NULL) return;
  made->id = wire_long(id);
  if (!ok) __atomic_store_n(&made->kind, 0, __ATOMIC_SEQ_CST);
  __atomic_store_n(&made->pending, 0, __ATOMIC_SEQ_CST);
}
