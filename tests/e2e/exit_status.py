"""The exit status tells scripts what happened: 0 as expected, 1 deviations, 2 usage or bad input, 3 harness error,
4 nothing ran."""

import support
from support import BLOCKS, FAILS, PASSES, WRONG, run


class ExitStatus(support.Test):
    def test_as_expected(self):
        done = run(self.write_case(PASSES), self.write_case(BLOCKS))
        self.assert_status(0, done)
        self.assertEqual(done.verdicts, {"pipe/passes": "pass", "pipe/blocks": "pass"})

    def test_a_deviation(self):
        done = run(self.write_case(PASSES), self.write_case(FAILS))
        self.assert_status(1, done)
        self.assertEqual(done.verdicts, {"pipe/passes": "pass", "pipe/fails": "fail"})
        self.assertIn("xyz", done.text)
        self.assertIn("abc", done.text)
        self.assertIn("pipe/fails: the case alone objects, the model allows it", done.text)

    def test_the_model_is_silent_where_all_is_well(self):
        done = run(self.write_case(FAILS.replace("\"xyz\", 16) = 3", "_, 16) = 3")))
        self.assert_status(0, done)
        self.assertNotIn("\nmodel ", done.text)

    def test_a_case_that_cannot_be_read(self):
        done = run(self.write_case(WRONG), record=False)
        self.assert_status(2, done)
        self.assertRegex(done.text, r"wrong\.ipc:5:\d+: ")

    def test_a_file_that_is_not_there(self):
        self.assert_status(2, run(self.directory / "nothing.ipc", record=False))

    def test_wrong_usage(self):
        for arguments in (
            ["--no-such-option"],
            ["--jobs", "many"],
            ["--shard", "3/2"],
            ["--shard", "0/2"],
            ["--shard", "x"],
            ["--repeat", "0"],
            ["--timeout", "-1"],
            ["--profile", "bsd"],
            ["--cases", "/nonexistent"],
        ):
            with self.subTest(arguments):
                self.assert_status(2, run(*arguments, record=False))
        self.assert_status(2, support.Run(["no-such-command"], record=False))

    def test_nothing_ran(self):
        self.assert_status(4, run("--filter", "no-such-mechanism/*"))

    def test_everything_skipped_is_nothing_ran(self):
        skipped = PASSES.replace("\n\n", "\nneeds no-such-capability\n\n", 1).replace("pipe/passes", "pipe/skipped")
        done = run(self.write_case(skipped))
        if done.status == 2:
            self.skipTest("unknown capabilities are refused")
        self.assert_status(4, done)

    def test_an_actor_that_is_none(self):
        self.assert_status(3, run("--actor", "/bin/false", self.write_case(PASSES), record=False))

    def test_a_report_that_cannot_be_written(self):
        done = run("--json", "/nonexistent/record.json", self.write_case(PASSES), record=False)
        self.assertIn(done.status, (2, 3), done.text)

    def test_help_and_version(self):
        self.assert_status(0, support.Run(["--help"], record=False))
        self.assert_status(0, support.Run(["--version"], record=False))


support.main()
