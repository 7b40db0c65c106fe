/* Between the signal calls and the handlers: which function a handler's name stands for, and how an installed
 * action looks to the case, which must not see that the actor always asks for SA_SIGINFO. */
#ifndef IPCVET_HANDLERS_H
#define IPCVET_HANDLERS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

void (*handler_of(int64_t code))(int, siginfo_t *, void *); /* NULL: not one of ours */
int stack_now(void); /* of a handler: where it runs, as wire_signal tells it (signal/perform.c) */
void note_siginfo(int signo, bool asked);
void describe_action(int signo, const struct sigaction *action, int64_t *code, int64_t *flags);

#endif
