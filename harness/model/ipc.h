// What System V message queues and shared memory have in common: keys, identifiers, ownership and permission.
//
// An object is named by a key, found by an identifier, and judged by its own permission record at each call. Objects
// stay in their table when they are removed, so that whoever waits for one still finds that it is gone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "harness/case/value.h"
#include "harness/mechanism/process/model.h"
#include "harness/model/cow.h"
#include "harness/model/fields.h"
#include "harness/model/number.h"

namespace ipcvet::model {

struct World;
class Attempt;
struct Rule;

struct IpcObject {
  int64_t key = 0;
  int64_t id = 0, index = 0;  // may be tokens; the index is what MSG_STAT and SHM_STAT count by
  int64_t uid = 0, gid = 0, cuid = 0, cgid = 0, mode = 0;
  int64_t changed = 0;   // ctime; times are tokens, or 0
  bool removed = false;  // its identifier is no longer known
  bool operator==(const IpcObject &) const = default;
};

// The permission bits of one class, as asked for in each of the three places.
inline constexpr int64_t ipc_reads = 0444, ipc_writes = 0222;

// Tables of objects number them apart from each other.
enum class IpcSpace : int64_t { queue_id = 1, queue_index, segment_id, segment_index };

// A new object of the effective user, with the nine low bits of the flags as its mode.
IpcObject make_ipc_object(World &world, const Credentials &maker, int64_t key, int64_t flags, IpcSpace ids,
                          IpcSpace indexes);
// A key has 32 bits.
int64_t ipc_key(int64_t number);

// By the class the caller belongs to; who is privileged passes.
bool ipc_grants(const IpcObject &object, const Credentials &who, int64_t asked);
bool ipc_owns(const IpcObject &object, const Credentials &who);

// What IPC_SET says; an owner that is no id is refused.
bool ipc_set(IpcObject &object, const Value &record);
void fill_ipc(const IpcObject &object, std::vector<Field> &fields);

// Where several errors are due, it is open which one is told. False: there is none.
struct Refusal {
  const Rule *rule = nullptr;
  const char *error = nullptr;
};
bool refused(Attempt &a, const std::vector<Refusal> &due);
bool is_nowhere(const Attempt &a, uint32_t i);

// The first object that still has an identifier and is as wanted, or -1.
template <typename T, typename Wanted>
int32_t ipc_find(const Table<T> &objects, Wanted wanted) {
  for (size_t i = 0; i < objects.size(); ++i)
    if (!objects[i].object.removed && wanted(objects[i].object)) return static_cast<int32_t>(i);
  return -1;
}
template <typename T>
int32_t ipc_of_key(const Table<T> &objects, int64_t key) {
  return ipc_find(objects, [&](const IpcObject &o) { return key != 0 && o.key == key; });
}
template <typename T>
int32_t ipc_of_id(const Numbers &numbers, const Table<T> &objects, int64_t id) {
  return ipc_find(objects, [&](const IpcObject &o) { return numbers.value(o.id) == id; });
}
template <typename T>
std::vector<int32_t> ipc_in_use(const Table<T> &objects) {
  std::vector<int32_t> list;
  for (size_t i = 0; i < objects.size(); ++i)
    if (!objects[i].object.removed) list.push_back(static_cast<int32_t>(i));
  return list;
}

// An identifier of no object: EINVAL; of one that was removed also EIDRM, where that `may_be_told`.
template <typename T, typename A>
void ipc_no_such_id(const A &a, const Table<T> &objects, bool may_be_told, const Rule &rule,
                    std::vector<Refusal> &due) {
  due.push_back({&rule, "EINVAL"});
  for (size_t i = 0; may_be_told && i < objects.size(); ++i)
    if (a.world.value(objects[i].object.id) == a.number(0)) due.push_back({&rule, "EIDRM"});
}

// Who stands at an index is the system's choice until it has told: one object, or any of several, or nobody.
struct AtIndex {
  bool certain = false;
  std::vector<int32_t> objects{};
};
template <typename T>
AtIndex ipc_at_index(const Numbers &numbers, const Table<T> &objects, int64_t index) {
  AtIndex found;
  for (const int32_t i : ipc_in_use(objects)) {
    const int64_t own = objects[static_cast<size_t>(i)].object.index;
    if (numbers.value(own) == index) return {true, {i}};
    if (numbers.unbound(own) && index >= 0) found.objects.push_back(i);
  }
  return found;
}

// MSG_STAT and SHM_STAT: `stat_of(attempt, i)` tells of the object at the index, or of each that may stand there.
template <typename T, typename A, typename StatOf>
void ipc_stat_by_index(A &a, const Table<T> &objects, const Rule &none, StatOf stat_of) {
  const int64_t index = a.number(0);
  const AtIndex found = ipc_at_index(*a.world.numbers, objects, index);
  for (const int32_t i : found.objects) {
    A b = a;
    if (!found.certain) b.world.bind(objects[static_cast<size_t>(i)].object.index, index);
    stat_of(b, i);
  }
  if (!found.certain) a.fails(none, "EINVAL");
}

// What the *_INFO commands return: the highest index in use, where it is known.
template <typename T>
Value ipc_highest_index(const Numbers &numbers, const Table<T> &objects) {
  int64_t highest = 0;
  const std::vector<int32_t> list = ipc_in_use(objects);
  for (const int32_t i : list) {
    const int64_t index = objects[static_cast<size_t>(i)].object.index;
    if (numbers.unbound(index)) return list.size() == 1 ? Value::integer(index) : Value::any();
    highest = std::max(highest, numbers.value(index));
  }
  return Value::integer(highest);
}

// A time nobody has seen yet may as well be the next one.
void touch(World &world, int64_t &time);

}  // namespace ipcvet::model
