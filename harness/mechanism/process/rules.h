// Beginning and ending of processes and threads, for the rules of every mechanism.
#pragma once

#include "harness/model/attempt.h"

namespace ipcvet::model {

// The process ends: its threads, descriptors and attachments with it; its parent is told.
void end_process(World &world, const Setting &setting, ProcessId process, Status how);
void end_thread(World &world, const Setting &setting, ActorId actor, Status how);
void stop_process(World &world, const Setting &setting, ProcessId process, int signo);
void continue_process(World &world, const Setting &setting, ProcessId process);

// The process of a number, zombies too; nobody if there is none.
ProcessId process_of_pid(const World &world, int64_t pid);
ActorId thread_of_tid(const World &world, int64_t tid);
bool exists(const Process &p);
// Also of one that is gone: groups and sessions keep its number.
ProcessId process_of_any_pid(const World &world, int64_t pid);
// No member has a parent in the session outside the group: nobody would continue it.
bool is_orphaned_group(const World &world, ProcessId group);
int64_t soft_limit(const Process &p, int64_t resource, int64_t otherwise);

// exec() in the process of this thread, which alone goes on.
void exec_process(World &world, const Setting &setting, ActorId actor);
// Takes a zombie away.
void reap(World &world, ProcessId process);
SignalInfo child_signal(const World &world, const Setting &setting, ProcessId child, const Status &status);

}  // namespace ipcvet::model
