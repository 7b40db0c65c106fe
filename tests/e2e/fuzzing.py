"""`ipcvet fuzz`: ends within its time, is the same for the same seed, leaves nothing, and finds what a faulty actor does."""

import os
import time

import support
from support import Run


FAULTS = {"pipe": "read_gives_at_most_a_page"}  # by the mechanism whose programs find it


def fuzz(*arguments, **options):
    return Run(["fuzz", *arguments], record=False, **options)


class Fuzzing(support.Test):
    def test_a_short_run_of_each_mechanism_finds_nothing_and_leaves_nothing(self):
        before = support.objects()
        for mechanism in ("pipe", "fifo", "sysv-msg", "sysv-shm", "posix-shm", "process", "all"):
            with self.subTest(mechanism):
                done = fuzz(mechanism, "--runs", "60", "--seed", "5", "--output", self.directory)
                self.assertEqual(0, done.status, done.text)
                self.assertIn(" executions", done.text)
        self.assertEqual([], list(self.directory.iterdir()))
        support.reap_all()
        self.assertEqual(before, support.objects())

    def test_the_same_seed_makes_the_same_programs(self):
        counts = {fuzz("pipe", "--runs", "40", "--seed", "11", "--output", self.directory).text.split(" skipped")[0].split("calls")[0].split()[0]
                  for _ in range(2)}
        self.assertEqual(1, len(counts))

    def test_it_ends_within_its_time(self):
        started = time.monotonic()
        fuzz("pipe", "--time", "2", "--output", self.directory)
        self.assertLess(time.monotonic() - started, 60)

    def faulty_actor(self):
        actor = os.environ.get("IPCVET_ACTOR_FAULTS")  # where support.isolate() has put it
        if not actor:
            self.skipTest("no faulty actor was built")
        return actor

    def test_what_a_faulty_system_does_is_found_and_shown_again(self):
        actor = self.faulty_actor()
        for mechanism, fault in FAULTS.items():
            with self.subTest(fault):
                faulty = {"IPCVET_FAULT": fault}
                done = fuzz(mechanism, "--runs", "400", "--seed", "3", "--actor", actor, "--output", self.directory,
                            env=faulty)
                self.assertEqual(1, done.status, done.text)
                for case in self.directory.glob("*.ipc"):
                    self.assertEqual(1, support.run("--actor", actor, case, env=faulty).status, case.read_text())
                    self.assertEqual(0, support.run(case).status, case.read_text())
                    case.unlink()

    def test_the_first_deviation_can_be_the_end(self):
        actor = self.faulty_actor()
        done = fuzz("pipe", "--runs", "400", "--seed", "3", "--fail-fast", "--actor", actor, "--output", self.directory,
                    env={"IPCVET_FAULT": FAULTS["pipe"]})
        self.assertEqual(1, done.status, done.text)
        self.assertEqual(1, len(list(self.directory.glob("*.ipc"))), done.text)
        self.assertRegex(done.text, r"again in [01] of 1 runs, first with seed 3 at execution \d+\n")
        self.assertIn("deviations 1 ", done.text)

    def test_usage(self):
        self.assertEqual(2, fuzz("nothing").status)
        self.assertEqual(2, fuzz("pipe", "--mode", "wrong").status)
        self.assertEqual(2, fuzz("pipe", "--output", "/nowhere/at/all").status)


if support.isolate():
    support.adopt_orphans()
support.main()
