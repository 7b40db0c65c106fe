"""Which cases run, how often and in which order: --filter, --shard, --repeat, --shuffle, --fail-fast, --cases, --jobs."""

import support
from support import FAILS, PASSES, run

TABLE = """\
case  pipe/table
brief "A case with rows"
spec  posix/pipe/bytes-in-order  shall

where  n
       1
       2
       3
       4
       5

P  pipe([r, w]) = 0
P  write(w, "a"*n, n) = n
P  read(r, "a"*n, 16) = n
"""


class Selection(support.Test):
    def names(self, *arguments, **options):
        done = run(*arguments, **options)
        self.assertIn(done.status, (0, 1), done.text)
        return [support.instance(case) for case in done.record["cases"]]

    def setUp(self):
        super().setUp()
        self.cases = []
        for mechanism in ("pipe", "fifo"):
            self.cases.append(self.write_case(PASSES.replace("pipe/passes", f"{mechanism}/one")))
            self.cases.append(self.write_case(PASSES.replace("pipe/passes", f"{mechanism}/two")))
        self.cases.append(self.write_case(TABLE))
        self.all = ["--cases", self.directory / "cases"]

    def test_a_directory_of_cases(self):
        expected = {"pipe/one", "pipe/two", "fifo/one", "fifo/two"} | {f"pipe/table[{i}]" for i in range(1, 6)}
        self.assertEqual(set(self.names(*self.all)), expected)

    def test_filters_add_up(self):
        self.assertEqual(set(self.names(*self.all, "--filter", "fifo/*")), {"fifo/one", "fifo/two"})
        self.assertEqual(set(self.names(*self.all, "--filter", "fifo/one", "--filter", "pipe/two")),
                         {"fifo/one", "pipe/two"})

    def test_shards_are_the_whole(self):
        whole = self.names(*self.all)
        for total in (2, 3):
            parts = [self.names(*self.all, "--shard", f"{i}/{total}") for i in range(1, total + 1)]
            self.assertEqual(sorted(sum(parts, [])), sorted(whole))
            self.assertTrue(all(parts))

    def test_shards_from_the_environment(self):
        whole = sorted(self.names(*self.all))
        for prefix in ("TEST", "GTEST"):
            parts = [self.names(*self.all, env={f"{prefix}_TOTAL_SHARDS": "2", f"{prefix}_SHARD_INDEX": str(i)})
                     for i in range(2)]
            self.assertEqual(sorted(sum(parts, [])), whole)
            self.assertTrue(all(parts))

    def test_repeat(self):
        names = self.names(*self.all, "--filter", "*/one", "--repeat", "3")
        self.assertEqual(sorted(names), ["fifo/one"] * 3 + ["pipe/one"] * 3)

    def test_shuffle_keeps_the_set_and_the_verdicts(self):
        plain = run(*self.all).verdicts
        for seed in ("1", "2"):
            self.assertEqual(run(*self.all, "--shuffle", seed).verdicts, plain)

    def test_jobs_change_nothing(self):
        self.assertEqual(run(*self.all, "--jobs", "1").verdicts, run(*self.all, "--jobs", "4").verdicts)

    def test_fail_fast(self):
        for i in range(40):
            self.write_case(FAILS.replace("pipe/fails", f"pipe/fails-{i:02}"))
        done = run(*self.all, "--filter", "pipe/fails-*", "--fail-fast", "--jobs", "1")
        self.assert_status(1, done)
        self.assertEqual(list(done.verdicts.values()).count("fail"), 1, done.verdicts)

    def test_cases_are_in_the_program(self):
        done = run("--filter", "pipe/last-close*", cwd="/")
        self.assert_status(0, done)
        self.assertEqual(set(done.verdicts.values()), {"pass"})

    def test_a_case_that_hangs_times_out_and_is_no_pass(self):
        hangs = self.write_case(PASSES.replace("pipe/passes", "pipe/hangs").replace(
            'W  write(w, "bye", 3) = 3\nP  read(r, "bye", 16) = 3', 'P  read(r, _, 16) = 0'))
        done = run("--timeout", "1", hangs)
        self.assert_status(1, done)
        self.assertIn(done.verdicts["pipe/hangs"], ("timeout", "fail"))


support.main()
