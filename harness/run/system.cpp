#include "harness/run/system.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <cstring>
#include <fstream>

#include "harness/mechanism/table.h"
#include "harness/run/encode.h"

namespace ipcvet {
namespace {

void add_proc_limits(SystemFacts &facts) {
  static constexpr std::pair<const char *, const char *> files[] = {
      {"msgmax", "/proc/sys/kernel/msgmax"},
      {"msgmnb", "/proc/sys/kernel/msgmnb"},
      {"msgmni", "/proc/sys/kernel/msgmni"},
      {"shmmax", "/proc/sys/kernel/shmmax"},
      {"shmall", "/proc/sys/kernel/shmall"},
      {"shmmni", "/proc/sys/kernel/shmmni"},
      {"pipe-max-size", "/proc/sys/fs/pipe-max-size"},
      {"pipe-user-pages-soft", "/proc/sys/fs/pipe-user-pages-soft"},
      {"pipe-user-pages-hard", "/proc/sys/fs/pipe-user-pages-hard"},
  };
  for (const auto &[name, path] : files) {
    std::ifstream in(path);
    if (uint64_t value = 0; in >> value) facts.limits.emplace_back(name, static_cast<int64_t>(value));
  }
}

void add_resource_limits(SystemFacts &facts) {
  static constexpr std::pair<const char *, decltype(RLIMIT_NOFILE)> resources[] = {
      {"RLIMIT_NOFILE", RLIMIT_NOFILE}, {"RLIMIT_NPROC", RLIMIT_NPROC},           {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
      {"RLIMIT_FSIZE", RLIMIT_FSIZE},   {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING}, {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
  };
  for (const auto &[name, resource] : resources) {
    rlimit limit{};
    if (getrlimit(resource, &limit) == 0) facts.limits.emplace_back(name, static_cast<int64_t>(limit.rlim_cur));
  }
}

// Both tell it themselves: User-Mode Linux names itself as the processor's model, and gVisor gives every release the
// same build date.
std::string platform_of(const utsname &name) {
  if (std::string_view(name.version) == "#1 SMP Sun Jan 10 15:06:54 PST 2016") return "gVisor";
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);)
    if (line.find("User Mode Linux") != std::string::npos) return "User-Mode Linux";
  return "";
}

}  // namespace

SystemFacts system_facts() {
  SystemFacts facts;
  utsname name{};
  if (uname(&name) == 0) {
    facts.kernel = name.sysname;
    facts.release = name.release;
    facts.version = name.version;
    facts.machine = name.machine;
    facts.platform = platform_of(name);
  }
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (sched_getaffinity(0, sizeof cpus, &cpus) == 0) facts.cpus = static_cast<uint32_t>(CPU_COUNT(&cpus));
  add_proc_limits(facts);
  add_resource_limits(facts);
  return facts;
}

ActorFacts actor_facts(const Area &area) {
  ActorFacts facts;
  const uint32_t told = area.head().libc;
  switch (told >> 24) {
    case WIRE_LIBC_GLIBC:
      facts.libc = "glibc " + std::to_string((told >> 16) & 255) + "." + std::to_string((told >> 8) & 255);
      break;
    case WIRE_LIBC_MUSL:
      facts.libc = "musl";
      break;
    case WIRE_LIBC_OTHER:
      facts.libc = "neither glibc nor musl";
      break;
    default:
      break;
  }
  facts.machine = std::string(area.head().machine, strnlen(area.head().machine, sizeof area.head().machine));
  if ((told & 255) != 0) facts.abi = (told & 255) == 8 ? "lp64" : "ilp32";
  const Constants value = area_constants(area);
  for (const Constant &c : constants()) facts.constants.emplace_back(c.name, value(c.name));
  return facts;
}

}  // namespace ipcvet
