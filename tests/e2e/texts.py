"""What ipcvet does with texts alone: fmt, lint, list, show, explain, calls."""

import json

import support
from support import PASSES, SOURCE, WRONG, Run

CATALOGUE = """\
[[requirement]]
id = "posix/pipe/bytes-in-order"
standard = "POSIX.1-2024"
section = "pipe, DESCRIPTION"
level = "shall"
rule = "Bytes come out in the order they went in."
"""
TABLE = """\
case  pipe/table
brief "A case with rows"
spec  posix/pipe/bytes-in-order  shall

where  n  flags
       1  O_NONBLOCK
       2  0

P  pipe2([r, w], flags) = 0
P  write(w, "a"*n, n) = n
"""


def text(*arguments):
    return Run([str(a) for a in arguments], record=False)


class Texts(support.Test):
    def tree(self):
        self.passes = self.write_case(PASSES)
        self.write_case(TABLE)
        root = self.directory / "cases"
        (root / "requirements").mkdir()
        (root / "requirements" / "pipe.toml").write_text(CATALOGUE)
        return root

    def test_fmt_rewrites_and_check_only_tells(self):
        loose = self.write_case(PASSES.replace("P  pipe([r, w]) = 0", "P pipe( [r,w] )=0   # why"))
        before = loose.read_text()
        self.assertEqual(1, text("fmt", "--check", loose).status)
        self.assertEqual(before, loose.read_text())
        self.assertEqual(0, text("fmt", loose).status)
        self.assertIn("P  pipe([r, w]) = 0  # why\n", loose.read_text())
        self.assertEqual(0, text("fmt", "--check", loose).status)

    def test_fmt_leaves_a_wrong_file_alone(self):
        wrong = self.write_case(WRONG)
        done = text("fmt", wrong)
        self.assertEqual(2, done.status)
        self.assertIn(":5:16: error: expected ',' or ')', found '='", done.text)
        self.assertEqual(WRONG, wrong.read_text())

    def test_lint_of_a_tree_and_of_a_file(self):
        root = self.tree()
        self.assertEqual(0, text("lint", "--cases", root).status, text("lint", "--cases", root).text)
        self.assertEqual(0, text("lint", self.passes).status)
        self.passes.write_text(PASSES.replace("fork()", "frok()"))
        done = text("lint", self.passes)
        self.assertEqual(2, done.status)
        self.assertIn("unknown call 'frok'; did you mean 'fork'?", done.text)
        self.assertIn("1 error", done.text)

    def test_a_file_of_100_megabytes_is_refused_at_once(self):
        big = self.directory / "big.ipc"
        with big.open("wb") as file:
            file.truncate(100_000_000)
        done = text("lint", big)
        self.assertEqual(2, done.status)
        self.assertIn("the file is larger than 1 MiB", done.text)

    def test_list_filters(self):
        root = self.tree()
        self.assertEqual("pipe/passes\npipe/table\n", text("list", "--cases", root).text)
        self.assertEqual("pipe/table\n", text("list", "--cases", root, "--tag", "table").text)
        self.assertEqual("pipe/table[1]\npipe/table[2]\n", text("list", "--cases", root, "--rows", "*/table").text)
        self.assertEqual(4, text("list", "--cases", root, "--mechanism", "fifo").status)
        self.assertEqual(2, text("list", "--cases", root, "--tag", "nonsense").status)
        listed = json.loads(text("list", "--cases", root, "--json", "--requirement", "posix/*").text)
        self.assertEqual(["pipe/passes", "pipe/table"], [case["id"] for case in listed])
        self.assertEqual(2, listed[1]["rows"])

    def test_show_expands_rows(self):
        root = self.tree()
        shown = text("show", "--cases", root, "pipe/table[2]").text
        self.assertIn("# pipe/table[2]  n = 2, flags = 0\n", shown)
        self.assertIn('P  write(w, "a"*2, 2) = 2\n', shown)
        self.assertNotIn("O_NONBLOCK", shown)
        done = text("show", "--cases", root, "pipe/tabel")
        self.assertEqual(2, done.status)
        self.assertIn("did you mean 'pipe/table'?", done.text)

    def test_explain_a_case_and_a_requirement(self):
        root = self.tree()
        explained = text("explain", "--cases", root, "posix/pipe/bytes-in-order").text
        for part in ("POSIX.1-2024, pipe, DESCRIPTION", "Bytes come out in the order", "pipe/passes", "pipe/table"):
            self.assertIn(part, explained)
        self.assertIn("What goes in comes out", text("explain", "--cases", root, "pipe/passes").text)
        self.assertEqual(2, text("explain", "--cases", root, "posix/pipe/nothing").status)

    def test_the_page_of_calls_is_that_of_the_program(self):
        page = (SOURCE / "docs" / "calls.md").read_text()
        self.assertEqual(page, text("calls", "--markdown").text, "ipcvet calls --markdown > docs/calls.md")

    def test_check_tells_where_a_case_and_the_model_differ(self):
        passes = self.write_case(PASSES)
        done = text("check", passes)
        self.assertEqual(0, done.status)
        self.assertEqual("1 instances: 1 agree, 0 disagree, 0 not modelled\n", done.text)
        differs = self.write_case(TABLE.replace("= n\n", "= 2\n"))
        done = text("check", differs)
        self.assertEqual(1, done.status)
        self.assertIn("pipe/table[1]\n  P  write(w, \"a\"*1, 1) = 2\n", done.text)
        self.assertIn("the model predicts = 1, and the line allows 2 (posix/write/full-blocks)\n", done.text)
        self.assertIn("2 instances: 1 agree, 1 disagree, 0 not modelled\n", done.text)
        self.assertIn("rules reached", text("check", "--coverage", passes).text)
        self.assertEqual(4, text("check", "--filter", "fifo/*", passes).status)

    def test_usage(self):
        self.assertEqual(2, text().status)
        self.assertEqual(2, text("lsit").status)
        self.assertEqual(0, text("--help").status)


support.main()
