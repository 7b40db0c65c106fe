#include "harness/run/targets.h"

#include <algorithm>

namespace ipcvet {
namespace {

constexpr int64_t most_processes = 1 << 22;  // Linux gives no process id beyond (PID_MAX_LIMIT)

bool is_own(Area &area, int64_t id) {
  const wire_area &head = area.head();
  if (id == head.server.init_pid || id == head.server.root_pid) return true;
  return std::any_of(std::begin(head.slots), std::end(head.slots),
                     [&](const wire_slot &slot) { return id == slot.pid || id == slot.tid; });
}

bool sets_owner(const CallSpec &spec, const Call &call, size_t index) {
  if (spec.name != "fcntl" || index != 2) return false;
  const auto *command = call.args[1].as<Value::Name>();
  return command && command->text == "F_SETOWN";
}

}  // namespace

std::optional<std::string> aims_too_far(Area &area, const CallSpec &spec, const Call &call, size_t index,
                                        const wire_value &argument) {
  const bool signals = spec.mechanism == "signal" && spec.args[index].kind == ArgKind::PID;
  if ((!signals && !sets_owner(spec, call, index)) || argument.kind != WIRE_NUM ||
      (area.head().server.got & WIRE_SB_PID) != 0)
    return std::nullopt;
  const int64_t id = argument.num;
  const bool everybody = id == -1;
  const bool nobody = id == 0 || id > most_processes || id < -most_processes;  // 0: the actor's own group
  if (!everybody && (nobody || is_own(area, id < 0 ? -id : id))) return std::nullopt;
  return std::string(spec.name) + " is aimed at " + (everybody ? "every process" : "process " + std::to_string(id)) +
         ", and the case has no process ids of its own";
}

}  // namespace ipcvet
