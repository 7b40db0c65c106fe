// Descriptors and open file descriptions, for the rules of every mechanism.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/model/attempt.h"

namespace ipcvet::model {

// The open file description of a descriptor number, or -1.
int32_t file_of(const Process &process, int64_t fd);
// The lowest free number from `from` on below the limit of open files.
std::optional<int32_t> lowest_free(const Attempt &a, const Process &process, int64_t from = 0);
int64_t open_files_limit(const Attempt &a, const Process &process);

// Adds an open file description that nobody refers to yet.
int32_t add_file(World &world, const File &file);
void put_descriptor(World &world, ProcessId process, int32_t fd, int32_t file, bool close_on_exec);
void close_descriptor(World &world, const Setting &setting, ProcessId process, int32_t fd);
// One reference less; the last one closes it.
void release_file(World &world, const Setting &setting, int32_t file);
// A number that a blocked open() has taken already.
inline constexpr int32_t reserved_file = -2;
void reserve_descriptor(World &world, ProcessId process, int32_t fd);
void unreserve_descriptor(World &world, ProcessId process, int32_t fd);

// What poll() would tell of a description, asked for or not.
int64_t readiness(const Attempt &a, int32_t file);
// What looking at an epoll instance does to it: it forgets what is not ready any more, up to the first that is.
void look_at(Attempt &a, int32_t file);
// Something happened to the readers' or the writers' side of a pipe: epoll is told. `events` 0 is anything.
void tell_watchers(World &world, const Setting &setting, int32_t pipe, bool readers, int64_t events);
void forget_watches(World &world, int32_t file);

// Memory a call reads or fills, as one row of bytes. `fault` is where an address is that is not the caller's.
struct Span {
  enum class Place : uint8_t { buffer, given, bad, address } place = Place::buffer;  // given: a buffer not told of
  int64_t size = 0, address = 0;
  int64_t good = 0;   // bytes that can be stored there
  bool asked = true;  // within the count of the call
};
struct Source {
  std::string bytes{};
  int64_t size = 0;      // as asked for; `bytes` is shorter where it faults
  bool unknown = false;  // memory the model knows nothing of
  bool faults() const { return static_cast<int64_t>(bytes.size()) < size; }
};
// The bytes of argument i, at most `size`; of the first `count` of a list of buffers.
Source source_of(const Attempt &a, uint32_t i, int64_t size);
Source gathered(const Attempt &a, uint32_t i, int64_t count);
// The same, each buffer by itself, up to the first that faults.
std::vector<std::string> pieces(const Attempt &a, uint32_t i, int64_t count);

// Where bytes go: one buffer, or a list of them. `readable` is how many may be stored before an address faults.
struct Sink {
  uint32_t arg = 0;
  bool vectors = false;
  std::vector<Span> spans{};
  bool unknown = false;  // memory the model knows nothing of
  int64_t size() const;
  int64_t before_fault() const;
};
Sink sink_of(const Attempt &a, uint32_t i, int64_t size);
Sink scattered(const Attempt &a, uint32_t i, int64_t count);
// Tells what arrived, in the buffers and in mapped memory.
void store(Attempt &a, const Sink &sink, const std::string &bytes);

}  // namespace ipcvet::model
