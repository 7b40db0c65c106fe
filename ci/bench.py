"""Measures ipcvet against its floor; the working part of ci/bench.

usage: bench.py BUILD-DIRECTORY STATIC-PROGRAM

The floor of the suite is what its parts cost bare, in this run and on this machine: a process in the same namespaces
for every instance, a fork for every actor, a futex round trip for every call.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

MIB = 1024 * 1024


def ask(*command, pinned=False):
    def pin():
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    done = subprocess.run(list(command), stdout=subprocess.PIPE, check=True, preexec_fn=pin if pinned else None)
    return json.loads(done.stdout)


def spread(name, figures):
    parts = "  ".join(f"{key} {figures[key] / 1000:.1f}" for key in ("p50", "p90", "p99", "max", "mean"))
    print(f"  {name:34} {parts}  us  ({figures['rounds']} rounds)")


def verdict(ratio, aim, unit="x"):
    return f"{ratio:.2f}{unit} (aim: at most {aim}{unit}) {'met' if ratio <= aim else 'MISSED'}"


def tree_of(pid):
    """The process and its descendants, by /proc."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                stat = pathlib.Path("/proc", name, "stat").read_text()
                parents[int(name)] = int(stat.rsplit(")", 1)[1].split()[1])
            except OSError:
                pass
    tree = {pid}
    grown = True
    while grown:
        children = {p for p, parent in parents.items() if parent in tree} - tree
        tree |= children
        grown = bool(children)
    return tree


def memory_of(pid):
    """Proportional resident bytes: pages shared within the tree are counted once."""
    total = 0
    try:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total = int(line.split()[1]) * 1024
    except OSError:
        pass
    return total


class Peak(threading.Thread):
    """Watches the memory of a process and its descendants until it has ended."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.ended = pid, 0, threading.Event()

    def run(self):
        while not self.ended.wait(0.05):
            self.peak = max(self.peak, sum(memory_of(p) for p in tree_of(self.pid)))


def busy_seconds():
    """CPU seconds the machine was busy since its start, what ran at low priority left out."""
    user, _, system, _, _, irq, softirq, *_ = map(int, pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:])
    return (user + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def busy_otherwise(cores, seconds=1.0):
    """The share of the machine that others use while this program waits."""
    before = busy_seconds()
    threading.Event().wait(seconds)  # the window that is measured
    return (busy_seconds() - before) / seconds / cores


def run_suite(program, jobs, *arguments, watch=False):
    """A whole run: its record, wall seconds, CPU seconds of its processes and of the whole machine, peak memory of one
    process and of the tree. What the kernel does on its behalf, such as taking namespaces down, only the machine shows."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        record = os.path.join(directory, "record.json")
        busy, start = busy_seconds(), time.monotonic()
        process = subprocess.Popen([program, "run", "--json", record, "--jobs", str(jobs), *arguments],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        peak = Peak(process.pid)
        if watch:
            peak.start()
        _, _, used = os.wait4(process.pid, 0)
        peak.ended.set()
        wall, busy = time.monotonic() - start, busy_seconds() - busy
        cpu = used.ru_utime + used.ru_stime
        if watch:
            peak.join()
        with open(record, encoding="utf-8") as file:
            return json.load(file), wall, cpu, busy, used.ru_maxrss * 1024, peak.peak


FORKING = {"fork", "thread", "spawn"}


def count(record):
    """Instances that ran, calls, and forks of a record."""
    ran = calls = forks = checks = 0
    for case in record["cases"]:
        if case["verdict"] == "skip":
            continue
        ran += 1
        for event in case["history"]:
            checks += 1
            if event.get("kind") == "call":
                calls += 1
                forks += event.get("name") in FORKING
    return ran, calls, forks, checks


def show_linearisations(rows):
    """Histories a second against length and actors, and how the time of one grows with its length."""
    print("== linearisation: histories a second of CPU time, made by small specifications, half of them mutated")
    lengths = sorted({row["events"] for row in rows})
    print(f"  {'':24}" + "".join(f"{length:>10}" for length in lengths) + "  events")
    undecided = total = 0
    for kind, actors in dict.fromkeys((row["kind"], row["actors"]) for row in rows):
        line = {row["events"]: row for row in rows if (row["kind"], row["actors"]) == (kind, actors)}
        rates = {n: row["histories"] / row["nanoseconds"] * 1e9 for n, row in line.items() if row["nanoseconds"]}
        cells = "".join(f"{rates[n]:10.0f}" if n in rates else f"{'-':>10}" for n in lengths)
        known = [n for n in lengths if rates.get(n)]
        growth = ", ".join(f"x{rates[a] / rates[b]:.1f}" for a, b in zip(known, known[1:]))
        given_up = sum(row["undecided"] for row in line.values())
        print(f"  {kind + f', {actors} actors':24}{cells}  time of one grows {growth}; undecided {given_up}")
        undecided, total = undecided + given_up, total + sum(row["histories"] for row in line.values())
    print(f"  undecided within 20000 nodes: {undecided} of {total} ({100 * undecided / max(total, 1):.2f} %)")


def show_fuzzing(rows):
    """Calls a second of fuzzing inside a process, as a share of the same calls replayed bare; and what takes the rest."""
    print("== fuzzing inside a process: calls a second of CPU time, beside the same programs' calls replayed bare")
    print("  programs of 8 to 64 calls; model, mutation and the hand-over to the process that makes the calls included")
    print(f"  {'':12}{'fuzzed':>9}{'bare':>9}  {'share':>7}  {'rounds':>11}   a call: calls + model + engine + hand-over")
    for row in rows:
        parts = [row["bare_ns"], row["judged_ns"] - row["bare_ns"], row["engine_ns"],
                 row["fuzzed_ns"] - row["judged_ns"] - row["engine_ns"]]
        spent = " + ".join(f"{part / 1000:.1f}" for part in parts)
        result = "met" if row["share"] >= 0.5 else "MISSED" if row["share"] >= 0.25 else "MISSED, and not good enough"
        print(f"  {row['mechanism']:12}{1e9 / row['fuzzed_ns']:9.0f}{1e9 / row['bare_ns']:9.0f}  "
              f"{100 * row['share']:5.1f} %  {100 * row['least']:4.1f}..{100 * row['most']:4.1f}   {spent} us; {result}")
    answered = sum(row["calls"] for row in rows)
    print(f"  aim: 50 %; below 25 % is not good enough. {sum(row['programs'] for row in rows)} programs, {answered} calls, "
          f"{sum(row['otherwise'] for row in rows)} of which answered otherwise when replayed")


def show_modes(program, seconds=3):
    """What `ipcvet fuzz` does in a second, in its three modes."""
    print(f"== ipcvet fuzz, {seconds} s each: executions a second (calls a second)")
    print(f"  {'':12}" + "".join(f"{mode:>20}" for mode in ("sequential", "actors", "concurrent")) + "  undecided")
    for mechanism in ("pipe", "fifo", "sysv-msg", "sysv-shm", "posix-shm", "process", "all"):
        cells, undecided = "", ""
        for mode in ("sequential", "actors", "concurrent"):
            with tempfile.TemporaryDirectory(prefix="bench-") as directory:
                done = subprocess.run([program, "fuzz", mechanism, "--mode", mode, "--seed", "1", "--quiet",
                                       "--time", str(seconds), "--output", directory], stdout=subprocess.PIPE, text=True)
            found = re.search(r"(\d+) executions, (\d+)/s, (\d+) calls/s", done.stdout)
            cells += f"{f'{found[2]} ({found[3]})' if found else 'none':>20}"
            histories = re.search(r"histories (\d+), undecided (\d+)", done.stdout)
            if histories:
                undecided = f"{histories[2]} of {histories[1]} histories"
        print(f"  {mechanism:12}{cells}  {undecided}")
    print("  concurrent: histories a second, recorded and judged")


def main():
    build, static = pathlib.Path(sys.argv[1]), sys.argv[2]
    program = str(build / "harness/cli/ipcvet")
    cores = len(os.sched_getaffinity(0))
    jobs = 2 * cores  # as ipcvet chooses by itself

    ours, ours_pinned = ask(build / "tests/steps"), ask(build / "tests/steps", pinned=True)
    namespaces = ",".join(word for word in ours["sandbox_has"].split() if not word.startswith("/"))
    free, pinned = ask(build / "tests/floor", namespaces), ask(build / "tests/floor", namespaces, pinned=True)

    print(f"== one step, request to answer ({cores} CPUs)")
    for where, bare, mine in (("any CPU", free, ours), ("one CPU", pinned, ours_pinned)):
        spread(f"bare futex round trip, {where}", bare["futex_round_trip"])
        spread(f"hand-over to an actor, {where}", mine["hand_over"])
        spread(f"whole step, judged, {where}", mine["whole_step"])
        ratio = mine["hand_over"]["p50"] / bare["futex_round_trip"]["p50"]
        print(f"  hand-over / bare, {where}: {verdict(ratio, 2)}")
        print(f"  whole step / bare, {where}: {mine['whole_step']['p50'] / bare['futex_round_trip']['p50']:.2f}x")

    print("== proof of blocking, from handing over the call")
    for where, mine in (("any CPU", ours), ("one CPU", ours_pinned)):
        spread(where, mine["proof_of_blocking"])
    print(f"  median: {verdict(ours['proof_of_blocking']['p50'] / 1000, 100, ' us')}")

    print("== a sandbox, from its making to its end")
    spread(f"bare: {namespaces}", free["namespaces"])
    spread(f"ipcvet: {ours['sandbox_has']}", ours["sandbox"])

    print("== the whole suite")
    record, wall, _, _, largest, tree = run_suite(program, jobs, watch=True)
    ran, calls, forks, checks = count(record)
    print(f"  {ran} instances in {wall:.2f} s")
    print(f"  peak memory: largest process {largest / MIB:.0f} MiB, tree (proportional) {tree / MIB:.0f} MiB: "
          f"{verdict(max(largest, tree) / MIB, 100, ' MiB')}")

    print(f"== the whole suite without stress, {jobs} jobs")
    stress = {case["id"] for case in record["cases"] if "stress" in case}
    filters = [f"--filter={name}" for name in sorted({case["id"] for case in record["cases"]} - stress)]
    others = busy_otherwise(cores)
    record, wall, cpu, busy, _, _ = run_suite(program, jobs, *filters)
    ran, calls, forks, checks = count(record)
    hand_off = min(free["futex_round_trip"]["p50"], pinned["futex_round_trip"]["p50"])
    parts = {
        "namespaces": ran * free["namespaces"]["p50"],
        "forks": forks * free["fork_and_wait"]["p50"],
        "hand-offs": calls * hand_off,
    }
    floor = sum(parts.values()) / 1e9 / cores
    print(f"  {ran} instances, {calls} calls, {forks} forks in {wall:.2f} s")
    print("  floor:", ", ".join(f"{name} {value / 1e6 / cores:.0f} ms" for name, value in parts.items()),
          f"= {floor:.2f} s on {cores} CPUs")
    print(f"  suite / floor: {verdict(wall / floor, 2.5)}")
    use = (busy / wall / cores - others) * 100
    print(f"  CPU use of the {cores} CPUs: {use:.0f} % (aim: at least 70 %) {'met' if use >= 70 else 'MISSED'}; "
          f"{cpu / wall / cores * 100:.0f} % in its own processes; others had {others * 100:.0f} % before, left out")
    print(f"  {ran / wall:.0f} instances a second, {checks / wall:.0f} judged checks a second")

    show_linearisations(ask(build / "tests/linearise"))
    show_fuzzing(ask(build / "tests/fuzzing", pinned=True))
    show_modes(program)

    size = os.path.getsize(static) / MIB
    print(f"== static ipcvet with its actor, stripped: {verdict(size, 8, ' MiB')}")
    return 0


sys.exit(main())
