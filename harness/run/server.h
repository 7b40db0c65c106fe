// The fork server of a worker: `ipcvet-actor --serve`, started once, which then makes a sandbox with a root actor
// for each case and takes it away again. Everything privileged or namespace-related happens over there, in C.
#pragma once

#include <sys/types.h>

#include <expected>
#include <string>
#include <vector>

#include "harness/run/area.h"
#include "harness/run/images.h"

namespace ipcvet {

class Server {
 public:
  static std::expected<Server, std::string> start(const Images &images);
  Server(Server &&) noexcept = default;
  Server &operator=(Server &&) = delete;
  ~Server();  // quits it, and waits for it

  Area &area() { return area_; }

  // A sandbox and root actor in slot 0. `want` is a mask of WIRE_SB_*; what came of it is in area().head().server.
  std::expected<void, std::string> start_case(uint32_t want);
  // Ends every process of the case and removes what it left. False: the server is lost.
  bool end_case();
  bool alive() const;
  // /proc of the running case's sandbox, in which actors' own process ids are right.
  const Fd &proc() const { return proc_; }
  pid_t pid() const { return pid_; }

 private:
  Server(Area area, pid_t pid) : area_(std::move(area)), pid_(pid) {}
  bool command(uint32_t command);

  struct Child {  // so that a moved-from Server ends nothing
    pid_t pid;
    Child(pid_t p) : pid(p) {}
    Child(Child &&o) noexcept : pid(std::exchange(o.pid, -1)) {}
    operator pid_t() const { return pid; }
  };
  Area area_;
  Child pid_;
  Fd proc_;
};

}  // namespace ipcvet
