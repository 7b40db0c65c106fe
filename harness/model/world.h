// Everything the model knows of a running case at one moment: a value.
//
// What is shared between copies is copied when it is changed (see cow.h). Whoever changes a world is a rule (see
// attempt.h); whoever asks what may happen next uses step() and ready() of model.h.
#pragma once

#include "harness/mechanism/descriptor/model.h"
#include "harness/mechanism/mmap/model.h"
#include "harness/mechanism/pipe/model.h"
#include "harness/mechanism/posix-shm/model.h"
#include "harness/mechanism/process/model.h"
#include "harness/mechanism/sysv-msg/model.h"
#include "harness/mechanism/sysv-shm/model.h"
#include "harness/model/cow.h"
#include "harness/model/number.h"

namespace ipcvet::model {

struct World {
  Cow<Numbers> numbers{};
  Table<Process> processes{};
  Table<Thread> threads{};
  Table<File> files{};
  Table<Pipe> pipes{};
  Table<Inode> inodes{};
  Table<Epoll> epolls{};
  Cow<MessageQueues> messages{};
  Cow<Segments> segments{};
  Cow<SharedObjects> shared{};
  Cow<Mappings> mappings{};
  bool operator==(const World &) const = default;

  int64_t value(int64_t number) const { return numbers->value(number); }
  int64_t fresh(NumberKind kind, int64_t extent = 0) { return numbers.edit().fresh(kind, extent); }
  void bind(int64_t token, int64_t value) { numbers.edit().bind(token, value); }

  const Process &process_of(ActorId actor) const { return processes[threads[actor].process]; }
};

}  // namespace ipcvet::model
