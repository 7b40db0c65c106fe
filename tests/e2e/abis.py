"""Actors of other machines, run by qemu's user emulator, in either byte order; alone and beside this machine's own."""

import shutil

import support
from support import BLOCKS, FAILS, PASSES, run

BYTE_ORDER = {"aarch64": "little", "s390x": "big", "riscv64": "little"}

# Every direction of the wire: numbers, bytes, lists within lists, a record out, memory, a handler's log.
WIRE = """\
case  pipe/wire
brief "What crosses between ipcvet and an actor arrives as it was sent"
spec  posix/pipe/bytes-in-order  shall

P  pipe([r, w]) = 0
P  fcntl(w, F_GETFL) = O_WRONLY or O_WRONLY|O_LARGEFILE or O_WRONLY|0100000 or O_WRONLY|0200000 or O_WRONLY|0400000
P  writev(w, [{base: "ab", len: 2}, {base: "cde", len: 3}], 2) = 5
P  readv(r, [{base: "abc", len: 3}, {base: "de", len: 3}], 2) = 5
P  fstat(r, {type: S_IFIFO}) = 0
P  mmap(NULL, PAGE_SIZE, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = m
P  m[4] := "\\x01\\x02\\x03\\x04"
P  add(m, 1) = 0x0403020100000001
P  m[0] == "\\x01\\0\\0\\0\\x01\\x02\\x03\\x04"
P  sigaction(SIGUSR1, {sa_handler: log}, _) = 0
P  fork() = W
W  getppid() = P
P  read(r, _, 1) ...
W  kill(P, SIGUSR1) = 0
P  ... read(r, _, 1) = -1 EINTR
P  --- SIGUSR1 {si_code: SI_USER, si_pid: W}
P  mprotect(m, PAGE_SIZE, PROT_READ) = 0
P  m[17] := "x"
P  --- SIGSEGV {si_code: SEGV_ACCERR, si_addr: m+17}
W  exit(3) = ?
W  +++ exited 3
P  waitpid(W, {exited: 3}, 0) = W
"""

RECORDS = """\
case  pipe/records
brief "The records and logs of a stress part are those of the actors that made them"
spec  posix/pipe/bytes-in-order  shall

P  pipe([r, w]) = 0
P  mmap(NULL, PAGE_SIZE, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = m

stress
  W*2  close(r); write(w, record, 100) * 50; add(m, 3) * 10
  P    close(w); read(r, record, 4096) until 0
  holds whole, none-lost, fifo-per-writer, sum
"""


def has_emulator(name):
    return shutil.which(f"qemu-{name}-static") or shutil.which(f"qemu-{name}")


class Abis(support.Test):
    def on(self, name, *arguments, **options):
        """A run with that actor; skips where this build has none or nothing here runs it."""
        if not has_emulator(name):
            self.skipTest(f"qemu-{name} is not installed")
        done = run("--actor", name, *arguments, **options)
        if "this build has no actor for it" in done.text:
            self.skipTest(f"this build has no {name} actor")
        return done

    def whole_wire(self, name):
        files = [self.write_case(text) for text in (PASSES, BLOCKS, WIRE, RECORDS)]
        done = self.on(name, *files)
        self.assert_status(0, done)
        self.assertEqual(set(done.verdicts.values()), {"pass"}, done.text)
        system = done.record["system"]
        self.assertEqual(system["machine"], name)
        self.assertRegex(system["platform"], r"qemu-user \d")

    def test_aarch64(self):
        self.whole_wire("aarch64")

    def test_s390x(self):
        self.whole_wire("s390x")

    def test_riscv64(self):
        self.whole_wire("riscv64")

    def test_a_deviation_shows(self):
        for name in BYTE_ORDER:
            with self.subTest(name):
                done = self.on(name, self.write_case(FAILS))
                self.assert_status(1, done)
                self.assertIn('allowed:  buf: "xyz"', done.text)
                self.assertIn('actual:   buf: "abc"', done.text)

    def test_byte_orders_mixed(self):
        if not has_emulator("s390x"):
            self.skipTest("qemu-s390x is not installed")
        done = run("--filter", "sysv-msg/mixed-order-s390x", "--filter", "sysv-shm/image-s390x", "--filter",
                   "process/exec-of-another-machine")
        self.assert_status(0, done)

    def test_without_an_emulator(self):
        done = run("--actor", "s390x", self.write_case(PASSES), env={"PATH": str(self.directory)})
        if "this build has no actor for it" in done.text:
            self.skipTest("this build has no s390x actor")
        self.assert_status(3, done)
        self.assertIn("neither qemu-s390x nor qemu-s390x-static is in PATH", done.text)

    def test_an_actor_that_is_no_program(self):
        self.assert_status(3, run("--actor", self.write_case(PASSES), self.write_case(PASSES), record=False))


support.main()
