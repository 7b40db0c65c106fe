/* The values of constants.def in this image's ABI. */
#include <unistd.h>

#include "harness/actor/actor.h"
#include "harness/actor/server.h"
#include "harness/mechanism/constants_host.h"

void tell_constants(void) {
  uint32_t n = 0;
#define V(name, group, value) area->constant[n++] = (int64_t)(value);
#define U(name, group) area->constant[n++] = INT64_MIN;
#include "harness/mechanism/constants.inc"
  area->constants = n;
}
