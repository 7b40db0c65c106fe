"""Runs ipcvet many times beside a load and compares verdicts; the working part of ci/soak.

usage: soak.py IPCVET RUNS DIRECTORY [ARGUMENT-OF-RUN...]

The first run's record is kept, and that of every run that differs from it. Exits 0 if none did.
"""

import json
import os
import pathlib
import subprocess
import sys
import time

from records import instance

CORES = 2
LOAD = ["stress-ng", "--quiet", "--cpu", "2", "--fork", "2", "--vm", "1", "--vm-bytes", "128M"]


def verdicts(record: dict) -> dict:
    return {instance(case): case["verdict"] for case in record["cases"]}


def describe(case: dict) -> str:
    """What the record tells about an instance: the verdict's reason, the case's lines, and what happened."""
    lines = [f"{key}: {case[key]}" for key in ("reason", "allowed", "actual", "sandbox", "why", "leaks") if case.get(key)]
    lines += str(case["text"]).splitlines()
    lines += [json.dumps(event) for event in case["history"][-20:]]
    return "\n".join("    " + line for line in lines)


def run_once(program: str, path: pathlib.Path, extra: list) -> dict:
    path.unlink(missing_ok=True)
    command = [program, "run", "--json", str(path), "--jobs", str(CORES), *extra]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(done.stdout.decode(errors="replace")[-4000:])
        sys.exit(f"no readable record (status {done.returncode}): {error}")


def main() -> int:
    program, runs, directory = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
    extra = sys.argv[4:]
    directory.mkdir(parents=True, exist_ok=True)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    load = subprocess.Popen(LOAD, stdin=subprocess.DEVNULL, start_new_session=True)
    start, different, first = time.monotonic(), 0, {}
    try:
        for number in range(1, runs + 1):
            path = directory / f"run-{number}.json"
            record = run_once(program, path, extra)
            if load.poll() is not None:
                sys.exit(f"the load ended with status {load.returncode}: these runs prove nothing")
            if number == 1:
                first = verdicts(record)
                continue
            now = verdicts(record)
            changed = sorted(name for name in first.keys() | now.keys() if first.get(name) != now.get(name))
            for name in changed:
                print(f"run {number}: {name}: {first.get(name)} before, {now.get(name)} now")
                for case in record["cases"]:
                    if instance(case) == name:
                        print(describe(case))
            different += len(changed)
            if not changed:
                path.unlink()
            if number % 10 == 0:
                print(f"{number} runs, {time.monotonic() - start:.0f} s, {different} differences", flush=True)
    finally:
        load.terminate()
        load.wait()
    counts = {}
    for verdict in first.values():
        counts[verdict] = counts.get(verdict, 0) + 1
    print("first run:", ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
    print(
        f"{runs} runs of {len(first)} instances beside `{' '.join(LOAD)}` on {CORES} cores "
        f"in {time.monotonic() - start:.0f} s: {different} verdicts differ"
    )
    return 1 if different or not first else 0


sys.exit(main())
