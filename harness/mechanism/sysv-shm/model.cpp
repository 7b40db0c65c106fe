// System V shared memory: getting, attaching and detaching segments.
#include "harness/mechanism/sysv-shm/model.h"

#include <algorithm>

#include "harness/mechanism/process/rules.h"
#include "harness/mechanism/sysv-shm/rules.h"

namespace ipcvet::model {
namespace {

constexpr int64_t always_there = int64_t{1} << 28;  // a system has this much memory

// -- getting a segment

bool has_no_size(int64_t size) { return size == 0; }
bool beyond_any_limit(int64_t size) { return size < 0; }  // unsigned, it has 64 bits

void make_segment(Attempt &a, int64_t key, const Rule &rule) {
  const int64_t size = a.number(1);
  Segment s;
  s.object = make_ipc_object(a.world, a.process().who, key, a.number(2), IpcSpace::segment_id, IpcSpace::segment_index);
  s.size = size;
  s.inode = new_memory(a.world, size);
  s.maker = a.process().pid;
  const int64_t id = s.object.id;
  a.world.segments.edit().segments.add(s);
  a.returns(rule, id);
}

void get_new(Attempt &a, int64_t key, const Rule &rule) {
  const int64_t size = a.number(1), flags = a.number(2);
  if ((flags & a.k.SHM_HUGETLB_) != 0) return a.unmodelled("a segment of huge pages");
  std::vector<Refusal> due;
  if (has_no_size(size)) due.push_back({&RULE("linux/shmget/size-minimum"), "EINVAL"});
  if (beyond_any_limit(size))
    for (const char *error : {"EINVAL", "ENOMEM", "ENOSPC"}) due.push_back({&RULE("posix/shmget/size-limits"), error});
  if (static_cast<int64_t>(ipc_in_use(a.world.segments->segments).size()) >= a.setting.limits.segments)
    due.push_back({&RULE("posix/shmget/enospc"), "ENOSPC"});
  if (refused(a, due)) return;
  const bool sets_aside = (flags & a.k.SHM_NORESERVE_) == 0;
  if (size <= always_there || !sets_aside) return make_segment(a, key, rule);
  a.either([&](Attempt &b) { make_segment(b, key, rule); },
           [](Attempt &b) { b.fails(RULE("posix/shmget/enomem"), "ENOMEM"); });
}

void shmget_call(Attempt &a) {
  const int64_t key = ipc_key(a.number(0)), flags = a.number(2);
  if (key == a.k.IPC_PRIVATE_) return get_new(a, key, RULE("posix/shmget/private-is-new"));
  const SegmentIndex s = ipc_of_key(a.world.segments->segments, key);
  const bool creates = (flags & a.k.IPC_CREAT_) != 0;
  if (s < 0 && !creates) return a.fails(RULE("posix/shmget/no-key-enoent"), "ENOENT");
  if (s < 0) return get_new(a, key, RULE("posix/shmget/creates"));
  const Segment &segment = segment_at(a.world, s);
  const int64_t size = a.number(1), id = segment.object.id;
  std::vector<Refusal> due;
  if (creates && (flags & a.k.IPC_EXCL_) != 0) due.push_back({&RULE("posix/shmget/excl-eexist"), "EEXIST"});
  if (beyond_any_limit(size) || size > segment.size) due.push_back({&RULE("posix/shmget/existing-size"), "EINVAL"});
  if (!ipc_grants(segment.object, a.process().who, flags))
    due.push_back({&RULE("posix/shmget/permission-eacces"), "EACCES"});
  if (!refused(a, due)) a.returns(RULE("posix/shmget/one-key-one-segment"), id);
}

// -- attaching

bool reads_only(const Attempt &a) { return (a.number(2) & a.k.SHM_RDONLY_) != 0; }
bool replaces(const Attempt &a) { return (a.number(2) & a.k.SHM_REMAP_) != 0; }

// Where it shall be attached, 0 for the system's choice; nothing if that is no place for a segment.
std::optional<int64_t> place(const Attempt &a) {
  const int64_t address = a.number(1), boundary = a.k.SHMLBA_;
  const bool rounds = (a.number(2) & a.k.SHM_RND_) != 0;
  const int64_t at = rounds ? address - address % boundary : address;
  if (at % a.setting.limits.page != 0) return std::nullopt;
  return at;
}

std::vector<Refusal> attach_refusals(const Attempt &a, SegmentIndex s) {
  std::vector<Refusal> due;
  const auto at = place(a);
  if (!at) due.push_back({&RULE("posix/shmat/bad-address-einval"), "EINVAL"});
  if (at == 0 && replaces(a)) due.push_back({&RULE("linux/shmat/remap-null-einval"), "EINVAL"});
  if (s < 0)
    no_such_segment(a, RULE("posix/shmat/bad-id-einval"), due);
  else if (!ipc_grants(segment_at(a.world, s).object, a.process().who,
                       reads_only(a) ? ipc_reads : ipc_reads | ipc_writes))
    due.push_back({&RULE("posix/shmat/permission-eacces"), "EACCES"});
  return due;
}

Mapping mapping_of(const Attempt &a, SegmentIndex s) {
  const Numerals &k = a.k;
  Mapping m;
  m.size = whole_pages(a.setting, segment_at(a.world, s).size);
  m.inode = segment_at(a.world, s).inode;
  m.shared = true;
  m.segment = s;
  m.protection = reads_only(a) ? k.PROT_READ_ : k.PROT_READ_ | k.PROT_WRITE_;
  m.most_protection = m.protection | k.PROT_EXEC_;
  if ((a.number(2) & k.SHM_EXEC_) != 0) m.protection |= k.PROT_EXEC_;
  return m;
}

void attach_at(Attempt &a, SegmentIndex s, int64_t address, const Rule &rule) {
  Mapping m = mapping_of(a, s);
  m.base = address == 0 ? a.world.fresh(NumberKind::address, m.size) : address;
  const int64_t base = m.base;
  map(a.world, a.process_id(), std::move(m));
  Segment &segment = edit_segment(a.world, s);
  segment.last = a.process().pid;
  segment.last_open = segment.attach_time_open = false;
  touch(a.world, segment.attach_time);
  a.returns(rule, base);
}

void attach_over(Attempt &a, SegmentIndex s, int64_t address, int64_t size) {
  if (!known_range(a.world, a.process_id(), address, size))
    return a.unmodelled("an attach over what the actor has there");
  if (segment_at(a.world, s).object.removed || segment_at(a.world, s).doomed)
    return a.unmodelled("an attach over one of a segment that is to be destroyed");
  unmap(a.world, a.setting, a.process_id(), address, size);
  attach_at(a, s, address, RULE("linux/shmat/remap"));
}

// Where nothing is known of the range, the actor may have something there.
void attach_given(Attempt &a, SegmentIndex s, int64_t address, int64_t size) {
  if (any_mapped(a.world, a.process_id(), address, size)) return a.fails(RULE("linux/shmat/occupied-einval"), "EINVAL");
  if (!known_range(a.world, a.process_id(), address, size))
    for (const char *error : {"EINVAL", "ENOMEM"}) Attempt(a).fails(RULE("posix/shmat/bad-address-einval"), error);
  attach_at(a, s, address, RULE("posix/shmat/given-address"));
}

void attach(Attempt &a, SegmentIndex s) {
  const int64_t size = whole_pages(a.setting, segment_at(a.world, s).size), address = *place(a);
  const int64_t limit = soft_limit(a.process(), a.k.RLIMIT_AS_, no_limit);
  const bool beyond = limit != no_limit && mapped_bytes(a.world, a.process_id()) + size > limit;
  if (beyond && address != 0) return a.unmodelled("an attach beyond the limit at an address that may be taken");
  if (beyond) return a.fails(RULE("posix/shmat/enomem"), "ENOMEM");
  if (address == 0) return attach_at(a, s, 0, RULE("posix/shmat/null-address"));
  replaces(a) ? attach_over(a, s, address, size) : attach_given(a, s, address, size);
}

// The manual says both that SHM_EXEC needs execute permission and that it does not.
bool may_lack_execute(const Attempt &a, SegmentIndex s) {
  return (a.number(2) & a.k.SHM_EXEC_) != 0 && !ipc_grants(segment_at(a.world, s).object, a.process().who, 0111);
}

void shmat_call(Attempt &a) {
  if (a.is_word(1, "bad")) return a.unmodelled("an attach at an address of the actor's");
  const SegmentIndex s = segment_of_id(a.world, a.number(0));
  if (refused(a, attach_refusals(a, s))) return;
  if (may_lack_execute(a, s)) Attempt(a).fails(RULE("linux/shmat/exec-permission"), "EACCES");
  attach(a, s);
}

// -- detaching

// The lowest mapping of an attach that began at the address.
const Mapping *attached_at(const World &world, ProcessId process, int64_t address) {
  const Mapping *found = nullptr;
  for (const Mapping &m : world.mappings->of(process).mappings) {
    if (m.segment < 0 || world.numbers->unbound(m.base) || address_of(world, m) - m.offset != address) continue;
    if (!found || m.offset < found->offset) found = &m;
  }
  return found;
}

void shmdt_call(Attempt &a) {
  const int64_t address = a.number(0, -1);
  const Mapping *m = attached_at(a.world, a.process_id(), address);
  if (!m) return a.fails(RULE("posix/shmdt/not-attached-einval"), "EINVAL");
  const SegmentIndex s = m->segment;
  for (; m && m->segment == s; m = attached_at(a.world, a.process_id(), address))
    unmap(a.world, a.setting, a.process_id(), address_of(a.world, *m), m->size);
  if (segment_at(a.world, s).object.removed) return a.returns(RULE("linux/shmctl/destroyed-at-last-detach"));
  Segment &segment = edit_segment(a.world, s);
  segment.last = a.process().pid;
  segment.last_open = segment.detach_time_open = false;
  touch(a.world, segment.detach_time);
  a.returns(RULE("posix/shmdt/detaches"));
}

void may_have_been_last(World &world, ProcessId process, Segment &segment) {
  segment.last_open = segment.last_open || world.value(segment.last) != world.value(world.processes[process].pid);
}

}  // namespace

void no_such_segment(const Attempt &a, const Rule &rule, std::vector<Refusal> &due) {
  ipc_no_such_id(a, a.world.segments->segments, a.setting.linux_profile(), rule, due);
}

void destroy_segment(World &world, SegmentIndex s) {
  Segment &segment = edit_segment(world, s);
  segment.object.removed = true;
  segment.locked = false;
  world.inodes.edit(static_cast<size_t>(segment.inode)).memory.resize(0);
}

void segment_attached(World &world, const Setting &, ProcessId process, int32_t s) {
  Segment &segment = edit_segment(world, s);
  may_have_been_last(world, process, segment);
  segment.attach_time_open = true;
}

void segment_detached(World &world, const Setting &, ProcessId process, int32_t s) {
  if (segment_at(world, s).doomed && count_attached(world, s) == 0) return destroy_segment(world, s);
  Segment &segment = edit_segment(world, s);
  may_have_been_last(world, process, segment);
  segment.detach_time_open = true;
}

std::span<const CallRule> segment_rules() {
  static constexpr CallRule table[] = {
      {"shmget", shmget_call}, {"shmat", shmat_call},     {"shmdt", shmdt_call},
      {"shmctl", shmctl_call}, {"shminfo", shminfo_call}, {"shm_info", shm_info_call},
  };
  return table;
}

}  // namespace ipcvet::model
