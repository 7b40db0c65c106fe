"""What the end-to-end tests share: running ipcvet, small cases, and looking for anything left behind.

A test is a script on unittest; Meson gives it IPCVET, the program. It ends with status 77 where the system
does not allow the test at all. Nothing here waits by time: processes are waited for, and limits only end a hung test.
"""

import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

PROGRAM = os.environ.get("IPCVET", "ipcvet")
SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "ci"))
from records import instance  # noqa: E402 (found only now)

ISOLATED = False  # has this process a /tmp, a /dev/shm and System V objects of its own?
LIMIT = 300  # seconds for one run of ipcvet: only a hung one reaches it

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER = 0x00020000, 0x08000000, 0x10000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
PR_SET_CHILD_SUBREAPER = 36
libc = ctypes.CDLL(None, use_errno=True)

# Small cases by the name of their file. The requirements are ones of the catalogue.
PASSES = """\
case  pipe/passes
brief "What goes in comes out"
spec  posix/pipe/bytes-in-order  shall

P  pipe([r, w]) = 0
P  fork() = W
W  write(w, "bye", 3) = 3
P  read(r, "bye", 16) = 3
"""
BLOCKS = """\
case  pipe/blocks
brief "A read of an empty pipe blocks until something is written"
spec  posix/read/pipe-empty-blocks  shall

P  pipe([r, w]) = 0
P  fork() = W
P  read(r, _, 16) ...
W  write(w, "bye", 3) = 3
P  ... read(r, "bye", 16) = 3
"""
FAILS = """\
case  pipe/fails
brief "A case with a wrong expectation"
spec  posix/pipe/bytes-in-order  shall

P  pipe([r, w]) = 0
P  write(w, "abc", 3) = 3
P  read(r, "xyz", 16) = 3
"""
WRONG = """\
case  pipe/wrong
brief "A case nobody can read"
spec  posix/pipe/bytes-in-order  shall

P  pipe([r, w] = 0
"""


def call(name, *args):
    if getattr(libc, name)(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def isolate():
    """Goes into mount and IPC namespaces of its own, with fresh /tmp and /dev/shm, so that what others do on this
    machine is not taken for what ipcvet left. The programs are copied there. False where the system does not let it."""
    global PROGRAM, ISOLATED
    program = pathlib.Path(PROGRAM).read_bytes()
    faulty = os.environ.get("IPCVET_ACTOR_FAULTS")
    faulty_actor = pathlib.Path(faulty).read_bytes() if faulty else b""
    try:
        if os.geteuid() == 0:
            call("unshare", CLONE_NEWNS | CLONE_NEWIPC)
        else:
            uid, gid = os.getuid(), os.getgid()
            call("unshare", CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC)
            pathlib.Path("/proc/self/setgroups").write_text("deny")
            pathlib.Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
            pathlib.Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
        call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
        for where in (b"/tmp", b"/dev/shm"):
            call("mount", b"tmpfs", where, b"tmpfs", 0, b"mode=1777")
    except OSError as error:
        print(f"not isolated: {error}")
        return False
    ISOLATED = True
    PROGRAM = "/tmp/ipcvet-under-test"
    copies = {PROGRAM: program}
    if faulty:
        os.environ["IPCVET_ACTOR_FAULTS"] = "/tmp/ipcvet-actor-faults"
        copies[os.environ["IPCVET_ACTOR_FAULTS"]] = faulty_actor
    for path, content in copies.items():
        pathlib.Path(path).write_bytes(content)
        os.chmod(path, 0o755)
    return True


def adopt_orphans():
    """Whatever ipcvet's processes leave behind becomes this process's child, and can be waited for."""
    call("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_all():
    """Waits until this process has no child left. One that does not end by itself is a leftover, which the
    alarm turns into a failure that names it."""

    def too_late(_signal, _frame):
        raise AssertionError("left running:\n" + subprocess.run(
            ["ps", "-o", "pid,ppid,stat,args", "--ppid", str(os.getpid())], capture_output=True, text=True).stdout)

    signal.signal(signal.SIGALRM, too_late)
    signal.alarm(60)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass
    finally:
        signal.alarm(0)


def could_be_left(name):
    """May this file have been left by a run that is over? Where others use the machine, only what bears the name of an
    ipcvet process that lives no more."""
    owner = re.match(r"ipcvet-([0-9a-f]+)-", name)
    return ISOLATED or (owner is not None and not os.path.exists(f"/proc/{int(owner[1], 16)}"))


def objects():
    """Everything on this system that a case could have left: one line a thing."""
    found = []
    for table in ("msg", "sem", "shm"):
        try:
            lines = pathlib.Path("/proc/sysvipc", table).read_text().splitlines()[1:]
        except OSError:
            lines = []
        found += [f"sysv {table} {' '.join(line.split()[:2])}" for line in lines]
    for directory in ("/dev/shm", "/dev/mqueue", "/tmp", "/var/tmp", "/run"):
        try:
            found += [f"file {directory}/{name}" for name in os.listdir(directory) if could_be_left(name)]
        except OSError:
            pass
    found += ["mount " + line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
    return sorted(found)


class Run:
    """A finished run of ipcvet: its status, output and, if it was asked for, its record."""

    def __init__(self, arguments, record=True, env=None, cwd=None, command=None, preexec=None):
        with tempfile.TemporaryDirectory(prefix="e2e-") as directory:
            os.chmod(directory, 0o777)
            path = os.path.join(directory, "record.json")
            arguments = [str(a) for a in arguments]
            if record:
                arguments += ["--json", path]
            done = subprocess.run(
                (command or [PROGRAM]) + arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT,
                env={**os.environ, **(env or {})}, cwd=cwd, preexec_fn=preexec)
            self.status = done.returncode
            self.text = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
            self.record = None
            if record and os.path.exists(path):
                self.record = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))

    @property
    def verdicts(self):
        return {instance(case): case["verdict"] for case in self.record["cases"]}


def run(*arguments, **options):
    return Run(["run", *arguments], **options)


class Test(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="e2e-"))
        os.chmod(self.directory, 0o777)
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def write_case(self, text, name=None):
        """Writes a case where its id says, below a directory of cases; returns the file."""
        name = name or text.split()[1]
        path = self.directory / "cases" / (name + ".ipc")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def assert_status(self, status, done):
        self.assertEqual(done.status, status, done.text)


def main():
    program = unittest.main(exit=False, verbosity=2)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.testsRun == len(result.skipped) else 0)


def parse_xml(path):
    return xml.etree.ElementTree.parse(path).getroot()
