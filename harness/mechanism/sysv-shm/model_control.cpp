// System V shared memory: asking for a segment's status, changing, locking and removing it.
#include <algorithm>

#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/sysv-shm/rules.h"

namespace ipcvet::model {
namespace {

constexpr int64_t sure_to_lock = 65536;  // bytes anybody may lock whose limit is not known

Value number_or_open(int64_t n, bool open) { return open ? Value::any() : Value::integer(n); }

// Each attach counts; what an attach that was split into several mappings counts is open.
Value attaches(const World &world, SegmentIndex s) {
  int64_t begins = 0;
  for (const auto &space : world.mappings->spaces) {
    std::vector<int64_t> bases;
    for (const Mapping &m : space->mappings)
      if (m.segment == s && std::find(bases.begin(), bases.end(), m.base) == bases.end()) bases.push_back(m.base);
    begins += static_cast<int64_t>(bases.size());
  }
  const bool split = begins != count_attached(world, s);
  if (split) (void)RULE("linux/shmctl/nattch-of-split");
  return number_or_open(begins, split);
}

Value status(const Attempt &a, SegmentIndex s) {
  const Segment &segment = segment_at(a.world, s);
  IpcObject object = segment.object;
  if (segment.doomed) object.mode |= a.k.SHM_DEST_;
  if (segment.locked) object.mode |= a.k.SHM_LOCKED_;
  std::vector<Field> fields;
  fill_ipc(object, fields);
  fields.push_back({"segsz", Value::integer(segment.size)});
  fields.push_back({"atime", number_or_open(segment.attach_time, segment.attach_time_open)});
  fields.push_back({"dtime", number_or_open(segment.detach_time, segment.detach_time_open)});
  fields.push_back({"cpid", Value::integer(segment.maker)});
  fields.push_back({"lpid", number_or_open(segment.last, segment.last_open)});
  fields.push_back({"nattch", attaches(a.world, s)});
  return Value::record(std::move(fields));
}

void stat(Attempt &a) {
  const SegmentIndex s = segment_of_id(a.world, a.number(0));
  std::vector<Refusal> due;
  if (is_nowhere(a, 2)) due.push_back({&RULE("linux/shmctl/efault"), "EFAULT"});
  if (s < 0)
    no_such_segment(a, RULE("posix/shmctl/bad-id-einval"), due);
  else if (!ipc_grants(segment_at(a.world, s).object, a.process().who, ipc_reads))
    due.push_back({&RULE("posix/shmctl/stat-eacces"), "EACCES"});
  if (refused(a, due)) return;
  a.fills(2, status(a, s));
  segment_at(a.world, s).doomed ? a.returns(RULE("linux/shmctl/dest-flag")) : a.returns(RULE("linux/shmctl/key-field"));
}

void stat_of(Attempt &a, SegmentIndex s, bool any) {
  std::vector<Refusal> due;
  if (is_nowhere(a, 2)) due.push_back({&RULE("linux/shmctl/efault"), "EFAULT"});
  if (!any && !ipc_grants(segment_at(a.world, s).object, a.process().who, ipc_reads))
    due.push_back({&RULE("linux/shmctl/shm-stat"), "EACCES"});
  if (refused(a, due)) return;
  a.fills(2, status(a, s));
  const int64_t id = segment_at(a.world, s).object.id;
  any ? a.returns(RULE("linux/shmctl/shm-stat-any"), id) : a.returns(RULE("linux/shmctl/shm-stat"), id);
}

void stat_by_index(Attempt &a, bool any) {
  ipc_stat_by_index(a, a.world.segments->segments, RULE("linux/shmctl/shm-stat"),
                    [any](Attempt &b, SegmentIndex i) { stat_of(b, i, any); });
}

void set(Attempt &a) {
  const SegmentIndex s = segment_of_id(a.world, a.number(0));
  std::vector<Refusal> due;
  if (is_nowhere(a, 2)) due.push_back({&RULE("linux/shmctl/efault"), "EFAULT"});
  if (s < 0)
    no_such_segment(a, RULE("posix/shmctl/bad-id-einval"), due);
  else if (!ipc_owns(segment_at(a.world, s).object, a.process().who))
    due.push_back({&RULE("posix/shmctl/set-eperm"), "EPERM"});
  if (refused(a, due)) return;
  IpcObject object = segment_at(a.world, s).object;
  if (!ipc_set(object, a.arg(2))) return a.fails(RULE("linux/shmctl/set-bad-owner"), "EINVAL");
  touch(a.world, object.changed);
  edit_segment(a.world, s).object = object;
  a.returns(RULE("posix/shmctl/set"));
}

// Those who have it attached go on; the key is free.
void doom(Attempt &a, SegmentIndex s) {
  Segment &segment = edit_segment(a.world, s);
  segment.doomed = true;
  segment.object.key = 0;
  a.returns(RULE("linux/shmctl/rmid-attached-content"));
}

void remove_again(Attempt &a) {
  for (const char *error : {"EINVAL", "EIDRM"}) Attempt(a).fails(RULE("posix/shmctl/rmid-twice"), error);
  a.returns(RULE("posix/shmctl/rmid-twice"));
}

void remove(Attempt &a) {
  const SegmentIndex s = segment_of_id(a.world, a.number(0));
  std::vector<Refusal> due;
  if (s < 0)
    no_such_segment(a, RULE("posix/shmctl/bad-id-einval"), due);
  else if (!ipc_owns(segment_at(a.world, s).object, a.process().who))
    due.push_back({&RULE("posix/shmctl/rmid-eperm"), "EPERM"});
  if (refused(a, due)) return;
  if (segment_at(a.world, s).doomed) return remove_again(a);
  if (count_attached(a.world, s) > 0) return doom(a, s);
  destroy_segment(a.world, s);
  a.returns(RULE("posix/shmctl/rmid"));
}

// -- locking

// Bytes of segments that this user has locked already.
int64_t locked_bytes(const Attempt &a) {
  int64_t bytes = 0;
  for (const SegmentIndex s : ipc_in_use(a.world.segments->segments)) {
    const Segment &segment = segment_at(a.world, s);
    if (segment.locked && segment.locked_by == a.process().who.ruid) bytes += whole_pages(a.setting, segment.size);
  }
  return bytes;
}

void set_locked(Attempt &a, SegmentIndex s, bool locked) {
  Segment &segment = edit_segment(a.world, s);
  segment.locked = locked;
  segment.locked_by = a.process().who.ruid;
  a.returns(RULE("linux/shmctl/lock"));
}

struct LockLimit {
  bool known = true;
  int64_t bytes = 0;
};

LockLimit lock_limit(const Attempt &a) {
  const int64_t told = soft_limit(a.process(), a.k.RLIMIT_MEMLOCK_, INT64_MIN);
  if (told == INT64_MIN) return {false, sure_to_lock};
  return {true, told == no_limit ? INT64_MAX / 2 : told};
}

void lock_within_limit(Attempt &a, SegmentIndex s, LockLimit limit) {
  const int64_t bytes = locked_bytes(a) + whole_pages(a.setting, segment_at(a.world, s).size);
  if (bytes > limit.bytes) Attempt(a).fails(RULE("linux/shmctl/lock-limit"), "ENOMEM");
  if (bytes > limit.bytes && limit.known) return;
  set_locked(a, s, true);
}

void lock(Attempt &a, bool locks) {
  const SegmentIndex s = segment_of_id(a.world, a.number(0));
  std::vector<Refusal> due;
  if (s < 0)
    no_such_segment(a, RULE("posix/shmctl/bad-id-einval"), due);
  else if (!ipc_owns(segment_at(a.world, s).object, a.process().who))
    due.push_back({&RULE("linux/shmctl/lock-permission"), "EPERM"});
  const LockLimit limit = lock_limit(a);
  const bool free = a.process().who.privileged();
  if (locks && !free && limit.bytes == 0) due.push_back({&RULE("linux/shmctl/lock-permission"), "EPERM"});
  if (refused(a, due)) return;
  if (locks && free && !a.setting.start.takes_resources) return a.unmodelled("a root that may lack a privilege");
  if (!locks || free || segment_at(a.world, s).locked) return set_locked(a, s, locks);
  lock_within_limit(a, s, limit);
}

}  // namespace

void shmctl_call(Attempt &a) {
  const Numerals &k = a.k;
  const int64_t command = a.number(1);
  if (command == k.IPC_STAT_) return stat(a);
  if (command == k.IPC_SET_) return set(a);
  if (command == k.IPC_RMID_) return remove(a);
  if (command == k.SHM_STAT_ || command == k.SHM_STAT_ANY_) return stat_by_index(a, command == k.SHM_STAT_ANY_);
  if (command == k.SHM_LOCK_ || command == k.SHM_UNLOCK_) return lock(a, command == k.SHM_LOCK_);
  if (command == k.IPC_INFO_ || command == k.SHM_INFO_) return a.unmodelled("shmctl() for shminfo() or shm_info()");
  a.fails(RULE("posix/shmctl/bad-command-einval"), "EINVAL");
}

void shminfo_call(Attempt &a) {
  if (a.number(1) != a.k.IPC_INFO_) return a.unmodelled("shminfo() with another command");
  if (is_nowhere(a, 2)) return a.fails(RULE("linux/shmctl/efault"), "EFAULT");
  a.fills(2, Value::record({{"shmmin", Value::integer(1)}, {"shmmni", Value::integer(a.setting.limits.segments)}}));
  a.returns(RULE("linux/shmctl/ipc-info"), ipc_highest_index(*a.world.numbers, a.world.segments->segments));
}

void shm_info_call(Attempt &a) {
  if (a.number(1) != a.k.SHM_INFO_) return a.unmodelled("shm_info() with another command");
  if (is_nowhere(a, 2)) return a.fails(RULE("linux/shmctl/efault"), "EFAULT");
  const auto &segments = a.world.segments->segments;
  const std::vector<SegmentIndex> list = ipc_in_use(segments);
  int64_t bytes = 0;
  for (const SegmentIndex s : list) bytes += whole_pages(a.setting, segment_at(a.world, s).size);
  const Value resident = list.empty() ? Value::integer(0) : Value::any();
  a.fills(2, Value::record({{"used_ids", Value::integer(static_cast<int64_t>(list.size()))},
                            {"shm_tot", Value::integer(bytes / a.setting.limits.page)},
                            {"shm_rss", resident},
                            {"shm_swp", resident}}));
  a.returns(RULE("linux/shmctl/shm-info"), ipc_highest_index(*a.world.numbers, segments));
}

}  // namespace ipcvet::model
