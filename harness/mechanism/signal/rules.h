// Sending and delivering signals, for the rules of every mechanism.
#pragma once

#include <optional>
#include <vector>

#include "harness/model/attempt.h"

namespace ipcvet::model {

// To the process as a whole, or to one thread of it. Ignored signals are gone at once, SIGKILL acts at once.
// `asked`: the thread Linux sends it to, if not the first.
void send_to_process(World &world, const Setting &setting, ProcessId target, SignalInfo info, ActorId asked = nobody);
void send_to_thread(World &world, const Setting &setting, ActorId target, SignalInfo info);

// The deliveries that can happen now: handlers run, or the process stops or ends.
// One thread acts on what it can take now.
void deliver(const World &world, ActorId actor, const Setting &setting, std::vector<Wake> &out);
std::vector<Wake> deliveries(const World &world, const Setting &setting);

// Takes a pending signal of the set: the thread's own first, the lowest number first.
std::optional<SignalInfo> take_signal(World &world, ActorId actor, SignalSet set);
void forget_signals(World &world, ProcessId target, SignalSet set);

// Whether kill() would let the caller send it.
bool may_signal(const Attempt &a, ProcessId target, int64_t signo);

// A call that sent a signal returns, unless that ended the caller.
void after_sending(Attempt &a, const Rule &rule);

// Of a list of signals, as calls are given one, and as they tell one.
SignalSet signals_of(const Value &list);
Value list_of(SignalSet set);
SignalSet unblockable_signals(const Setting &setting);
bool ignores(const World &world, const Setting &setting, ProcessId process, int signo);
bool is_stop_signal(const Setting &setting, int signo);
bool ignored_by_default(const Setting &setting, int signo);
bool is_realtime(const Setting &setting, int signo);

}  // namespace ipcvet::model
