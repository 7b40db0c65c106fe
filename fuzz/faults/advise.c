/* Faults of advice on mapped memory. */
#include <errno.h>
#include <string.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

enum { PAGE = 4096 };

static struct {
  char *at;
  size_t length;
} wiped[8];
static int wipes;

void marks_are_inherited(void) {
  for (int i = 0; is_on(FAULT_wiping_ends_with_the_child) && i < wipes; ++i)
    if (madvise(wiped[i].at, wiped[i].length, MADV_KEEPONFORK) == 0) hit();
}

static void advise_to_forget(struct mapping *m, int how) {
  (void)how;
  if ((m->flags & MAP_TYPE) == MAP_PRIVATE) madvise(m->at, m->length, MADV_DONTNEED);
}

int faulty_madvise(void *at, size_t length, int advice) {
  switch (fault_now()) {
    case FAULT_shared_memory_is_forgotten: {
      const int r = madvise(at, length, advice);
      if (advice == MADV_DONTNEED && r == 0 && mapping_at(at) != NULL &&
          (mapping_at(at)->flags & MAP_TYPE) != MAP_PRIVATE && hit())
        memset(at, 0, length);
      return r;
    }
    case FAULT_removing_does_nothing:
      if (advice == MADV_REMOVE && hit()) return 0;
      break;
    case FAULT_wiping_is_ignored:
      if (advice == MADV_WIPEONFORK && hit()) return 0;
      break;
    case FAULT_wiping_ends_with_the_child:
      if (advice == MADV_WIPEONFORK && wipes < 8) {
        wiped[wipes].at = at;
        wiped[wipes++].length = length;
      }
      break;
    case FAULT_dofork_is_ignored:
      if (advice == MADV_DOFORK && hit()) return 0;
      break;
    case FAULT_private_memory_is_not_given_up: {
      const struct mapping *m = mapping_at(at);
      if (advice == MADV_DONTNEED && m != NULL && (m->flags & MAP_TYPE) == MAP_PRIVATE && hit()) return 0;
      break;
    }
    case FAULT_keeping_on_fork_is_ignored:
      if (advice == MADV_KEEPONFORK && hit()) return 0;
      break;
    case FAULT_dontfork_takes_the_next_page:
    case FAULT_wiping_takes_the_next_page: {
      const struct mapping *m = mapping_around(at);
      const int wrong = is_on(FAULT_wiping_takes_the_next_page) ? MADV_WIPEONFORK : MADV_DONTFORK;
      if (advice == wrong && m != NULL && (char *)at + pages(length) < m->at + m->length && hit())
        return madvise(at, pages(length) + PAGE, advice);
      break;
    }
    case FAULT_unknown_advice_discards: {
      const int r = madvise(at, length, advice);
      if (r < 0 && errno == EINVAL && mapping_around(at) != NULL && length != 0 && length < 1 << 20 &&
          madvise(at, length, MADV_DONTNEED) == 0)
        hit();
      return r < 0 ? fail(EINVAL) : r;
    }
    case FAULT_giving_up_ends_with_the_mapping: {
      const struct mapping *m = mapping_at(at);
      if (advice == MADV_DONTNEED && m != NULL && pages(length) > m->length && hit())
        return madvise(at, m->length, advice);
      break;
    }
    case FAULT_giving_up_takes_other_mappings:
      if (advice == MADV_DONTNEED) for_others(at, advise_to_forget, 0);
      break;
    case FAULT_giving_up_takes_the_next_page: {
      const struct mapping *m = mapping_around(at);
      if (advice == MADV_DONTNEED && m != NULL && (m->flags & MAP_TYPE) == MAP_PRIVATE &&
          (char *)at + pages(length) < m->at + m->length && hit())
        return madvise(at, pages(length) + PAGE, advice);
      break;
    }
    case FAULT_dontfork_is_ignored:
      if (advice == MADV_DONTFORK && hit()) return 0;
      break;
    default:
      break;
  }
  return madvise(at, length, advice);
}
