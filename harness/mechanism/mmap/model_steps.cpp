// The memory steps of the language: loads and stores that may fault.
#include "harness/mechanism/mmap/ranges.h"
#include "harness/mechanism/pipe/rules.h"

namespace ipcvet::model {
namespace {

using Stop = Access::Stop;

SignalInfo fault(int64_t signo, int64_t code, int64_t address) {
  SignalInfo info;
  info.signo = static_cast<int>(signo);
  info.code = code;
  info.address = address;
  return info;
}

// How an access that stopped ends the step.
void stopped(Attempt &a, const Access &access, int64_t at) {
  const Numerals &k = a.k;
  switch (access.stop) {
    case Stop::unmapped:
      return a.faults(RULE("posix/signal/segv-maperr"), "SIGSEGV", fault(k.SIGSEGV_, k.SEGV_MAPERR_, at));
    case Stop::forbidden:
      return a.faults(RULE("posix/signal/segv-accerr"), "SIGSEGV", fault(k.SIGSEGV_, k.SEGV_ACCERR_, at));
    case Stop::beyond_end:
      return a.faults(RULE("posix/signal/bus-adrerr"), "SIGBUS", fault(k.SIGBUS_, k.BUS_ADRERR_, at));
    default:
      return a.unmodelled("an address where the actor may have something of its own");
  }
}

bool shows_in_a_pipe(Attempt &a, int64_t address) {
  const Location l = locate(a.world, a.process_id(), address);
  if (l.mapping < 0) return false;
  const Mapping &m = a.world.mappings->of(a.process_id()).mappings[static_cast<size_t>(l.mapping)];
  return m.shared && m.inode >= 0 && lies_in_a_pipe(a, m.inode);
}

}  // namespace

void store_step(Attempt &a) {
  const std::string *bytes = a.bytes(1);
  if (!bytes) return a.unmodelled("a store of something else than bytes");
  if (shows_in_a_pipe(a, a.number(0))) return;
  const Access access = store(a.world, a.setting, a.process_id(), a.number(0), *bytes);
  if (access.stop != Stop::none) return stopped(a, access, a.number(0) + access.done);
  a.returns(RULE("posix/mmap/shared"));
}

void load_step(Attempt &a) {
  const Access access = load(a.world, a.setting, a.process_id(), a.number(0), a.number(1));
  if (access.stop != Stop::none) return stopped(a, access, a.number(0) + access.done);
  a.fills(2, access.known ? Value::bytes(access.bytes) : Value::any());
  a.returns(RULE("posix/mmap/shared"));
}

}  // namespace ipcvet::model
