"""SIGINT ends a run with a partial, valid report; SIGKILL at any moment leaves nothing behind.

The moments are spread over a whole run: the run is killed after a random number of bytes of its progress or of
its children's births, whichever the test can see, with nothing but the kernel's scheduling between.
"""

import json
import os
import pathlib
import random
import select
import signal
import subprocess
import time

import support

ROUNDS = int(os.environ.get("IPCVET_KILL_ROUNDS", "200"))

# Holds something of every kind while it runs, and blocks.
HOLDER = """\
case  pipe/holder
brief "Holds an object of every kind"
spec  posix/pipe/bytes-in-order  shall

where  n
{rows}

P  msgget(0x1234, IPC_CREAT|0600) = q
P  msgsnd(q, {{mtype: 1, mtext: "left"}}, 4, 0) = 0
P  shmget(0x1235, 4096, IPC_CREAT|0600) = s
P  shmat(s, NULL, 0) = m
P  shm_open("/left", O_RDWR|O_CREAT, 0600) = fd
P  mkfifo("left", 0600) = 0
P  pipe([r, w]) = 0
P  fork() = W
P  fork() = X
X  fork() = Y
P  thread() = T
W  read(r, _, n) ...
Y  read(r, _, n) ...
T  write(w, "ab", 2) = 2
"""


class Killed(support.Test):
    def setUp(self):
        super().setUp()
        rows = "\n".join(f"       {n}" for n in range(1, 401))
        # The reads that were let go are not claimed: each row ends as a deviation, with everything still held.
        self.holder = self.write_case(HOLDER.format(rows=rows))
        self.record = self.directory / "record.json"

    def start(self, *arguments):
        return subprocess.Popen(
            [support.PROGRAM, "run", "--json", str(self.record), *map(str, arguments), str(self.holder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def test_interrupt_gives_a_partial_report(self):
        before = support.objects()
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                self.record.unlink(missing_ok=True)
                process = self.start("--repeat", "50")
                process.stdout.read1(1)  # it has begun to say something
                process.send_signal(number)
                process.communicate(timeout=support.LIMIT)
                record = json.loads(self.record.read_text(encoding="utf-8"))
                self.assertLess(len([c for c in record["cases"] if c["verdict"] == "fail"]), 400 * 50)
                self.assertIn(process.returncode, (1, 3, 4, 130, 143, -number))
                support.reap_all()
                self.assertEqual(support.objects(), before + [f for f in support.objects() if "e2e-" in f and f not in before])

    def test_kill_leaves_nothing(self):
        begin = time.monotonic()
        self.start().communicate(timeout=support.LIMIT)
        whole = time.monotonic() - begin
        support.reap_all()
        self.record.unlink(missing_ok=True)
        before = support.objects()
        seed = random.randrange(1 << 32)
        print(f"seed {seed}, {ROUNDS} rounds, a whole run takes {whole:.2f} s")
        chance = random.Random(seed)
        for round_number in range(ROUNDS):
            process = self.start()
            # A moment of the run: its output is watched until then, and the wait ends early if the run does.
            end = time.monotonic() + chance.random() * min(whole, 1.5)
            while (left := end - time.monotonic()) > 0:
                ready, _, _ = select.select([process.stdout], [], [], left)
                if ready and not os.read(process.stdout.fileno(), 65536):
                    break
            process.kill()
            process.stdout.close()
            process.wait()
            support.reap_all()
            for written in pathlib.Path(self.directory).glob("record.json*"):
                written.unlink()
            self.assertEqual(support.objects(), before, f"left behind in round {round_number}, seed {seed}")


support.adopt_orphans()
if not support.isolate():
    print("other programs' objects may be taken for leftovers here")
support.main()
