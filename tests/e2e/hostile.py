"""Cases that misbehave harm neither the runner nor any other case, and leave nothing behind."""

import support
from support import BLOCKS, PASSES, run

HEAD = """\
case  pipe/{name}
brief "A case that misbehaves"
spec  posix/pipe/bytes-in-order  shall

"""
HOSTILE = {
    "kills-itself": "P  kill(P, SIGKILL) = ?\nP  +++ killed by SIGKILL\n",
    "kills-its-siblings": "P  fork() = W\nP  fork() = X\nW  kill(X, SIGKILL) = 0\nX  +++ killed by SIGKILL\n"
                          "W  kill(P, SIGKILL) = 0\nP  +++ killed by SIGKILL\n",
    "dies-of-a-fault": "P  raise(SIGSEGV) = ?\nP  +++ killed by SIGSEGV\n",
    "stops-its-group": "P  kill(0, SIGSTOP) ...\n",
    "stops-itself": "P  fork() = W\nW  kill(W, SIGSTOP) ...\n",
    "exits-at-once": "P  exit(7) = ?\nP  +++ exited 7\n",
    "leaves-orphans": "P  fork() = W\nW  fork() = X\nX  fork() = Y\nW  exit(0) = ?\nW  +++ exited 0\n",
    "leaves-a-new-session": "P  fork() = W\nW  setsid() = W\nW  fork() = X\nW  exit(0) = ?\nW  +++ exited 0\n",
    "fills-a-queue": "P  msgget(0x77, IPC_CREAT|0600) = q\nP  msgsnd(q, {mtype: 1, mtext: \"a\"*8192}, 8192, 0) = 0\n"
                     "P  msgsnd(q, {mtype: 1, mtext: \"a\"*8192}, 8192, IPC_NOWAIT) = 0\n"
                     "P  msgsnd(q, {mtype: 1, mtext: \"a\"*8192}, 8192, 0) ...\n",
    "holds-much-memory": "P  shmget(IPC_PRIVATE, 67108864, 0600) = s\nP  shmat(s, NULL, 0) = m\nP  m[0] := \"a\"*65536\n",
    "ignores-signals": "P  sigaction(SIGTERM, {sa_handler: SIG_IGN}, NULL) = 0\n"
                       "P  sigaction(SIGINT, {sa_handler: SIG_IGN}, NULL) = 0\nP  pause() ...\n",
    "forks-wildly": "".join(f"P  fork() = A{i}\nA{i}  fork() = B{i}\n" for i in range(20)),
    "asks-for-more-actors-than-there-are": "".join(f"P  fork() = A{i}\n" for i in range(60)),
    "hangs": "P  pipe([r, w]) = 0\nP  read(r, _, 1) = 1\n",
}
NEEDS_OWN_PROCESSES = {
    "kills-everybody": "P  fork() = W\nW  kill(-1, SIGKILL) = 0\nP  +++ killed by SIGKILL\n",
    "kills-init": "P  kill(1, SIGKILL) = 0\n",
    "kills-its-parent": "P  getppid() = parent\nP  kill(parent, SIGKILL) = 0\n",
}


class Hostile(support.Test):
    def neighbours(self):
        files = []
        for i in range(20):
            files.append(self.write_case(PASSES.replace("pipe/passes", f"pipe/passes-{i}")))
            files.append(self.write_case(BLOCKS.replace("pipe/blocks", f"pipe/blocks-{i}")))
        return files

    def check(self, cases, needs=""):
        before = support.objects()
        neighbours = self.neighbours()
        for name, body in cases.items():
            head = HEAD.format(name=name)
            if needs:
                head = head.rstrip("\n") + f"\nneeds {needs}\n\n"
            with self.subTest(name):
                hostile = self.write_case(head + body)
                done = run("--timeout", "2", "--jobs", "2", *neighbours[:20], hostile, *neighbours[20:])
                allowed = (2, 3) if name == "asks-for-more-actors-than-there-are" else (0, 1)
                self.assertIn(done.status, allowed, done.text)
                if done.status == 2:
                    continue
                for other, verdict in done.verdicts.items():
                    if other != f"pipe/{name}":
                        self.assertEqual(verdict, "pass", f"{other} beside {name}:\n{done.text}")
                support.reap_all()
                left = [thing for thing in support.objects() if thing not in before and "/e2e-" not in thing]
                self.assertEqual(left, [], f"left behind by {name}")

    def test_hostile_cases(self):
        self.check(HOSTILE)

    def test_hostile_cases_in_a_pid_namespace(self):
        self.check(NEEDS_OWN_PROCESSES, "private-pid")


support.adopt_orphans()
support.isolate()
support.main()
