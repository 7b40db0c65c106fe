/* ipcvet-actor: `--serve PARENT` is the fork server of one worker, `--resume SLOT REQUEST` an actor that goes on in
 * this image after exec, `--tell` fills in the constants and ends. Started by ipcvet only, with the shared area at
 * descriptor 1000. */
#include <stdio.h>
#include <stdlib.h>

#include "harness/actor/actor.h"
#include "harness/actor/server.h"

static int resume(uint32_t slot, uint32_t request) {
  if (slot >= WIRE_SLOTS || !map_area(WIRE_SHM_FD)) return 125;
  struct actor *a = new_actor(slot);
  if (a == NULL) return 125;
  self = a;
  memset(a->reply, 0, sizeof *a->reply);
  announce(a);
  give_answer(a, wire32(request));
  serve_slot(a);
}

static int tell(void) {
  if (!map_area(WIRE_SHM_FD)) return 125;
  tell_constants();
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 4 && strcmp(argv[1], "--resume") == 0)
    return resume((uint32_t)strtoul(argv[2], NULL, 10), (uint32_t)strtoul(argv[3], NULL, 10));
  if (argc == 2 && strcmp(argv[1], "--tell") == 0) return tell();
  if (argc == 3 && strcmp(argv[1], "--serve") == 0) return serve((pid_t)strtol(argv[2], NULL, 10));
  if (argc == 2 && strcmp(argv[1], "--version") == 0) {
    printf("ipcvet-actor, wire %d, %zu-bit\n", WIRE_VERSION, sizeof(long) * 8);
    return 0;
  }
  fprintf(stderr, "ipcvet-actor performs the calls of ipcvet's cases; ipcvet starts it\n");
  return 2;
}
