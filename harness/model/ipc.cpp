#include "harness/model/ipc.h"

#include <algorithm>
#include <string_view>

#include "harness/model/attempt.h"

namespace ipcvet::model {
namespace {

constexpr int64_t no_id = 0xffffffff;  // (uid_t)-1

int64_t low32(int64_t n) { return n & 0xffffffff; }

}  // namespace

IpcObject make_ipc_object(World &world, const Credentials &maker, int64_t key, int64_t flags, IpcSpace ids,
                          IpcSpace indexes) {
  IpcObject o;
  o.key = key;
  o.id = world.fresh(NumberKind::identifier, static_cast<int64_t>(ids));
  o.index = world.fresh(NumberKind::identifier, static_cast<int64_t>(indexes));
  o.uid = o.cuid = maker.euid;
  o.gid = o.cgid = maker.egid;
  o.mode = flags & 0777;
  touch(world, o.changed);
  return o;
}

int64_t ipc_key(int64_t number) { return static_cast<int32_t>(number); }

bool ipc_grants(const IpcObject &object, const Credentials &who, int64_t asked) {
  const bool user = who.euid == object.uid || who.euid == object.cuid;
  const bool group = who.egid == object.gid || who.egid == object.cgid;
  const int64_t granted = object.mode >> (user ? 6 : group ? 3 : 0);
  const int64_t wanted = asked | asked >> 3 | asked >> 6;
  return who.privileged() || (wanted & ~granted & 07) == 0;
}

bool ipc_owns(const IpcObject &object, const Credentials &who) {
  return who.privileged() || who.euid == object.uid || who.euid == object.cuid;
}

bool ipc_set(IpcObject &object, const Value &record) {
  const int64_t uid = low32(int_field(record, "uid")), gid = low32(int_field(record, "gid"));
  if (uid == no_id || gid == no_id) return false;
  object.uid = uid;
  object.gid = gid;
  object.mode = (object.mode & ~int64_t{0777}) | (int_field(record, "mode") & 0777);
  return true;
}

void fill_ipc(const IpcObject &object, std::vector<Field> &fields) {
  const auto add = [&](const char *name, int64_t n) { fields.push_back({name, Value::integer(n)}); };
  add("uid", object.uid);
  add("gid", object.gid);
  add("cuid", object.cuid);
  add("cgid", object.cgid);
  add("mode", object.mode);
  add("key", object.key);
  add("ctime", object.changed);
}

bool refused(Attempt &a, const std::vector<Refusal> &due) {
  std::vector<std::string_view> told;
  for (const Refusal &r : due) {
    if (std::find(told.begin(), told.end(), r.error) != told.end()) continue;
    told.emplace_back(r.error);
    Attempt copy = a;
    copy.fails(*r.rule, r.error);
  }
  return !due.empty();
}

bool is_nowhere(const Attempt &a, uint32_t i) { return a.is_word(i, "bad") || a.is_word(i, "NULL"); }

void touch(World &world, int64_t &time) {
  if (!world.numbers->unbound(time)) time = world.fresh(NumberKind::time);
}

}  // namespace ipcvet::model
