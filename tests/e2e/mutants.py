"""What ci/mutants makes of a source: compiles, is the same with no fault on, and differs with each that can show."""

import ctypes
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "ci"))
sys.dont_write_bytecode = True
import mutants  # noqa: E402
import mutate_kernel  # noqa: E402

# In the layout of a kernel's source; `twice` counts how often a condition is asked.
TEXT = """#include <errno.h>
int asked;
static int twice(int n)
{
	asked = asked + 1;
	return 2 * n;
}
int limit(int n)
{
	int error;

	/* if (n == 3) is said here only */
	if (n < 0 || n > 10)
		return -EINVAL;
	error = n;
	if (twice(n) > 12) {
		error++;
		error += 20;
	} else if (n == 5)
		error = -EAGAIN;
#if 0
	if (n == 6)
		return 0;
#endif
	return error;
}
"""


class Mutants(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name in ("fs", "include/linux"):
            (self.root / name).mkdir(parents=True)
        for name in ("compiler_types.h", "build_bug.h"):
            (self.root / "include/linux" / name).touch()
        (self.root / "fs/pipe.c").write_text(TEXT)
        self.places = mutate_kernel.Mutator(self.root).change_all()

    def compile(self):
        text = (self.root / "fs/pipe.c").read_text()
        text += "int ipcvet_fault = -1; unsigned char ipcvet_went[IPCVET_PLACES];\n"
        (self.root / "all.c").write_text(text)
        made = self.root / "all.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-I", self.root / "include", "-o", made, self.root / "all.c"], check=True)
        return ctypes.CDLL(str(made))

    def answers(self, library, fault):
        ctypes.c_int.in_dll(library, "ipcvet_fault").value = fault
        asked = ctypes.c_int.in_dll(library, "asked")
        told = []
        for n in range(-3, 14):
            asked.value = 0
            told.append((library.limit(n), asked.value))
        return told

    def test_one_fault_at_a_time(self):
        library = self.compile()
        right = [(-22 if n < 0 or n > 10 else n + 21 if n > 6 else -11 if n == 5 else n, int(0 <= n <= 10)) for n in range(-3, 14)]
        self.assertEqual(self.answers(library, -1), right)
        went = (ctypes.c_ubyte * (len(self.places) + 2)).in_dll(library, "ipcvet_went")
        faults = [
            (fault, place)
            for number, place in enumerate(self.places, 1)
            for fault in mutants.faults_of(number, place, went[number])
        ]
        self.assertGreater(len(faults), 12)
        for fault, place in faults:
            with self.subTest(mutants.describe(place, fault)):
                self.assertNotEqual(self.answers(library, fault), right)
        self.assertEqual(self.answers(library, -1), right)

    def test_what_is_changed(self):
        told = [(p["kind"], p["function"], p["line"]) for p in self.places]
        for place in (("part", "limit", 13), ("error", "limit", 14), ("left out", "limit", 15), ("left out", "twice", 5)):
            self.assertIn(place, told)
        self.assertFalse([p for p in self.places if p["line"] == 12], "a comment")
        json.dumps(self.places)


if __name__ == "__main__":
    unittest.main()
