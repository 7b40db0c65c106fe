/* Faults of the alternate stack. Handlers call this, too, so that nothing here takes a lock but where that is on. */
#include <errno.h>

#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

static const stack_t none = {.ss_flags = SS_DISABLE};

static bool is_set(const stack_t *s) { return (s->ss_flags & SS_DISABLE) == 0; }

/* What is told of a stack that is another thread's, or was set before exec. */
static void tell_wrongly(const stack_t *stack, stack_t *old) {
  static stack_t last; /* of this image */
  static __thread bool set_here;
  const bool executed = is_on(FAULT_exec_tells_the_alternate_stack);
  if (!executed && !is_on(FAULT_threads_share_the_alternate_stack)) return;
  int64_t *kept = executed ? counter((uint64_t)getpid() ^ 0x580000000u) : NULL;
  if (stack != NULL && is_set(stack)) {
    last = *stack;
    set_here = true;
    if (executed) *kept = (int64_t)(uintptr_t)stack->ss_sp;
  }
  if (old == NULL || is_set(old) || set_here) return;
  if (executed && *kept != 0 && last.ss_size == 0 && hit())
    *old = (stack_t){.ss_sp = (void *)(uintptr_t)*kept, .ss_size = 65536};
  if (!executed && last.ss_size != 0 && hit()) *old = last;
}

/* What is refused is taken: in another way, or not at all and told as taken. */
static int refuse_wrongly(const stack_t *stack, int r) {
  if (errno == ENOMEM && is_on(FAULT_small_stack_is_invalid) && hit()) return fail(EINVAL);
  if (errno == ENOMEM && is_on(FAULT_refused_stack_takes_the_other_away) && hit()) {
    sigaltstack(&none, NULL);
    return fail(ENOMEM);
  }
  if (forgives(FAULT_small_stack_is_taken, r, ENOMEM)) return 0;
  if (forgives(FAULT_stack_in_use_can_be_changed, r, EPERM)) return 0;
  if (forgives(FAULT_any_flags_of_a_stack_are_taken, r, EINVAL)) {
    const stack_t plain = {.ss_sp = stack->ss_sp, .ss_size = stack->ss_size};
    return sigaltstack(&plain, NULL);
  }
  return r;
}

int faulty_sigaltstack(const stack_t *stack, stack_t *old) {
  if (fault_now() == FAULT_none || (stack != NULL && !is_readable(stack)) || (old != NULL && !is_readable(old)))
    return sigaltstack(stack, old);
  const bool disables = stack != NULL && !is_set(stack);
  if (is_on(FAULT_disabled_stack_stays) && disables && hit()) return sigaltstack(NULL, old);
  if (is_on(FAULT_disabling_checks_the_size) && disables && stack->ss_size != 0 && hit()) return fail(ENOMEM);
  const int r = sigaltstack(stack, old);
  if (r != 0) return stack == NULL ? r : refuse_wrongly(stack, r);
  if (is_on(FAULT_asking_takes_the_stack_away) && stack == NULL && old != NULL && is_set(old) && hit())
    sigaltstack(&none, NULL);
  if (is_on(FAULT_old_stack_is_the_new) && stack != NULL && old != NULL && hit()) sigaltstack(NULL, old);
  if (is_on(FAULT_use_of_the_stack_is_not_told) && old != NULL && (old->ss_flags & SS_ONSTACK) && hit())
    old->ss_flags &= ~SS_ONSTACK;
  tell_wrongly(stack, old);
  return r;
}
