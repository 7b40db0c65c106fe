"""ipcvet works as an ordinary user, without namespaces, in an empty root, and with dirty inherited state. What cannot
be had is skipped with a reason, and nothing fails for it."""

import os
import pathlib
import resource
import signal
import subprocess

import support
from support import BLOCKS, PASSES, run

NOBODY = 65534
RAN = {"pass", "skip"}


def is_static(program):
    return b"INTERP" not in subprocess.run(["readelf", "-l", program], capture_output=True).stdout


def become(uid):
    def change():
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)

    return change


def without_namespaces():
    """Makes this process an ordinary user in a user namespace that allows no further namespaces."""
    asked, answered = os.pipe(), os.pipe()
    myself = os.getpid()
    if os.fork() == 0:  # only a process outside may map more than one id
        os.close(asked[1])
        if not os.read(asked[0], 1):
            os._exit(1)  # there is no namespace to map anything in
        for kind in ("uid", "gid"):
            pathlib.Path(f"/proc/{myself}/{kind}_map").write_text("0 0 65536")
        os.write(answered[1], b"x")
        os._exit(0)
    support.call("unshare", support.CLONE_NEWUSER)
    os.write(asked[1], b"x")
    os.read(answered[0], 1)
    os.wait()
    pathlib.Path("/proc/sys/user/max_user_namespaces").write_text("0")
    become(NOBODY)()


class Places(support.Test):
    def program_for_everybody(self):
        """A copy that any user may reach and execute."""
        copy = self.directory / "ipcvet"
        copy.write_bytes(pathlib.Path(support.PROGRAM).read_bytes())
        copy.chmod(0o755)
        return copy

    def check_whole_suite(self, done, at_least):
        verdicts = done.verdicts
        others = {case: verdict for case, verdict in verdicts.items() if verdict not in RAN}
        self.assertEqual(others, {}, done.text[-4000:])
        passed = sum(verdict == "pass" for verdict in verdicts.values())
        self.assertGreaterEqual(passed, at_least * len(verdicts), f"{passed} of {len(verdicts)} passed")
        for case in done.record["cases"]:
            if case["verdict"] == "skip":
                self.assertTrue(case.get("reason"), case["id"])

    def test_as_it_is(self):
        self.check_whole_suite(run(), 0.9)

    def test_as_an_ordinary_user(self):
        if os.geteuid() != 0:
            self.skipTest("this is an ordinary user already")
        done = run(command=[str(self.program_for_everybody())], preexec=become(NOBODY), cwd="/")
        self.check_whole_suite(done, 0.5)

    def test_without_namespaces(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to set the limit")
        before = support.objects()
        try:
            done = run(command=[str(self.program_for_everybody())], preexec=without_namespaces, cwd="/")
        except subprocess.SubprocessError:
            self.skipTest("no user namespace can be made here to take the namespaces away in")
        self.check_whole_suite(done, 0.3)
        for case in done.record["cases"]:
            self.assertNotIn("ipc", str(case.get("sandbox", "")).split())
        support.reap_all()
        self.assertEqual([t for t in support.objects() if t not in before and not t.startswith("file /tmp/e2e-")], [])

    def test_in_an_empty_root(self):
        if os.geteuid() != 0:
            self.skipTest("needs root for chroot")
        if not is_static(support.PROGRAM):
            self.skipTest("this build is not static; ci/static runs this test on one that is")
        root = self.directory / "root"
        for name in ("proc", "dev", "tmp"):
            (root / name).mkdir(parents=True)
        program = root / "ipcvet"
        program.write_bytes(pathlib.Path(support.PROGRAM).read_bytes())
        program.chmod(0o755)

        def enter():
            support.call("unshare", support.CLONE_NEWNS)
            support.call("mount", None, b"/", None, support.MS_REC | support.MS_PRIVATE, None)
            support.call("mount", b"proc", os.fsencode(root / "proc"), b"proc", 0, None)
            os.chroot(root)
            os.chdir("/")

        done = subprocess.run(["/ipcvet", "run", "--json", "/record.json"], preexec_fn=enter, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=support.LIMIT)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        record = support.json.loads((root / "record.json").read_text(encoding="utf-8"))
        self.assertEqual([c["id"] for c in record["cases"] if c["verdict"] not in RAN], [])
        self.assertGreater(sum(c["verdict"] == "pass" for c in record["cases"]), len(record["cases"]) / 2)

    def test_dirty_inherited_state(self):
        extra = os.open("/dev/null", os.O_RDONLY)

        def soil():
            for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGUSR1, signal.SIGSEGV):
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})
            os.umask(0o777)
            os.dup2(extra, 37, inheritable=True)
            resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        clean, soiled = run(), run(preexec=soil)
        self.assertEqual(soiled.verdicts, clean.verdicts)

    def test_small_cases_with_standard_streams_closed(self):
        files = [self.write_case(PASSES), self.write_case(BLOCKS)]

        def close_all():
            for fd in range(3):
                os.close(fd)

        done = run(*files, preexec=close_all)
        self.assertEqual(set(done.verdicts.values()), {"pass"})


support.adopt_orphans()
support.isolate()
support.main()
