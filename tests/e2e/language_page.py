"""docs/language.md keeps its word: every `ipc` block is a case that parses, every `ipc run` block passes."""

import re

import support
from support import Run, run

BLOCK = re.compile(r"^```ipc([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks():
    text = (support.SOURCE / "docs" / "language.md").read_text(encoding="utf-8")
    return [(marks.split(), body) for marks, body in BLOCK.findall(text)]


class LanguagePage(support.Test):
    def test_examples_are_there(self):
        self.assertTrue(any("run" in marks for marks, _ in blocks()))

    def test_examples_parse(self):
        for marks, body in blocks():
            name = body.split()[1]
            with self.subTest(name):
                path = self.write_case(body)
                done = Run(["fmt", "--check", str(path)], record=False)
                self.assertIn(done.status, (0, 1), done.text)

    def test_examples_that_run_pass(self):
        for marks, body in blocks():
            if "run" not in marks:
                continue
            name = body.split()[1]
            with self.subTest(name):
                done = run(self.write_case(body))
                if done.status == 4 and "skip" in done.verdicts.values():
                    continue
                self.assert_status(0, done)
                self.assertNotIn("fail", done.verdicts.values())


support.main()
