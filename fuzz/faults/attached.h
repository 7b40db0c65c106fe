/* What shm.c and memory.c must be told of processes: attachments and mappings are inherited, and end. */
#ifndef IPCVET_FAULTS_ATTACHED_H
#define IPCVET_FAULTS_ATTACHED_H

void attachments_are_inherited(void); /* in a new child */
void attachments_were_forked(void);   /* likewise; for what only counts children */
void attachments_end(void);           /* at exit and exec */
void mappings_are_inherited(void);    /* in a new child */

#endif
