"""The record and the JUnit file, read by parsers that are not ours."""

import html.parser
import json

try:
    import jsonschema
except ImportError:  # ci/install test has it
    jsonschema = None

import support
from support import BLOCKS, FAILS, PASSES, run

VERDICTS = {"pass", "fail", "skip", "unresolved", "undecided", "timeout", "error"}


class Reports(support.Test):
    def setUp(self):
        super().setUp()
        self.paths = {kind: self.directory / f"report.{kind}" for kind in ("json", "xml", "html")}
        hard = FAILS.replace("pipe/fails", "pipe/hard").replace("xyz", r"<&\x00\xff]]>\"").replace("A case", "<&> ü")
        self.files = [self.write_case(text) for text in (PASSES, BLOCKS, FAILS, hard)]
        self.done = run("--json", self.paths["json"], "--junit", self.paths["xml"], "--html", self.paths["html"],
                        *self.files, record=False)

    def test_record(self):
        self.assert_status(1, self.done)
        record = json.loads(self.paths["json"].read_text(encoding="utf-8"))
        self.assertIn("schema", record)
        self.assertIsInstance(record["system"], dict)
        self.assertEqual(len(record["cases"]), 4)
        for case in record["cases"]:
            self.assertLessEqual({"id", "row", "mechanism", "verdict", "requirements", "history"}, case.keys())
            self.assertIn(case["verdict"], VERDICTS)
            self.assertEqual(case["mechanism"], "pipe")
            self.assertIsNone(case["row"])
            self.assertTrue(case["requirements"])
            self.assertTrue(case["history"])

    @support.unittest.skipUnless(jsonschema, "python3-jsonschema is not installed")
    def test_record_validates(self):
        schema = json.loads((support.SOURCE / "reports/schema/record-1.json").read_text(encoding="utf-8"))
        validator = jsonschema.Draft202012Validator(schema)
        validator.check_schema(schema)
        record = json.loads(self.paths["json"].read_text(encoding="utf-8"))
        validator.validate(record)
        stress = run("--filter", "pipe/stress-atomic").record
        validator.validate(stress)
        self.assertTrue(any("runs" in log for case in stress["cases"] for log in case["stress"]))
        for break_it in (lambda r: r["system"].pop("release"), lambda r: r["cases"][0].update(verdict="passed"),
                         lambda r: r["cases"][0].update(row="1"), lambda r: r["summary"].pop("undecided"),
                         lambda r: r["system"]["constants"].update(EPERM="one")):
            broken = json.loads(json.dumps(record))
            break_it(broken)
            self.assertFalse(validator.is_valid(broken))

    def test_record_tells_the_system(self):
        system = json.loads(self.paths["json"].read_text(encoding="utf-8"))["system"]
        self.assertRegex(system["libc"], r"^(glibc \d+\.\d+|musl|neither glibc nor musl)$")
        self.assertIn(system["abi"], ("lp64", "ilp32"))
        self.assertEqual(system["constants"]["PIPE_BUF"], 4096)
        self.assertIn("RLIMIT_NOFILE", system["limits"])

    def test_judged_again_elsewhere(self):
        text = self.paths["json"].read_text(encoding="utf-8")
        again = self.directory / "again.json"
        done = support.Run(["judge", self.paths["json"], "--json", again], record=False)
        self.assert_status(1, done)
        self.assertIn("4 judged again by profile linux with the constants of the recorded system: 0 changed", done.text)
        self.assertEqual(again.read_text(encoding="utf-8"), text)
        # A history that says something else, and constants of another system: other verdicts.
        other = json.loads(text)
        for case in other["cases"]:
            if case["id"] == "pipe/fails":
                case["history"][-1]["args"][1] = "xyz"
        changed = self.directory / "changed.json"
        changed.write_text(json.dumps(other), encoding="utf-8")
        done = support.Run(["judge", changed, "--junit", self.directory / "again.xml"], record=False)
        self.assertIn("changed     pipe/fails: fail at line 3 (", done.text)
        self.assertEqual(len(list(support.parse_xml(self.directory / "again.xml").iter("failure"))), 1)

    def test_junit(self):
        root = support.parse_xml(self.paths["xml"])
        cases = list(root.iter("testcase"))
        self.assertEqual(len(cases), 4)
        failed = [case for case in cases if case.find("failure") is not None]
        self.assertEqual(len(failed), 2)
        self.assertEqual(sum(int(suite.get("tests")) for suite in root.iter("testsuite")), 4)
        self.assertEqual(sum(int(suite.get("failures")) for suite in root.iter("testsuite")), 2)
        self.assertIn("xyz", "".join(failed[0].itertext()) + str(failed[0].find("failure").attrib))

    def test_html_is_self_contained(self):
        references = []

        class Reader(html.parser.HTMLParser):
            def handle_starttag(self, tag, attrs):
                references.extend(value for name, value in attrs if name in ("src", "href") and value)

        text = self.paths["html"].read_text(encoding="utf-8")
        Reader().feed(text)
        self.assertIn("pipe/fails", text)
        self.assertEqual([r for r in references if not r.startswith(("#", "data:"))], [])

    def test_blocking_proof_and_sandbox_are_told(self):
        record = json.loads(self.paths["json"].read_text(encoding="utf-8"))
        blocks = json.dumps(next(c for c in record["cases"] if c["id"] == "pipe/blocks"))
        self.assertIn("blocked", blocks)
        self.assertIn("proof", blocks)
        self.assertIn("sandbox", blocks)

    def test_output_is_quiet_lines_off_a_terminal(self):
        self.assertNotIn("\r", self.done.text)
        self.assertNotIn("\x1b[", self.done.text)


support.main()
