#include "harness/run/needs.h"

#include <algorithm>

#include "harness/run/encode.h"

namespace ipcvet {
namespace {

struct SandboxNeed {
  const char *name;
  uint32_t bits;
  const char *why;
};
constexpr SandboxNeed sandbox_needs[] = {
    {"private-user", WIRE_SB_USER, "no user namespace of its own"},
    {"private-pid", WIRE_SB_PID, "no process id namespace of its own"},
    {"private-ipc", WIRE_SB_IPC, "no IPC namespace of its own"},
    {"private-mount", WIRE_SB_MOUNT, "no mount namespace of its own"},
    {"private-net", WIRE_SB_NET, "no network namespace of its own"},
    {"private-tmp", WIRE_SB_TMP, "no fresh /tmp"},
    {"private-shm", WIRE_SB_SHM, "no fresh /dev/shm"},
    {"private-mqueue", WIRE_SB_MQUEUE, "no fresh /dev/mqueue"},
    {"cap-ipc-owner", WIRE_SB_OWNER, "no CAP_IPC_OWNER over the IPC namespace"},
};

std::string probe(Server &server, const Case &c, const SequencerOptions &options, RunStats &stats) {
  const History history = run_case(server, c, options, stats);
  const Verdict verdict = judge(c, history, options.judge, area_constants(server.area()));
  if (verdict.cls == VerdictClass::pass) return "";
  std::string why = verdict.reason.empty() ? verdict_name(verdict.cls) : verdict.reason;
  if (!verdict.actual.empty() && why.find(verdict.actual) == std::string::npos) why += ": " + verdict.actual;
  return why;
}

}  // namespace

Capabilities probe_needs(Server &server, const Images &images, const std::set<std::string> &needs,
                         const std::vector<Case> &probes, const SequencerOptions &options, RunStats &stats) {
  Capabilities found;
  std::optional<uint32_t> got;
  const auto sandbox = [&] {
    if (!got) got = server.start_case(options.sandbox) ? server.area().head().server.got : 0;
    return *got;
  };
  for (const std::string &need : needs) {
    const auto *known = std::find_if(std::begin(sandbox_needs), std::end(sandbox_needs),
                                     [&](const SandboxNeed &n) { return need == n.name; });
    if (known != std::end(sandbox_needs)) found[need] = (sandbox() & known->bits) == known->bits ? "" : known->why;
    for (const Abi &abi : abis())
      if (need == "actor-" + std::string(abi.name)) found[need] = images.program[abi.image] ? "" : lack_of(abi);
  }
  if (got) server.end_case();
  for (const std::string &need : needs) {
    const auto at = std::find_if(probes.begin(), probes.end(), [&](const Case &c) { return c.id == "needs/" + need; });
    if (found.contains(need) && !found[need].empty()) continue;
    if (at != probes.end())
      found[need] = probe(server, *at, options, stats);
    else if (!found.contains(need))
      found[need] = "nothing is known of this capability";
  }
  return found;
}

}  // namespace ipcvet
