// Sending and delivering signals, for the rules of every mechanism.
#pragma once

#include <optional>
#include <vector>

#include "harness/model/attempt.h"

namespace ipcvet::model {

// To the process as a whole, or to one thread of it. Ignored signals are gone at once, SIGKILL acts at once.
void send_to_process(World &world, const Setting &setting, ProcessId target, SignalInfo info);
void send_to_thread(World &world, const Setting &setting, ActorId target, SignalInfo info);

// The deliveries that can happen now: a handler runs, or the process stops or ends.
std::vector<Wake> deliveries(const World &world, const Setting &setting);

bool is_stop_signal(const Setting &setting, int signo);
bool ignored_by_default(const Setting &setting, int signo);
bool is_realtime(const Setting &setting, int signo);

}  // namespace ipcvet::model
