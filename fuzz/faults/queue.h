/* The emulated message queues of BASE_QUEUE, by the signatures of the calls they stand for. */
#ifndef IPCVET_FAULTS_QUEUE_H
#define IPCVET_FAULTS_QUEUE_H

#include <sys/types.h>

int queue_get(key_t key, int flags);
int queue_send(int id, const void *message, size_t size, int flags);
ssize_t queue_receive(int id, void *to, size_t size, long type, int flags);
int queue_control(int id, int command, void *buffer);
void forget_queues(void *at);
void wake_all_queues(void);

#endif
