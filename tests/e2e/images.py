"""The same cases with actors built for other ABIs and libcs, and two of them on one message queue."""

import os

import support
from support import BLOCKS, PASSES, run

MIXED = """\
case  sysv-msg/mixed
brief "A 32-bit and a 64-bit process share a queue"
spec  posix/msgrcv/oldest-first  shall
needs actor-i386

P  msgget(IPC_PRIVATE, IPC_CREAT|0600) = q
P  fork() = W
W  exec(actor_i386) = 0
W  msgrcv(q, _, 64, 7, 0) ...
P  msgsnd(q, {mtype: 7, mtext: "from 64"}, 7, 0) = 0
W  ... msgrcv(q, {mtype: 7, mtext: "from 64"}, 64, 7, 0) = 7
P  msgrcv(q, _, 64, 8, 0) ...
W  msgsnd(q, {mtype: 8, mtext: "from 32"}, 7, 0) = 0
P  ... msgrcv(q, {mtype: 8, mtext: "from 32"}, 64, 8, 0) = 7
P  msgctl(q, IPC_RMID, NULL) = 0
"""


# What the library of an image does differently from the kernel it passes calls to; docs/deviations.md says why.
EXPLAINED = {
    "I386": {},
    "MUSL": {
        "pipe/duplicate-bad-flags[1]": "fail",
        "pipe/duplicate-bad-flags[2]": "fail",
        "fifo/descriptor-number-of-a-waiting-open": "timeout",
        "signal/wait-is-never-restarted[1]": "timeout",
        "signal/wait-is-never-restarted[2]": "timeout",
    },
}
# In later versions of the library.
MENDED = {"pipe/duplicate-bad-flags[1]", "pipe/duplicate-bad-flags[2]"}


class Images(support.Test):
    def whole_suite(self, name):
        actor = os.environ.get(f"IPCVET_ACTOR_{name}")
        if not actor:
            self.skipTest(f"this build has no {name} actor")
        done = run("--actor", actor)
        self.assert_status(1 if set(EXPLAINED[name]) - MENDED else 0, done)
        ordinary = run().verdicts
        others = {case: (ordinary[case], verdict) for case, verdict in done.verdicts.items()
                  if verdict != ordinary[case] and "skip" not in (verdict, ordinary[case])}
        expected = {case: ("pass", verdict) for case, verdict in EXPLAINED[name].items()
                    if case in others or case not in MENDED}
        self.assertEqual(others, expected, done.text)

    def test_32_bit(self):
        self.whole_suite("I386")

    def test_musl(self):
        self.whole_suite("MUSL")

    def test_both_on_one_queue(self):
        done = run(self.write_case(MIXED))
        if done.status == 4:
            self.skipTest("this build has no 32-bit actor")
        self.assert_status(0, done)

    def test_an_actor_by_its_path(self):
        done = run("--actor", os.environ["IPCVET_ACTOR"], self.write_case(PASSES), self.write_case(BLOCKS))
        self.assert_status(0, done)


support.main()
