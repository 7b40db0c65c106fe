#include "reports/sample.h"

#include "harness/actor/wire.h"
#include "harness/judge/history_text.h"

namespace ipcvet {
namespace {

constexpr const char *eof_case =
    "case  pipe/eof\nbrief \"The last close decides: readers see <end-of-file> & more\"\n"
    "spec  posix/read/pipe-no-writer-eof  shall\n\n"
    "P  pipe([r, w]) = 0\nP  fork() = W\nP  close(w) = 0\n"
    "P  read(r, _, 16) ...  # W still holds a write end\nW  close(w) = 0\nP  ... read(r, \"\", 16) = 0\nP  close(r) = "
    "0\n";

constexpr const char *eof_start =
    "0 P returned 0 | [3, 4]\n1 P returned 77\n2 P returned 0\n3 P blocked\n4 W returned 0\n";

CaseResult ran(const char *text, const std::string &events, size_t row = 1) {
  const Case instance = instance_of(text, row);
  History h = history_of(instance, events);
  for (Event &e : h.events)
    if (e.kind == Event::Kind::blocked) e.proof = "asleep in read, not scheduled between two looks";
  h.sandbox = "own user pid ipc mount";
  h.seconds = 0.0123;
  Verdict v = judge(instance, h);
  return make_result(instance, std::move(h), std::move(v));
}

CaseResult skipped() {
  const Case instance = instance_of(
      "case  sysv-msg/copy\nbrief \"MSG_COPY\"\nspec  linux/msgrcv/copy  linux\nneeds msg-copy\n\nP  getpid() = _\n");
  History h;
  h.end = RunEnd::skipped;
  h.why = "needs msg-copy: msgrcv with MSG_COPY is -1 ENOSYS";
  Verdict v = judge(instance, h);
  return make_result(instance, std::move(h), std::move(v));
}

CaseResult timed_out() {
  const Case instance = instance_of(
      "case  fifo/stuck\nbrief \"An open that stays\"\nspec  posix/open/fifo  shall\n\nP  open(\"f\", O_RDONLY) = "
      "fd\n");
  History h = history_of(instance, "0 P call\n");
  h.end = RunEnd::timed_out;
  h.why = "P has not returned from open";
  Verdict v = judge(instance, h);
  return make_result(instance, std::move(h), std::move(v));
}

CaseResult stressed() {
  const Case instance = instance_of(
      "case  pipe/whole\nbrief \"Records up to PIPE_BUF stay whole\"\nspec  posix/write/pipe-atomic  shall\n"
      "where  size      falsifies\n       PIPE_BUF  _\n\nP  pipe([r, w]) = 0\n\nstress\n"
      "  W  write(w, record, size) * 2\n  P  read(r, record, size) until 0\n  holds whole, none-lost\n");
  History h = history_of(instance, "0 P returned 0 | [3, 4]\n");
  StressLog writer{.role = "W",
                   .copy = 0,
                   .slot = 1,
                   .records = {{WIRE_REC_SENT, 1, 0, 4096}, {WIRE_REC_SENT, 1, 1, 4096}},
                   .finished = true};
  StressLog reader{.role = "P", .copy = 0, .slot = 0, .records = {{WIRE_REC_WHOLE, 1, 0, 4096}}, .finished = true};
  h.stress = {writer, reader};
  Verdict v = judge(instance, h);
  return make_result(instance, std::move(h), std::move(v));
}

}  // namespace

Record sample_record() {
  Record r;
  SystemInfo &s = r.system;
  s.kernel = "Linux";
  s.release = "6.12.1";
  s.version = "#1 SMP";
  s.machine = "x86_64";
  s.libc = "glibc 2.41";
  s.abi = "lp64";
  s.cpus = 2;
  s.sandbox = {"user", "pid", "ipc"};
  s.limits = {{"msgmax", 8192}, {"msgmnb", 16384}};
  s.capabilities = {{"sysv-msg", true, ""}, {"msg-copy", false, "msgrcv with MSG_COPY is -1 ENOSYS"}};
  s.constants = {{"EAGAIN", 11}, {"EINTR", 4}, {"MSG_COPY", std::nullopt}};
  s.ipcvet = "0.1.0";
  s.command = {"ipcvet", "run"};
  s.started = "2026-01-02T03:04:05Z";
  s.seconds = 1.5;
  r.cases.push_back(ran(eof_case, std::string(eof_start) + "5 P returned 0 | 3 | \"\" | 16\n6 P returned 0\n"));
  r.cases.back().history.events.back().woke = true;
  r.cases.push_back(ran(eof_case, std::string(eof_start) + "5 P returned -1 EINTR | 3 | missing | 16\n"));
  r.cases.back().id = "pipe/eof-broken";
  r.cases.back().requirements[0].rule = "read() returns 0 once no process has the pipe open for writing.";
  r.cases.back().requirements[0].source = "POSIX.1-2024, read(), DESCRIPTION";
  r.cases.back().history.leaks = {"1 objects removed after the case"};
  r.cases.push_back(stressed());
  r.cases.push_back(skipped());
  r.cases.push_back(timed_out());
  r.cases.push_back(
      ran("case  pipe/capacity\nbrief \"What a pipe holds\"\nspec  linux/pipe/capacity  observe\n\nP  fcntl(4, "
          "F_GETPIPE_SZ) = ?cap\n",
          "0 P returned 65536\n"));
  r.uncited = {
      {{"linux/pipe/packet-room", Level::linux_, "A rule nobody asked for.", "pipe(2), NOTES"}, ""},
      {{"posix/pipe/power-failure", Level::shall, "A rule nobody can show.", "POSIX.1-2024, pipe(), RATIONALE"},
       "no case can cut the power"}};
  return r;
}

}  // namespace ipcvet
