/* The values of constants.def in this image's ABI, and which C library it is built with. */
#include <sys/utsname.h>
#include <unistd.h>

#include "harness/actor/actor.h"
#include "harness/actor/server.h"
#include "harness/mechanism/constants_host.h"

#ifdef __GLIBC__
#include <gnu/libc-version.h>

/* Told at run time: a dynamic image may meet a newer one than it was built with. */
static uint32_t libc_told(void) {
  uint32_t part[2] = {0, 0};
  uint32_t at = 0;
  for (const char *s = gnu_get_libc_version(); *s && at < 2; s++) {
    if (*s >= '0' && *s <= '9')
      part[at] = part[at] * 10 + (uint32_t)(*s - '0');
    else
      at++;
  }
  return (uint32_t)WIRE_LIBC_GLIBC << 24 | (part[0] & 255) << 16 | (part[1] & 255) << 8;
}
#else
/* musl has no macro of its own by intent; this one guards the types of its headers and of no others. */
static uint32_t libc_told(void) {
#ifdef __DEFINED_size_t
  return (uint32_t)WIRE_LIBC_MUSL << 24;
#else
  return (uint32_t)WIRE_LIBC_OTHER << 24;
#endif
}
#endif

void tell_constants(void) {
  uint32_t n = 0;
#define V(name, group, value) area->constant[n++] = wire_long((int64_t)(value));
#define U(name, group) area->constant[n++] = wire_long(INT64_MIN);
#include "harness/mechanism/constants.inc"
  struct utsname name;
  if (uname(&name) == 0) memcpy(area->machine, name.machine, strnlen(name.machine, sizeof area->machine - 1));
  area->libc = wire32(libc_told() | (uint32_t)sizeof(long));
  __atomic_store_n(&area->constants, wire32(n), __ATOMIC_RELEASE);
}
