"""Virtual machines as targets: a real kernel, one that panics in the middle of a run, and what is no kernel at all.

Needs QEMU, a kernel that ci/kernels fetched and a static ipcvet that ci/static built; without them it is skipped. The
smallest name is taken, or IPCVET_TEST_KERNEL.
"""

import os
import re
import shutil
import subprocess
import unittest

import support
from support import BLOCKS, FAILS, PASSES, Run

# As root, outside of any user namespace, a case can stop the kernel it runs on.
PANICS = """\
case  pipe/panics
brief "The kernel is told to crash"
spec  posix/pipe/bytes-in-order  shall

P  open("/proc/sysrq-trigger", O_WRONLY) = f
P  write(f, "c", 1) = 1
"""


def usable():
    """Lines of `ipcvet targets` for machines: name -> (usable, text)."""
    found = {}
    for line in Run(["targets"], record=False).text.splitlines():
        words = line.split(None, 2)
        if words and words[0].startswith("vm:"):
            found[words[0]] = (words[1] == "yes", line)
    return found


class Machines(support.Test):
    def kernel(self):
        wanted = os.environ.get("IPCVET_TEST_KERNEL")
        if wanted:
            return "vm:" + wanted
        machines = usable()
        for name in sorted(machines):
            if machines[name][0]:
                return name
        self.skipTest("; ".join(line for _, line in machines.values()) or "no vm target")

    def on(self, target, *arguments, **options):
        return Run(["run", "--jobs", "1", "--on", target, *arguments], **options)

    def test_cases_run_on_another_kernel(self):
        target = self.kernel()
        passes, blocks, fails = (self.write_case(text) for text in (PASSES, BLOCKS, FAILS))
        done = self.on(target, passes, blocks, fails)
        self.assert_status(1, done)
        self.assertEqual({"pipe/passes": "pass", "pipe/blocks": "pass", "pipe/fails": "fail"}, done.verdicts)
        system = done.record["system"]
        self.assertEqual(target, system["target"])
        self.assertNotIn("trouble", system)
        self.assertNotEqual(os.uname().release, system["release"])
        self.assertEqual(1, system["cpus"])
        self.assertGreater(system["target_seconds"], system["boot_seconds"])

    def test_a_panic_keeps_what_was_finished(self):
        target = self.kernel()
        done = self.on(target, self.write_case(PASSES), self.write_case(PANICS), self.write_case(BLOCKS))
        self.assert_status(3, done)
        self.assertEqual("pass", done.verdicts["pipe/passes"])
        self.assertNotEqual("pass", done.verdicts.get("pipe/panics"))
        trouble = done.record["system"]["trouble"]
        self.assertIn("pipe/panics", trouble)
        self.assertIn("Kernel panic", trouble)
        self.assertTrue(done.record["system"]["interrupted"])

    def test_the_commit_that_mended_something_is_found(self):
        """`ipcvet bisect` in a tree whose commits "build" one of two real kernels: 5.10 deviates, the other does not."""
        machines = usable()
        other = next((name for name in ("vm:6.1", "vm:6.12", "vm:newest") if machines.get(name, (False,))[0]), None)
        if other is None or not machines.get("vm:5.10", (False,))[0]:
            self.skipTest("5.10 and a later kernel are needed")
        if not (shutil.which("git") and shutil.which("make")):
            self.skipTest("git and make are needed")
        images = {name: re.search(r"\S*/vmlinuz", machines["vm:" + name][1]) for name in ("5.10", other[3:])}
        self.assertTrue(all(images.values()), machines)
        tree = self.directory / "linux"
        tree.mkdir()

        def git(*words):
            return subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t", *words], cwd=tree, check=True,
                                  capture_output=True, text=True, env=environment).stdout

        environment = dict(os.environ, IPCVET=support.PROGRAM, GIT_CONFIG_GLOBAL="/dev/null")
        git("init", "-q")
        (tree / "Makefile").write_text(
            "all:\n\tmkdir -p arch/x86/boot\n\tcp `cat image` arch/x86/boot/bzImage\ndefconfig olddefconfig:\n")
        (tree / ".gitignore").write_text("arch\n")
        commits = []
        for number, name in enumerate(["5.10"] * 3 + [other[3:]] * 2):
            (tree / "image").write_text(images[name].group() + "\n")
            (tree / "number").write_text(str(number))
            git("add", "-A")
            git("commit", "-q", "-m", f"commit {number}")
            commits.append(git("rev-parse", "HEAD").strip())
        script = self.directory / "find.sh"
        script.write_text(Run(["bisect", "posix-shm/mremap-errors[5]", "--boot", "qemu", "--good", "fail"],
                              record=False).text)
        git("bisect", "start", commits[-1], commits[0])
        self.assertIn(f"{commits[3]} is the first bad commit", git("bisect", "run", "sh", str(script)))

    def test_a_kernel_that_says_nothing_is_ended(self):
        self.kernel()
        image = self.directory / "vmlinuz"
        bytes_ = bytearray(65536)
        bytes_[0x202:0x206] = b"HdrS"
        bytes_[0x1FE:0x200] = b"\x55\xaa"
        image.write_bytes(bytes_)
        done = self.on(f"vm:{image}", "--target-limit", "3", self.write_case(PASSES))
        self.assert_status(3, done)
        self.assertTrue(done.record["system"]["trouble"])
        self.assertNotIn("pass", done.verdicts.values())

    def test_what_is_no_kernel(self):
        text = self.directory / "text"
        text.write_text("no kernel\n")
        for target, why in ((f"vm:{text}", "is no kernel image"), ("vm:/nowhere/vmlinuz", "cannot be read"),
                            ("vm:none-such", "no kernel `none-such` was fetched")):
            done = self.on(target, self.write_case(PASSES))
            self.assert_status(3, done)
            if "it needs a static ipcvet" in done.text or "qemu-system" in done.text:
                self.skipTest(done.text.strip().splitlines()[-1])
            self.assertIn(why, done.text)


if __name__ == "__main__":
    support.main()
