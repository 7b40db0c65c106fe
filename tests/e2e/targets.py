"""Targets: the same cases elsewhere, and every way in which an elsewhere may fail its user.

Fake targets are commands: `command:` hands the words of the run inside to any script, which may as well die, hang or
print garbage. User-Mode Linux and gVisor are real ones, where they are installed.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import unittest

import support
from support import BLOCKS, FAILS, PASSES, WRONG, Run

# A frame's checksum is that of zlib; a fake target may make its own.
FRAME = r"""
import sys, zlib
def frame(kind, payload):
    data = payload.encode()
    sys.stdout.write("@ipcvet %s %d %08x %s\n" % (kind, len(data), zlib.crc32(data), payload))
    sys.stdout.flush()
"""


class Targets(support.Test):
    def setUp(self):
        super().setUp()
        self.passes, self.blocks, self.fails = (self.write_case(text) for text in (PASSES, BLOCKS, FAILS))

    def on(self, target, *arguments, **options):
        return Run(["run", "--on", target, *(arguments or (self.passes, self.blocks))], **options)

    def script(self, text, interpreter="/bin/sh"):
        path = self.directory / "target"
        path.write_text(f"#!{interpreter}\n{text}")
        path.chmod(0o755)
        return f"command:{path}"

    def system(self, done):
        return done.record["system"]

    def test_the_host_is_a_target_like_any(self):
        done = self.on("host")
        self.assert_status(0, done)
        self.assertEqual({"pipe/passes": "pass", "pipe/blocks": "pass"}, done.verdicts)
        self.assertEqual("host", self.system(done)["target"])
        self.assertNotIn("trouble", self.system(done))
        self.assertGreater(self.system(done)["boot_seconds"], 0)
        self.assertGreater(self.system(done)["target_seconds"], self.system(done)["boot_seconds"])
        self.assertTrue(self.system(done)["constants"])

    def test_it_finds_the_same_as_a_run_here(self):
        choice = ("--filter", "pipe/*", "--filter", "!pipe/stress*", "--filter", "fifo/*")
        here, there = support.run(*choice), self.on("host", *choice)
        self.assertEqual(here.status, there.status, there.text)
        self.assertEqual(here.verdicts, there.verdicts)
        self.assertEqual(list(here.verdicts), list(there.verdicts))  # in the same order
        self.assertEqual([c["requirements"] for c in here.record["cases"]],
                         [c["requirements"] for c in there.record["cases"]])
        self.assertEqual(here.record.get("uncited"), there.record.get("uncited"))

    def test_a_deviation_is_one(self):
        done = self.on("host", self.fails)
        self.assert_status(1, done)
        self.assertEqual({"pipe/fails": "fail"}, done.verdicts)
        self.assertIn("xyz", done.text)

    def test_options_and_case_trees_go_inside(self):
        done = self.on("host", "--cases", self.directory / "cases", "--filter", "pipe/passes", "--repeat", "3",
                       "--profile", "posix", "--jobs", "2", "--shuffle", "7", "--timeout", "20.5")
        self.assert_status(0, done)
        self.assertEqual(["pipe/passes"] * 3, [c["id"] for c in done.record["cases"]])
        self.assertEqual("posix", self.system(done)["profile"])

    def test_what_is_wrong_with_the_cases_is_told_before_anything_starts(self):
        done = self.on(self.script("touch started"), self.write_case(WRONG))
        self.assert_status(2, done)
        self.assertFalse((self.directory / "started").exists())
        self.assert_status(4, self.on("host", "--filter", "no/such"))

    def test_targets_that_are_none(self):
        for target, why in (("moon", "no kind of target called `moon`"), ("root", "target root wants an argument"),
                            ("host:x", "takes no argument"), ("host,host", "named twice")):
            done = self.on(target)
            self.assert_status(2, done)
            self.assertIn(why, done.text)

    def test_a_target_that_is_not_there_is_a_record_that_says_so(self):
        done = self.on("gvisor:/nowhere/runsc")
        self.assert_status(3, done)
        self.assertIn("trouble", self.system(done))
        self.assertEqual([], done.record["cases"])

    def test_several_targets_give_a_record_each(self):
        records = self.directory / "records"
        done = Run(["run", "--on", "host", "--on", "command:env", "--records", records, self.passes],
                   record=False)
        self.assert_status(0, done)
        self.assertEqual(2, len(list(records.iterdir())), done.text)
        for path in records.iterdir():
            record = json.loads(path.read_text())
            self.assertEqual(["pass"], [c["verdict"] for c in record["cases"]])
        self.assertIn("1 instances: 1 pass", done.text)
        done = Run(["run", "--on", "host,command:true", self.passes])
        self.assert_status(2, done)
        self.assertIn("--records DIR", done.text)

    def test_the_worst_of_several_decides(self):
        records = self.directory / "records"
        done = Run(["run", "--on", "host", "--on", "command:true", "--records", records, self.fails], record=False)
        self.assert_status(3, done)

    def test_a_command_gets_the_job_and_may_wrap_the_run(self):
        done = self.on(self.script('test -x ./ipcvet && test "$PWD" = "$IPCVET_JOB" || exit 9\n'
                                   'echo Booting; echo oops >&2\n"$@"\necho Leaving\n'))
        self.assert_status(0, done)
        self.assertEqual({"pipe/passes": "pass", "pipe/blocks": "pass"}, done.verdicts)

    def test_one_that_dies_at_once(self):
        done = self.on(self.script("echo 'no such board' >&2; exit 7"))
        self.assert_status(3, done)
        self.assertIn("its command ended with status 7 before the run began", self.system(done)["trouble"])
        self.assertIn("no such board", self.system(done)["trouble"])
        self.assertTrue(self.system(done)["interrupted"])

    def test_one_that_dies_midway_keeps_what_was_finished(self):
        # The journal passes until the first result is through; then the machine is gone.
        done = self.on(self.script('"$@" --jobs 1 | while read -r line; do printf "%s\\\\n" "$line"\n'
                                   'case $line in *"@ipcvet case "*) echo "Kernel panic"; break;; esac; done\nexit 0'))
        self.assert_status(3, done)
        self.assertEqual({"pipe/passes": "pass"}, done.verdicts)
        trouble = self.system(done)["trouble"]
        self.assertIn("1 of 2 results came", trouble)
        self.assertIn("Kernel panic", trouble)
        self.assertIn(trouble.split(";")[0], done.text)
        self.assertTrue(self.system(done)["release"])

    def test_one_that_is_killed(self):
        done = self.on("command:kill -SEGV $$ #")
        self.assert_status(3, done)
        self.assertIn("killed by SEGV before the run began", self.system(done)["trouble"])

    def test_one_that_hangs_is_ended(self):
        done = self.on(self.script('"$@" --jobs 1 | head -n 5\ntail -f /dev/null'), "--target-limit", "3",
                       self.passes, self.blocks)
        self.assert_status(3, done)
        self.assertIn("told no result for so long that it was ended", self.system(done)["trouble"])

    def test_one_that_has_said_everything_and_stays_is_ended_without_trouble(self):
        done = self.on(self.script('"$@"\nexec tail -f /dev/null'))
        self.assert_status(0, done)
        self.assertNotIn("trouble", self.system(done))

    def test_one_that_prints_garbage(self):
        done = self.on(self.script("head -c 300000 /dev/urandom; head -c 100000 /dev/zero"))
        self.assert_status(3, done)
        self.assertEqual([], done.record["cases"])
        self.assertIn("before the run began", self.system(done)["trouble"])

    def test_one_that_damages_a_result_is_found_out(self):
        done = self.on(self.script('"$@" | sed "s/\\"pass\\"/\\"fail\\"/"'))
        self.assert_status(3, done)
        self.assertEqual([], done.record["cases"])
        self.assertIn("2 lines of the journal came damaged; 2 results were told and 0 came",
                      self.system(done)["trouble"])

    def test_one_that_drops_a_result_is_found_out(self):
        done = self.on(self.script('"$@" | sed "0,/@ipcvet case /{/@ipcvet case /d}"'))
        self.assert_status(3, done)
        self.assertEqual(1, len(done.record["cases"]))
        self.assertIn("2 results were told and 1 came", self.system(done)["trouble"])

    def test_console_text_between_and_into_frames(self):
        # Whole lines do no harm; one in the middle of a frame costs that frame and is told.
        done = self.on(self.script('"$@" | while read -r line; do echo "[   1.0] noise"; printf "%s\\\\n" "$line"; done'))
        self.assert_status(0, done)
        done = self.on(self.script('"$@" | sed "/@ipcvet begin pipe/b; 0,/@ipcvet case /s/\\"brief\\"/\\n[ 1.0] BUG\\n&/"'))
        self.assert_status(3, done)
        self.assertIn("1 lines of the journal came damaged", self.system(done)["trouble"])

    def test_one_that_lies_in_well_made_frames(self):
        done = self.on(self.script(FRAME + 'frame("system", "{}")\nframe("case", "{\\"id\\": 3}")\n'
                                   'frame("case", "[")\nframe("end", "0 2")\n', "/usr/bin/env python3"))
        self.assert_status(3, done)
        self.assertIn("a result that cannot be read", self.system(done)["trouble"])

    def test_one_that_runs_nothing_is_no_success(self):
        done = self.on(self.script(FRAME + 'frame("system", "{}")\nframe("end", "0 0")\n', "/usr/bin/env python3"))
        self.assertIn(done.status, (3, 4), done.text)

    def test_whatever_it_leaves_is_ended(self):
        support.adopt_orphans()
        before = set(os.listdir("/tmp"))
        for text in ("setsid tail -f /dev/null & setsid -f tail -f /dev/null; exit 0", "trap '' TERM; tail -f /dev/null"):
            done = self.on(self.script(text), "--target-limit", "2", self.passes)
            self.assert_status(3, done)
        support.reap_all()
        self.assertEqual([], [name for name in set(os.listdir("/tmp")) - before if name.startswith("ipcvet-target")])

    def test_killing_ipcvet_ends_it_all(self):
        support.adopt_orphans()
        fifo, job = self.directory / "fifo", self.directory / "job"
        os.mkfifo(fifo)
        target = self.script(f'pwd >{job}\necho >{fifo}\nsetsid -f tail -f /dev/null; tail -f /dev/null')
        for number in (signal.SIGKILL, signal.SIGINT):
            with subprocess.Popen([support.PROGRAM, "run", "--on", target, str(self.passes)], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                fifo.read_text()
                process.send_signal(number)
                status = process.wait(support.LIMIT)
            self.assertEqual(-signal.SIGKILL if number == signal.SIGKILL else 3, status)
            support.reap_all()
            self.assertFalse(pathlib.Path(job.read_text().strip()).exists())

    def test_the_list_of_targets(self):
        done = Run(["targets"], record=False)
        self.assert_status(0, done)
        for line in ("host ", "uml[:KERNEL] ", "gvisor[:RUNSC] ", "root:DIR ", "podman:IMAGE ", "command:COMMAND "):
            self.assertIn(f"\n{line}", "\n" + done.text)
        self.assertRegex(done.text, r"(?m)^host +yes +this system$")

    def test_another_root(self):
        root = self.directory / "root"
        for name in ("proc", "tmp", "dev", "lib", "lib64"):
            (root / name).mkdir(parents=True)
        # The C library of this system, at the places the actor looks for it, and nothing else.
        listed = subprocess.run(["ldd", os.environ.get("IPCVET_ACTOR", support.PROGRAM)], capture_output=True, text=True)
        for word in listed.stdout.split():
            if word.startswith("/"):
                (root / word[1:]).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(word, root / word[1:])
        done = self.on(f"root:{root}")
        self.assert_status(0, done)
        self.assertEqual({"pipe/passes": "pass", "pipe/blocks": "pass"}, done.verdicts)
        self.assertEqual([], list((root / "tmp").iterdir()))
        self.assertIn("is no root", self.on(f"root:{self.directory}").text)

    def test_a_container_engine_is_called_rightly(self):
        # An engine that does what podman's manual page says of these options, with this system as the image.
        static = os.environ.get("IPCVET_ACTOR_MUSL")
        if not static:
            self.skipTest("no static program to carry inside")
        engine, arguments = self.directory / "bin" / "podman", self.directory / "arguments"
        engine.parent.mkdir()
        engine.write_text(
            '#!/bin/sh\n[ "$1" != --version ] || { echo "podman version 4.3.1"; exit; }\n'
            f'printf "%s\\n" "$@" >{arguments}\nvolume=\n'
            'while [ "$1" != debian:13 ]; do case $1 in *:/ipcvet-job:ro) volume=${1%%:*};; esac; shift; done\nshift\n'
            f'test -x "$volume/ipcvet" || exit 9\nexec {support.PROGRAM} $(echo "$@" | sed "s,/ipcvet-job,$volume,g")\n')
        engine.chmod(0o755)
        path = {"PATH": f"{engine.parent}:{os.environ['PATH']}"}
        done = self.on("podman:debian:13", "--program", static, self.passes, env=path)
        self.assert_status(0, done)
        self.assertEqual({"pipe/passes": "pass"}, done.verdicts)
        words = arguments.read_text().split()
        self.assertEqual(["run", "--rm"], words[:2])
        self.assertEqual(["--entrypoint", "/ipcvet-job/ipcvet", "debian:13", "run", "--journal", "1"],
                         words[words.index("--entrypoint"):][:6])
        self.assertRegex(Run(["targets", "--program", static], record=False, env=path).text,
                         r"(?m)^podman:IMAGE +yes +.*/podman: podman version 4.3.1$")

    def real(self, name):
        program = ["--program", os.environ["IPCVET_STATIC"]] if "IPCVET_STATIC" in os.environ else []
        listed = Run(["targets", *program], record=False).text
        line = next((line for line in listed.splitlines() if line.startswith(name)), "")
        if line.split()[1:2] != ["yes"]:
            self.skipTest(line)
        done = self.on(name, *program, "--filter", "pipe/l*", "--filter", "process/f*")
        self.assertIn(done.status, (0, 1), done.text)
        self.assertNotIn("trouble", self.system(done))
        verdicts = list(done.verdicts.values())
        self.assertGreater(verdicts.count("pass"), 0.8 * len(verdicts))
        return done

    def test_user_mode_linux(self):
        done = self.real("uml")
        self.assertEqual("User-Mode Linux", self.system(done)["platform"])

    def test_gvisor(self):
        done = self.real("gvisor")
        self.assertEqual("gVisor", self.system(done)["platform"])


if __name__ == "__main__":
    support.main()
