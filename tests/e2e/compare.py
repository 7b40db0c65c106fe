"""What is made of records: reports in every format read by other parsers, comparisons, baselines, merged shards."""

import csv
import html.parser
import json
import os
import re
import stat
import subprocess
import xml.etree.ElementTree

import support
from support import BLOCKS, FAILS, PASSES, Run, run

try:
    import junitparser
except ImportError:  # ci/install test has both
    junitparser = None
try:
    import tap.parser
except ImportError:
    tap = None


def read_ktap(text):
    """The results in KTAP version 1, read by its rules: {name: (ok, directive)} a level; raises ValueError else."""
    lines = text.split("\n")
    if lines.pop() != "":
        raise ValueError("no newline at the end")

    def block(at, indent):
        results = {}
        if lines[at] != indent + "KTAP version 1":
            raise ValueError(f"no version line: {lines[at]}")
        at += 1
        while lines[at].startswith(indent + "#"):
            at += 1
        plan = re.fullmatch(indent + r"1\.\.(\d+)", lines[at])
        if not plan:
            raise ValueError(f"no plan: {lines[at]}")
        at += 1
        nested = None
        while at < len(lines) and (not indent or lines[at].startswith(indent)):
            line = lines[at]
            if line.startswith(indent + "  KTAP"):
                at, nested = block(at, indent + "  ")
                continue
            at += 1
            if line.startswith(indent + "#"):
                continue
            found = re.fullmatch(indent + r"(ok|not ok) (\d+) ([^#]*?)(?: # ?(.*))?", line)
            if not found or int(found[2]) != len(results) + 1:
                raise ValueError(f"no result: {line}")
            if nested is not None and found[1] == "ok" and any(not ok for ok, _, _ in nested.values()):
                raise ValueError(f"ok although a subtest is not: {line}")
            results[f"{found[3]}"] = (found[1] == "ok", (found[4] or "").split(" ")[0], nested)
            nested = None
        if len(results) != int(plan[1]):
            raise ValueError(f"{len(results)} results, planned {plan[1]}")
        return at, results

    end, results = block(0, "")
    if end != len(lines):
        raise ValueError(f"more lines: {lines[end]}")
    return results


class Compare(support.Test):
    def setUp(self):
        super().setUp()
        needs = PASSES.replace("pipe/passes", "pipe/needs").replace("shall\n", "shall\nneeds no-such-thing\n", 1)
        files = [self.write_case(text) for text in (PASSES, BLOCKS, FAILS, needs)]
        self.paths = {kind: self.directory / f"r.{kind}"
                      for kind in ("json", "junit", "ktap", "kcidb", "markdown", "annotations")}
        options = [word for kind, path in self.paths.items() for word in (f"--{kind}", path)]
        self.done = run(*options, *files, record=False)
        self.assert_status(1, self.done)
        self.record = json.loads(self.paths["json"].read_text(encoding="utf-8"))

    def ipcvet(self, *arguments):
        return Run(list(arguments), record=False)

    def write_record(self, name, change=lambda record: None):
        record = json.loads(json.dumps(self.record))
        change(record)
        path = self.directory / name
        path.write_text(json.dumps(record), encoding="utf-8")
        return path

    def find(self, record, case):
        return next(c for c in record["cases"] if c["id"] == case)

    def test_reports_of_a_record_are_those_of_the_run(self):
        for kind in ("junit", "ktap", "kcidb", "markdown", "annotations"):
            again = self.directory / f"again.{kind}"
            self.assert_status(1, self.ipcvet("report", self.paths["json"], f"--{kind}", again))
            self.assertEqual(again.read_bytes(), self.paths[kind].read_bytes(), kind)

    def test_ktap_by_its_rules(self):
        text = self.paths["ktap"].read_text(encoding="utf-8")
        results = read_ktap(text)
        self.assertEqual(list(results), ["pipe"])
        ok, _, nested = results["pipe"]
        self.assertFalse(ok)
        self.assertEqual({name: (ok, word) for name, (ok, word, _) in nested.items()},
                         {"pipe/passes": (True, ""), "pipe/blocks": (True, ""), "pipe/fails": (False, "read"),
                          "pipe/needs": (True, "SKIP")})
        for broken in (text.replace("1..4", "1..5"), text.replace("not ok 1 pipe", "ok 1 pipe"),
                       text.replace("  ok 2", "  ok 3"), text.replace("KTAP version 1\n", "", 1)):
            self.assertRaises(ValueError, read_ktap, broken)

    @support.unittest.skipUnless(tap, "python3-tap is not installed")
    def test_ktap_by_another_parser(self):
        lines = list(tap.parser.Parser().parse_file(str(self.paths["ktap"])))
        tests = [line for line in lines if line.category == "test"]
        self.assertEqual((tests[-1].ok, tests[-1].number, str(tests[-1].description).strip()), (False, 1, "pipe"))
        self.assertTrue([line for line in lines if line.category == "plan"])

    @support.unittest.skipUnless(junitparser, "python3-junitparser is not installed")
    def test_junit_by_another_parser(self):
        report = junitparser.JUnitXml.fromfile(str(self.paths["junit"]))
        self.assertEqual((report.tests, report.failures, report.errors, report.skipped), (4, 1, 0, 1))
        suite = next(iter(report))
        results = {case.name: [type(r).__name__ for r in case.result] for case in suite}
        self.assertEqual(results, {"pipe/passes": [], "pipe/blocks": [], "pipe/fails": ["Failure"], "pipe/needs": ["Skipped"]})

    def test_kcidb(self):
        report = json.loads(self.paths["kcidb"].read_text(encoding="utf-8"))
        self.assertEqual(report["version"], {"major": 5, "minor": 3})
        self.assertEqual({t["path"]: t["status"] for t in report["tests"]},
                         {"ipcvet.pipe.passes": "PASS", "ipcvet.pipe.blocks": "PASS", "ipcvet.pipe.fails": "FAIL",
                          "ipcvet.pipe.needs": "SKIP"})

    def test_summary_and_annotations(self):
        self.assertIn("1 of 3 instances deviate, 1 skipped", self.paths["markdown"].read_text(encoding="utf-8"))
        self.assertRegex(self.paths["annotations"].read_text(encoding="utf-8"), r"^::error title=fail pipe/fails::read ")

    def test_diff(self):
        def change(record):
            self.find(record, "pipe/fails").update(verdict="pass", reason="")
            self.find(record, "pipe/blocks").update(verdict="timeout", reason="P has not returned from read")
            self.find(record, "pipe/needs").update(verdict="pass", reason="")
            record["system"]["limits"]["pipe-max-size"] = 4096
            record["cases"] = [c for c in record["cases"] if c["id"] != "pipe/passes"]

        old, new = self.paths["json"], self.write_record("new.json", change)
        outputs = {kind: self.directory / f"diff.{kind}" for kind in ("json", "markdown", "html")}
        done = self.ipcvet("diff", old, new, *[w for k, p in outputs.items() for w in (f"--{k}", p)])
        self.assert_status(1, done)
        kinds = {c["id"]: c["kind"] for c in json.loads(outputs["json"].read_text(encoding="utf-8"))["changes"]}
        self.assertEqual(kinds, {"pipe/blocks": "regression", "pipe/fails": "fix", "pipe/passes": "vanished",
                                 "pipe/needs": "skip"})
        self.assertIn("perhaps by: pipe-max-size", done.text)
        self.assertIn("### Regressions", outputs["markdown"].read_text(encoding="utf-8"))
        html.parser.HTMLParser().feed(outputs["html"].read_text(encoding="utf-8"))
        self.assert_status(0, self.ipcvet("diff", old, old))
        mended = self.write_record("mended.json", lambda r: self.find(r, "pipe/fails").update(verdict="pass"))
        self.assert_status(0, self.ipcvet("diff", old, mended))
        lost = self.write_record("lost.json", lambda r: r["cases"].pop(0))
        self.assert_status(0, self.ipcvet("diff", old, lost))
        self.assert_status(1, self.ipcvet("diff", "--strict", old, lost))
        self.assert_status(2, self.ipcvet("diff", old, self.directory / "no.json"))

    def test_matrix(self):
        other = self.write_record("other,system.json", lambda r: self.find(r, "pipe/fails").update(verdict="pass"))
        table = self.directory / "m.csv"
        done = self.ipcvet("matrix", self.paths["json"], other, "--by", "case", "--differing", "--csv", table,
                           "--html", self.directory / "m.html", "--page", self.directory / "page.html")
        self.assert_status(0, done)
        with open(table, encoding="utf-8", newline="") as file:
            self.assertEqual(list(csv.reader(file)), [["case", "r", "other,system"], ["pipe/fails", "fail", "pass"]])
        self.assertIn("3 more do not differ", done.text)
        self.assertIn("pipe/blocks", (self.directory / "page.html").read_text(encoding="utf-8"))

    def test_shards_are_merged(self):
        shards = []
        for i in (1, 2, 3):
            shards.append(self.directory / f"shard-{i}.json")
            run("--shard", f"{i}/3", "--json", shards[-1], *sorted(self.directory.glob("cases/pipe/*")), record=False)
        merged = self.directory / "merged.json"
        self.assert_status(1, self.ipcvet("merge", *shards, "--json", merged))
        ids = [c["id"] for c in json.loads(merged.read_text(encoding="utf-8"))["cases"]]
        self.assertEqual(ids, sorted(c["id"] for c in self.record["cases"]))
        done = self.ipcvet("merge", shards[0], shards[0])
        self.assert_status(2, done)
        self.assertIn("was run in", done.text)
        done = self.ipcvet("merge", *shards[:2])
        self.assert_status(2, done)
        self.assertIn("shard 3/3 is missing", done.text)

    def test_baseline(self):
        baseline = self.directory / "known.toml"
        self.assert_status(0, self.ipcvet("baseline", "update", baseline, self.paths["json"]))
        baseline.write_text("# by hand\n" + baseline.read_text(encoding="utf-8"), encoding="utf-8")
        done = self.ipcvet("report", self.paths["json"], "--baseline", baseline)
        self.assert_status(0, done)
        self.assertIn("baseline: 0 unexplained, 1 explained", done.text)
        # Also while running; and a second deviation is one that nothing explains.
        files = sorted(self.directory.glob("cases/pipe/*"))
        self.assert_status(0, run("--baseline", baseline, *files))
        worse = self.write_record("worse.json", lambda r: self.find(r, "pipe/passes").update(verdict="fail", reason="x"))
        done = self.ipcvet("report", worse, "--baseline", baseline)
        self.assert_status(1, done)
        self.assertIn("unexplained pipe/passes: fail: x", done.text)
        # It passes now: told, no failure; an update takes the entry away and keeps what was written by hand.
        mended = self.write_record("mended.json", lambda r: self.find(r, "pipe/fails").update(verdict="pass", reason=""))
        done = self.ipcvet("report", mended, "--baseline", baseline)
        self.assert_status(0, done)
        self.assertIn("passes now  pipe/fails", done.text)
        self.assert_status(0, self.ipcvet("baseline", "update", baseline, mended))
        text = baseline.read_text(encoding="utf-8")
        self.assertTrue(text.startswith("# by hand\n"))
        self.assertNotIn("pipe/fails", text)

    def test_an_expired_entry_fails_the_gate(self):
        baseline = self.directory / "known.toml"
        baseline.write_text('[[expect]]\ncase = "pipe/fails"\nverdict = "fail"\nreason = "r"\nexpires = 2030-01-01\n',
                            encoding="utf-8")
        report = ["report", self.paths["json"], "--baseline", baseline, "--today"]
        self.assert_status(0, self.ipcvet(*report, "2030-01-01"))
        done = self.ipcvet(*report, "2030-01-02")
        self.assert_status(1, done)
        self.assertIn("expired     ", done.text)

    def test_a_wrong_baseline(self):
        baseline = self.directory / "wrong.toml"
        baseline.write_text('[[expect]]\ncas = "pipe/fails"\n', encoding="utf-8")
        done = self.ipcvet("report", self.paths["json"], "--baseline", baseline)
        self.assert_status(2, done)
        self.assertIn("wrong.toml:2:1: error: unknown trait 'cas'", done.text)

    def test_repeats_are_told_with_their_certainty(self):
        def change(record):
            one = self.find(record, "pipe/passes")
            record["cases"] = [dict(one) for _ in range(9)] + [dict(one, verdict="fail", reason="x")]

        done = self.ipcvet("report", self.write_record("flaky.json", change))
        self.assert_status(1, done)
        self.assertIn("flaky       pipe/passes: did not pass in 1 of 10 (10.0 %, 95 % confidence: 1.8 to 40.4 %)", done.text)


class Bisect(support.Test):
    """The script, with a make and an ipcvet that are scripts: its logic, not a boot."""

    def bisect(self, console, status, makes=True, arguments=(), env=None):
        script = Run(["bisect", "pipe/last-close[1]", *arguments], record=False)
        self.assert_status(0, script)
        tools = self.directory / "tools"
        tools.mkdir(exist_ok=True)
        self.executable(tools / "make", "exit 0" if makes else "echo broken; exit 2")
        self.executable(self.directory / "ipcvet", f'echo "$@" >called; printf \'{console}\'; exit {status}')
        path = self.directory / "bisect.sh"
        path.write_text(script.text, encoding="utf-8")
        done = subprocess.run(["sh", path], cwd=self.directory, capture_output=True, timeout=support.LIMIT,
                              env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}",
                                   "IPCVET": str(self.directory / "ipcvet"), **(env or {})})
        return done.returncode

    def executable(self, path, body):
        path.write_text("#!/bin/sh\n" + body + "\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def test_statuses_for_git(self):
        fail, timeout = "fail        pipe/x: y", "timeout     pipe/x: y"
        self.assertEqual(self.bisect("", 0), 0)
        self.assertEqual(self.bisect(fail, 1), 1)
        self.assertEqual(self.bisect(fail, 1, arguments=["--good", "fail"]), 0)
        self.assertEqual(self.bisect("", 0, arguments=["--good", "fail"]), 1)
        self.assertEqual(self.bisect("unresolved  pipe/x: y", 1), 125)
        self.assertEqual(self.bisect(timeout, 1), 125)
        self.assertEqual(self.bisect(timeout, 1, env={"TIMEOUT_IS_BAD": "1"}), 1)
        self.assertEqual(self.bisect("nothing ran", 4), 125)
        self.assertEqual(self.bisect(fail + ", then a panic", 3), 125)
        self.assertEqual(self.bisect("", 0, makes=False), 125)

    def test_where_the_case_runs(self):
        called = self.directory / "called"
        self.bisect("", 0, arguments=["--repeat", "7"])
        self.assertIn(f"run --on uml:{self.directory}/linux ", called.read_text())
        self.assertIn("--repeat 7 --filter pipe/last-close[1]", called.read_text())
        self.bisect("", 0, arguments=["--boot", "qemu"])
        self.assertIn(f"run --on vm:{self.directory}/arch/", called.read_text())

    def test_an_unknown_case(self):
        done = Run(["bisect", "pipe/last-clos"], record=False)
        self.assert_status(2, done)
        self.assertIn("pipe/last-close", done.text)


support.main()
