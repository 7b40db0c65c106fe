"""The record and the JUnit file, read by parsers that are not ours."""

import html.parser
import json

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
