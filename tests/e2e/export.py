"""Cases as C programs: thirty of ours agree with `ipcvet run` here, and wrong expectations are told."""

import os
import pathlib
import shutil
import subprocess

import support
from support import Run

# CC may be more than one word: "ccache gcc".
CHOICES = [os.environ.get("CC", "").split(), ["cc"], ["gcc"], ["clang"]]
COMPILER = next((words for words in CHOICES if words and shutil.which(words[0])), None)
MECHANISMS = {"pipe": 9, "fifo": 5, "sysv-msg": 6, "sysv-shm": 4, "posix-shm": 3, "process": 4}
HEADER = 'case  pipe/planted\nbrief "An expectation that does not hold"\nspec  posix/pipe/bytes-in-order  shall\n\n'
# A wrong expectation, and the line that must be named.
PLANTED = {
    "P  pipe([r, w]) = 0\nP  write(w, \"abc\", 3) = 2\n": 'P  write(w, "abc", 3) = 2',
    "P  pipe([r, w]) = 0\nP  write(w, \"abc\", 3) = 3\nP  read(r, \"abd\", 3) = 3\n": 'P  read(r, "abd", 3) = 3',
    "P  pipe([r, w]) = 0\nP  write(w, \"abc\", 3) = 3\nP  read(r, _, 3) ...\n": "P  read(r, _, 3) ...",
    "P  pipe([r, w]) = 0\nP  fork() = W\nW  read(r, _, 3) ...\nP  write(w, \"x\", 1) = 1\nP  getpid() = P\n":
        "P  getpid() = P",
    "P  pipe([r, w]) = 0\nP  read(-1, _, 3) = -1 EINVAL\n": "P  read(-1, _, 3) = -1 EINVAL",
    "P  fork() = W\nW  exit(3) = ?\nW  +++ exited 4\n": "W  +++ exited 4",
    "P  pipe([r, w]) = 0\nP  fork() = W\nP  close(r) = 0\nW  close(r) = 0\nW  write(w, \"x\", 1) = 1\n":
        'W  write(w, "x", 1) = 1',
    "P  mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = m\nP  m[0] := \"x\"\nP  m[0] == \"y\"\n":
        'P  m[0] == "y"',
}


class Export(support.Test):
    def setUp(self):
        super().setUp()
        if COMPILER is None:
            self.skipTest("no C compiler")

    def built(self, source, name):
        file, program = self.directory / f"{name}.c", self.directory / name
        file.write_text(source)
        done = subprocess.run([*COMPILER, "-pthread", "-o", program, file], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr)
        return program

    def performed(self, program):
        return subprocess.run([program], capture_output=True, text=True, timeout=support.LIMIT)

    def chosen(self):
        """The first cases of each mechanism that can be exported and pass here: their ids and C programs."""
        for mechanism, wanted in MECHANISMS.items():
            found = []
            ids = Run(["list", "--mechanism", mechanism], record=False).text.split()
            for identity in ids:
                done = subprocess.run([support.PROGRAM, "export", "--c", identity], capture_output=True, text=True)
                if done.returncode == 0:
                    found.append((identity, done.stdout))
                if len(found) == wanted:
                    break
            self.assertEqual(wanted, len(found), mechanism)
            yield from found

    def test_thirty_cases_agree_with_ipcvet(self):
        agreed = 0
        for number, (identity, source) in enumerate(self.chosen()):
            with self.subTest(identity):
                chosen = support.run("--filter", identity + "[1]", "--filter", identity)
                verdict = next(v for i, v in chosen.verdicts.items() if i in (identity, identity + "[1]"))
                if verdict == "skip":
                    continue
                done = self.performed(self.built(source, f"case{number}"))
                self.assertEqual((verdict == "pass", 0 if verdict == "pass" else 1),
                                 (done.returncode == 0, done.returncode), done.stdout + done.stderr)
                agreed += 1
        self.assertGreaterEqual(agreed, 30)

    def test_a_wrong_expectation_is_told(self):
        for number, (steps, line) in enumerate(PLANTED.items()):
            with self.subTest(line):
                path = self.write_case(HEADER + steps)
                self.assertEqual(1, support.run(path).status)
                done = subprocess.run([support.PROGRAM, "export", "--c", path], capture_output=True, text=True)
                self.assertEqual(0, done.returncode, done.stderr)
                told = self.performed(self.built(done.stdout, f"planted{number}"))
                self.assertEqual(1, told.returncode, told.stdout)
                self.assertIn(line, told.stdout)

    def test_what_cannot_be_exported_is_refused_with_the_reason(self):
        path = self.write_case(HEADER + "P  exec(actor) = 0\n")
        done = Run(["export", "--c", path], record=False)
        self.assertEqual(2, done.status)
        self.assertIn("exec: has no C form", done.text)


support.main()
